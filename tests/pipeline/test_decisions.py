"""What a person says of duplicates beats what was proved, for ever; addresses that were published keep working."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from s3_buckets import let_read, new_store

from .conftest import SMALL, Space, item_of
from .files import jpeg, picture

SLUG = "forum-des-communs-2025"
Archived = tuple[Space, dict[str, Any]]


@pytest.fixture
def space(archived: Archived, tmp_path: Path) -> Space:
    return archived[0].twin(tmp_path / "ws")


def items(space: Space) -> dict[str, dict[str, Any]]:
    return {entry["id"]: entry for entry in json.loads(space.manifest())["items"]}


def with_a_logo(source: Path, target: Path) -> None:
    with Image.open(source) as opened:
        image = opened.convert("RGB").resize((500, 333))
    ImageDraw.Draw(image).ellipse((20, 20, 75, 75), fill=(200, 30, 60))
    image.save(target, quality=80)


def test_never_parts_what_was_linked_and_it_stays_parted(space: Space, archived: Archived) -> None:
    before = items(space)
    item = item_of(archived[1], "IMG-20251007-WA0003.jpg")
    original = next(e["path"] for e in archived[1]["files"] if e["item"] == item and e["outcome"] == "published")
    done = space.here("dedupe", "never", "IMG-20251007-WA0003.jpg", Path(original).name)
    assert done.returncode == 0, done.stderr
    after = items(space)
    assert set(before) < set(after), "what was published keeps its id; the other gets one"
    assert len(after) == len(before) + 1
    assert space.run()["jobs"]["planned"] == 0
    assert set(items(space)) == set(after)


def test_same_makes_one_item_of_two_and_both_addresses_go_on(space: Space, archived: Archived) -> None:
    one, other = (item_of(archived[1], name) for name in ("AUR_0402.jpg", "AUR_0412.jpg"))
    before = len(items(space))
    assert one in items(space)
    done = space.here("dedupe", "same", "AUR_0402.jpg", "AUR_0412.jpg", "--by", "Me")
    assert done.returncode == 0, done.stderr
    after = items(space)
    assert len(after) == before - 1
    kept = next(iter({one, other} & set(after)))
    gone = next(iter({one, other} - {kept}))
    assert after[kept]["aliases"] == [gone]
    media = space.root / "site" / "media"
    assert (media / gone / "640.jpg").read_bytes() == (media / kept / "640.jpg").read_bytes()
    assert json.loads((media / gone / "item.json").read_text(encoding="utf-8"))["alias_of"] == kept
    assert (media / gone / "index.html").read_bytes() == (media / kept / "index.html").read_bytes()
    assert json.loads(space.here("why", gone, "--json").stdout)["found"][0]["item"] == kept
    done = space.here("takedown", gone, "--reason", "quality", "--json")
    assert done.returncode == 0, done.stderr
    for name in (kept, gone):
        assert not [path for path in (media / name).iterdir() if "-" in path.name], "a takedown follows the alias"
        assert "quality" in (media / name / "item.json").read_text(encoding="utf-8")


def test_same_across_events_is_one_item_in_both_and_can_be_taken_back(tmp_path: Path) -> None:
    space = Space(tmp_path / "ws")
    space.init(SMALL)
    for event, size in (("fete", (600, 400)), ("bal", (420, 280))):
        (space.root / "inbox" / event).mkdir()
        sent = jpeg(picture(0, (600, 400)).resize(size), at=None)
        (space.root / "inbox" / event / f"{event}.jpg").write_bytes(sent)
    assert space.run_here()["counts"] == {"published": 2}
    (better,), (worse,) = space.items("fete"), space.items("bal")
    assert space.here("dedupe", "same", "fete.jpg", "bal.jpg").returncode == 0
    (kept,) = {*space.items("fete")} | {*space.items("bal")}
    assert kept in {better, worse}
    assert space.items("bal")[kept]["width"] == 600, "the better file is shown in both"
    assert space.run_here()["jobs"]["planned"] == 0
    assert space.here("dedupe", "never", "fete.jpg", "bal.jpg").returncode == 0
    (fete,), (bal,) = space.items("fete").values(), space.items("bal").values()
    assert (fete["width"], bal["width"]) == (600, 420)
    assert (fete["id"], bal["id"]) == (better, worse), "each has its own address again"
    for name, item in (("fete.jpg", fete), ("bal.jpg", bal)):
        found = json.loads(space.here("why", name, "--json").stdout)["found"]
        assert [one["item"] for one in found] == [item["id"]]
    assert space.run_here()["jobs"]["planned"] == 0


def test_what_is_the_same_file_needs_no_decision(space: Space) -> None:
    done = space.here("dedupe", "same", "DSCF0014.jpg", "copie de DSCF0014.jpg")
    assert done.returncode == 2
    assert "the same bytes" in done.stderr


def test_pairs_that_wait_are_listed_with_what_to_type(space: Space, sample: Path) -> None:
    with_a_logo(sample / SLUG / "AUR_0402.jpg", space.root / "inbox" / SLUG / "with a logo.jpg")
    space.run()
    value = json.loads(space.here("dedupe", "list", "--json").stdout)
    paths = [{pair["left"]["path"], pair["right"]["path"]} for pair in value["pairs"]]
    assert {f"{SLUG}/AUR_0402.jpg", f"{SLUG}/with a logo.jpg"} in paths
    text = space.here("dedupe", "list").stdout
    assert "mediaarchive dedupe same" in text


def test_the_film_of_a_live_photo_is_no_film_of_its_own(space: Space, sample: Path) -> None:
    before = items(space)
    folder = space.root / "inbox" / SLUG / "phone"
    folder.mkdir()
    with Image.open(sample / SLUG / "AUR_0402.jpg") as opened:
        opened.convert("RGB").rotate(180).crop((100, 60, 700, 460)).save(folder / "IMG_3589.JPG", quality=90)
    film = (sample / SLUG / "aftermovie.mp4").read_bytes()
    (folder / "img_3589.mov").write_bytes(film + b"\x00\x00\x00\x08free")  # other bytes than the film that is published
    report = space.run()
    answers = {Path(entry["path"]).name: (entry["outcome"], entry["code"]) for entry in report["files"]}
    assert answers["img_3589.mov"] == ("alternate", "sibling")
    after = items(space)
    assert sum(entry["type"] == "video" for entry in after.values()) == 1
    assert len(after) - len(before) <= 1
    assert space.run()["jobs"]["planned"] == 0
    assert items(space) == after


def frames(space: Space, sample: Path, count: int = 4) -> list[str]:
    """A burst as a camera writes it: one second, fractions that differ, somebody who moves."""
    names = []
    with Image.open(sample / SLUG / "AUR_0402.jpg") as opened:
        image = opened.convert("RGB").rotate(180)
    for number in range(count):
        shot = image.copy()
        ImageDraw.Draw(shot).ellipse((200 + 9 * number, 150, 240 + 9 * number, 190), fill=(240, 220, 40))
        exif = Image.Exif()
        exif[271], exif[272] = "Maker", "X100"
        details = exif.get_ifd(0x8769)
        details[36867], details[37521] = "2025:10:07 10:00:00", f"{number}5"
        names.append(f"BURST{number}.jpg")
        shot.save(space.root / "inbox" / SLUG / names[-1], quality=90, exif=exif)
    return names


def test_a_burst_is_one_tile_with_every_frame_in_reach_and_keeps_its_cover(space: Space, sample: Path) -> None:
    names = frames(space, sample)
    report = space.run()
    ids = {name: item_of(report, name) for name in names}
    assert len(set(ids.values())) == 4, "frames are no copies of each other"
    shown = items(space)
    assert all(shown[item]["stack"]["size"] == 4 for item in ids.values())
    cover = shown[ids[names[0]]]["stack"]["cover"]
    page = (space.root / "site" / "events" / SLUG / "index.html").read_text(encoding="utf-8")
    assert page.count("<details") == 1
    assert all(f'id="{item}"' in page for item in ids.values())
    assert space.run()["jobs"]["planned"] == 0
    assert items(space) == shown

    other = next(item for item in ids.values() if item != cover)
    assert space.here("dedupe", "cover", other).returncode == 0
    assert items(space)[cover]["stack"]["cover"] == other
    done = space.here("takedown", other, "--reason", "quality", "--json")
    assert done.returncode == 0, done.stderr
    after = items(space)
    assert after[cover]["stack"]["cover"] == cover, "who was the cover before is it again"
    assert other not in after[cover]["stack"]["items"]
    page = (space.root / "site" / "events" / SLUG / "index.html").read_text(encoding="utf-8")
    assert all(f'id="{item}"' in page for item in ids.values()), "the frames don't go with their cover"
    space.run()
    assert items(space) == after, "a run comes to what the takedown published"


def test_pairs_are_shown_side_by_side_and_decided_by_sheet(space: Space, sample: Path, tmp_path: Path) -> None:
    with_a_logo(sample / SLUG / "AUR_0402.jpg", space.root / "inbox" / SLUG / "with a logo.jpg")
    before = len(items(space))
    space.run()
    shown = json.loads(space.here("dedupe", "show", "AUR_0402.jpg", "with a logo.jpg", "--json").stdout)
    page = Path(shown["page"]).read_text(encoding="utf-8")
    assert Path(shown["page"]).is_relative_to(space.root / "archive"), "the page is private"
    assert "<rect" in page
    assert "looks like an edited version" in page
    assert "differ" in page

    sheet = tmp_path / "pairs.csv"
    assert space.here("dedupe", "export", str(sheet)).returncode == 0
    assert space.here("dedupe", "export", str(sheet)).returncode == 2, "a sheet with decisions is not overwritten"
    lines = sheet.read_text(encoding="utf-8-sig").splitlines()
    sheet.write_text("\n".join(f"same{line}" if "with a logo" in line else line for line in lines), encoding="utf-8")
    done = space.here("dedupe", "import", str(sheet), "--by", "Me")
    assert done.returncode == 0, done.stderr
    assert len(items(space)) == before
    sheet.write_text(lines[0] + "\nperhaps,a,b,,,x,y\n", encoding="utf-8")
    wrong = space.here("dedupe", "import", str(sheet))
    assert wrong.returncode == 2
    assert "row 2" in wrong.stderr


def test_a_person_chooses_which_file_is_shown(space: Space, archived: Archived) -> None:
    item = item_of(archived[1], "IMG-20251007-WA0003.jpg")
    wide = items(space)[item]["width"]
    assert space.here("dedupe", "master", "IMG-20251007-WA0003.jpg").returncode == 0
    after = items(space)[item]
    assert after["width"] < wide
    space.run()
    assert items(space)[item] == after, "and it stays so"


def test_a_better_original_takes_over_and_keeps_id_page_and_addresses(space: Space) -> None:
    original, inbox = picture(77, (720, 480)), space.root / "inbox" / SLUG
    original.resize((480, 320)).save(inbox / "IMG-20251008-WA0001.jpg", quality=70)
    first = space.run()
    item = item_of(first, "IMG-20251008-WA0001.jpg")
    before = items(space)[item]
    stable = (space.root / "site" / before["stable"]["640"]).read_bytes()
    exif = Image.Exif()
    exif[271], exif[272] = "Maker", "X100"
    original.save(inbox / "DSCF9000.jpg", quality=93, exif=exif)
    report = space.run()
    assert item_of(report, "DSCF9000.jpg") == item
    after = items(space)[item]
    assert (after["width"], after["page"], after["stable"]) == (720, before["page"], before["stable"])
    assert (space.root / "site" / after["stable"]["640"]).read_bytes() != stable
    old = space.root / "site" / before["sources"][0]["set"][0]["url"]
    assert old.exists(), "what somebody linked to goes on working"


def test_a_withdrawn_photograph_does_not_come_back_cropped_mirrored_or_edited(
    space: Space, archived: Archived, sample: Path
) -> None:
    item = item_of(archived[1], "AUR_0402.jpg")
    assert space.here("takedown", item, "--reason", "consent-withdrawn", "--json").returncode == 0
    folder = space.root / "inbox" / "another evening"
    folder.mkdir()
    with Image.open(sample / SLUG / "AUR_0402.jpg") as opened:
        image = opened.convert("RGB")
    width, height = image.size
    image.crop((0, 0, round(width * 0.85), round(height * 0.85))).save(folder / "crop.jpg", quality=80)
    image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).resize((500, 333)).save(folder / "mirrored.jpg", quality=80)
    image.resize((640, 427)).save(folder / "sent.webp", quality=70)
    with_a_logo(sample / SLUG / "AUR_0402.jpg", folder / "with a logo.jpg")
    with Image.open(sample / SLUG / "AUR_0412.jpg") as opened:
        opened.convert("RGB").resize((480, 320)).rotate(180).save(folder / "something else.jpg", quality=80)
    report = space.run()
    answers = {Path(entry["path"]).name: entry["outcome"] for entry in report["files"]}
    assert {answers[name] for name in ("crop.jpg", "mirrored.jpg", "sent.webp")} == {"withdrawn"}
    assert answers["with a logo.jpg"] == "held", "an edited one is for a person to look at"
    assert answers["something else.jpg"] == "published"
    assert space.run()["jobs"]["planned"] == 0
    assert space.here("dedupe", "never", "with a logo.jpg", "AUR_0402.jpg").returncode == 0
    published = json.loads(space.manifest("another-evening"))["items"]
    assert sum(entry["type"] == "photo" for entry in published) == 2, "a person said that it is another photograph"


def test_without_opencv_only_equal_pixels_link_and_the_run_says_so(space: Space, sample: Path, tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "cv2.py").write_text("raise ImportError('hidden')\n", encoding="utf-8")
    folder = space.root / "inbox" / "evening"
    folder.mkdir()
    with Image.open(sample / SLUG / "AUR_0402.jpg") as opened:
        image = opened.convert("RGB").rotate(180)
    image.save(folder / "a.png")
    image.save(folder / "b.png", compress_level=1)
    image.resize((480, 320)).save(folder / "sent.jpg", quality=75)
    done = space.call("run", "--json", "--engine", "inline", "--event", "evening", PYTHONPATH=str(hidden))
    assert done.returncode == 0, done.stderr
    assert "opencv-python-headless is not installed" in done.stderr
    answers = {Path(e["path"]).name: (e["outcome"], e["code"]) for e in json.loads(done.stdout)["files"]}
    assert sorted(answers[name] for name in ("a.png", "b.png")) == [
        ("alternate", "pixel-identical"),
        ("published", None),
    ]
    assert answers["sent.jpg"][0] == "published"
    pairs = json.loads(space.here("dedupe", "list", "--event", "evening", "--json").stdout)["pairs"]
    assert "opencv" in pairs[0]["because"]
    again = space.run("--event", "evening")
    assert "sent.jpg" not in {entry["path"] for entry in again["files"]}
    assert len(items_of(space, "evening")) == 2, "what is published is not joined by a machine"


def items_of(space: Space, slug: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(space.manifest(slug))["items"]
    return found


def test_what_is_not_published_yet_is_not_moved_and_it_is_said_what_to_do(small: Space) -> None:
    small.config.write_text(small.config.read_text() + '[publish]\nmode = "hold"\n', encoding="utf-8")
    for slug, seed in (("fete", 9), ("other", 10)):
        (small.root / "inbox" / slug).mkdir(exist_ok=True)
        (small.root / "inbox" / slug / f"{seed}.jpg").write_bytes(jpeg(picture(seed, (600, 400)), at=None))
    small.run_here()
    refused = small.here("move", "fete/9.jpg", "other")
    assert refused.returncode == 2
    assert "isn't published yet" in refused.stderr
    assert "approve" in refused.stderr
    assert small.here("approve", "fete/9.jpg").returncode == 0
    assert small.here("move", "fete/9.jpg", "other").returncode == 0
    assert len(small.items("other")) == 1
    assert len(small.items("fete")) == 6


def test_why_tells_the_place_that_a_decision_gave_a_file(small: Space) -> None:
    """No run has answered for the file since."""
    assert small.here("dedupe", "same", "fete/1.jpg", "fete/2.jpg").returncode == 0
    told = [json.loads(small.here("why", f"fete/{n}.jpg", "--json").stdout)["found"][0]["answer"] for n in (1, 2)]
    assert sorted(one["verdict"] for one in told) == ["alternate", "published"]
    assert small.here("dedupe", "never", "fete/1.jpg", "fete/2.jpg").returncode == 0
    told = [json.loads(small.here("why", f"fete/{n}.jpg", "--json").stdout)["found"][0]["answer"] for n in (1, 2)]
    assert [one["verdict"] for one in told] == ["published", "published"]
    ids = [told[0]["item"], told[1]["item"]]
    found = [json.loads(small.here("why", item, "--json").stdout)["found"][0]["members"] for item in ids]
    assert [len(members) for members in found] == [1, 1], "neither has the other's file: an erasure would take it along"
    shown = {entry["id"] for entry in items_of(small, "fete")}
    assert len({*ids} & shown) == 2
    assert len(shown) == 6, "both are on the page, whichever of them gave the item its first address"


def test_what_is_so_already_is_said_and_not_decided_again(small: Space) -> None:
    item = next(iter(items_of(small, "fete")))["id"]
    journal = small.root / "archive" / "journal"
    before = len(list(journal.iterdir()))
    for args, told in (
        (("move", item, "fete"), f"{item} is in fete already, and nowhere else: there was nothing to do."),
        (("restore", item), f"{item} isn't withdrawn: there was nothing to do."),
        (("unhide", item), f"{item} isn't hidden: there was nothing to do."),
    ):
        done = small.here(*args)
        assert (done.returncode, done.stdout.strip()) == (0, f"{args[0]}: {told}")
    assert len(list(journal.iterdir())) == before
    assert "done; the pages are up to date" in small.here("hide", item).stdout
    assert "is hidden already" in small.here("hide", item).stdout


def test_a_store_that_could_not_be_looked_at_is_named_until_the_proof_is_whole(small: Space, moto: str) -> None:
    bucket = new_store(moto)
    let_read(moto, bucket.url.removeprefix("s3://").partition("/")[0])
    lines = [f"{key} = {json.dumps(value)}" for key, value in bucket.model_dump(exclude_defaults=True).items()]
    stores = ["[[store]]", 'name = "site"', 'url = "site"', "[[store]]", 'name = "second"', *lines, ""]
    small.config.write_text("\n".join([small.config.read_text(), *stores]), encoding="utf-8")
    small.run_here()
    item = items_of(small, "fete")[0]["id"]
    small.config.write_text(small.config.read_text().replace(moto, "http://127.0.0.1:1"), encoding="utf-8")
    assert small.here("takedown", item, "--reason", "quality").returncode == 5
    status = small.here("status").stdout
    assert f"{item} was withdrawn on" in status
    assert "the store second could not be looked at: `mediaarchive doctor` says why" in status
    small.config.write_text(small.config.read_text().replace("http://127.0.0.1:1", moto), encoding="utf-8")
    small.run_here()
    assert json.loads(small.here("status", "--json").stdout)["unproved"] == []
