"""Withdrawals that something interrupted: whoever decides next finishes them, and says so, whatever that decision is about."""

from __future__ import annotations

from collections.abc import Sequence

from mediaarchive.pipeline.deciding import dockets
from mediaarchive.pipeline.deciding.dockets import Docket
from mediaarchive.pipeline.deciding.proving import settle_all
from mediaarchive.pipeline.deciding.ruling import current_name
from mediaarchive.pipeline.deciding.withdrawing import is_unfinished
from mediaarchive.pipeline.inbox.report import Failure
from mediaarchive.pipeline.shop import Shop


def interrupted(shop: Shop) -> list[Docket]:
    """The withdrawals that were begun, and not carried out to their end in every store that can be used now."""
    return [docket for docket in dockets.opened(shop) if not docket.destroyed and _is_interrupted(shop, docket)]


def _is_interrupted(shop: Shop, docket: Docket) -> bool:
    slugs = [current_name(shop, slug) for slug in docket.events]
    return any(
        is_unfinished(shop, store, slug, (item, *docket.aliases.get(item, ())), docket.day)
        for store in shop.stores
        for slug in slugs
        for item in docket.items
    )


def finish(shop: Shop, begun: Sequence[Docket], failures: Sequence[Failure]) -> list[str]:
    """Prove withdrawals that had been interrupted, now that their events are up to date; what to tell of each, as sentences.

    `failures`: of those events. None of this is a failure of what was decided meanwhile: every run looks again.
    """
    failed = [*failures, *settle_all(shop, sorted({one.store for one in failures}), [one.case for one in begun])]
    still = {docket.case for docket in dockets.opened(shop)}
    said = [
        f"{docket.case}, whose withdrawal was interrupted, is gone now, too; the receipt is in archive/receipts/"
        for docket in begun
        if docket.case not in still
    ]
    said += [
        f"the withdrawal of {docket.case} was interrupted, and is not complete: `mediaarchive status` says what is open"
        for docket in begun
        if docket.case in still
    ]
    return [
        *said,
        *dict.fromkeys(f"{one.error}" + (f" ({one.error.hint})" if one.error.hint else "") for one in failed),
    ]
