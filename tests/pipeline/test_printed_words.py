"""The example of docs/drafts.md, with a real Tesseract: a slide's printed words become its draft, in their own language."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from .conftest import LEAN, ROOT, Space
from .files import jpeg, picture

PROGRAM = ROOT / "config" / "texts" / "printed_words.py"
WORDS = ("Les communs du savoir", "comment partager nos documents", "entre les institutions publiques")


def languages() -> set[str]:
    if shutil.which("tesseract") is None:
        return set()
    return set(subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=True).stdout.split())


needs_tesseract = pytest.mark.skipif(
    not languages() >= {"fra", "nld", "eng", "spa"}, reason="needs tesseract-ocr with fra, nld and spa"
)


def slide() -> Image.Image:
    image = Image.new("RGB", (1600, 900), "#103050")
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(WORDS):
        draw.text((120, 200 + 160 * number), line, fill="white", font=ImageFont.load_default(size=76))
    return image


@needs_tesseract
def test_a_slide_s_words_become_its_draft_in_their_own_language_and_a_photograph_has_none(
    space: Callable[..., Space], tmp_path: Path
) -> None:
    engine = f'[texts.engine]\nkind = "command"\ncommand = ["{PROGRAM}"]\nmodel = "tesseract"\n'
    ws = space(settings=LEAN.replace("[160]", "[160, 1280]") + engine)
    folder = ws.root / "inbox" / "fete"
    folder.mkdir()
    (folder / "event.toml").write_text('languages = ["fr", "nl", "en"]\n', encoding="utf-8")
    (folder / "slide.jpg").write_bytes(jpeg(slide(), at="2024:05:01 10:00:00"))
    (folder / "photo.jpg").write_bytes(jpeg(picture(3), at="2024:05:01 11:00:00"))
    ws.run_here()
    done = ws.here("texts", "draft", "fete", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    [event] = json.loads(done.stdout)["events"]
    assert event["drafts"] == {"fr": 1}
    rules = {(one["path"], one["lang"]): one["rule"] for one in event["unfit"]}
    assert rules == {
        ("slide.jpg", "nl"): "other-language",
        ("slide.jpg", "en"): "other-language",
        **{("photo.jpg", lang): "no-text" for lang in ("fr", "nl", "en")},
    }
    ws.here("texts", "export", "fete", str(tmp_path / "new.csv"))
    sheet = (tmp_path / "new.csv").read_text(encoding="utf-8-sig")
    assert f"À l'écran : « {' '.join(WORDS)} »" in sheet
    done = ws.here("doctor", "--json")
    [check] = [one for one in json.loads(done.stdout)["checks"] if one["where"] == "texts"]
    assert (check["state"], "The next meeting begins at nine" in check["text"]) == ("ok", True), check["text"]
