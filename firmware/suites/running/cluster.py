"""Tests across machines, on a cluster of dask.distributed: any worker runs any test; one that dies costs a second try.

Nothing is shared between the machines: a test's file goes along with it. Each worker process has one machine at a time,
which it resets in place, as a worker of this machine has.
"""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Any, Final, Protocol

from ....isa.errors import TraplineError
from .loading import Loading
from .results import Ran
from .specs import TargetSpec
from .targets import Target, open_target
from .workers import Job

_TRIES: Final = 2
_AHEAD: Final = 4
"""Tests that wait at the cluster for each of its threads."""
_CONNECT: Final = 20


def run_on_cluster(spec: TargetSpec, jobs: deque[Job], address: str) -> Iterator[tuple[Job, Ran]]:
    """All jobs on the cluster whose scheduler is at `address` (HOST:PORT), also those that are added meanwhile.

    Raises TraplineError where distributed or the scheduler is not there, and what a worker's target raised."""
    try:
        from distributed import Client, as_completed
    except ImportError as error:
        raise TraplineError(
            "--cluster runs on dask.distributed, which is not installed", "pip install 'trapline[cluster]'"
        ) from error
    try:
        client: Any = Client(address, timeout=_CONNECT, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise TraplineError(
            f"--cluster {address}: no scheduler answers: {error}",
            "start one: dask scheduler; dask worker HOST:PORT --nthreads 1",
        ) from error
    try:
        waiting: Any = as_completed(loop=client.loop)
        known: dict[Any, Job] = {}
        tries: dict[tuple[str, int], int] = {}
        while jobs or known:
            room = _AHEAD * max(sum(client.nthreads().values()), 1) - len(known)
            for _ in range(min(room, len(jobs))):
                job = jobs.popleft()
                data = job.elf.read_bytes() if job.elf.is_file() else b""
                future = client.submit(_run, spec, job.test, data, job.loading, pure=False, retries=0)
                known[future] = job
                waiting.add(future)
            future = next(waiting)
            job = known.pop(future)
            found = _found(future)
            if found is None:
                key = (job.test, job.attempt)
                tries[key] = tries.get(key, 0) + 1
                if tries[key] < _TRIES:
                    jobs.appendleft(job)
                    continue
                found = Ran("died", f"the worker that ran it died, {_TRIES} times", "", None, 0.0)
            yield job, found
    finally:
        client.close()


class _Future(Protocol):
    def result(self) -> object:
        """What the worker's function gave, or raised."""


def _found(future: _Future) -> Ran | None:
    """What a test came to; None: its worker is gone.  Raises TraplineError."""
    from distributed.client import FutureCancelledError
    from distributed.scheduler import KilledWorker

    try:
        answer = future.result()
    except (KilledWorker, FutureCancelledError):
        return None
    if isinstance(answer, Ran):
        return answer
    assert isinstance(answer, tuple)
    raise TraplineError(*answer)


_lock = Lock()
_open: dict[TargetSpec, Target] = {}


def _run(spec: TargetSpec, test: str, elf: bytes, loading: Loading | None) -> Ran | tuple[str, str | None]:
    """In a worker: one test at a time, on the target that it had for the last one."""
    with _lock, tempfile.TemporaryDirectory(prefix="trapline-cluster-") as folder:
        file = Path(folder) / f"{test}.elf"
        file.write_bytes(elf)
        try:
            if spec not in _open:
                for one in _open.values():
                    one.close()
                _open.clear()
                _open[spec] = open_target(spec)
            return _open[spec].run(file, loading)
        except TraplineError as error:
            return error.message, error.hint
