"""One photograph in several events: it is one item, whichever event its best file came in with."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

from PIL import Image

from .conftest import Space
from .files import jpeg, picture

Make = Callable[..., Space]


def small(data: bytes) -> bytes:
    """The photograph as a messenger sends it: half its size, without metadata."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(data)) as image:
        image.resize((image.width // 2, image.height // 2), Image.Resampling.LANCZOS).save(out, "JPEG", quality=75)
    return out.getvalue()


def drop(ws: Space, **files: bytes) -> None:
    for path, data in files.items():
        event, _, name = path.partition("__")
        (ws.root / "inbox" / event).mkdir(parents=True, exist_ok=True)
        (ws.root / "inbox" / event / f"{name}.jpg").write_bytes(data)


def test_a_published_photograph_s_better_file_that_came_in_with_another_event_is_shown(space: Make) -> None:
    ws = space("better")
    large = jpeg(picture(7))
    drop(ws, alpha__copy=small(large))
    ws.run()
    drop(ws, alpha__copy2=small(large) + b"\0", beta__one=large, beta__again=small(large))
    ws.run()
    drop(ws, alpha__other=jpeg(picture(9), at="2024:05:01 13:00:00"))
    report = ws.run()
    assert report["status"] == 0, report
    items = [json.loads(ws.manifest(event))["items"] for event in ("alpha", "beta")]
    assert [len(found) for found in items] == [2, 1]
    assert items[1][0]["id"] in {item["id"] for item in items[0]}
    lost = ws.twin(ws.root.parent / "lost")
    (lost.root / "archive" / "catalog.db").unlink()
    lost.run()
    assert [lost.manifest(event) for event in ("alpha", "beta")] == [ws.manifest(event) for event in ("alpha", "beta")]
