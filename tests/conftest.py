"""What all tests share: where the corpus of real media is, if it is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The corpus of real media: beside the checkout, or where MEDIAARCHIVE_CORPUS says."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "corpus"
    folder = Path(os.environ.get("MEDIAARCHIVE_CORPUS", beside))
    if not folder.is_dir():
        pytest.skip(f"no corpus of real media at {folder}")
    return folder
