"""Photographs, proofs and decisions in a line each, and how they are grouped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mediaarchive.model import Camera, Decision, Facts, Kind, Taken
from mediaarchive.stages.dedupe.grouping import Folded, fold
from mediaarchive.stages.dedupe.originals import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

AT = "2024-05-01T12:00:00+02:00"
EXIF = {"at": "2024-05-01T10:00:00", "model": "D90"}


def photo(sha256: str, width: int = 6000, height: int = 4000, **more: Any) -> Entry:  # noqa: ANN401
    at, model = more.pop("at", None), more.pop("model", None)
    signature = {
        "v": 1,
        "pixels": more.pop("pixels", sha256),
        "phash": "0" * 64,
        "texture": 0.8,
        "sharp": more.pop("sharp", 100.0),
    }
    signature |= {"tables": more.pop("tables", sha256)} | more.pop("signature", {})
    size = more.pop("bytes", width * height)
    return Entry(
        sha256=sha256,
        bytes=size,
        facts=Facts(
            kind=more.pop("kind", Kind.PHOTO),
            mime=more.pop("mime", "image/jpeg"),
            width=width,
            height=height,
            taken=Taken(local=at, offset=None, precision="second", basis="exif") if at else None,
            camera=Camera(model=model),
            signature=signature,
            **more,
        ),
    )


def proof(verdict: str = "copy", *, ncc: float = 0.99, contains: str = "both", share: float = 1.0) -> dict[str, Any]:
    return {
        "v": 1, "verdict": verdict, "inliers": 300, "containment": 0.991, "ncc": ncc, "mean": ncc, "worst": 0.93,
        "p5": 0.95, "contains": contains, "share": share, "mirror": False, "angle": 0.0,
    }  # fmt: skip


def said(kind: str, *subjects: str, **params: str) -> Decision:
    return Decision(kind=kind, at=AT, subjects=subjects, params=params)


def folded(
    entries: Sequence[Entry],
    proofs: Mapping[str, Mapping[str, Any]] | None = None,
    *decisions: Decision,
    standing: Mapping[str, str] | None = None,
) -> Folded:
    """Fold with proofs by two letters: `{"ab": proof()}`."""
    by_pair = {(pair[0], pair[1]): evidence for pair, evidence in (proofs or {}).items()}
    return fold(entries, by_pair, decisions, standing or {})


def groups(result: Folded) -> list[str]:
    """Members' sha256s, masters first: `["ab", "c"]`."""
    return ["".join(member.sha256 for member in group.members) for group in result.groups]


def proposed(result: Folded) -> list[tuple[str, str]]:
    return [(proposal.left + proposal.right, proposal.relation) for proposal in result.proposals]
