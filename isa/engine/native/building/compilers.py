"""Several modules compiled at once, each in a process of its own: LLVM's Python binding lets in one thread at a time.

An LLVM that dies, for want of memory say, so ends that process alone.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from ...errors import EngineError
from ..shared import Progress
from .compile_worker import REJECTED
from .compiler import Effort, compile_object

_SMALL = 200_000
"""Characters of a module that is compiled sooner than a process has begun."""
_WORKER = f"{__package__}.compile_worker"


class Compilers:
    """Compiles what is submitted; objects that are known, by their modules' digests, are not made again."""

    def __init__(self, known: Mapping[str, bytes]) -> None:
        self._known = known
        self._jobs: list[tuple[str, Future[bytes]]] = []
        self._alone = threading.Lock()
        self._threads = ThreadPoolExecutor(max_workers=len(os.sched_getaffinity(0)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._threads.shutdown(cancel_futures=True)

    def submit(self, text: str, effort: Effort) -> None:
        """A module's IR."""
        digest = digest_of(text, effort)
        self._jobs.append((digest, self._threads.submit(self._compiled, digest, text, effort)))

    def objects(self, progress: Progress | None) -> dict[str, bytes]:
        """Each module's object by its digest. Raises EngineError where LLVM rejects one."""
        made = {}
        for done, (digest, job) in enumerate(self._jobs):
            if progress is not None:
                progress("compiling native code", done, len(self._jobs))
            made[digest] = job.result()
        return made

    def _compiled(self, digest: str, text: str, effort: Effort) -> bytes:
        known = self._known.get(digest)
        if known is not None:
            return known
        if len(text) >= _SMALL:
            made = _elsewhere(text, effort)
            if made is not None:
                return made
        with self._alone:
            return compile_object(text, effort)


def digest_of(text: str, effort: Effort) -> str:
    """What a module is known by."""
    return hashlib.sha256(f"{effort}\n{text}".encode()).hexdigest()


def _elsewhere(text: str, effort: Effort) -> bytes | None:
    """Compiles in another process; None where there cannot be one."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        done = subprocess.run(
            [sys.executable, "-m", _WORKER, effort],
            input=text.encode(),
            capture_output=True,
            check=False,
            env=environment,
        )
    except OSError:
        return None
    if done.returncode == 0:
        return done.stdout
    told = done.stderr.decode(errors="replace").strip()
    if done.returncode == REJECTED:
        raise EngineError(told, hint="this is a fault of the engine; --engine reference")
    if done.returncode < 0:
        raise EngineError(
            f"LLVM died of signal {-done.returncode} while it compiled native code; its last words: {told[-400:]}",
            hint="more memory may help; or choose --engine reference",
        )
    return None
