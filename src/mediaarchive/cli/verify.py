"""`mediaarchive verify`: whether what was published is still there, and originals still what they were."""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mediaarchive.cli.common import emit, json_option, plural, tell, workspace_option
from mediaarchive.errors import EXIT_DONE, EXIT_PROBLEMS, StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mediaarchive.pipeline.keeping.surveying import Finding
    from mediaarchive.pipeline.keeping.verifying import Failed, Plan
    from mediaarchive.pipeline.shop import Shop

_GB = 1_000_000_000
_FEW = 20  # findings of a kind that a person is told one by one


@click.command()
@workspace_option
@click.option("--event", "only", metavar="SLUG", help="This event only.")
@click.option("--deep", is_flag=True, help="Read and hash everything, also what has to be downloaded.")
@click.option(
    "--sample",
    type=click.FloatRange(0, 100),
    default=2,
    show_default=True,
    metavar="PERCENT",
    help="Of what has to be downloaded, read this share; what was read longest ago comes first.",
)
@click.option(
    "--budget",
    type=click.FloatRange(0),
    metavar="GB",
    help="Read so much at most, originals included; what was read longest ago comes first.",
)
@click.option("--repair", is_flag=True, help="Bring back what is missing or wrong.")
@click.option("--metrics", type=click.Path(dir_okay=False, path_type=Path), help="Write a Prometheus textfile here.")
@json_option
def verify(
    *,
    workspace: Path,
    only: str | None,
    deep: bool,
    sample: float,
    budget: float | None,
    repair: bool,
    metrics: Path | None,
    as_json: bool,
) -> None:
    """Compare the stores with what was published, originals with what came in, and the mirror with both.

    Without --deep, what isn't on this machine's disks is compared by the store's own checksum, where it gives one that was
    computed here too ("proved", nothing is downloaded), else by name and size ("declared"); and a sample of it is read.
    With --budget, everything has its turn within several weeks. Nothing that can't be compared is called right
    ("unverifiable").

    --repair brings originals back from the mirror and the mirror's copies from the originals, and sends or renders again
    what the stores lack.

    Exit status: 0 nothing is wrong; 3 something is missing, wrong or unverifiable (with --repair: still); 5 a store could not be
    looked at, or not to its end; everything else was.

    \b
    Example:
      mediaarchive verify --deep
      mediaarchive verify --budget 250      # weekly: an archive of 1 TB within a month
      mediaarchive verify --repair
    """
    from mediaarchive.events import Fanout, replace_file  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.keeping import mending, verifying  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.opening import open_beside, open_shop  # noqa: PLC0415 - keeps `--help` quick

    plan = verifying.Plan(deep=deep, sample=sample, budget=None if budget is None else int(budget * _GB))
    done = None
    with open_shop(workspace, Fanout()) if repair else open_beside(workspace) as shop:
        failed: verifying.Failed = {}
        findings = _look(shop, only, plan, failed)
        broken = [found for found in findings if found.state in verifying.BAD]
        if repair and broken:
            done = mending.repair(shop, broken)
            for failure in done.failures:
                raise failure.error
            findings = _look(shop, only, plan, failed)
    if metrics and (unwritten := replace_file(metrics, verifying.metrics(findings, time.time()))):
        tell(f"mediaarchive: {unwritten}", err=True)
    value = verifying.summary(findings) | {
        "repaired": len(broken) if repair else 0,
        "reissued": list(done.reissued) if done else [],
        "failures": {name: str(error) for name, error in failed.items()},
    }
    if as_json:
        emit(value)
    else:
        _tell(value)
    for name, error in failed.items():
        tell(
            f"mediaarchive: {name} could not be looked at: {error}" + (f"\n  → {error.hint}" if error.hint else ""),
            err=True,
        )
    sys.exit(StoreError.exit_status if failed else EXIT_PROBLEMS if value["problems"] else EXIT_DONE)


def _look(shop: Shop, only: str | None, plan: Plan, failed: Failed) -> Sequence[Finding]:
    from mediaarchive.pipeline.deciding.recording import event_named  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.keeping import verifying  # noqa: PLC0415 - keeps `--help` quick

    slugs = [event_named(shop, only).slug] if only else [event.slug for event in shop.catalog.events()]
    return list(verifying.verify(shop, slugs, plan, failed, everywhere=only is None))


def _tell(value: dict[str, Any]) -> None:
    kinds: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for problem in value["problems"]:
        kinds[problem["state"], problem["where"], problem["what"]].append(problem)
    for (state, where, _), those in kinds.items():
        for problem in those[:_FEW]:
            tell(f"{state}: {where}: {problem['key']}" + (f": {problem['text']}" if problem["text"] else ""))
        if len(those) > _FEW:
            tell(f"{state}: {where}: {len(those) - _FEW} more like these: mediaarchive verify --json")
    told = ", ".join(f"{count} {state}" for state, count in value["counts"].items()) or "nothing is published"
    tell(f"Looked at: {told}.")
    if value["by_checksum"]:
        tell(f"Of the proved, {value['by_checksum']} by the store's own checksum, without downloading.")
    if value["repaired"]:
        tell(f"{plural(value['repaired'], 'finding')} repaired or tried.")
    for slug in value["reissued"]:
        tell(f"{slug} has a new release: what was lost could only be made with other bytes (a newer encoder).")
