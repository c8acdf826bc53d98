#!/usr/bin/env python3
"""Measure which films are taken for one recording: copies as messengers and programs make them, and what only looks alike.

    scripts/bench films FOLDER [--work DIR] [--seconds 60] [--part copies|variants|pairs|cuts|cards|cost] …

From each film in FOLDER (2 s and 200 px at least), copies and variants are made with ffmpeg, and cuts: pieces as long as each
other, of other moments of the same film. Printed: how many copies link and variants wait for a person, how many cuts and pairs
of different films link (none should), and what it costs beside decoding and rendering a 1080p film of `--seconds`.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

from mediaarchive.config.settings import Settings
from mediaarchive.errors import BadInput
from mediaarchive.media.ffmpeg import find_ffmpeg
from mediaarchive.media.sniff import sniff
from mediaarchive.model import Kind
from mediaarchive.renderers.film import FfmpegFilms, film_params
from mediaarchive.stages.dedupe.films import film_pairs, judge_films, prove_films, sign_film
from mediaarchive.stages.dedupe.originals import Entry
from mediaarchive.stages.ingest import identify

TIMEOUT = 600.0
LIMITS = Settings().limits.model_dump(mode="json")
SHORT, SMALL, PIECE = 2.0, 200, 4.0  # seconds, pixels of the short side, seconds of a cut
FIT = "scale=640:640:force_original_aspect_ratio=decrease:force_divisible_by=2"
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p")
BOX = "drawbox=x=iw*0.78:y=ih*0.05:w=iw*0.17:h=ih*0.14:color=red:t=fill"
LINES = "drawbox=x=iw*0.15:y=ih*0.84:w=iw*0.7:h=ih*0.1:color=black:t=fill:enable='lt(mod(t,2),1.4)'"
COPIES = {
    "messenger: 640 px, crf 32": ["-vf", FIT, *X264, "-crf", "32", "-c:a", "aac", "-b:a", "64k", "-map_metadata", "-1"],
    "640 px at 30 frames": ["-vf", f"{FIT},fps=30", *X264, "-crf", "30", "-c:a", "aac"],
    "at 25 frames": ["-vf", "fps=25", *X264, "-crf", "26", "-c:a", "aac"],
    "320 px at 15 frames, mute": ["-vf", f"{FIT.replace('640', '320')},fps=15", *X264, "-crf", "30", "-an"],
    "VP8": ["-vf", FIT, "-c:v", "libvpx", "-b:v", "800k", "-c:a", "libopus"],
    "brighter": ["-vf", "eq=brightness=0.06:contrast=1.1", *X264, "-crf", "24", "-c:a", "aac"],
    "another container": ["-map", "0:V:0", "-map", "0:a?", "-map_metadata", "-1", "-c", "copy"],
}
PARTS = ("copies", "variants", "pairs", "cuts", "cards", "cost")
CARD = "smptehdbars=s=640x360:r=25:d=3"  # a picture that tells something, for three seconds
VARIANTS = {
    "logo": ["-vf", BOX, *X264, "-crf", "24", "-c:a", "aac"],
    "subtitles": ["-vf", LINES, *X264, "-crf", "24", "-c:a", "aac"],
    "cut by 1.3 s at the beginning": ["-ss", "1.3", *X264, "-crf", "24", "-c:a", "aac"],
    "another sound": [
        "-f",
        "lavfi",
        "-i",
        "anoisesrc=d=600:a=0.3,tremolo=f=0.7:d=0.9",
        "-map",
        "0:V:0",
        "-map",
        "1:a",
        "-shortest",
        *X264,
        "-crf",
        "24",
        "-c:a",
        "aac",
    ],
    "mirrored": ["-vf", "hflip", *X264, "-crf", "24", "-c:a", "aac"],
}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--work", type=Path, help="where the films are made; kept, and used again")
    parser.add_argument("--seconds", type=int, default=60, help="of the film on which costs are measured")
    parser.add_argument("--part", action="append", choices=PARTS, help="measure this part only; may be repeated")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        work = given.work or Path(scratch)
        work.mkdir(parents=True, exist_ok=True)
        films = [film for path in sorted(given.folder.iterdir()) if (film := looked_at(path))]
        good = [
            film
            for film in films
            if (film.facts.duration or 0) >= SHORT and min(film.facts.width, film.facts.height) >= SMALL
        ]
        print(f"{len(films)} films can be decoded; {len(good)} are long and large enough to make copies of\n")
        wanted = given.part or PARTS
        for title, edits in (("copies", COPIES), ("variants", VARIANTS)):
            if title in wanted:
                edited(title, edits, good, work)
        if "pairs" in wanted:
            each_with_each(films)
        if "cuts" in wanted:
            cut(good, work)
        if "cards" in wanted:
            carded(good, work)
        if "cost" in wanted:
            cost(good, work, given.seconds)


def looked_at(path: Path) -> Entry | None:
    """A film as dedupe sees it; None for what is none, or can't be decoded."""
    try:
        found = sniff(path)
        if found.kind is not Kind.VIDEO:
            return None
        facts = identify(path, found.mime, found.kind, LIMITS)
        facts = replace(facts, signature=sign_film(path, facts, TIMEOUT))
    except BadInput:
        return None
    return Entry(sha256=str(path), facts=facts, bytes=path.stat().st_size)


