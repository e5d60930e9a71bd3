"""A runner that is killed, whenever that is, and goes on: the same results, nothing told twice, nothing lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import deque
from pathlib import Path
from threading import Timer
from typing import IO

import pytest

from trapline.firmware.suites.running import workers
from trapline.firmware.suites.running.results import Result
from trapline.firmware.suites.running.runner import BuiltSuite, RunOptions, run_suite
from trapline.firmware.suites.running.specs import parse_target
from trapline.firmware.suites.running.store import Store
from trapline.firmware.suites.running.workers import Job, run_apart, run_here

KILLS = 20
_SAYS = """#!/bin/sh
# What a test would say; it takes a moment, as tests do.
sleep 0.01
printf 'TAP version 14\\n1..1\\nok 1 - '
cksum < "$1"
"""
_LIVES = """
import os
import sys
from pathlib import Path
from typing import IO
from trapline.firmware.suites.running.runner import BuiltSuite, RunOptions, run_suite
from trapline.firmware.suites.running.store import Store
from trapline.firmware.suites.running.specs import parse_target

suite = BuiltSuite.read(Path(sys.argv[1]))
spec = parse_target(sys.argv[2], suite.manifest.machine, suite.manifest.limits)

def say(word, number):
    os.write(1, f"{word} {number}\\n".encode())  # one write: two processes speak

for line in sys.stdin:
    child = os.fork()  # a life costs no imports
    if child == 0:
        with Store(Path(line.strip())) as store:
            def told(progress, result):
                say("told", progress.done)
            run_suite(suite, suite.manifest.tests, spec, RunOptions(jobs=1, resume=True), store, told)
        os._exit(0)
    say("life", child)
    say("end", os.waitpid(child, 0)[1])
"""


def test_a_runner_that_is_killed_at_twenty_moments_comes_to_the_same_results(built: BuiltSuite, tmp_path: Path) -> None:
    """SIGKILL at moments drawn at random, before, while and after results are written; one run stands in each file."""
    script = tmp_path / "says.sh"
    script.write_text(_SAYS)
    target = f"command:sh {script} {{elf}}"
    spec = parse_target(target, built.manifest.machine, built.manifest.limits)
    with Store(tmp_path / "undisturbed.sqlite") as store:
        expected = _plain(store, run_suite(built, built.chosen(), spec, RunOptions(jobs=1), store))
    rng, kills, files = random.Random(5), 0, 0
    command = [sys.executable, "-c", _LIVES, str(built.folder), target]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as lives:
        assert lives.stdin is not None
        assert lives.stdout is not None
        while kills < KILLS:
            where = tmp_path / f"killed-{files}.sqlite"
            files += 1
            most, status = 0, -1
            while status != 0:
                print(where, file=lives.stdin, flush=True)
                child, told, status = _a_life(lives.stdout, rng, kills < KILLS)
                kills += status != 0
                # What was told before is there: a later life never begins with less.
                assert not told or told[0] >= most - 1, f"{told} behind {most} in life {child}"
                most = max([most, *told[:1]])
            with Store(where) as store:
                (run,) = store.runs()
                assert run.ended is not None
                assert _plain(store, run.number) == expected
        lives.stdin.close()
    assert kills == KILLS


def test_workers_that_are_killed_at_twenty_moments_cost_a_second_try(
    built: BuiltSuite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGKILL while each of twenty tests runs for the first time, or while its worker waits: the same answers."""
    script = tmp_path / "says.sh"
    script.write_text(_SAYS.replace("0.01", "0.05"))
    spec = parse_target(f"command:sh {script} {{elf}}", built.manifest.machine, built.manifest.limits)
    elfs = [built.folder / one.elf for one in built.manifest.tests]
    names = [f"test-{number}" for number in range(KILLS)]
    jobs = [Job(name, elfs[at % len(elfs)]) for at, name in enumerate(names)]
    expected = {job.test: ran.console for job, ran in run_here(spec, deque(jobs))}
    rng, killed = random.Random(7), list[str]()
    take = workers._Worker.take

    def killing(worker: workers._Worker) -> object:
        answer = take(worker)
        job = worker.job
        if worker.has_begun and job is not None and job.test not in killed:
            killed.append(job.test)
            assert worker.process.pid is not None
            Timer(rng.random() / 40, os.kill, (worker.process.pid, signal.SIGKILL)).start()
        return answer

    monkeypatch.setattr(workers._Worker, "take", killing)
    found = {job.test: ran for job, ran in run_apart(spec, deque(jobs), 2)}
    assert sorted(killed) == sorted(names)
    assert {name: ran.console for name, ran in found.items()} == expected
    assert all(ran.passed for ran in found.values())


def _a_life(says: IO[str], rng: random.Random, may_be_killed: bool) -> tuple[int, list[int], int]:
    """One process: its number, how many results it told of at each time, and how it ended (0: by itself)."""
    told: list[int] = []
    child = 0
    moment = rng.randint(0, 4)
    for line in says:
        word, number = line.split()
        if word == "life":
            child = int(number)
        elif word == "told":
            told.append(int(number))
        else:
            return child, told, int(number)
        if may_be_killed and child and len(told) >= moment:
            may_be_killed = False
            time.sleep(rng.random() / 50)
            os.kill(child, signal.SIGKILL)
    raise AssertionError("the process that makes lives ended")


def _plain(store: Store, run: int) -> dict[str, tuple[str, str, str]]:
    found: dict[str, Result] = {one.test: one for one in store.results(run)}
    return {name: (one.status.value, one.run.outcome, one.run.console) for name, one in found.items()}
