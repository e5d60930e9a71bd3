"""Suites on a cluster of dask.distributed: a real one on this machine, one of whose workers is killed."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from trapline.firmware.suites.running.results import Result, Status
from trapline.firmware.suites.running.runner import BuiltSuite, Progress, RunOptions, run_suite
from trapline.firmware.suites.running.specs import parse_target
from trapline.firmware.suites.running.store import Store
from trapline.isa.errors import TraplineError


def test_a_cluster_gives_the_same_results_though_a_worker_is_killed(built: BuiltSuite, tmp_path: Path) -> None:
    """Two worker processes; one is killed after the first result, and every test has its result."""
    from distributed import LocalCluster

    manifest = built.manifest
    spec = parse_target("trapline:reference", manifest.machine, manifest.limits)

    def run(name: str, options: RunOptions, killing: list[int]) -> dict[str, tuple[Status, str, str]]:
        def told(progress: Progress, result: Result | None) -> None:
            if result is not None and killing:
                os.kill(killing.pop(), signal.SIGKILL)

        with Store(tmp_path / name) as store:
            number = run_suite(built, built.chosen(), spec, options, store, told)
            return {one.test: (one.status, one.run.outcome, one.run.console) for one in store.results(number)}

    here = run("here.sqlite", RunOptions(jobs=1), [])
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True) as cluster:
        pid = next(iter(cluster.workers.values())).pid
        there = run("there.sqlite", RunOptions(cluster=cluster.scheduler_address), [pid])
    assert there == here
    assert len(there) == len(manifest.tests)


def test_a_cluster_that_is_not_there_is_told_of(
    built: BuiltSuite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No scheduler, and how one is started."""
    from trapline.firmware.suites.running import cluster

    monkeypatch.setattr(cluster, "_CONNECT", 1)
    spec = parse_target("trapline:reference", built.manifest.machine, built.manifest.limits)
    with (
        Store(tmp_path / "results.sqlite") as store,
        pytest.raises(TraplineError, match="no scheduler answers") as caught,
    ):
        run_suite(built, built.chosen(), spec, RunOptions(cluster="127.0.0.1:1"), store)
    assert "dask scheduler" in str(caught.value.hint)
