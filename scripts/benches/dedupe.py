#!/usr/bin/env python3
"""Measure what dedupe finds of edited copies, and whether it ever joins two photographs; beside hashes as others use them.

    scripts/bench dedupe CORPUS [--half test] [--part all] [--seed 0] [--least 0] [--sample 24] [--alike 36] [--folder …]

CORPUS holds `event-photos`, `captioned`, `near-duplicates` and `video`. Half of its photographs are to tune with, half to
test on, by a digest of their names. Each edit is applied to a sample of them, without metadata; all originals of that half
and these copies are grouped as one event, by what the pipeline uses; then (`together`) all edits in one event. Then hard
negatives: pictures that look alike, in varied sizes and encodings, and frames of films as bursts; and (`saved`) what one program
saved twice in one size. What was made and measured is kept in `--folder`.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from duplicates.edits import ALL, COLOURS, EDITS, FURTHER, LIGHTS, MARKED
from duplicates.faces import faces
from duplicates.looking import Memory, Seen
from duplicates.material import BURSTS, Sample, copies, frames, half_of, originals, places_of
from duplicates.negatives import FAMILIES, LATEST, family
from duplicates.resaved import measure_saved
from duplicates.tables import PEERS, Tally, rows
from PIL import Image

from mediaarchive.model import Camera, Taken
from mediaarchive.stages.dedupe import sparing
from mediaarchive.stages.dedupe.candidates import pairs
from mediaarchive.stages.dedupe.grouping import Folded, fold
from mediaarchive.stages.dedupe.originals import Entry

DISTANCE = 72
FIRST = (10, 12, 24)  # photographs that were drawn first of each half, when the rules were found
MOVING, SLIGHT = 3.0, 1.0  # mean difference of two frames, in grey levels


@dataclass(frozen=True, slots=True)
class Draw:
    """Which half of the photographs, and which of these at random: `seed` 0 is the first draw, others draw from the rest.

    `least`: px that the long edge of what is edited has at least, and then no film stills.
    """

    half: str
    seed: int
    least: int = 0

    @property
    def name(self) -> str:
        """What its random numbers and files are named after."""
        return f"{self.half} {self.seed}" if self.seed else self.half


class Bench:
    """One half's event, and what is asked of it."""

    def __init__(self, memory: Memory, samples: Iterable[Sample]) -> None:
        self.memory = memory
        self.samples: dict[str, Sample] = {}
        memory.look_at(samples := list(samples))
        for sample in samples:
            if seen := memory.seen[str(sample.path)]:
                self.samples.setdefault(seen.entry.sha256, sample)

    def seen(self, sha256: str) -> Seen:
        """What is known of a file."""
        found = self.memory.seen[str(self.samples[sha256].path)]
        assert found is not None
        return found

    def candidates(self, shas: Sequence[str], entries: Mapping[str, Entry] | None = None) -> set[tuple[str, str]]:
        """The pairs that the pipeline would prove in an event of these files."""
        listed = [(entries or {}).get(sha) or self.seen(sha).entry for sha in shas]
        details = {sha: self.seen(sha).details for sha in shas}
        return {(pair.left, pair.right) for pair in pairs(listed, distance=DISTANCE, features=details)}

    def prove(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Prove pairs, many at once."""
        paths = {pair: (str(self.samples[pair[0]].path), str(self.samples[pair[1]].path)) for pair in wanted}
        self.memory.prove(paths.items())

    def evidence(self, wanted: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Mapping[str, Any]]:
        """What proofs show of pairs."""
        self.prove(wanted)
        return {pair: self.memory.proofs[pair] for pair in wanted}

    def grouped(
        self, shas: Sequence[str], wanted: Iterable[tuple[str, str]], entries: Mapping[str, Entry] | None = None
    ) -> Folded:
        """Fold these files as one event."""
        listed = [(entries or {}).get(sha) or self.seen(sha).entry for sha in shas]
        return fold(listed, {pair: self.memory.proofs[pair] for pair in wanted}, (), {})

    def peers(self, left: str, right: str) -> Counter[str]:
        """Which of the peers' rules call two files duplicates."""
        mine, theirs = self.seen(left).peers, self.seen(right).peers
        return Counter({name: int(mine[hash_] - theirs[hash_] <= most) for name, (hash_, most) in PEERS.items()})

    def joined(self, result: Folded) -> list[tuple[str, str]]:
        """Every pair of two photographs in one group."""
        return [
            (left.sha256, right.sha256)
            for group in result.groups
            for left, right in combinations(group.members, 2)
            if self.samples[left.sha256].truth != self.samples[right.sha256].truth
        ]

    def truths(self, pair: tuple[str, str]) -> tuple[str, str]:
        """What the two files of a pair show."""
        return self.samples[pair[0]].truth, self.samples[pair[1]].truth

    def tell(self, pairs_: Iterable[tuple[str, str]]) -> None:
        """Name wrong links, so that somebody can look at them."""
        for left, right in pairs_:
            print("   wrong:", self.samples[left].path, "=", self.samples[right].path)


def recall(bench: Bench, base: Sequence[str], by_edit: Mapping[str, list[str]]) -> dict[str, Tally]:
    """For each edit: one event of all originals and that edit's copies."""
    home = {bench.samples[sha].truth: sha for sha in base}
    events = {edit: [*base, *made] for edit, made in by_edit.items()}
    candidates = {edit: bench.candidates(shas) for edit, shas in events.items()}
    bench.prove(pair for found in candidates.values() for pair in found)
    tallies: dict[str, Tally] = {}
    for edit, made in by_edit.items():
        result = bench.grouped(events[edit], candidates[edit])
        tallies[edit] = sum(_counted(bench, result, made, home, bench.memory.proofs), Tally())
        wrong = bench.joined(result)
        bench.tell(wrong)
        tallies[edit].wrong = len(wrong)
    return tallies


def _counted(
    bench: Bench, result: Folded, made: Iterable[str], home: Mapping[str, str], proofs: Mapping[tuple[str, str], Any]
) -> Iterator[Tally]:
    """What became of each copy in an event. `home`: the originals, by truth."""
    group = {member.sha256: found for found in result.groups for member in found.members}
    proposed = {(proposal.left, proposal.right) for proposal in result.proposals}
    for copy in made:
        sample = bench.samples[copy]
        original = home[sample.truth]
        pair = min(copy, original), max(copy, original)
        linked = group[copy] is group[original]
        behind = linked and group[copy].master == original
        yield Tally(1, pair in proofs, linked, pair in proposed and not linked, 0, behind, bench.peers(*pair))
        if not linked and ALL[sample.group].kind == "auto":
            print("   missed:", sample.name, proofs.get(pair, "no candidate"))


def alike(bench: Bench, shas: Sequence[str], hidden: AbstractSet[tuple[str, str]] = frozenset()) -> Tally:
    """One family of hard negatives as one event: nothing may be linked but `hidden`, what nobody can tell apart."""
    candidates = bench.candidates(shas)
    bench.prove(candidates)
    result = bench.grouped(shas, candidates)
    told = [
        pair
        for pair in combinations(shas, 2)
        if (truths := bench.truths(pair))[0] != truths[1] and hidden.isdisjoint((truths, truths[::-1]))
    ]
    joined = {*map(frozenset, bench.joined(result))}
    wrong = {*map(frozenset, told)} & joined
    bench.tell(sorted((min(pair), max(pair)) for pair in wrong))
    tally = Tally(len(told), len(candidates), linked=len(joined - wrong), wrong=len(wrong))
    tally.proposed = len(result.proposals)
    for left, right in told:
        tally.peers += bench.peers(left, right)
    return tally


def bursts(bench: Bench, films: Mapping[str, list[tuple[str, str]]]) -> dict[str, Tally]:
    """Frames of films. `films`: (frame, its copy) in order.

    Without its own frame, each copy is offered to the frame before; then with both; then all frames with shot facts.
    """
    tallies: dict[str, Tally] = defaultdict(Tally)
    for shots in films.values():
        for (before, _), (frame, copy) in pairwise(shots):
            motion = _motion(bench.samples[before].path, bench.samples[frame].path)
            kind = "moving" if motion >= MOVING else "slight" if motion >= SLIGHT else "static"
            alone = _joined(bench, [before, copy], (before, copy))
            there = _joined(bench, [before, frame, copy], (before, copy))
            found = _joined(bench, [before, frame, copy], (frame, copy))
            peers = bench.peers(before, copy)
            tallies[f"{kind}, its own frame absent"] += Tally(1, 1, 0, 0, alone, peers=peers)
            tallies[f"{kind}, its own frame there"] += Tally(1, 1, found, 0, there, peers=peers)
        entries = {sha: _shot(bench.seen(sha).entry, number) for number, (sha, _) in enumerate(shots)}
        shas = list(entries)
        candidates = bench.candidates(shas, entries)
        bench.prove(candidates)
        wrong = len(bench.joined(bench.grouped(shas, candidates, entries)))
        tallies["with shot facts"] += Tally(len(shas) * (len(shas) - 1) // 2, len(candidates), 0, 0, wrong)
        candidates = bench.candidates(shas)
        bench.prove(candidates)
        wrong = len(bench.joined(bench.grouped(shas, candidates)))
        tallies["stripped, as the camera wrote them"] += Tally(
            len(shas) * (len(shas) - 1) // 2, len(candidates), 0, 0, wrong
        )
    return dict(tallies)


def _joined(bench: Bench, shas: Sequence[str], pair: tuple[str, str]) -> bool:
    candidates = bench.candidates(shas)
    bench.prove(candidates)
    return any(
        {*pair} <= {member.sha256 for member in group.members} for group in bench.grouped(shas, candidates).groups
    )


def _shot(entry: Entry, number: int) -> Entry:
    """The same file as a camera would have written it, ten frames in each second."""
    at = f"2025-10-07T10:00:{number // 10:02}"
    taken = Taken(local=at, offset=None, precision="second", basis="exif")
    facts = replace(entry.facts, taken=taken, camera=Camera(model="D90"), shot={"subsec": f"{number % 10}0"})
    return replace(entry, facts=facts)


def _motion(left: Path, right: Path) -> float:
    small = [np.asarray(Image.open(path).convert("L").resize((64, 64)), float) for path in (left, right)]
    return float(np.abs(small[0] - small[1]).mean())


def by_family(tallies: Mapping[str, Tally]) -> dict[str, Tally]:
    """The edits' counts, summed by family, and all that should link by itself."""
    summed: dict[str, Tally] = defaultdict(Tally)
    for name, tally in tallies.items():
        summed[ALL[name].family] += tally
    summed["all but overlays"] = sum((t for n, t in tallies.items() if ALL[n].kind == "auto"), Tally())
    return dict(summed)


def measure_copies(corpus: Path, folder: Path, draw: Draw, sample: int, edits: Sequence[str]) -> None:
    """Edited copies of one half's photographs."""
    base, chosen = _originals(corpus, folder, draw, sample)
    made = [copy for one in chosen for copy in copies(one, folder, edits)]
    bench = Bench(Memory(folder), [*base, *made])
    ours = [sha for sha, one in bench.samples.items() if one.group == "original"]
    by_edit = _by_edit(bench)
    print(
        f"\n# {draw.name}: {len(ours)} originals, {len(chosen)} edited, {sum(map(len, by_edit.values()))} copies",
        flush=True,
    )
    tallies = recall(bench, ours, by_edit)
    rows("edit", tallies, negatives=False)
    rows("family", by_family(tallies), negatives=False)


def _by_edit(bench: Bench) -> dict[str, list[str]]:
    """The copies among a bench's files."""
    found: dict[str, list[str]] = defaultdict(list)
    for sha, one in bench.samples.items():
        if one.group != "original":
            found[one.group].append(sha)
    return found


def measure_together(corpus: Path, folder: Path, draw: Draw, sample: int, edits: Sequence[str]) -> None:
    """All copies of all edits in one event: what one program wrote in one size stands beside each other."""
    base, chosen = _originals(corpus, folder, draw, sample)
    bench = Bench(Memory(folder), [*base, *(copy for one in chosen for copy in copies(one, folder, edits))])
    shas = list(bench.samples)
    entries = [bench.seen(sha).entry for sha in shas]
    wanted = sorted(bench.candidates(shas))
    proofs = sparing.proved(entries, wanted, (), bench.evidence)
    print(f"\n# {draw.name}, together: {len(shas)} files, {len(wanted)} pairs, {len(proofs)} proved", flush=True)
    result = fold(entries, proofs, (), {})
    home = {bench.samples[sha].truth: sha for sha in shas if bench.samples[sha].group == "original"}
    tallies = {
        edit: sum(_counted(bench, result, made, home, proofs), Tally()) for edit, made in _by_edit(bench).items()
    }
    wrong = bench.joined(result)
    bench.tell(wrong)
    rows("edit, together", tallies, negatives=False)
    rows(f"family, together; {len(wrong)} pairs wrong", by_family(tallies), negatives=False)


def measure_negatives(corpus: Path, folder: Path, draw: Draw, count: int) -> None:
    """What looks alike and is not one photograph: all originals of one half, and `count` pictures of each family."""
    memory = Memory(folder)
    base, chosen = _originals(corpus, folder, draw, 12)
    rooms = [one for one in chosen if one.path.suffix.lower() in {".jpg", ".jpeg"}][:8]
    people, places = faces(base), places_of(base, draw.name)
    negatives: dict[str, Tally] = {}
    for name in FAMILIES:
        made, hidden = family(name, places if name in LATEST else rooms, count, folder, draw.name, people)
        bench = Bench(memory, made)
        negatives[name] = alike(bench, list(bench.samples), hidden)
    bench = Bench(memory, base)
    negatives["unrelated originals"] = alike(bench, list(bench.samples))
    negatives["all"] = sum(negatives.values(), Tally())
    rows(f"negatives, {draw.name}", negatives, negatives=True)
    print(f"{negatives['all'].linked} pairs linked that nobody can tell apart")


def measure_bursts(corpus: Path, folder: Path, half: str) -> None:
    """Frames of one half's films."""
    films = {film: _shots(corpus, folder, film) for film in BURSTS if half_of(film) == half}
    bench = Bench(Memory(folder), [one for shots in films.values() for pair in shots for one in pair])
    known = {str(one.path): sha for sha, one in bench.samples.items()}
    named = {
        film: [(known[str(one.path)], known[str(copy.path)]) for one, copy in shots if str(one.path) in known]
        for film, shots in films.items()
    }
    rows(f"bursts, {half}", bursts(bench, named), negatives=True)


def _originals(corpus: Path, folder: Path, draw: Draw, sample: int) -> tuple[list[Sample], list[Sample]]:
    base = [one for one in originals(corpus, folder) if one.half == draw.half]
    left = sorted(base, key=lambda one: one.name)
    if draw.seed:  # what was looked at before says nothing new
        first = {one.name for size in FIRST for one in Random(draw.half).sample(left, min(size, len(left)))}
        left = [one for one in left if one.name not in first]
    if draw.least:
        left = [one for one in left if one.edge >= draw.least and not one.still]
    return base, Random(draw.name).sample(left, min(sample, len(left)))


def _shots(corpus: Path, folder: Path, film: str) -> list[tuple[Sample, Sample]]:
    shots = []
    for number, path in enumerate(frames(corpus / "video" / film, folder, every=0.3)):
        truth = f"{film} frame {number}"
        target = folder / "sent" / f"{film}-{number}.jpg"
        if not target.exists():
            target.parent.mkdir(exist_ok=True, parents=True)
            with Image.open(path) as image:
                size = round(image.width * 0.7), round(image.height * 0.7)
                image.resize(size, Image.Resampling.LANCZOS).save(target, quality=70)
        shots.append(
            (Sample(path, truth, half_of(film), "frame", truth), Sample(target, truth, half_of(film), "sent", truth))
        )
    return shots


def main() -> None:
    """Read the corpus, make the edits, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--sample", type=int, default=24, help="photographs of each half that are edited")
    parser.add_argument("--alike", type=int, default=36, help="pictures of each family of hard negatives")
    parser.add_argument("--half", choices=("tune", "test", "both"), default="test")
    parser.add_argument("--part", choices=("copies", "together", "negatives", "bursts", "saved", "all"), default="all")
    parser.add_argument("--seed", type=int, default=0, help="another draw, of photographs that the first one left")
    parser.add_argument(
        "--least", type=int, default=0, help="edit photographs alone, with a long edge of at least so many px"
    )
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir(), "mediaarchive-bench-dedupe"))
    edits = {"first": list(EDITS), "further": list(FURTHER), "colours": list(COLOURS), "lights": list(LIGHTS)}
    edits |= {"marked": list(MARKED), "all": list(ALL)}
    parser.add_argument("--edits", choices=edits, default="all", help="those that the rules were found with, or others")
    arguments = parser.parse_args()
    chosen = edits[arguments.edits]
    for half in ("tune", "test") if arguments.half == "both" else (arguments.half,):
        draw = Draw(half, arguments.seed, arguments.least)
        if arguments.part in {"negatives", "all"}:
            measure_negatives(arguments.corpus, arguments.folder, draw, arguments.alike)
        if arguments.part in {"bursts", "all"}:
            measure_bursts(arguments.corpus, arguments.folder, half)
        if arguments.part in {"saved", "all"}:
            _, those = _originals(arguments.corpus, arguments.folder, draw, arguments.sample)
            measure_saved([one for one in those if one.path.suffix.lower() in {".jpg", ".jpeg"}])
        if arguments.part in {"copies", "all"}:
            measure_copies(arguments.corpus, arguments.folder, draw, arguments.sample, chosen)
        if arguments.part in {"together", "all"}:
            measure_together(arguments.corpus, arguments.folder, draw, arguments.sample, chosen)


if __name__ == "__main__":
    main()
