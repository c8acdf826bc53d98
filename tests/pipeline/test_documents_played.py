"""Every command that the guides show is typed, as it stands there, in a workspace that needs it; what they promise holds."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from mediaarchive.site.server import make_server

from .conftest import MIRRORED, ROOT, Space
from .files import jpeg, picture
from .test_held import drop, item_of, with_a_logo

NODE = shutil.which("node")
GUIDES = [
    ROOT / "README.md",
    *(ROOT / "docs" / f"{name}.md" for name in ("withdrawal", "recovery", "embedding", "errors")),
]
TYPED = re.compile(r"(?m)(?:^|`|\$ )mediaarchive (?:-C \S+ )?([a-z][^`\n|#<(]*)")
SHOWN, GONE, HELD = "summer-party/0.jpg", "summer-party/3.jpg", "summer-party/IMG-WA0003.jpg"
SETTINGS = MIRRORED.replace("edges = [160, 320, 640]", "edges = [160]") + (
    '[[store]]\nname = "site"\nurl = "site"\nbase_url = "http://127.0.0.1:9"\n'
)


@pytest.fixture(scope="module")
def town_once(tmp_path_factory: pytest.TempPathFactory) -> Space:
    """Two events, a photograph that is withdrawn, and one that is held since it looks like it. Read only."""
    found = Space(tmp_path_factory.mktemp("town") / "ws")
    found.init(SETTINGS.replace('base_url = "http://127.0.0.1:9"\n', ""))
    for slug, seeds in (("summer-party", range(4)), ("winter", range(10, 12))):
        (found.root / "inbox" / slug).mkdir()
        for seed in seeds:
            (found.root / "inbox" / slug / f"{seed}.jpg").write_bytes(jpeg(picture(seed, (600, 400)), at=None))
    found.run_here()
    assert found.here("takedown", item_of(found, GONE), "--reason", "consent-withdrawn").returncode == 0
    drop(found, HELD, with_a_logo(3))
    (held,) = found.run_here()["files"]
    assert (held["outcome"], held["code"]) == ("held", "looks-withdrawn")
    return found


@pytest.fixture
def town(town_once: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Space:
    """A copy of it, in which somebody stands."""
    shutil.copytree(town_once.root.parent, tmp_path / "town", symlinks=True)
    monkeypatch.chdir(tmp_path / "town" / "ws")
    return Space(tmp_path / "town" / "ws")


def entry(space: Space, path: str) -> str:
    """How the manifest lists the item of a file: photo, tombstone, or nothing."""
    item = item_of(space, path)
    events = (space.items(folder.name) for folder in (space.root / "site" / "events").iterdir() if folder.is_dir())
    return next((str(items[item]["type"]) for items in events if item in items), "")


def withdrawn(space: Space) -> None:
    assert entry(space, SHOWN) == "tombstone"
    assert list((space.root / "archive" / "receipts").glob("*.html"))


def answered(space: Space) -> None:
    """A person has written a word into the sheet, as the guide says."""
    sheet = space.root / "pairs.csv"
    if not sheet.exists():
        assert space.here("dedupe", "export", "pairs.csv").returncode == 0
    head, row, *rest = sheet.read_text(encoding="utf-8-sig").splitlines()
    name = "answers.csv"
    for target in (sheet, space.root / name):
        target.write_text("\n".join([head, re.sub(r"^[^,;]*", "same", row), *rest]) + "\n", encoding="utf-8")


def lost(space: Space) -> None:
    """The archive's disk, with the site on it."""
    shutil.rmtree(space.root / "archive")
    shutil.rmtree(space.root / "site")


def lost_for_good(space: Space) -> None:
    """And an original is in no mirror either."""
    lost(space)
    mirror = space.root.parent / "mirror" / "originals"
    min(mirror.rglob("*.jpg")).unlink()


def damaged(space: Space) -> None:
    original = min((space.root / "archive" / "originals").rglob("*.jpg"))
    original.chmod(0o644)
    original.write_bytes(b"\0" * original.stat().st_size)


def mended(space: Space) -> None:
    done = space.here("verify", "--deep")
    assert (done.returncode, "missing" in done.stdout + done.stderr) == (0, False)


def addressed(space: Space) -> None:
    space.config.write_text(SETTINGS, encoding="utf-8")


def rolled_back(space: Space) -> None:
    assert space.here("rollback", "summer-party", "1").returncode == 0


@dataclass(frozen=True, kw_only=True)
class Play:
    """What a command prints and leaves. `before`: why somebody types it."""

    says: str = ""
    status: int = 0
    before: Callable[[Space], object] = lambda _: None
    after: Callable[[Space], object] = lambda _: None


def shown_is(kind: str, path: str = SHOWN) -> Callable[[Space], None]:
    def check(space: Space) -> None:
        assert entry(space, path) == kind

    return check


