"""Workers: processes that each have a target of their own, one test at a time, and are replaced when they die."""

from __future__ import annotations

import contextlib
import multiprocessing
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Final

from ....isa.errors import TraplineError
from .loading import Loading
from .results import Ran
from .specs import TargetSpec
from .targets import open_target

_GRACE: Final = 30.0
"""Seconds beyond a test's own limit after which its worker is taken to hang."""
_TRIES: Final = 2
"""How often a test is begun whose worker dies."""
_STARTS: Final = 5
"""Workers that die before they begin anything, one behind the other, until that is the test's fault after all."""
_BEGUN: Final = "begun"


@dataclass(frozen=True)
class Job:
    """A test to run; `attempt` counts from 1."""

    test: str
    elf: Path
    attempt: int = 1
    loading: Loading | None = None
    """Of a foreign test."""


def run_here(spec: TargetSpec, jobs: deque[Job]) -> Iterator[tuple[Job, Ran]]:
    """All jobs in this process. Jobs that are added while it runs are run as well."""
    target = open_target(spec)
    try:
        while jobs:
            job = jobs.popleft()
            yield job, target.run(job.elf, job.loading)
    finally:
        target.close()


def run_apart(spec: TargetSpec, jobs: deque[Job], count: int) -> Iterator[tuple[Job, Ran]]:
    """All jobs in `count` processes. A worker that dies or hangs costs its test a try, and nothing else.

    Raises TraplineError that a worker's target raised.
    """
    context = multiprocessing.get_context("spawn")
    workers: list[_Worker] = []
    deaths: dict[tuple[str, int], int] = {}
    idle_deaths = 0
    try:
        while jobs or any(one.job is not None for one in workers):
            while jobs and len(workers) < count:
                workers.append(_Worker(context, spec))
            for one in workers:
                if one.job is None and jobs:
                    one.give(jobs.popleft())
            busy = [one for one in workers if one.job is not None]
            ready = wait([one.pipe for one in busy], timeout=1.0)
            for one in busy:
                job = one.job
                assert job is not None
                if one.pipe in ready:
                    answer = one.take()
                    if answer is _BEGUN:
                        idle_deaths = 0
                        continue
                    if isinstance(answer, Ran):
                        yield job, answer
                        continue
                    if isinstance(answer, tuple):
                        raise TraplineError(*answer)
                elif time.monotonic() < one.deadline:
                    continue
                hung = one.pipe not in ready
                workers.remove(one)
                one.end()
                if not one.has_begun and idle_deaths < _STARTS:
                    # It died while nothing ran in it: the test has no part in that.
                    idle_deaths += 1
                    jobs.appendleft(job)
                    continue
                key = (job.test, job.attempt)
                deaths[key] = deaths.get(key, 0) + 1
                if deaths[key] < _TRIES:
                    jobs.appendleft(job)
                else:
                    what = "hung and was ended" if hung else f"died (status {one.process.exitcode})"
                    yield job, Ran("died", f"the process that ran it {what}, {_TRIES} times", "", None, 0.0)
    finally:
        for one in workers:
            one.end()


class _Worker:
    def __init__(self, context: multiprocessing.context.SpawnContext, spec: TargetSpec) -> None:
        self.pipe, theirs = context.Pipe()
        self.process: SpawnProcess = context.Process(target=_serve, args=(spec, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self.job: Job | None = None
        self.has_begun = False
        """Whether the process has said that it begins with the test."""
        self.deadline = 0.0
        # The first test of a process also waits for what is made at a start.
        self._allowance = 10 * _GRACE
        self._seconds = spec.limits.seconds

    def give(self, job: Job) -> None:
        self.job, self.has_begun = job, False
        seconds = self._seconds if job.loading is None else job.loading.limits.seconds
        self.deadline = time.monotonic() + seconds + self._allowance
        with contextlib.suppress(OSError):  # it has died: reading tells
            self.pipe.send(job)

    def take(self) -> Ran | tuple[str, str | None] | str | None:
        """The answer; a message of an error; `_BEGUN`; None: the process is gone."""
        try:
            answer: Ran | tuple[str, str | None] | str = self.pipe.recv()
        except (EOFError, OSError):
            return None
        if answer == _BEGUN:
            self.has_begun = True
            return _BEGUN
        self.job = None
        self._allowance = _GRACE
        return answer

    def end(self) -> None:
        self.pipe.close()
        self.process.kill()
        self.process.join()


def _serve(spec: TargetSpec, pipe: Connection) -> None:
    import signal

    # Ctrl-C is the runner's business: it ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        target = open_target(spec)
        while True:
            job: Job = pipe.recv()
            pipe.send(_BEGUN)
            pipe.send(target.run(job.elf, job.loading))
    except TraplineError as error:
        pipe.send((error.message, error.hint))
    except (EOFError, OSError):
        pass


def worker_count(asked: int | None, tests: Sequence[Job]) -> int:
    """How many processes: as asked, else one for each processor, but none that would start for a handful of tests;
    foreign ones may take long."""
    if asked is not None:
        return asked
    import os

    worth = sum(1 if one.loading is None else 30 for one in tests)
    return max(1, min(len(os.sched_getaffinity(0)), worth // 60))
