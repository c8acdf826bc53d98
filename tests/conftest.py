"""What all tests share: where the corpus of real media is, S3 servers, and that CI skips nothing it could run."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

STRICT = os.environ.get("MEDIAARCHIVE_NO_SKIP") == "1"
NO_CORPUS = "no corpus of real media"


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The corpus of real media: beside the checkout, or where MEDIAARCHIVE_CORPUS says."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "corpus"
    folder = Path(os.environ.get("MEDIAARCHIVE_CORPUS", beside))
    if not folder.is_dir():
        pytest.skip(f"{NO_CORPUS} at {folder}")
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where everything is installed (CI says so), a skipped test is a failed one; only the corpus may be absent."""
    report = yield
    if STRICT and report.skipped and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if NO_CORPUS not in reason:
            report.outcome = "failed"
            report.longrepr = f"skipped although nothing may be skipped here: {reason}"
    return report
