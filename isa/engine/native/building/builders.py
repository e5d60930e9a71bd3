"""Processes that make parts of native code: those that somebody waits for first.

They are forked, so that they know the description, and work at a low priority. One that dies takes nobody with it. Who
makes a part holds a lock on it: so processes that want the same one at the same time make it once. What a process has
begun, or was asked for, it brings to an end even when nobody is left; the rest it makes only as long as somebody is.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import mmap
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NoReturn

from ...errors import EngineError
from ..shared import Progress, give_way, settle

ABSENT, WANTED, READY, FAILED = 0, 1, 2, 3
"""What there is to know of a part."""
_MESSAGE: Final = 2048
"""Bytes of what a process has to say."""
_NICENESS: Final = 10
_LONG_NICENESS: Final = 19
"""Of what nobody waits for."""
_PAUSE: Final = 0.01


class Builders:
    """Those of one description. Nothing but `wait` waits for them."""

    def __init__(self, make: Callable[[int], None], paths: Sequence[Path]) -> None:
        """`make` makes a part by its number, at `paths`."""
        self.makes_all = False
        """Whether processes make what nobody has asked for, too, when nothing else is left."""
        self._make = make
        self._paths = paths
        self._most = max(1, len(os.sched_getaffinity(0)))
        # States; for each process, the part that it is at + 1 (two bytes); what each has to say.
        self._room = mmap.mmap(-1, len(paths) + self._most * (2 + _MESSAGE))
        self._processes: list[int] = [0] * self._most
        self._own = os.getpid()
        self._failures: dict[int, EngineError] = {}
        self._gives_way = False

    def state(self, number: int) -> int:
        """What there is of a part. Raises EngineError where it could not be made."""
        if self._room[number] == READY:
            return READY
        self._reap()
        if number in self._failures:
            raise self._failures[number]
        return self._room[number]

    def want(self, numbers: Iterable[int]) -> None:
        """Has parts made, as soon as possible."""
        new = [number for number in numbers if self._room[number] == ABSENT]
        for number in new:
            self._room[number] = WANTED
        if new:
            self._begin()

    def wait(self, numbers: Sequence[int], progress: Progress | None) -> None:
        """Until parts are there. Raises EngineError where one of them could not be made."""
        self.want(numbers)
        told = -1
        while True:
            ready = sum(self.state(number) == READY for number in numbers)
            if progress is not None and ready != told:
                progress("building native code", ready, len(numbers))
                told = ready
            if ready == len(numbers):
                return
            self._begin()
            time.sleep(_PAUSE)

    def _begin(self) -> None:
        """Begins as many processes as there is something to do for."""
        self._reap()
        waiting = sum(1 for number in range(len(self._paths)) if self._room[number] == WANTED)
        for slot, process in enumerate(self._processes):
            if process or slot >= waiting:
                continue
            try:
                self._processes[slot] = os.fork()
            except OSError as error:
                if not any(self._processes):
                    raise EngineError(
                        f"no process can be begun that builds native code: {error}", hint="--engine reference"
                    ) from error
                return
            if not self._processes[slot]:
                self._serve(slot)

    def _reap(self) -> None:
        """Looks which processes have ended, and how."""
        for slot, process in enumerate(self._processes):
            if not process or self._own != os.getpid():
                continue
            try:
                ended, status = os.waitpid(process, os.WNOHANG)
            except OSError:
                ended, status = process, 0
            if not ended:
                continue
            self._processes[slot] = 0
            number = self._at(slot)
            if status and number >= 0:
                said = self._said(slot)
                if os.WIFSIGNALED(status):
                    said = f"LLVM died of signal {os.WTERMSIG(status)} while it compiled native code"
                hint = "more memory may help; or choose --engine reference"
                self._failures[number] = EngineError(said or "native code could not be built", hint=hint)
                self._room[number] = FAILED

    # In the processes

    def _serve(self, slot: int) -> NoReturn:
        status = 1
        parent = self._own
        try:
            gc.freeze()
            settle(_NICENESS)
            with _lock_file(self._paths[0].parent) as locks:
                while (number := self._next(locks, parent)) is not None:
                    self._note(slot, number)
                    if self._paths[number].exists() and not self._is_damaged(number):
                        self._room[number] = READY
                    else:
                        self._make(number)
                        self._room[number] = READY
                    fcntl.lockf(locks, fcntl.LOCK_UN, 1, _place(self._paths[number]))
                    self._note(slot, -1)
            status = 0
        finally:
            error = sys.exc_info()[1]
            if error is not None:
                self._say(slot, error.message if isinstance(error, EngineError) else repr(error))
            os._exit(status)

    def _is_damaged(self, number: int) -> bool:
        from .part_files import read

        return read(self._paths[number]) is None

    def _next(self, locks: int, parent: int) -> int | None:
        """A part to make, with its lock held; None where there is nothing left to do."""
        while True:
            alone = os.getppid() != parent
            wanted = [number for number in range(len(self._paths)) if self._room[number] == WANTED]
            others = []
            if self.makes_all and not alone and not wanted:
                others = [number for number in range(len(self._paths)) if self._room[number] == ABSENT]
                if not self._gives_way:
                    give_way(_LONG_NICENESS)
                    self._gives_way = True
            for number in [*wanted, *others]:
                with contextlib.suppress(OSError):
                    fcntl.lockf(locks, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _place(self._paths[number]))
                    if self._room[number] in (WANTED, ABSENT):
                        return number
                    fcntl.lockf(locks, fcntl.LOCK_UN, 1, _place(self._paths[number]))
            if not wanted:
                return None
            # Another process is at it.
            time.sleep(_PAUSE)

    # The room that is shared

    def _note(self, slot: int, number: int) -> None:
        at = len(self._paths) + slot * 2
        self._room[at : at + 2] = (number + 1).to_bytes(2, "little")

    def _at(self, slot: int) -> int:
        at = len(self._paths) + slot * 2
        return int.from_bytes(self._room[at : at + 2], "little") - 1

    def _say(self, slot: int, message: str) -> None:
        at = len(self._paths) + self._most * 2 + slot * _MESSAGE
        data = message.encode()[:_MESSAGE]
        self._room[at : at + len(data)] = data

    def _said(self, slot: int) -> str:
        at = len(self._paths) + self._most * 2 + slot * _MESSAGE
        return self._room[at : at + _MESSAGE].rstrip(b"\0").decode(errors="replace")


def _place(path: Path) -> int:
    """Which byte of the file of locks is a part's."""
    return int(path.stem.rsplit("-", 1)[1][:12], 16)


@contextlib.contextmanager
def _lock_file(folder: Path) -> Iterator[int]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    locks = os.open(folder / "parts.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield locks
    finally:
        os.close(locks)
