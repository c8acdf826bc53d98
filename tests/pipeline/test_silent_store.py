"""A run whose store falls silent says so soon, and waits once for all events; one whose store is busy for a while completes."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

import pytest
from fault_proxy import Fault, FaultProxy
from s3_buckets import client
from silent_line import SilentLine

from mediaarchive.stores import s3

from .conftest import LEAN, Space
from .files import jpeg, picture

EVENTS = ("autumn", "spring", "winter")


def _space(root: Path, endpoint: str, upstream: str, bucket: str) -> Space:
    """Three events of one photograph each, that are to be published into a bucket."""
    client(upstream).create_bucket(Bucket=bucket)
    store = f'[[store]]\nurl = "s3://{bucket}/site"\nendpoint = "{endpoint}"\naddressing = "path"\ntimeout = 1\n'
    space = Space(root)
    space.init(LEAN + store)
    for number, slug in enumerate(EVENTS):
        (root / "inbox" / slug).mkdir()
        (root / "inbox" / slug / "a.jpg").write_bytes(jpeg(picture(number, (300, 200))))
    return space


@pytest.mark.timeout(120)
def test_a_store_that_falls_silent_in_a_run_is_waited_for_once_though_the_mirror_is_there_too(
    tmp_path: Path, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3, "_ANSWER", 1.0)
    with SilentLine(proxy.upstream) as line:
        proxy.upstream, upstream = line.endpoint, proxy.upstream
        space = _space(tmp_path / "ws", proxy.endpoint, upstream, "falls-silent")
        client(upstream).create_bucket(Bucket="its-mirror")
        mirror = f'[originals]\nmirror = "s3://its-mirror"\nendpoint = "{proxy.endpoint}"\naddressing = "path"\n'
        space.config.write_text(space.config.read_text(encoding="utf-8") + mirror, encoding="utf-8")

        def fall_silent(method: str, path: str) -> None:
            line.silent |= method == "PUT" and path.endswith("/events/autumn/manifest.json")

        proxy.watch = fall_silent
        started = time.monotonic()
        done = space.here("run", "--json")
        assert (done.returncode, time.monotonic() - started < 25) == (5, True)
        problems = json.loads(done.stdout)["problems"]
        assert {problem["event"] for problem in problems} == {*EVENTS, ""}
        assert all("doesn't answer" in problem["reason"] for problem in problems)
        assert "its-mirror" in problems[-1]["reason"], "in its own words"
        assert "see whether its server and the network are up" in done.stderr
        line.silent, proxy.watch = False, lambda _method, _path: None
        report = space.run_here()
        assert [event["counts"]["photo"] for event in report["events"]] == [1, 1, 1]


def test_a_server_that_is_busy_for_a_while_at_any_time_of_a_run_does_not_fail_it(
    tmp_path: Path, proxy: FaultProxy
) -> None:
    space = _space(tmp_path / "ws", proxy.endpoint, proxy.upstream, "busy-for-a-while")
    proxy.faults = [
        Fault("answer", status=503, times=8),
        Fault("answer", "PUT", status=500, code="InternalError", path="/media/", times=12),
        Fault("answer", "PUT", status=503, path="manifest.json", times=6),
    ]
    report = space.run_here()
    assert not any(fault.times for fault in proxy.faults)
    assert [event["counts"]["photo"] for event in report["events"]] == [1, 1, 1]


def test_a_run_that_waits_for_a_busy_store_can_be_stopped(tmp_path: Path, proxy: FaultProxy) -> None:
    space = _space(tmp_path / "ws", proxy.endpoint, proxy.upstream, "busy-and-stopped")
    proxy.faults = [Fault("answer", "PUT", status=503, path="/media/", times=1_000_000)]
    with subprocess.Popen(space.command("run"), stderr=subprocess.PIPE, text=True) as process:
        while proxy.count("PUT", "/media/") < 6:
            time.sleep(0.1)
        started = time.monotonic()
        process.terminate()
        _, errors = process.communicate(timeout=60)
        assert time.monotonic() - started < 20, "it would have had patience for five minutes"
    assert process.returncode == 143
    assert "The run was stopped from outside (SIGTERM)" in errors
    proxy.faults = []
    assert [event["counts"]["photo"] for event in space.run_here()["events"]] == [1, 1, 1]
