"""The rendering alone through the local engine: `python pool.py WORKERS PHOTOGRAPH…` prints wall seconds, start-up included."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from ours import params

from mediaarchive.config.settings import Guard, Limits, Settings
from mediaarchive.engines.local import LIBRARIES, LocalEngine
from mediaarchive.model import Recipe, Status, Work
from mediaarchive.pipeline.worker import NEEDED, perform


def works(paths: list[Path], spool: str) -> Iterator[Work]:
    """One work for each photograph."""
    for path in paths:
        recipes = tuple(Recipe(stage="still", version=1, params=entry) for entry in params(path, Settings().rendition))
        yield Work(
            id=path.name,
            stage="render",
            sources=(str(path),),
            recipes=recipes,
            keys=tuple(str(number) for number, _ in enumerate(recipes)),
            context={"spool": spool, "limits": Limits().model_dump(), "guard": Guard().model_dump(), "facts": {}},
        )


def main() -> None:
    """Render all, with this many workers."""
    workers, paths = int(sys.argv[1]), [Path(name) for name in sys.argv[2:]]
    with tempfile.TemporaryDirectory() as spool:
        start = time.perf_counter()
        engine = LocalEngine(workers, preload=(*LIBRARIES, *NEEDED))
        for work, outcomes in engine.run(perform, works(paths, spool)):
            if any(outcome.status is not Status.OK for outcome in outcomes):
                raise RuntimeError(f"{work.id}: {outcomes[0].problem}")
        wall = time.perf_counter() - start
        engine.close()
    print(json.dumps({"wall": wall}))


if __name__ == "__main__":
    main()
