"""Crops: the point that a photograph is about, in the manifest, on its page, and by a person's word."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .conftest import Space
from .files import jpeg, picture


def photo(ws: Space) -> dict[str, Any]:
    (found,) = json.loads(ws.manifest("evening"))["items"]
    return dict(found)


def test_a_photograph_has_a_point_and_a_card_and_a_persons_word_moves_both(
    space: Callable[..., Space], tmp_path: Path
) -> None:
    inbox = tmp_path / "inbox" / "evening"
    inbox.mkdir(parents=True)
    (inbox / "a.jpg").write_bytes(jpeg(picture(1)))
    ws = space(files=tmp_path / "inbox")
    ws.run()
    before = photo(ws)
    assert all(0 <= share <= 1 for share in before["focus"])
    assert (before["card"]["w"], before["card"]["h"]) == (1200, 630)
    card = ws.root / "site" / before["card"]["url"]
    assert card.stat().st_size == before["card"]["bytes"]
    assert not [one for entry in before["sources"] for one in entry["set"] if one["url"] == before["card"]["url"]]
    page = (ws.root / "site" / before["page"]).read_text(encoding="utf-8")
    assert f'<meta property="og:image" content="../../{before["card"]["url"]}">' in page
    assert f"--f:{100 * before['focus'][0]:.0f}% {100 * before['focus'][1]:.0f}%" in (
        ws.root / "site" / "events" / "evening" / "index.html"
    ).read_text(encoding="utf-8")

    (ws.root / "inbox" / "evening" / "event.toml").write_text('[focus]\n"A.jpg" = [0.5, 1.0]\n', encoding="utf-8")
    report = ws.run()
    after = photo(ws)
    assert report["jobs"]["planned"] == 1
    assert after["focus"] == [0.5, 1.0]
    assert after["card"]["url"] != before["card"]["url"]
    assert after["sources"] == before["sources"]

    sheet = ws.root / "inbox" / "evening" / "texts.csv"
    sheet.write_text("path;lang;kind;text\na.jpg;;focus;0,25 0,5\na.jpg;en;alt;A dog\n", encoding="utf-8")
    ws.run()
    assert photo(ws)["focus"] == [0.25, 0.5]
    assert photo(ws)["alt"]["en"]["text"] == "A dog"


def test_what_networks_read_names_the_public_address_and_follows_it_when_it_moves(
    space: Callable[..., Space], tmp_path: Path
) -> None:
    """Facebook and WhatsApp resolve nothing. Everything else on a page stays relative, so it works from a stick, too."""
    inbox = tmp_path / "inbox" / "evening"
    inbox.mkdir(parents=True)
    (inbox / "a.jpg").write_bytes(jpeg(picture(1)))
    ws = space(files=tmp_path / "inbox")
    plain = ws.config.read_text(encoding="utf-8")
    for host in ("https://media.example.org", "https://photos.example.net/archive/"):
        ws.config.write_text(
            f'{plain}\n[[store]]\nname = "site"\nurl = "site"\nbase_url = "{host}"\n', encoding="utf-8"
        )
        ws.run()
        root, item = host.rstrip("/"), photo(ws)
        for key in (item["page"], "events/evening/index.html"):
            page = (ws.root / "site" / key).read_text(encoding="utf-8")
            assert f'<meta property="og:url" content="{root}/{key}">' in page
            assert f'<meta property="og:image" content="{root}/{item["card"]["url"]}">' in page
            assert page.count(root) == len(re.findall(r'<(?:meta property="og:|link rel="canonical)[^>]*' + root, page))
