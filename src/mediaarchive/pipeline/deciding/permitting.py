"""Whether whoever decides may also remove what the decision takes off the page: found out before anything is changed.

With the policies of config/s3 a publisher deletes nothing that is published. A decision of theirs would be half carried out, and
look done. So something of no account is removed first (`doctor` does the same). A store that is down, or that is silent for
some seconds, says nothing about rights, and holds no decision up.
"""

from __future__ import annotations

from mediaarchive.errors import StoreError, StoreRefused, Unwritable
from mediaarchive.pipeline.checking.places import KEY
from mediaarchive.pipeline.shop import Shop
from mediaarchive.ports import Store
from mediaarchive.stores import hasty


def must_remove(shop: Shop, verb: str) -> dict[str, StoreError]:
    """See that every store lets us remove what is published there.

    Args:
        shop: the workspace.
        verb: what is to be done, as it is typed.

    Returns:
        The stores, by name, that didn't answer the question, and why.

    Raises:
        StoreRefused: one doesn't; nothing was decided or changed.
    """
    silent = {}
    for store in shop.stores:
        try:
            _try(hasty(store), store.url(KEY), verb)
        except StoreError as error:
            silent[store.name] = error
    return silent


def _try(store: Store, url: str, verb: str) -> None:
    root = url.removesuffix(KEY)
    try:
        if url.startswith("file:"):
            store.check()
            return
        store.delete(KEY)
        store.put(KEY, b"mediaarchive sees whether it may remove this.\n")
        store.delete(KEY)
    except Unwritable as error:
        raise StoreRefused(
            f"{error.message}, so {verb} can't be carried out; nothing was changed", hint=error.hint
        ) from error
    except StoreRefused as error:
        raise StoreRefused(
            f"`{verb}` removes what is published at {root}, and these credentials may not; nothing was decided or changed",
            hint=f"run it as the identity that has config/s3/takedown-policy.json: AWS_PROFILE=takedown mediaarchive {verb} … "
            f"({error.message})",
        ) from error
