#!/usr/bin/env python
"""Draws an event's inbox to try mediaarchive on: photographs, copies, a film, texts, and files with faults.

    scripts/sample_inbox.py DEST                 writes DEST/forum-des-communs-2025/
    scripts/sample_inbox.py DEST --small         eight pictures of 800 pixels and a film of two seconds, for tests
    scripts/sample_inbox.py --describe           prints, as JSON, what a run should answer about each file

Everything in it is invented and drawn here, so it may be published. The same seed gives the same bytes on one machine.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from sample.expected import expected
from sample.making import make
from sample.records import SLUG

from sample import plan

USAGE = 2


def main() -> int:
    """Run the command line; the exit status is 2 where DEST can't be used."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("dest", nargs="?", type=Path, help="the inbox; the event's folder is made in it")
    parser.add_argument("--seed", type=int, default=1, help="another number draws other details (default: 1)")
    parser.add_argument("--small", action="store_true", help="few and small files, for tests")
    parser.add_argument("--describe", action="store_true", help="print what a run should answer; write nothing")
    given = parser.parse_args()
    inbox = plan.inbox(small=given.small)
    if given.describe:
        print(json.dumps({"event": SLUG, "files": expected(inbox)}, ensure_ascii=False, indent=1))
        return 0
    if given.dest is None:
        parser.error("say where: scripts/sample_inbox.py DEST")
    folder: Path = given.dest / SLUG
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        print(f"sample_inbox: {folder} is not empty; remove it, or name another DEST", file=sys.stderr)
        return USAGE
    return _make(folder, inbox, given.seed)


def _make(folder: Path, inbox: plan.Inbox, seed: int) -> int:
    started = time.monotonic()
    make(folder, inbox, seed)
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    print(
        f"{folder}: {len(inbox.shots)} photographs, {len(inbox.copies)} copies, a film of {inbox.film_seconds:g} s, "
        f"{len(inbox.troubles)} odd files; {len(sizes)} files in all, {sum(sizes) / 1e6:.1f} MB, "
        f"in {time.monotonic() - started:.1f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
