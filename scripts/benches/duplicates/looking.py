"""What the benchmark on duplicates measures once and keeps: signatures, shared details, other hashes, proofs. In all processors."""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import imagehash
from duplicates.material import LIMITS, Sample
from PIL import Image

from mediaarchive.errors import BadInput
from mediaarchive.media.picture import open_picture
from mediaarchive.media.sniff import sniff
from mediaarchive.model import Kind
from mediaarchive.stages.dedupe import coding, features, palettes, proof, voting
from mediaarchive.stages.dedupe.originals import Entry
from mediaarchive.stages.ingest import identify

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Seen:
    """One file as dedupe and its peers see it. `peers`: hashes by method."""

    entry: Entry
    details: Mapping[str, Any]
    peers: Mapping[str, imagehash.ImageHash]


def look(path: Path) -> Seen | None:
    """Identify one file; None where it is no photograph."""
    try:
        kind = sniff(path)
        if kind.kind is not Kind.PHOTO:
            return None
        facts = identify(path, kind.mime, kind.kind, LIMITS)
        image = open_picture(path, pixels=LIMITS["pixels"], at_least=features.EDGE).image
    except BadInput:
        return None
    data = path.read_bytes()
    entry = Entry(sha256=hashlib.sha256(data).hexdigest(), facts=facts, bytes=len(data), paths=(path.name,))
    small = image.convert("L").resize((256, 256), Image.Resampling.LANCZOS)
    peers = {
        "phash": imagehash.phash(small),
        "dhash": imagehash.dhash(small),
        "ahash": imagehash.average_hash(small),
        "whash": imagehash.whash(small),
    }
    return Seen(entry, voting.describe(image), peers)


@lru_cache(maxsize=200)
def _features(path: str) -> features.Features:
    opened = open_picture(Path(path), pixels=LIMITS["pixels"], at_least=features.FINE)
    size = opened.width, opened.height
    return features.features(opened.image, size, coding.tables_of(Path(path)), palettes.palette_of(Path(path)))


def _whole(path: str) -> Image.Image:
    return open_picture(Path(path), pixels=LIMITS["pixels"]).image


def _proved(pairs: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    sides = ([(_features(path), partial(_whole, path)) for path in pair] for pair in pairs)
    return [proof.compare_closely(left, right) for left, right in sides]


@dataclass
class Memory:
    """What was measured, kept in `folder` from run to run as long as the versions stay."""

    folder: Path
    seen: dict[str, Seen | None] = field(default_factory=dict)
    proofs: dict[Pair, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for kept, path in ((self.seen, self._seen), (self.proofs, self._proofs)):
            if path.exists():
                kept.update(pickle.loads(path.read_bytes()))  # noqa: S301 - our own file

    @property
    def _seen(self) -> Path:
        return self.folder / f"seen-{voting.VERSION}.pickle"

    @property
    def _proofs(self) -> Path:
        return self.folder / f"proofs-{proof.VERSION}.pickle"

    def look_at(self, samples: Iterable[Sample]) -> None:
        """Look at the files that weren't yet."""
        paths = sorted({str(sample.path) for sample in samples} - self.seen.keys())
        with _pool() as pool:
            found = pool.map(look, map(Path, paths), chunksize=8)
            self.seen.update(zip(paths, found, strict=True))
        if paths:
            self._seen.write_bytes(pickle.dumps(self.seen))

    def prove(self, wanted: Iterable[tuple[Pair, tuple[str, str]]]) -> None:
        """Prove the pairs (of sha256s, and where the files are) that weren't yet."""
        missing = sorted({pair: paths for pair, paths in wanted if pair not in self.proofs}.items())
        chunks = [missing[start : start + 16] for start in range(0, len(missing), 16)]
        with _pool() as pool:
            for chunk, found in zip(
                chunks, pool.map(_proved, [[p for _, p in chunk] for chunk in chunks]), strict=True
            ):
                self.proofs.update(zip((pair for pair, _ in chunk), found, strict=True))
        if missing:
            self._proofs.write_bytes(pickle.dumps(self.proofs))


def _pool() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(len(os.sched_getaffinity(0)))
