#!/usr/bin/env python3
"""Measure what renditions cost: against the codecs' own floor, sharp, sigal, ImageMagick and vipsthumbnail; and whole runs.

    scripts/bench render FOLDER [--rounds 3] [--photographs 12] [--only floor,sharp,galleries,memory,runs,rerun,workers]

Twelve photographs of 24 megapixels are made in --work DIR of the largest ones in FOLDER. CPU seconds (user and system) of
interleaved rounds, medians; a peer that can't be had is left out with a word. Wall clock (workers, photographs a minute)
means something on a quiet machine only: the share of the cores that others used meanwhile is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import machine
from PIL import Image
from stills import archives, peers, photographs, tools

from mediaarchive.config.settings import Settings
from mediaarchive.renderers.still import still_params

RECIPE = still_params(Settings().rendition, *photographs.SIZE)


@dataclass(frozen=True, slots=True)
class Bench:
    """The photographs, how often, and where tools are."""

    paths: Sequence[Path]
    rounds: int
    work: Path

    def floor(self) -> None:
        """The engine against a half-DCT decode and the same encodes, in the same process."""
        totals = []
        for number in range(self.rounds):
            rows = json.loads(machine.run(peers.ours("floor", self.paths)).out)
            sums = {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]}
            totals.append(sums["engine"] / (sums["half"] + sums["encodes"]))
            each = [row["engine"] / (row["half"] + row["encodes"]) for row in rows]
            say(
                f"  round {number + 1}: decode {sums['half']:.3f} + encodes {sums['encodes']:.3f}, engine {sums['engine']:.3f}"
                f" CPU s a photograph; {totals[-1]:.2f} (photographs {min(each):.2f} to {max(each):.2f})"
            )
        result("CPU against the floor", statistics.median(totals), 1.25)

    def sharp(self) -> None:
        """The same recipe by sharp, one thread: its best way, and the way of its documentation."""
        if not (home := tools.npm(self.work, "sharp")):
            return
        found = peers.interleaved(
            {
                "ours": peers.ours("render", self.paths),
                "expert": peers.sharp(home, "expert", "1", RECIPE, self.paths),
                "clone": peers.sharp(home, "clone", "1", RECIPE, self.paths),
            },
            self.rounds,
        )
        say("  CPU s a photograph: " + ", ".join(f"{n} {v / len(self.paths):.3f}" for n, v in found.items()))
        result("CPU against sharp's expert chain", found["ours"] / found["expert"], 1.05)
        result("CPU against sharp's clone()", found["ours"] / found["clone"], 0.60)

    def galleries(self) -> None:
        """One thumbnail and 1920 pixels, JPEG only, whole processes."""
        ways = peers.galleries(self.work, self.paths)
        costs: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(self.rounds):
            for name, way in ways.items():
                costs[name].append(way())
        found = {name: statistics.median(values) / len(self.paths) for name, values in costs.items()}
        say("  CPU s a photograph: " + ", ".join(f"{n} {v:.3f}" for n, v in found.items()))
        for name, most in (("sigal", 0.65), ("ImageMagick", 0.40), ("vipsthumbnail twice", 0.75)):
            if name in found:
                result(f"JPEG only, CPU against {name}", found["mediaarchive"] / found[name], most)

    def workers(self) -> None:
        """Two workers against one, and against sharp with all cores: wall clock."""
        home = tools.npm(self.work, "sharp")
        ways: dict[str, Callable[[], tuple[float, float]]] = {
            "one worker": lambda: self._rendered(1),
            "all cores": lambda: self._rendered(0),
        }
        if home:
            ways["sharp, clone(), all cores"] = lambda: _taken(
                machine.run(peers.sharp(home, "clone", "all", RECIPE, self.paths), family=True)
            )
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for _ in range(self.rounds):
            for name, way in ways.items():
                busy = Busy()
                found[name].append(way())
                say(f"  {name}: {found[name][-1][0]:.1f} s, {found[name][-1][1]:.0f} MB; {busy}")
        wall = {name: statistics.median(w for w, _ in values) for name, values in found.items()}
        memory = {name: statistics.median(m for _, m in values) for name, values in found.items()}
        for name, seconds in wall.items():
            say(f"  {name}: {60 * len(self.paths) / seconds:.1f} photographs a minute, {memory[name]:.0f} MB")
        result("two workers against one", wall["one worker"] / wall["all cores"], 1.7, least=True)
        if home:
            theirs = "sharp, clone(), all cores"
            result("photographs a minute against sharp's clone()", wall[theirs] / wall["all cores"], 1.8, least=True)
            result("memory against sharp's clone()", memory["all cores"] / memory[theirs], 0.50)

    def _rendered(self, workers: int) -> tuple[float, float]:
        """The rendering alone through the local engine."""
        command = [sys.executable, str(peers.HERE / "pool.py"), str(workers), *map(str, self.paths)]
        cost = machine.run(command, family=True)
        return json.loads(cost.out)["wall"], cost.memory

    def runs(self) -> None:
        """A whole run, inbox to local store, against the rendering alone."""
        ratios = []
        for _ in range(self.rounds):
            alone = machine.run(peers.ours("render", self.paths)).cpu
            whole = archives.whole_run(self.paths)
            ratios.append(whole.cpu / alone)
            say(f"  rendering {alone:.1f} CPU s, the whole run {whole.cpu:.1f}, {whole.memory:.0f} MB in all")
        result("a whole run against the rendering alone", statistics.median(ratios), 1.25)

    def rerun(self) -> None:
        """What a photograph costs that is known already."""
        few, many = 20, 420
        each = [(archives.rerun(many).cpu - archives.rerun(few).cpu) / (many - few) * 1000 for _ in range(self.rounds)]
        result("unchanged rerun, CPU ms a photograph", statistics.median(each), 1.0)

    def memory(self) -> None:
        """The most that one worker needs."""
        landscape = json.loads(machine.run(peers.ours("render", self.paths[:1])).out)["memory"]
        result("memory of a worker, 24 MP landscape, MB", landscape, 260)
        with tempfile.TemporaryDirectory() as folder:
            wide = Path(folder) / "panorama.jpg"
            with Image.open(self.paths[0]) as image:
                image.resize((20_000, 5_000)).save(wide, quality=88)
            say(f"  100 MP panorama: {json.loads(machine.run(peers.ours('render', [wide])).out)['memory']:.0f} MB")


class Busy:
    """How much of the machine others used meanwhile."""

    def __init__(self) -> None:
        self.before = self._look()

    @staticmethod
    def _look() -> tuple[float, float, float]:
        fields = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:]
        values = [float(value) for value in fields]
        times = os.times()
        mine = times.user + times.system + times.children_user + times.children_system
        return sum(values) - values[3] - values[4], mine, time.perf_counter()

    def __str__(self) -> str:
        now = self._look()
        all_, mine, wall = (new - old for new, old in zip(now, self.before, strict=True))
        return f"others used {max(0.0, all_ / os.sysconf('SC_CLK_TCK') - mine) / wall:.2f} cores"


def _taken(cost: machine.Cost) -> tuple[float, float]:
    return cost.wall, cost.memory


def say(line: str) -> None:
    """Print at once."""
    print(line, flush=True)


def result(name: str, value: float, limit: float, *, least: bool = False) -> None:
    """Print one goal's line."""
    good = value >= limit if least else value <= limit
    say(f"{name}: {value:.2f} ({'at least' if least else 'at most'} {limit:g}: {'yes' if good else 'NO'})")


def main() -> None:
    """Make the photographs, then measure part by part."""
    parts = ("floor", "sharp", "galleries", "memory", "runs", "rerun", "workers")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--photographs", type=int, default=photographs.COUNT)
    parser.add_argument("--only", default=",".join(parts))
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "mediaarchive-bench")
    arguments = parser.parse_args()
    if unknown := set(arguments.only.split(",")) - set(parts):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
    paths = photographs.make(arguments.folder, arguments.work / "photographs")[: arguments.photographs]
    say(f"{len(paths)} photographs")
    bench = Bench(paths, arguments.rounds, arguments.work)
    for part in arguments.only.split(","):
        busy = Busy()
        say(f"\n{part}")
        getattr(bench, part)()
        say(f"  ({busy})")


if __name__ == "__main__":
    main()
