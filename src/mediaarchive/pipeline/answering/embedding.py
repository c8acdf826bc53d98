"""The code that shows an item or an event on somebody else's page, made from what is published now."""

from __future__ import annotations

from typing import Literal

from mediaarchive.errors import UsageError
from mediaarchive.manifest.model import Document, Item, Manifest, Tombstone
from mediaarchive.pipeline.answering.asking import content
from mediaarchive.pipeline.deciding.ruling import current_name
from mediaarchive.pipeline.publishing import history
from mediaarchive.pipeline.shop import Shop
from mediaarchive.site import embed
from mediaarchive.site.pages import card
from mediaarchive.site.texts import Reader
from mediaarchive.site.view import Scene

Target = Literal["html", "wordpress", "drupal"]


def code(shop: Shop, subject: str, target: Target, lang: str | None = None, *, every: bool = False) -> str:
    """HTML to paste, one line for each item or event.

    Args:
        shop: the workspace.
        subject: an event's slug, an item's id, or a path in the inbox.
        target: what the page is made with; for `drupal`, links: its Basic HTML takes pictures of other sites away.
        lang: of the texts and of the pages that it leads to; None: the event's first.
        every: of an event, all items instead of its cover.

    Raises:
        UsageError: nothing of that name is published, it was withdrawn, or no store has a public address.
    """
    if not shop.address:
        raise UsageError(
            "no store has a public address, so that code on another site could lead nowhere",
            hint='set base_url = "https://…" in a [[store]] of mediaarchive.toml',
        )
    if (slug := current_name(shop, subject)) in {event.slug for event in shop.catalog.events()}:
        return _event(shop, slug, target, lang, every=every)
    asset = shop.catalog.asset(subject)
    item = asset.id if asset else shop.catalog.items_of([found := content(shop.catalog, subject)]).get(found)
    for slug in shop.catalog.events_of([item]).get(item, []) if item else ():
        manifest = history.standing(shop, slug)
        shown = next((one for one in manifest.items if one.id == item), None) if manifest else None
        if manifest and shown:
            return _item(shown, _scene(shop, manifest, lang), target)
    raise UsageError(f'"{subject}" is not published', hint=f"mediaarchive why {subject}")


def _event(shop: Shop, slug: str, target: Target, lang: str | None, *, every: bool) -> str:
    manifest = history.standing(shop, slug)
    if manifest is None:
        raise UsageError(f'"{slug}" is not published yet', hint="mediaarchive run")
    if manifest.retired:
        raise UsageError(
            f'"{slug}" was withdrawn on {manifest.retired.removed}', hint=f"mediaarchive event restore {slug}"
        )
    scene = _scene(shop, manifest, lang)
    if every:
        shown = [one for one in manifest.items if not isinstance(one, Tombstone)]
        return "\n".join(_item(one, scene, target) for one in shown)
    return (embed.event_link if target == "drupal" else embed.event_figure)(card(manifest), scene)


def _item(item: Item, scene: Scene, target: Target) -> str:
    if isinstance(item, Tombstone):
        raise UsageError(
            f"{item.id} was withdrawn on {item.removed} ({item.reason})",
            hint="pages that embed it show the notice; to publish it again: mediaarchive restore",
        )
    if isinstance(item, Document) or target == "drupal":
        return embed.link(item, scene)
    return embed.figure(item, scene)


def _scene(shop: Shop, manifest: Manifest, lang: str | None) -> Scene:
    if lang and lang not in manifest.languages:
        raise UsageError(
            f'"{manifest.slug}" is not published in {lang}', hint=f"it is in {', '.join(manifest.languages)}"
        )
    reader = Reader(lang or manifest.languages[0], tuple(manifest.languages))
    return Scene(
        reader=reader,
        default=manifest.languages[0],
        title=reader.plain(manifest.event.title).text or manifest.slug,
        place=reader.plain(manifest.event.place).text,
        rights=manifest.rights,
        contact=manifest.publisher.contact,
        base=f"{shop.address.rstrip('/')}/",
    )
