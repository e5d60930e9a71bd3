"""Rounds of a program, timed by the lines that it prints at their ends."""

from __future__ import annotations

import ctypes
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ...isa.errors import TraplineError

Clock = Callable[[], float]

_MARK = re.compile(rb"T ([0-9A-F]{8})")


class PeerError(TraplineError):
    """A peer failed: it gave a wrong result, did not end, or died."""


@dataclass(frozen=True, slots=True)
class Round:
    """One round: the kernel's checksum, seconds by the clock on the wall and of processor time of the whole peer.

    Both count from the mark before.
    """

    checksum: int
    wall: float
    cpu: float


@dataclass
class Marks:
    """Takes the time of each line "T checksum" in what a peer prints."""

    cpu: Clock
    output: bytearray = field(default_factory=bytearray)
    _line: bytearray = field(default_factory=bytearray)
    _marks: list[Round] = field(default_factory=list)

    def feed(self, data: bytes) -> None:
        """What the peer has printed just now."""
        self.output += data
        self._line += data
        while (end := self._line.find(b"\n")) >= 0:
            found = _MARK.match(self._line[:end])
            del self._line[: end + 1]
            if found is not None:
                self._marks.append(Round(int(found[1], 16), time.perf_counter(), self.cpu()))

    def rounds(self, expected: int) -> list[Round]:
        """What lies between two marks. Raises PeerError if there are not `expected` rounds."""
        if len(self._marks) != expected + 1:
            said = self.output.decode(errors="replace").strip()
            raise PeerError(f"{len(self._marks)} marks instead of {expected + 1}; it printed: {said or 'nothing'}")
        pairs = zip(self._marks, self._marks[1:], strict=False)
        return [Round(two.checksum, two.wall - one.wall, two.cpu - one.cpu) for one, two in pairs]


def process_clock(pid: int) -> Clock:
    """The processor time of a running process with all its threads (POSIX clock_getcpuclockid), in seconds."""
    libc = ctypes.CDLL(None)
    clock = ctypes.c_int()
    if libc.clock_getcpuclockid(ctypes.c_int(pid), ctypes.byref(clock)) != 0:
        raise PeerError(f"process {pid} has no clock: it is gone")
    return lambda: time.clock_gettime(clock.value)
