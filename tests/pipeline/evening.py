"""Evenings as people drop them in, case by case, and a workspace that watches over its originals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PIL import ImageEnhance, ImageOps

from .conftest import LEAN, Space
from .edits import (
    DAY,
    bare,
    branded,
    cropped,
    encoded,
    frame,
    in_a_chat,
    look_alikes,
    on_a_phone,
    scene,
    sent,
    shot,
    speaker,
    turned,
)
from .files import raw

Drop = dict[str, bytes]


def edits(seed: int) -> Drop:
    """One bare photograph, and what people and websites made of it, most of them with one program."""
    whole = scene(seed)
    grey = ImageOps.grayscale(whole)
    framed = ImageOps.expand(whole, 50, "white")
    return {
        "original.jpg": encoded(whole, quality=95),
        "sent.jpg": sent(whole),
        "sent on.jpg": sent(whole, 640),
        "smaller.jpg": encoded(whole.resize((900, 600)), quality=80),
        "darker.jpg": encoded(ImageEnhance.Brightness(whole).enhance(0.8)),
        "grey.jpg": encoded(grey.convert("RGB")),
        "sepia.jpg": encoded(ImageOps.colorize(grey, "#20150a", "#fff2d8")),
        "turned.jpg": encoded(whole.rotate(90, expand=True)),
        "mirrored.webp": encoded(ImageOps.mirror(whole), "WEBP", quality=80),
        "crop 10.jpg": sent(cropped(whole, 0.10)),
        "crop 20.jpg": sent(cropped(whole, 0.20), 700),
        "framed.jpg": encoded(framed),
        "small and framed.jpg": encoded(framed.resize((800, 554)), quality=80),
        "screen.png": encoded(in_a_chat(whole, 1170), "PNG"),
        "screen.jpg": encoded(in_a_chat(whole, 1080), quality=80),
        "print.png": encoded(whole.resize((1000, 667)), "PNG"),
        **{f"sent {long}.jpg": sent(whole, long) for long in range(500, 980, 15)},
    }


def tidy(seed: int) -> Drop:
    """An evening as it comes: originals, copies, crops, a burst, and files with faults."""
    first, second, third = scene(seed), scene(seed + 1), scene(seed + 2)
    files = {
        "a.jpg": shot(first, 1),
        "b.jpg": shot(second, 120),
        "c.jpg": shot(third, 240),
        "a again.jpg": sent(first),
        "a grey.jpg": sent(first.convert("L").convert("RGB"), 700),
        "b cut.jpg": sent(cropped(second, 0.15)),
        "b turned.png": encoded(second.rotate(90, expand=True), "PNG"),
        "c logo.jpg": sent(branded(third, "logo")),
        "broken.jpg": shot(third, 300)[:9000],
    }
    return files | {f"burst {n}.jpg": shot(frame(n), 400, str(n)) for n in range(3)}


def cases() -> dict[str, Drop]:
    """What is dropped, by event."""
    first, other = shot(scene(1)), scene(2)
    return {
        "1": {"DSC_1.jpg": first, "copy of DSC_1.jpg": first},
        "2": {"with.jpg": shot(other), "without.jpg": bare(shot(other))},
        "3": {"DSC_3.jpg": shot(scene(3, (2400, 1600))), "IMG-WA0003.jpg": sent(scene(3, (2400, 1600)), 1600)},
        "5": {
            "DSC_5.jpg": shot(scene(5)),
            "turned.jpg": sent(scene(5).rotate(90, expand=True)),
            "flagged.jpg": encoded(scene(5).resize((800, 533)).rotate(90, expand=True), exif=turned(6)),
            "mirrored.jpg": sent(ImageOps.mirror(scene(5))),  # of the size and by the app of the turned one
        },
        "6": {
            "DSC_6.jpg": shot(scene(6)),
            "crop.jpg": sent(cropped(scene(6), 0.20)),
            "Screenshot_1.png": encoded(on_a_phone(scene(6)), "PNG"),
        },
        "6-many": edits(61),
        "6-exports": {
            "original.jpg": encoded(scene(62), quality=95),
            "colour.jpg": encoded(scene(62).resize((1000, 667))),
            "grey.jpg": encoded(ImageOps.grayscale(scene(62).resize((1000, 667))).convert("RGB")),
            "soft.jpg": encoded(ImageEnhance.Contrast(scene(62).resize((1000, 667))).enhance(0.85)),
        },
        "7": {f"BURST{n}.jpg": shot(frame(n), 30, f"{n}5") for n in range(5)},
        "8": {f"stripped{n}.jpg": encoded(frame(n)) for n in range(5)},
        "9": {f"speaker{n}.jpg": sent(speaker(n), 900 - 40 * n) for n in range(3)},
        "10": {
            f"{kind}{seed}.jpg": sent(look_alikes(kind, seed), 1000 - 70 * seed)
            for kind in ("black", "sky", "document", "slide", "logo")
            for seed in range(4)
        },
        "11": {
            "DSC_11.jpg": shot(scene(11)),
            "logo.jpg": sent(branded(scene(11), "logo")),
            "DSC_12.jpg": shot(scene(12), 60),
            "band.jpg": sent(branded(scene(12), "band")),
        },
        "12": {
            "DSC_0001.JPG": shot(scene(22)),
            "DSC_0001.DNG": raw(shot(scene(22)), at=f"{DAY} 10:00:00"),
            "old/IMG_4120.JPG": shot(scene(23), day="2019:05:01"),
            "new/IMG_4120.JPG": shot(scene(24)),
        },
        "16": {
            "whole.jpg": shot(scene(16)),
            "left.jpg": sent(scene(16).crop((0, 0, 640, 800))),
            "right.jpg": sent(scene(16).crop((560, 0, 1200, 800))),
        },
        "18": {
            "half.jpg": shot(scene(18))[:20_000],
            "third.jpg": shot(scene(18))[:14_000],
            "empty.jpg": b"",
            "empty too.jpg": b"",
            "noise.jpg": b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40,
        },
    }


class Kept(Space):
    """A workspace in which every run is looked at: an original that came in is never missing afterwards (19)."""

    def drop(self, event: str, files: Drop) -> None:
        folder = self.root / "inbox" / event
        for name, data in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)

    def here(self, *args: str) -> Any:  # noqa: ANN401 - a finished process
        before = self.originals()
        done = super().here(*args)
        assert self.originals() >= before, f"{args} lost an original"
        return done

    def told(self, report: dict[str, Any], event: str) -> dict[str, tuple[str, str | None]]:
        files = [entry for entry in report["files"] if entry["path"].startswith(f"inbox/{event}/")]
        return {Path(entry["path"]).name: (entry["outcome"], entry["code"]) for entry in files}

    def why(self, subject: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.here("why", subject, "--json").stdout)["found"]
        return found

    def pairs(self, event: str) -> set[frozenset[str]]:
        """What waits for a person."""
        value = json.loads(self.here("dedupe", "list", "--event", event, "--json").stdout)["pairs"]
        return {frozenset(Path(pair[side]["path"]).name for side in ("left", "right")) for pair in value}

    def decided(self) -> list[str]:
        """What the journal has been told of items, their masters and members, and why, whatever the files were called."""
        lines = [line for path in sorted((self.root / "archive/journal").glob("*.jsonl")) for line in path.open()]
        found = [record for record in map(json.loads, lines) if record.get("kind") in {"mint", "membership", "alias"}]
        return sorted(json.dumps(record | {"at": ""}, sort_keys=True) for record in found)


def workspace(root: Path, settings: str = LEAN) -> Kept:
    """A new one, in which every run is looked at."""
    found = Kept(root)
    found.init(settings)
    return found
