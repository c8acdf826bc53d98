"""The command line, stopped at a gate until it is let through.

`gated.py METHOD WORKSPACE ARGS…`: the publisher's METHOD touches WORKSPACE/reached, and waits for WORKSPACE/go, once.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from mediaarchive.cli.main import main
from mediaarchive.pipeline.publishing.publisher import Publisher


def stop(method: str, folder: Path) -> None:
    """Let every call of a method wait for the gate; after the first, it is open."""
    inner = getattr(Publisher, method)

    def waiting(self: Publisher, *args: Any) -> Any:  # noqa: ANN401 - whatever it takes
        (folder / "reached").touch()
        while not (folder / "go").exists():
            time.sleep(0.02)
        return inner(self, *args)

    setattr(Publisher, method, waiting)


if __name__ == "__main__":
    stop(sys.argv[1], Path(sys.argv[2]))
    sys.argv = ["mediaarchive", "-C", *sys.argv[2:]]
    main()