def answer(one: Entry, other: Entry) -> str:
    """What two films are to each other: `link`, `review` (and why), or nothing."""
    left, right = sorted((one, other), key=lambda film: film.sha256)
    proof = None
    for pair in film_pairs([left, right]):
        sides = [(Path(film.sha256), replace(film.facts, signature={})) for film in (left, right)]
        proof = prove_films(sides[0], sides[1], pair.shift, TIMEOUT)
    judged = judge_films(left.facts, right.facts, proof)
    if judged is None:
        return "nothing" if proof is None else "unlike"
    return f"review ({judged[2]['held']})" if judged[0] == "HELD" else "link"


def edited(title: str, edits: dict[str, list[str]], good: list[Entry], work: Path) -> None:
    """Copies or variants of each film, beside the film."""
    for name, arguments in edits.items():
        told: Counter[str] = Counter()
        for film in good:
            ending = {"VP8": ".webm", "another container": ".mkv"}.get(name, ".mp4")
            target = work / f"{Path(film.sha256).name} {name.partition(':')[0]}{ending}"
            if made := converted(Path(film.sha256), arguments, target):
                told[answer(film, made)] += 1
        print(f"{title:<9} {name:<32} {dict(told)}", flush=True)
    print()


def converted(source: Path, arguments: list[str], target: Path) -> Entry | None:
    """The film that ffmpeg makes of another."""
    if not target.exists():
        command = [str(find_ffmpeg()), "-v", "error", "-y", "-i", str(source), *arguments, str(target)]
        if arguments[:1] == ["-ss"]:
            command = [*command[:4], *arguments[:2], "-i", str(source), *arguments[2:], str(target)]
        subprocess.run(command, check=False, capture_output=True)
    return looked_at(target) if target.exists() and target.stat().st_size else None


def each_with_each(films: list[Entry]) -> None:
    """Films that came as different ones."""
    told: defaultdict[str, list[str]] = defaultdict(list)
    for one, other in combinations(films, 2):
        told[answer(one, other)].append(f"{Path(one.sha256).name} and {Path(other.sha256).name}")
    print(f"each with each: { ({name: len(pairs) for name, pairs in told.items()}) }")
    for name, pairs in told.items():
        print("".join(f"  {name}: {pair}\n" for pair in pairs if name not in {"nothing", "unlike"}), end="")
    print()


def cut(good: list[Entry], work: Path) -> None:
    """Pieces of one film, as long as each other: shifted by 0.25 to 2 s, or of other moments; with and without sound."""
    for sound in (True, False):
        told: Counter[tuple[str, str]] = Counter()
        for film in good:
            length = min(PIECE, (film.facts.duration or 0) / 2 - 0.05)
            pieces: list[tuple[float, Entry]] = []
            for number, start in enumerate((0.0, 0.25, 0.5, 1.0, 2.0, length, 2 * length)):
                if start + length > (film.facts.duration or 0) or any(start == known for known, _ in pieces):
                    continue
                shrunk = f"scale=trunc(iw*{1 - 0.05 * number:.2f}/2)*2:-2"
                arguments = ["-ss", f"{start:.2f}", "-t", f"{length:.2f}", "-vf", shrunk, *X264, "-crf", "22"]
                arguments += ["-c:a", "aac"] if sound else ["-an"]
                target = work / f"{Path(film.sha256).name} from {start:.2f}{'' if sound else ' mute'}.mp4"
                if piece := converted(Path(film.sha256), arguments, target):
                    pieces.append((start, piece))
            for (begin, one), (later, other) in combinations(pieces, 2):
                told["overlapping" if later - begin < length else "other moments", named(one, other)] += 1
        for (family, said), count in sorted(told.items()):
            print(f"cuts of one film, {'with sound' if sound else 'mute':<10} {family:<14} {said:<22} {count}")
    print()


