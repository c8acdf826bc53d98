"""Crops: the point that a photograph is about, in the manifest, on its page, and by a person's word."""

from __future__ import annotations

import json
import re
from typing import Any

from .conftest import Space


def photo(ws: Space) -> dict[str, Any]:
    (found,) = json.loads(ws.manifest("evening"))["items"]
    return dict(found)


def test_a_photograph_has_a_point_and_a_card_and_a_persons_word_moves_both(one_photo: Space) -> None:
    one_photo.run()
    before = photo(one_photo)
    assert all(0 <= share <= 1 for share in before["focus"])
    assert (before["card"]["w"], before["card"]["h"]) == (1200, 630)
    card = one_photo.root / "site" / before["card"]["url"]
    assert card.stat().st_size == before["card"]["bytes"]
    assert not [one for entry in before["sources"] for one in entry["set"] if one["url"] == before["card"]["url"]]
    page = (one_photo.root / "site" / before["page"]).read_text(encoding="utf-8")
    assert f'<meta property="og:image" content="../../{before["card"]["url"]}">' in page
    assert f"--f:{100 * before['focus'][0]:.0f}% {100 * before['focus'][1]:.0f}%" in (
        one_photo.root / "site" / "events" / "evening" / "index.html"
    ).read_text(encoding="utf-8")

    (one_photo.root / "inbox" / "evening" / "event.toml").write_text(
        '[focus]\n"A.jpg" = [0.5, 1.0]\n', encoding="utf-8"
    )
    report = one_photo.run()
    after = photo(one_photo)
    assert report["jobs"]["planned"] == 1
    assert after["focus"] == [0.5, 1.0]
    assert after["card"]["url"] != before["card"]["url"]
    assert after["sources"] == before["sources"]

    sheet = one_photo.root / "inbox" / "evening" / "texts.csv"
    sheet.write_text("path;lang;kind;text\na.jpg;;focus;0,25 0,5\na.jpg;en;alt;A dog\n", encoding="utf-8")
    one_photo.run()
    assert photo(one_photo)["focus"] == [0.25, 0.5]
    assert photo(one_photo)["alt"]["en"]["text"] == "A dog"


def test_what_networks_read_names_the_public_address_and_follows_it_when_it_moves(one_photo: Space) -> None:
    """Facebook and WhatsApp resolve nothing. Everything else on a page stays relative, so it works from a stick, too."""
    plain = one_photo.config.read_text(encoding="utf-8")
    for host in ("https://media.example.org", "https://photos.example.net/archive/"):
        one_photo.config.write_text(
            f'{plain}\n[[store]]\nname = "site"\nurl = "site"\nbase_url = "{host}"\n', encoding="utf-8"
        )
        one_photo.run()
        root, item = host.rstrip("/"), photo(one_photo)
        for key in (item["page"], "events/evening/index.html"):
            page = (one_photo.root / "site" / key).read_text(encoding="utf-8")
            assert f'<meta property="og:url" content="{root}/{key}">' in page
            assert f'<meta property="og:image" content="{root}/{item["card"]["url"]}">' in page
            assert page.count(root) == len(re.findall(r'<(?:meta property="og:|link rel="canonical)[^>]*' + root, page))
