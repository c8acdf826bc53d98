"""The command line: one file per verb, one JSON object with `--json`, one clear sentence per error."""

from mediaarchive.cli.main import main

__all__ = ["main"]
