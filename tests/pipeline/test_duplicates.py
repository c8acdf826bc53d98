"""What becomes of copies, crops, bursts and look-alikes that people drop into an event: twenty promises, each through a whole run.

Here are all but 14 (what was withdrawn), which is in `test_withdrawal`, and 20 (without OpenCV), in `test_decisions`. More
shots of several files (12) are in `test_formats`, more look-alikes (10) in `scripts/bench dedupe`, films in `test_films`.
"""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from mediaarchive.cli.main import cli
from mediaarchive.media.metadata import writing
from mediaarchive.pipeline import worker

from .conftest import LEAN, SALT, Space
from .files import raw

SIZE, DAY = (1200, 800), "2025:10:07"
Drop = dict[str, bytes]


def noise(seed: int, size: tuple[int, int], spread: float) -> Image.Image:
    levels = np.random.default_rng(seed).normal(128, spread, size[::-1])
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def scene(seed: int, size: tuple[int, int] = SIZE) -> Image.Image:
    """A picture full of things, with the noise of a sensor."""
    random = Random(seed)
    image = Image.new("RGB", size, (random.randrange(90, 160), 120, 140))
    draw = ImageDraw.Draw(image)
    for _ in range(200):
        x, y, side = random.randrange(size[0]), random.randrange(size[1]), random.randrange(15, 110)
        colour = tuple(random.randrange(256) for _ in range(3))
        shape = draw.ellipse if random.random() < 0.5 else draw.rectangle
        shape((x, y, x + side, y + random.randrange(12, 100)), fill=colour)
    return Image.blend(image.filter(ImageFilter.GaussianBlur(1)), noise(seed, size, 40).convert("RGB"), 0.06)


def shot(
    image: Image.Image,
    second: int = 0,
    fraction: str = "",
    *,
    quality: int = 92,
    day: str = DAY,
    **said: Any,  # noqa: ANN401
) -> bytes:
    """A camera's JPEG; `said`: texts and credit as Lightroom embeds them (`writing.tags`)."""
    options = writing.tags(said) if said else {}
    exif = Image.Exif()
    exif.load(options.pop("exif", b""))
    exif[271], exif[272] = "Maker", "X100"
    details = exif.get_ifd(0x8769)
    details[36867] = f"{day} 10:{second // 60:02}:{second % 60:02}"
    if fraction:
        details[37521] = fraction
    return encoded(image, quality=quality, exif=exif, **options)


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:  # noqa: ANN401
    out = io.BytesIO()
    image.save(out, kind, **{"quality": 88} | options)
    return out.getvalue()


def sent(image: Image.Image, long: int = 800) -> bytes:
    """What a messenger makes of it: smaller, quality 70, no metadata."""
    small = image.copy()
    small.thumbnail((long, long))
    return encoded(small, quality=70)


def bare(data: bytes) -> bytes:
    """The same JPEG without its APP segments: not a pixel is encoded again."""
    out, place = bytearray(data[:2]), 2
    while data[place + 1] != 0xDA:
        length = 2 + int.from_bytes(data[place + 2 : place + 4], "big")
        if not 0xE1 <= data[place + 1] <= 0xEF:
            out += data[place : place + length]
        place += length
    return bytes(out) + data[place:]


def cropped(image: Image.Image, share: float) -> Image.Image:
    width, height = round(image.width * (1 - share)), round(image.height * (1 - share))
    return image.crop((image.width - width, 0, image.width, height))


def on_a_phone(image: Image.Image) -> Image.Image:
    screen = Image.new("RGB", (720, 1560), (20, 24, 28))
    ImageDraw.Draw(screen).text((40, 40), "12:03   Messages", "white")
    screen.paste(image.resize((720, 480)), (0, 520))
    return screen


