"""Workspaces to run in: the small sample, small renditions, the same salt, so that two of them give the same ids."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from click.testing import CliRunner

from mediaarchive.cli.main import cli
from mediaarchive.events import Fanout
from mediaarchive.pipeline.inbox.report import Report
from mediaarchive.pipeline.opening import open_shop
from mediaarchive.pipeline.run import run

from .files import jpeg, picture

ROOT = Path(__file__).resolve().parents[2]
LEAN = """\
[workspace]
publisher = "Example"
[ingest]
settle = 0
patience = 0
[[rendition]]
format = "jpeg"
edges = [160]
[limits]
min_free = 1
[engine]
kind = "inline"
"""
SALT = "5a" * 32
SETTINGS = """\
[workspace]
publisher = "Example"
contact = "mailto:media@example.org"
[ingest]
settle = 0
patience = 0
[[rendition]]
format = "avif"
edges = [160, 320, 640]
speed = 9
[[rendition]]
format = "jpeg"
edges = [160, 320, 640]
[film]
sides = [240]
[limits]
min_free = 1
"""
MIRRORED = SETTINGS + '[engine]\nkind = "inline"\n[originals]\nmirror = "../mirror"\n'
SMALL = MIRRORED.replace("edges = [160, 320, 640]", "edges = [160]")
ALBUM = ("DSCF0003.jpg", "DSCF0009.jpg", "AUR_0402.jpg", "AUR_0470.jpg")


class Space:
    """A workspace and its command line."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config = root / "mediaarchive.toml"

    def init(self, settings: str = SETTINGS, salt: str = SALT) -> None:
        """Make it."""
        done = CliRunner().invoke(cli, ["init", str(self.root), "--salt", salt])
        assert done.exit_code == 0, done.output
        self.config.write_text(settings, encoding="utf-8")

    def command(self, *args: str) -> list[str]:
        return [sys.executable, "-m", "mediaarchive", "-C", str(self.root), *args]

    def call(self, *args: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*args), capture_output=True, text=True, check=False, env=os.environ | environment, timeout=280
        )

    def here(self, *args: str) -> subprocess.CompletedProcess[str]:
        """The same command line in this process: a second sooner, for tests that need many. The engine should be inline."""
        with mock.patch.object(sys, "argv", ["mediaarchive", *args]):
            done = CliRunner().invoke(cli, ["-C", str(self.root), *args])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return subprocess.CompletedProcess(args, done.exit_code, done.stdout, done.stderr)

    def run_here(self, *args: str) -> dict[str, Any]:
        """`run --json` in this process."""
        done = self.here("run", "--json", *args)
        assert done.returncode in {0, 3}, done.stderr
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    def run(self, *args: str, engine: str = "inline", **environment: str) -> dict[str, Any]:
        """`mediaarchive run --json`: the report; fails on anything but 0 and 3.

        In this process, unless the engine or the environment asks for one of its own.
        """
        if engine == "inline" and not environment:
            return self.run_here("--engine", "inline", *args)
        done = self.call("run", "--json", "--engine", engine, *args, **environment)
        assert done.returncode in {0, 3}, done.stderr
        assert "Traceback" not in done.stderr
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    def run_on(self, day: str) -> Report:
        """A run on another day (at noon, UTC), in this process."""
        with open_shop(self.root, Fanout(), {"engine": {"kind": "inline"}}) as shop:
            shop.now = lambda: datetime.fromisoformat(f"{day}T12:00:00+00:00")
            return run(shop)

    def items(self, slug: str = "forum-des-communs-2025") -> dict[str, dict[str, Any]]:
        """The items of an event's manifest, by id, in order."""
        return {entry["id"]: entry for entry in json.loads(self.manifest(slug))["items"]}

    def manifest(self, slug: str = "forum-des-communs-2025") -> bytes:
        return (self.root / "site" / "events" / slug / "manifest.json").read_bytes()

    def originals(self) -> set[str]:
        return {path.stem for path in (self.root / "archive" / "originals").rglob("*") if path.is_file()}

    def published(self) -> dict[str, bytes]:
        site = self.root / "site"
        return {str(p.relative_to(site)): p.read_bytes() for p in site.rglob("*") if p.is_file() and p.name[0] != "."}

    def twin(self, root: Path) -> Space:
        """A copy of the workspace as it is now."""
        shutil.copytree(self.root, root, symlinks=True)
        return Space(root)


def item_of(report: dict[str, Any], name: str) -> str:
    """The item of which this file, as a run's report names it, is one."""
    return str(next(entry["item"] for entry in report["files"] if entry["path"].endswith(f"/{name}")))


@pytest.fixture
def closed() -> Iterator[list[Path]]:
    """What a test closes is opened again, so that it can be tidied away."""
    paths: list[Path] = []
    yield paths
    for path in paths:
        if path.exists():
            path.chmod(0o755)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small sample inbox, drawn once."""
    folder = tmp_path_factory.mktemp("sample")
    script = ROOT / "scripts" / "sample_inbox.py"
    subprocess.run([sys.executable, script, str(folder), "--small"], check=True, capture_output=True)
    return folder


@pytest.fixture
def space(tmp_path: Path) -> Callable[..., Space]:
    """Make a workspace; `files`: a folder whose content is copied into its inbox."""

    def make(name: str = "ws", files: Path | None = None, settings: str = SETTINGS) -> Space:
        found = Space(tmp_path / name)
        found.init(settings)
        if files:
            shutil.copytree(files, found.root / "inbox", dirs_exist_ok=True)
        return found

    return make


@pytest.fixture
def one_photo(space: Callable[..., Space]) -> Space:
    """A workspace that no run has seen yet, with one photograph in the inbox's folder "evening"."""
    found: Space = space()
    (found.root / "inbox" / "evening").mkdir()
    (found.root / "inbox" / "evening" / "a.jpg").write_bytes(jpeg(picture(1)))
    return found


@pytest.fixture(scope="session")
def archived(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Space, dict[str, Any]]:
    """A workspace after one run over the sample, with its report. Read only: tests take a `twin`."""
    found = Space(tmp_path_factory.mktemp("archived") / "ws")
    found.init(SETTINGS)
    shutil.copytree(sample, found.root / "inbox", dirs_exist_ok=True)
    return found, found.run()


@pytest.fixture(scope="session")
def album(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Space, dict[str, Any]]:
    """Four photographs with texts in two languages, after one run, with its report. Read only: tests take a `twin`."""
    found = Space(tmp_path_factory.mktemp("album") / "ws")
    found.init(SETTINGS.replace("edges = [160, 320, 640]", "edges = [160, 640]"))
    event = "forum-des-communs-2025"
    folder = found.root / "inbox" / event
    folder.mkdir()
    for name in (*ALBUM, "event.toml"):
        (folder / name).write_bytes((sample / event / name).read_bytes())
    return found, found.run()


@pytest.fixture(scope="session")
def small_once(tmp_path_factory: pytest.TempPathFactory) -> Space:
    """Six photographs, published, with a mirror. Read only."""
    folder = tmp_path_factory.mktemp("small")
    found = Space(folder / "ws")
    found.init(SMALL)
    (found.root / "inbox" / "fete").mkdir()
    for seed in range(6):
        (found.root / "inbox" / "fete" / f"{seed}.jpg").write_bytes(jpeg(picture(seed, (600, 400)), at=None))
    assert found.run_here()["counts"] == {"published": 6}
    return found


@pytest.fixture
def small(small_once: Space, tmp_path: Path) -> Space:
    shutil.copytree(small_once.root.parent, tmp_path / "small")
    return Space(tmp_path / "small" / "ws")
