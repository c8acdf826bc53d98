"""Keeping the 410 maps up to date: archive/maps/, for whoever runs the web server."""

from __future__ import annotations

from collections.abc import Sequence

from mediaarchive.catalog import Catalog
from mediaarchive.pipeline.deciding.ruling import listed_in, ruling
from mediaarchive.pipeline.shop import Shop
from mediaarchive.site.maps import FILES, gone_map


def withdrawn(shop: Shop) -> list[str]:
    """The ids of all withdrawn items that were ever published, and their aliases."""
    holds, catalog = ruling(shop), shop.catalog
    items = {*holds.withdrawn, *catalog.items_of(holds.dated).values(), *_retired(shop)}
    assets = [asset for item in sorted(items) if (asset := catalog.asset(item)) and holds.withdrawal(asset)]
    retired = [asset for item in sorted(_retired(shop)) if (asset := catalog.asset(item))]
    return sorted({name for asset in (*assets, *retired) for name in (asset.id, *asset.aliases)})


def _retired(shop: Shop) -> set[str]:
    """Items that only retired events have."""
    holds = ruling(shop)
    found: set[str] = set()
    for slug in holds.retired:
        items = set(_items(shop.catalog, slug))
        places = listed_in(shop, holds, items)
        found |= {item for item in items if set(places.get(item, ())) <= holds.retired.keys()}
    return found


def _items(catalog: Catalog, slug: str) -> list[str]:
    return list(catalog.items_of(arrival.sha256 for arrival in catalog.arrivals(slug)).values())


def map_of(shop: Shop, server: str, items: Sequence[str]) -> str:
    """The configuration for a server, with the path under which it lies and the public addresses of this workspace."""
    roots = [root for entry in shop.settings.store for root in (entry.base_url, *entry.also_at) if root]
    return gone_map(server, items, str(shop.workspace.archive / "maps"), list(dict.fromkeys(roots)))


def write_maps(shop: Shop) -> None:
    """Write `archive/maps/` again, if what is withdrawn has changed, or where it is published."""
    folder, items = shop.workspace.archive / "maps", withdrawn(shop)
    folder.mkdir(exist_ok=True)
    for server, name in FILES.items():
        text, path = map_of(shop, server, items), folder / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            temporary = path.with_name(f".{name}.tmp")
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(path)