def in_a_chat(image: Image.Image, width: int) -> Image.Image:
    """The same, larger than the photograph, and with much to be seen around it."""
    screen = on_a_phone(image).resize((width, width * 13 // 6))
    draw, random = ImageDraw.Draw(screen), Random(width)
    top, bottom = screen.height // 3, screen.height * 2 // 3
    for y in (*range(90, top - 40, 40), *range(bottom, screen.height - 40, 40)):
        draw.text((30, y), "".join(random.choices("aeinorstul ", k=60)), "white", font_size=34)
    return screen


def frame(number: int) -> Image.Image:
    """One of a burst: somebody walks by."""
    image = scene(40)
    ImageDraw.Draw(image).ellipse((300 + 25 * number, 250, 380 + 25 * number, 420), fill=(250, 220, 190))
    return image


def speaker(number: int) -> Image.Image:
    """The same stage: another person at the lectern, in other clothes."""
    image, random = scene(50), Random(number)
    draw = ImageDraw.Draw(image)
    x = 500 + random.randrange(60)
    clothes = tuple(random.randrange(256) for _ in range(3))
    draw.rectangle((x - 60, 420, x + 140, 800), fill=clothes)
    draw.ellipse((x, 290 + 5 * number, x + 90, 420), fill=(230 - 60 * number, 190 - 50 * number, 160 - 40 * number))
    return image


def branded(image: Image.Image, what: str) -> Image.Image:
    edited = image.copy()
    draw = ImageDraw.Draw(edited)
    width, height = image.size
    if what == "logo":
        draw.rectangle((round(width * 0.8), round(height * 0.8), width - 20, height - 20), fill="white")
        draw.ellipse((round(width * 0.83), round(height * 0.83), width - 60, height - 40), fill="red")
    else:
        draw.rectangle((0, round(height * 0.86), width, height), fill="black")
        draw.text((30, round(height * 0.89)), "The evening in the old theatre", "white", font_size=40)
    return edited


def look_alikes(kind: str, seed: int) -> Image.Image:
    random = Random(seed)
    if kind == "black":
        return noise(seed, SIZE, 3 + seed).point(lambda value: max(0, value - 118)).convert("RGB")
    if kind == "sky":
        ramp = Image.linear_gradient("L").resize(SIZE).point(lambda value: 110 + value // 3 + seed)
        return Image.blend(ramp.convert("RGB"), noise(seed, SIZE, 20).convert("RGB"), 0.05)
    page = Image.new("RGB", (1280, 720) if kind == "slide" else (900, 1200), "white")
    draw = ImageDraw.Draw(page)
    if kind == "logo":
        colour = tuple(random.randrange(200) for _ in range(3))
        draw.ellipse((250, 300, 650, 700), fill=colour)
        draw.text((300, 780), "".join(random.choices("AEINORST", k=5)), colour, font_size=120)
        return page
    if kind == "slide":
        draw.rectangle((0, 0, 1280, 110), fill=(20, 70, 130))
    for line in range(5 if kind == "slide" else 36):
        text = "".join(random.choices("aeinorstul ", k=34 if kind == "slide" else 60))
        step, size = (100, 40) if kind == "slide" else (30, 20)
        draw.text((90, 160 + step * line), text, "black", font_size=size)
    return page


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


def turned(flag: int) -> Image.Exif:
    exif = Image.Exif()
    exif[274] = flag
    return exif


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
    found = Kept(root)
    assert CliRunner().invoke(cli, ["init", str(root), "--salt", SALT]).exit_code == 0
    found.config.write_text(settings, encoding="utf-8")
    return found


@pytest.fixture
def ws(tmp_path: Path) -> Kept:
    return workspace(tmp_path / "ws")


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> tuple[Kept, dict[str, Any]]:
    """All cases in one workspace, each an event, after one run. Read only."""
    found = workspace(tmp_path_factory.mktemp("evening") / "ws")
    for event, files in cases().items():
        found.drop(event, files)
    return found, found.run_here()


Evening = tuple[Kept, dict[str, Any]]
SHOWN = ("published", None)
COPY = ("alternate", "copy")


def test_1_the_same_bytes_under_two_names_are_one_original_with_two_paths(evening: Evening) -> None:
    ws, report = evening
    assert sorted(ws.told(report, "1").values()) == [("alternate", "exact"), SHOWN]
    (item,) = ws.items("1")
    (member,) = ws.why(item)[0]["members"]
    assert len(member["came_in_as"]) == 2


def test_2_without_its_metadata_it_is_the_same_picture_and_the_file_that_knows_more_is_shown(evening: Evening) -> None:
    ws, report = evening
    assert ws.told(report, "2") == {"with.jpg": SHOWN, "without.jpg": ("alternate", "pixel-identical")}
    assert next(iter(ws.items("2").values()))["taken"].startswith("2025-10-07T10:00:00")


def test_3_what_a_messenger_made_of_it_stands_behind_the_original(evening: Evening) -> None:
    ws, report = evening
    assert ws.told(report, "3") == {"DSC_3.jpg": SHOWN, "IMG-WA0003.jpg": COPY}
    assert next(iter(ws.items("3").values()))["width"] == 2400


def test_5_turned_or_mirrored_it_is_a_copy(evening: Evening) -> None:
    ws, report = evening
    told = ws.told(report, "5")
    assert told.pop("DSC_5.jpg") == SHOWN
    assert told == dict.fromkeys(told, COPY)


def test_6_the_whole_picture_is_shown_before_its_crop_and_the_screenshot_of_it(evening: Evening) -> None:
    ws, report = evening
    assert ws.told(report, "6") == {"DSC_6.jpg": SHOWN, "crop.jpg": COPY, "Screenshot_1.png": COPY}


def test_6_of_a_photograph_and_its_forty_edits_the_photograph_is_shown_once(evening: Evening) -> None:
    """Larger ones among them, in a frame and on screens; and what one program wrote in one size isn't torn from it."""
    ws, report = evening
    told = ws.told(report, "6-many")
    assert told.pop("original.jpg") == SHOWN
    assert told == dict.fromkeys(told, COPY)
    (item,) = ws.items("6-many").values()
    assert (item["width"], item["height"]) == SIZE


def test_6_exports_of_one_size_by_one_program_in_colours_and_without_are_one_photograph(evening: Evening) -> None:
    ws, report = evening
    told = ws.told(report, "6-exports")
    assert told.pop("original.jpg") == SHOWN
    assert told == dict.fromkeys(told, COPY)


def test_7_a_burst_is_a_stack_of_five_and_nothing_is_linked(evening: Evening) -> None:
    ws, report = evening
    assert set(ws.told(report, "7").values()) == {SHOWN}
    assert [item["stack"]["size"] for item in ws.items("7").values()] == [5] * 5
    assert ws.pairs("7") == set()


def test_8_the_same_burst_without_its_metadata_links_nothing_either(evening: Evening) -> None:
    ws, report = evening
    assert set(ws.told(report, "8").values()) == {SHOWN}
    assert len(ws.items("8")) == 5


def test_9_another_speaker_on_the_same_stage_is_another_picture(evening: Evening) -> None:
    ws, report = evening
    assert set(ws.told(report, "9").values()) == {SHOWN}


def test_10_black_frames_skies_documents_slides_and_logos_link_nothing(evening: Evening) -> None:
    ws, report = evening
    assert set(ws.told(report, "10").values()) == {SHOWN}
    assert len(ws.items("10")) == 20


def test_11_with_a_logo_or_a_caption_it_is_a_variant_and_both_stay_in_sight(evening: Evening) -> None:
    ws, report = evening
    assert set(ws.told(report, "11").values()) == {SHOWN}
    assert ws.pairs("11") == {frozenset({"DSC_11.jpg", "logo.jpg"}), frozenset({"DSC_12.jpg", "band.jpg"})}


def test_12_the_files_of_one_shot_are_one_item_and_a_name_alone_joins_nothing(evening: Evening) -> None:
    _, report = evening
    told = [(entry["path"].partition("/12/")[2], entry["outcome"]) for entry in report["files"]]
    assert sorted(entry for entry in told if entry[0]) == [
        ("DSC_0001.DNG", "alternate"),
        ("DSC_0001.JPG", "published"),
        ("new/IMG_4120.JPG", "published"),
        ("old/IMG_4120.JPG", "published"),
    ]


def test_16_two_crops_hang_on_the_whole_and_not_on_each_other(evening: Evening) -> None:
    ws, report = evening
    assert ws.told(report, "16") == {"whole.jpg": SHOWN, "left.jpg": COPY, "right.jpg": COPY}
    (item,) = ws.items("16")
    evidence = [member["evidence"] for member in ws.why(item)[0]["members"] if member["relation"] == "copy"]
    assert all(one["containment"] > 0.97 and "via" not in one for one in evidence)


def test_16_two_crops_that_are_published_stay_two_when_the_whole_arrives(ws: Kept) -> None:
    """Each is a part of it, and neither is a part of the other: no machine makes one item of two."""
    whole = scene(16)
    ws.drop("e", {"left.jpg": sent(whole.crop((0, 0, 640, 800))), "right.jpg": sent(whole.crop((560, 0, 1200, 800)))})
    ws.run_here()
    before = set(ws.items("e"))
    assert len(before) == 2
    ws.drop("e", {"whole.jpg": shot(whole)})
    ws.run_here()
    assert set(ws.items("e")) == before
    assert len(ws.pairs("e")) == 1


def test_18_broken_files_are_nobodys_copies(evening: Evening) -> None:
    ws, report = evening
    assert {outcome for outcome, _ in ws.told(report, "18").values()} == {"rejected"}
    assert "18" not in {event["slug"] for event in report["events"] if event["manifest"]}


def test_a_second_run_over_all_of_it_changes_nothing(evening: Evening) -> None:
    ws, _ = evening
    before = ws.decided()
    again = ws.run_here()
    assert (again["jobs"]["planned"], again["files"]) == (0, [])
    assert ws.decided() == before


# -- over several days ---------------------------------------------------------------------------------------------


def test_4_the_original_that_comes_a_day_after_the_messenger_s_copy_takes_over(ws: Kept) -> None:
    """Id, page and stable addresses stay; what people linked to lives until gc; what a person wrote stays on the page."""
    sheet = "path,lang,kind,text\nIMG-WA0004.jpg,en,caption,The mayor opens the forum\n"
    ws.drop("e", {"IMG-WA0004.jpg": sent(scene(4)), "texts.csv": sheet.encode()})
    ws.run_here()
    (before,) = ws.items("e").values()
    said = {"caption": {"en": "Opening, by Anna"}, "creator": "Anna Peeters", "copyright": "(c) Anna Peeters"}
    ws.drop("e", {"DSC_4.jpg": shot(scene(4), **said)})
    assert ws.told(ws.run_here(), "e")["DSC_4.jpg"] == SHOWN
    (after,) = ws.items("e").values()
    assert {name: after[name] for name in ("id", "page", "stable")} == {
        name: before[name] for name in ("id", "page", "stable")
    }
    assert (after["width"], after["rights"]["creator"]) == (1200, "Anna Peeters")
    assert after["caption"]["en"]["text"] == "The mayor opens the forum"
    old = ws.root / "site" / before["sources"][0]["set"][0]["url"]
    assert old.exists()
    ws.here("gc", "--yes", "--grace", "0")
    said_by = {(one["kind"], one["source"], one["from"]) for one in ws.why(after["id"])[0]["said"]}
    assert said_by >= {("caption", "sheet", "texts.csv"), ("creator", "embedded", "DSC_4.jpg")}


def test_an_export_from_lightroom_gives_its_caption_and_credit_to_the_camera_s_original(ws: Kept) -> None:
    """Both days' orders: the export is a copy, and what it says is shown, with where it comes from."""
    said = {
        "caption": {"en": "Anna laughs"},
        "alt": {"en": "A woman with short hair laughs"},
        "creator": "Piet Claes",
        "copyright": "(c) Piet Claes",
    }
    export = shot(scene(30).resize((1024, 683)), quality=80, **said)
    ws.drop("e", {"DSC_30.jpg": shot(scene(30), quality=95), "DSC_30-export.jpg": export})
    report = ws.run_here()
    assert ws.told(report, "e") == {"DSC_30.jpg": SHOWN, "DSC_30-export.jpg": COPY}
    reason = next(entry["reason"] for entry in report["files"] if entry["outcome"] == "alternate")
    assert reason.endswith("From it come: alt, caption, credit.")
    assert "the caption" in (ws.root / "inbox/e/_report.html").read_text(encoding="utf-8")
    (item,) = ws.items("e").values()
    assert (item["width"], item["rights"]["creator"]) == (1200, "Piet Claes")
    assert (item["caption"]["en"]["text"], item["caption"]["en"]["source"]) == ("Anna laughs", "embedded")
    assert item["alt"]["en"]["text"] == "A woman with short hair laughs"
    assert {one["from"] for one in ws.why(item["id"])[0]["said"]} == {"DSC_30-export.jpg"}
    assert "Anna laughs [embedded, from e/DSC_30-export.jpg]" in ws.here("why", item["id"]).stdout
    assert b"export" not in ws.manifest("e"), "what a file is called is nobody's business"


def test_13_a_file_that_the_archive_has_is_reported_and_changes_nothing(ws: Kept) -> None:
    data = shot(scene(13))
    ws.drop("e", {"DSC_13.jpg": data})
    ws.run_here()
    before, originals = ws.manifest("e"), ws.originals()
    ws.drop("e", {"again.jpg": data})
    report = ws.run_here()
    assert ws.told(report, "e") == {"again.jpg": ("known", "known")}
    assert (ws.manifest("e"), ws.originals(), report["jobs"]["planned"]) == (before, originals, 0)


def test_15_what_a_person_keeps_apart_stays_apart_under_a_new_algorithm(
    ws: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws.drop("e", {"DSC_15.jpg": shot(scene(15)), "IMG-WA0015.jpg": sent(scene(15))})
    ws.run_here()
    assert len(ws.items("e")) == 1
    assert ws.here("dedupe", "never", "DSC_15.jpg", "IMG-WA0015.jpg").returncode == 0
    assert len(ws.items("e")) == 2
    newer = replace(worker.PROVE, version=worker.PROVE.version + 1)
    monkeypatch.setattr("mediaarchive.pipeline.making.proving.PROVE", newer)
    monkeypatch.setattr("mediaarchive.pipeline.worker.PROVE", newer)
    ws.run_here()
    assert len(ws.items("e")) == 2
    assert ws.pairs("e") == set(), "nor is it proposed again"


@pytest.mark.parametrize("seed", [1, 2])
def test_17_the_order_of_the_files_and_the_number_of_workers_decide_nothing(tmp_path: Path, seed: int) -> None:
    """The same contents under shuffled names; in one process, and by two workers."""
    files = tidy(60)
    names = [f"{place:02}.jpg" for place in range(len(files))]
    Random(seed).shuffle(names)
    one, two = workspace(tmp_path / "one"), workspace(tmp_path / "two", LEAN.replace('kind = "inline"', "workers = 2"))
    one.drop("e", files)
    two.drop("e", dict(zip(names, files.values(), strict=True)))
    one.run_here()
    two.run_here()
    assert len(one.decided()) > 5
    assert two.decided() == one.decided()


def test_19_no_run_no_decision_and_no_withdrawal_loses_an_original(ws: Kept) -> None:
    """Every command of these tests is looked at by `Kept.here`; this is a month of them."""
    ws.drop("e", tidy(70))
    ws.run_here()
    came = ws.originals()
    assert len(came) == len(tidy(70)) - 1, "all but the broken one, which lies in _rejected"
    first, second, *_ = ws.items("e")
    for command in (
        ("dedupe", "never", "a.jpg", "a again.jpg"),
        ("dedupe", "same", "a.jpg", "a again.jpg"),
        ("dedupe", "master", "a grey.jpg"),
        ("takedown", first, "--reason", "quality"),
        ("hide", second),
        ("gc", "--yes", "--grace", "0"),
        ("restore", first),
        ("run",),
    ):
        assert ws.here(*command).returncode in {0, 2, 3}, command
    ws.drop("e", tidy(70))
    ws.run_here()
    assert ws.originals() == came