PLAYED = {
    "init /srv/archive": Play(after=lambda space: (space.root.parent / "srv" / "mediaarchive.toml").stat()),
    "init": Play(status=2, says=""),
    "run": Play(says="Files: "),
    "takedown https://media.example.org/media/p-le2a63hwyh4yd/1280.jpg --reason consent-withdrawn": Play(
        after=withdrawn
    ),
    "takedown ID --reason … --until 2027-05-01": Play(after=withdrawn),
    "takedown ID --reason … --erase": Play(after=withdrawn),
    "restore ID": Play(before=lambda space: space.here("takedown", item_of(space, SHOWN), "--reason", "quality")),
    "expire ID 2027-10-11 --reason consent-withdrawn": Play(after=shown_is("photo")),
    "hide ID": Play(after=shown_is("")),
    "move ID EVENT": Play(
        after=lambda space: _same(item_of(space, SHOWN) in space.items("winter"), expected=True),
    ),
    "event rename SLUG NEW": Play(after=lambda space: (space.root / "site/events/new-name/manifest.json").stat()),
    "event retire SLUG --reason …": Play(after=shown_is("")),
    "status": Play(says="held since"),
    "dedupe never PATH ID": Play(says="never: done"),
    "why ID": Play(says=SHOWN.rpartition("/")[2]),
    "dedupe show --open": Play(says="1 pair"),
    "approve summer-party/IMG-WA0003.jpg": Play(after=shown_is("photo", HELD)),
    "dedupe same summer-party/IMG-WA0003.jpg p-le2a63hwyh4yd": Play(
        says="was withdrawn on", after=lambda space: _same(item_of(space, HELD), expected=item_of(space, GONE))
    ),
    "dedupe import answers.csv": Play(says="1 decision: done", before=answered),
    "dedupe export pairs.csv": Play(says="1 pair: pairs.csv"),
    "dedupe import pairs.csv": Play(says="1 decision: done", before=answered),
    "tombstones --for nginx": Play(says="410"),
    "verify --budget 250": Play(says="Looked at"),
    "verify --repair": Play(before=damaged, after=mended),
    "rebuild": Play(says="items rendered again", before=lost, after=mended),
    "verify --deep": Play(says="Looked at: "),
    "rebuild --accept-loss": Play(before=lost_for_good),
    "log EVENT": Play(says="1"),
    "rollback EVENT N": Play(after=shown_is("photo")),
    "rollback EVENT --end": Play(before=rolled_back, after=shown_is("photo")),
    "export EVENT DIR --bagit": Play(after=lambda space: (space.root / "DIR" / "bagit.txt").stat()),
    "gc": Play(),
    "embed ID": Play(says="<figure", before=addressed),
}


def _same(found: object, *, expected: object) -> None:
    assert found == expected


def shown() -> dict[str, list[str]]:
    """Every command of the guides, without what stands behind it as a comment, and the guides that show it."""
    found: dict[str, list[str]] = {}
    for guide in GUIDES:
        for line in TYPED.findall(guide.read_text(encoding="utf-8")):
            found.setdefault(line.split("  ")[0].strip(), []).append(guide.name)
    return found


def test_every_command_of_the_guides_is_played_here() -> None:
    assert shown().keys() == PLAYED.keys()


@pytest.mark.parametrize("command", sorted(PLAYED))
def test_a_command_of_the_guides_does_what_they_say(command: str, town: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("click.launch", opened.append)
    play = PLAYED[command]
    item = item_of(town, GONE if command.startswith("dedupe") else SHOWN)
    play.before(town)
    told = {"EVENT": "summer-party", "SLUG": "summer-party", "NEW": "new-name", "PATH": HELD, "N": "1", "…": "quality"}
    told |= {"/srv/archive": str(town.root.parent / "srv"), "ID": item}
    if command.startswith("move"):
        told["EVENT"] = "winter"
    words = [told.get(word, re.sub("p-[a-z0-9]{13}", item, word)) for word in command.split()]
    done = town.here(*words)
    assert done.returncode == play.status, done.stdout + done.stderr
    assert play.says in done.stdout
    play.after(town)
    assert bool(opened) == ("--open" in words)


@pytest.mark.skipif(NODE is None, reason="no Node.js on this machine: apt-get install nodejs")
def test_the_program_in_the_guide_finds_every_picture_of_an_event(town_once: Space, tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")
    program = guide.partition("```js\n")[2].partition("```")[0]
    comment = next(line for line in program.splitlines() if "…<picture>" in line)
    asks = 'console.log(JSON.stringify([at(item.stable["1280"]), sets.map((one) => one.srcset)]));'
    with make_server(town_once.root / "site", port=0, log=lambda *_: None) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        here = program.replace(
            "https://media.example.org/events/commons-week-2025/", f"{server.url}events/summer-party/"
        )
        script = tmp_path / "guide.mjs"
        script.write_text(here.replace(comment, asks), encoding="utf-8")
        done = subprocess.run([str(NODE), str(script)], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        photographs = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(photographs) == 3
        for stable, sets in photographs:
            assert len(sets) == 2, "AVIF, then JPEG"
            for address in (stable, *(one.split(" ")[0] for srcset in sets for one in srcset.split(", "))):
                with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own server
                    assert answer.status == 200
        server.shutdown()