def carded(good: list[Entry], work: Path) -> None:
    """Talks as long as each other, between the same two cards of three seconds: of one film's moments, and of two films."""
    for sound in (True, False):
        told: Counter[tuple[str, str]] = Counter()
        talks = []
        for film in good:
            length = min(PIECE, (film.facts.duration or 0) / 2 - 0.05)
            both = [_between(film, start, length, work, sound=sound) for start in (0.0, length)]
            talks.append(both)
            if both[0] and both[1]:
                told["one film's moments", named(both[0], both[1])] += 1
        for (one, _), (other, _) in combinations(talks, 2):
            if one and other:
                told["two films", named(one, other)] += 1
        for (family, said), count in sorted(told.items()):
            print(f"between cards, {'with sound' if sound else 'mute':<10} {family:<18} {said:<22} {count}")
    print()


def named(one: Entry, other: Entry) -> str:
    """The answer; what should not be linked and is, is named."""
    said = answer(one, other)
    if said == "link":
        print(f"  linked: {Path(one.sha256).name} and {Path(other.sha256).name}", flush=True)
    return said


def _between(film: Entry, start: float, length: float, work: Path, *, sound: bool) -> Entry | None:
    """Four seconds of a film (a shorter one's end stands still) between the cards, with a tone under these."""
    target = work / f"{Path(film.sha256).name} between cards {start:.2f}{'' if sound else ' mute'}.mp4"
    fit = "scale=640:360:force_original_aspect_ratio=decrease,pad=640:360:-1:-1,setsar=1,fps=25"
    pictures = f"[1:v]trim={start}:{start + length},setpts=PTS-STARTPTS,{fit},tpad=stop_mode=clone:stop_duration=4,trim=0:4[talk]"
    graph = f"{pictures};[0:v]split[a][b];[a][talk][b]concat=n=3:v=1:a=0[v]"
    arguments = ["-f", "lavfi", "-i", CARD, "-i", film.sha256]
    maps = ["-map", "[v]"]
    if sound and film.facts.audio:
        mono = "aresample=44100,aformat=channel_layouts=mono"
        tone = f"sine=f=330:d=3,tremolo=f=2:d=0.9,{mono}"
        voice = f"[1:a]atrim={start}:{start + length},asetpts=PTS-STARTPTS,{mono},apad,atrim=0:4"
        graph += f";{tone},asplit[c][d];{voice}[said];[c][said][d]concat=n=3:v=0:a=1[s]"
        maps += ["-map", "[s]"]
    if not target.exists():
        command = [str(find_ffmpeg()), "-v", "error", "-y", *arguments, "-filter_complex", graph, *maps, *X264]
        done = subprocess.run([*command, "-crf", "24", str(target)], check=False, capture_output=True, text=True)
        if done.returncode:
            print(f"  not made: {target.name}: {done.stderr.strip()[-200:]}")
            target.unlink(missing_ok=True)
    return looked_at(target) if target.exists() else None


def cost(good: list[Entry], work: Path, seconds: int) -> None:
    """CPU seconds on a film of 1080p, beside what is done to it anyway."""
    source = max(good, key=lambda film: film.facts.duration or 0).sha256
    target = work / f"long {seconds}.mp4"
    if not target.exists():
        command = [
            str(find_ffmpeg()),
            "-v",
            "error",
            "-y",
            "-stream_loop",
            "-1",
            "-i",
            source,
            "-t",
            str(seconds),
            "-r",
            "30",
        ]
        command += ["-vf", "scale=1920:1080,noise=alls=6:allf=t", *X264, "-crf", "23", "-c:a", "aac", str(target)]
        subprocess.run(command, check=True)
    film = looked_at(target)
    assert film is not None
    plain = replace(film.facts, signature={})
    with tempfile.TemporaryDirectory() as spool:
        params = film_params(Settings().film, plain.width, plain.height)
        rows: dict[str, Callable[[], object]] = {
            "identify (packets, first pictures)": lambda: identify(target, plain.mime, Kind.VIDEO, LIMITS),
            "what it is recognised by": lambda: sign_film(target, plain, TIMEOUT),
            "proof of one pair": lambda: prove_films((target, plain), (target, plain), 0.0, TIMEOUT),
            "its renditions": lambda: FfmpegFilms().render(
                target, params, plain, Path(spool), timeout=3600, memory=4 << 30
            ),
        }
        print(f"1080p, {seconds} s, {target.stat().st_size / 1e6:.0f} MB; CPU seconds:")
        for name, call in rows.items():
            print(f"  {name:<36} {spent(call):7.1f}")


def spent(call: Callable[[], object]) -> float:
    """CPU seconds of a call and of the programs that it runs."""
    before = _cpu()
    call()
    return _cpu() - before


def _cpu() -> float:
    return sum(sum(_times(who)) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def _times(who: int) -> Iterator[float]:
    used = resource.getrusage(who)
    yield from (used.ru_utime, used.ru_stime)


if __name__ == "__main__":
    main()
