"""Suites on a cluster of dask.distributed: a real one on this machine, one of whose workers is killed."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import pytest

from trapline.firmware.suites.running.results import Result, Status
from trapline.firmware.suites.running.runner import BuiltSuite, Progress, RunOptions, run_suite
from trapline.firmware.suites.running.specs import parse_target
from trapline.firmware.suites.running.store import Store
from trapline.isa.errors import TraplineError

KILLS = 20


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


@pytest.mark.soak
def test_a_cluster_whose_workers_are_killed_at_twenty_moments_gives_the_same_results(
    built: BuiltSuite, tmp_path: Path
) -> None:
    """A nanny starts another worker for each that is killed; runs follow each other until twenty are."""
    from distributed import LocalCluster

    manifest = built.manifest
    spec = parse_target("trapline:reference", manifest.machine, manifest.limits)
    rng, kills = random.Random(11), 0
    with Store(tmp_path / "here.sqlite") as store:
        number = run_suite(built, built.chosen(), spec, RunOptions(jobs=1), store)
        expected = {one.test: (one.status, one.run.console) for one in store.results(number)}
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True) as cluster:
        while kills < KILLS:

            def told(progress: Progress, result: Result | None) -> None:
                nonlocal kills
                pids = [one.pid for one in cluster.workers.values() if one.pid]
                if pids and kills < KILLS and rng.random() < 0.4:
                    kills += 1
                    os.kill(rng.choice(pids), signal.SIGKILL)

            with Store(tmp_path / f"there-{kills}.sqlite") as store:
                options = RunOptions(cluster=cluster.scheduler_address, retry=2)
                number = run_suite(built, built.chosen(), spec, options, store, told)
                found = {one.test: (one.status, one.run.console) for one in store.results(number)}
            assert found == expected


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
