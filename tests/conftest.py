"""What all tests share: where the corpus of real media is, S3 servers, and that CI skips nothing it could run."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

# What tests of several areas share is imported by name; pytest's importlib mode leaves the path alone.
sys.path.append(str(Path(__file__).parent / "support"))

from fault_proxy import FaultProxy

STRICT = os.environ.get("MEDIAARCHIVE_NO_SKIP") == "1"
NO_CORPUS = "no corpus of real media"

# The files that take longest, longest first: where several processes share the tests, none waits at the end for another's.
LONGEST = (
    *("test_faults", "test_kill_keeping", "test_films", "test_kill", "test_machine", "test_duplicates", "test_beside"),
    *(
        "test_contract",
        "test_rebuild",
        "test_refusals",
        "test_held",
        "test_kill_deciding",
        "test_verify",
        "test_owners",
    ),
    *("test_many_objects", "test_opening", "test_silence", "test_agreeing", "test_permissions", "test_decisions"),
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest files first, in a process that shares the tests with others (pytest-xdist, --no-loadscope-reorder)."""
    if hasattr(config, "workerinput"):
        places = {name: place for place, name in enumerate(LONGEST)}
        items.sort(key=lambda item: places.get(item.path.stem, len(places)))


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The corpus of real media: beside the checkout, or where MEDIAARCHIVE_CORPUS says."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "corpus"
    folder = Path(os.environ.get("MEDIAARCHIVE_CORPUS", beside))
    if not folder.is_dir():
        pytest.skip(f"{NO_CORPUS} at {folder}")
    return folder


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Credentials where boto3 looks for them, and nothing of the developer's own."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing-secret")
    nothing = str(
        tmp_path_factory.getbasetemp() / "no-such-file"
    )  # /dev/null is a file to botocore wherever it is no device
    monkeypatch.setenv("AWS_CONFIG_FILE", nothing)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", nothing)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def moto_server() -> Iterator[str]:
    """The endpoint of a moto server: right in what it answers, but it verifies neither bytes nor credentials."""
    from moto.moto_server.werkzeug_app import MotoRequestHandler, create_backend_app  # noqa: PLC0415
    from werkzeug.serving import make_server  # noqa: PLC0415

    # S3 alone: moto's own server looks through its folders at each request for whose it is, as long as an answer takes.
    server = make_server("127.0.0.1", 0, create_backend_app("s3"), threaded=True, request_handler=MotoRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line for each request took longer than some requests
    gc.freeze()  # moto is 250,000 objects, which would be looked through again and again
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def moto(keys: None, moto_server: str) -> str:
    """The moto server's endpoint, with keys in the environment."""
    return moto_server


@pytest.fixture
def ceph(keys: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """The endpoint of a real radosgw, and its keys in the environment."""
    endpoint = os.environ.get("MEDIAARCHIVE_TEST_CEPH")
    if not endpoint:
        pytest.skip("no Ceph: run scripts/ceph start, and export what it prints")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", os.environ["MEDIAARCHIVE_TEST_CEPH_KEY"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", os.environ["MEDIAARCHIVE_TEST_CEPH_SECRET"])
    return endpoint


@pytest.fixture(scope="session")
def rclone_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of `rclone serve s3`: a folder as buckets, without conditional writes, policies or versions."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    folder = tmp_path_factory.mktemp("rclone")
    command = [str(Path(sys.executable).with_name("rclone")), "serve", "s3", "--addr", f"127.0.0.1:{port}"]
    command += ["--auth-key", "testing,testing-secret", "--config", "", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.1):
                break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
        server.terminate()


@pytest.fixture
def rclone(keys: None, rclone_server: str) -> str:
    """The rclone server's endpoint, with keys in the environment."""
    return rclone_server


@pytest.fixture
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3's own pauses between its attempts take no time; everything else of it is as it is."""
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda _seconds: None))


@pytest.fixture
def proxy(moto: str, no_waits: None) -> Iterator[FaultProxy]:
    """A proxy before moto that breaks what a test tells it to, and verifies bodies as AWS does."""
    with FaultProxy(moto, strict=True) as running:
        yield running


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where everything is installed (CI says so), a skipped test is a failed one; only the corpus may be absent.

    A contract may name what does not apply to an implementation.
    """
    report = yield
    if STRICT and report.skipped and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if NO_CORPUS not in reason and "does not apply:" not in reason:
            report.outcome = "failed"
            report.longrepr = f"skipped although nothing may be skipped here: {reason}"
    return report
