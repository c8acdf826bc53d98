"""Names that an event had: its former address goes on answering, with the event's own manifest and a page that leads on.

Also: what earlier releases wrote beside a page, and no release writes any more (a language that was given up), goes.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Collection

from mediaarchive import layout
from mediaarchive.errors import StoreRefused
from mediaarchive.model import Release
from mediaarchive.pipeline.publishing.publisher import Publisher, Stale
from mediaarchive.pipeline.publishing.releasing import Edition
from mediaarchive.pipeline.shop import Shop
from mediaarchive.ports import Store
from mediaarchive.site import pages

_TRIES = 5


def forward(shop: Shop, store: Store, old: str, edition: Edition) -> None:
    """Let an event's former address answer as its new one does: websites that embed it notice nothing.

    The former pointer goes on moving by its own chain of releases, so its workspace still owns it.

    Raises:
        StoreError, EventOwned: as of any publication.
    """
    body = edition.release.body
    digest = hashlib.sha256(body).hexdigest()
    publisher = Publisher(shop, store, old)
    known = shop.catalog.published(store.name, old)
    if known is None and store.get(layout.pointer_key(old)) is None:
        return  # it was never published under that name
    for _ in range(_TRIES):
        if known and known.sha256 == digest:
            break
        publisher.look([])
        try:
            publisher.release(Release(event=old, body=body, pages={}, objects={}), {}, lambda: True)
        except Stale:
            known = shop.catalog.published(store.name, old)
            continue
        break
    made = pages.moved_pages(edition.manifest, old)
    slug = edition.manifest.slug
    made |= {key.replace(f"events/{slug}/", f"events/{old}/", 1): data for key, data in edition.languages.items()}
    publisher.project(made)
    tidy(shop, store, old, made)


def tidy(shop: Shop, store: Store, slug: str, made: Collection[str]) -> None:
    """Remove pages and manifests of an event (or, without a slug, lists of events) that were written once and aren't now.

    An identity that may not delete leaves them to one that may; a takedown removes those that show what it withdraws.
    """
    prefix = f"events/{slug}/" if slug else "events/index"
    written = shop.catalog.stored(store.name, [prefix])
    stays = {*made, layout.pointer_key(slug), layout.checksums_key(slug)}  # a takedown only shortens the checksums
    stale = [key for key in written if key not in stays and " " not in key and not layout.write_once(key)]
    with contextlib.suppress(StoreRefused):
        for key in stale:
            store.delete(key)
            shop.catalog.unmark_stored(store.name, [key])
