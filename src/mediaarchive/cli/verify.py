"""`mediaarchive verify`: whether what was published is still there, and originals still what they were."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mediaarchive.cli.common import emit, json_option, workspace_option
from mediaarchive.errors import EXIT_DONE, EXIT_PROBLEMS, UsageError


@click.command()
@workspace_option
@click.option("--event", "only", metavar="SLUG", help="This event only.")
@click.option(
    "--deep", is_flag=True, help="Download and hash every object, also where the store answers from its own record."
)
@click.option("--repair", is_flag=True, help="Make again what is missing or wrong in the stores.")
@json_option
def verify(*, workspace: Path, only: str | None, deep: bool, repair: bool, as_json: bool) -> None:
    """Compare the stores with what was published, and originals with what came in.

    Exit status: 0 all is right; 3 something is missing or wrong (with --repair: still); 5 a store failed.

    \b
    Example:
      mediaarchive verify --deep
      mediaarchive verify --repair
    """
    from mediaarchive.events import Fanout  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.keeping import verifying  # noqa: PLC0415 - keeps `--help` quick
    from mediaarchive.pipeline.opening import open_beside, open_shop  # noqa: PLC0415 - keeps `--help` quick

    with open_shop(workspace, Fanout()) if repair else open_beside(workspace) as shop:
        slugs = [event.slug for event in shop.catalog.events() if only in {None, event.slug}]
        if only and not slugs:
            raise UsageError(f'there is no event "{only}"')
        findings = list(verifying.verify(shop, slugs, deep=deep))
        broken = [found for found in findings if found.state in verifying.BAD]
        if repair and broken:
            for result in verifying.repair(shop, broken):
                for failure in result.failures:
                    raise failure.error
            findings = list(verifying.verify(shop, slugs, deep=deep))
    value = verifying.summary(findings) | {"repaired": len(broken) if repair else 0}
    if as_json:
        emit(value)
    else:
        for problem in value["problems"]:
            text = f": {problem['text']}" if problem["text"] else ""
            click.echo(f"{problem['state']}: {problem['where']}: {problem['key']}{text}")
        told = ", ".join(f"{count} {state}" for state, count in value["counts"].items()) or "nothing is published"
        click.echo(f"Looked at: {told}.")
    sys.exit(EXIT_PROBLEMS if value["problems"] else EXIT_DONE)
