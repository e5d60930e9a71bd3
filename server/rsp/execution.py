"""How threads are named, resumed and stopped: the values that pass between session and target.

Source: Debugging with GDB, "vCont packet", "Stop Reply Packets", "GDB's signal numbers".
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import NamedTuple


class ThreadId(NamedTuple):
    """A vcpu (`tid`) of a partition (`pid`), both from 1 on; GDB shows them as Thread pid.tid."""

    pid: int
    tid: int


@dataclass(frozen=True, slots=True)
class ThreadInfo:
    """What GDB lists about a thread: `extra` is free text, such as "powered off"."""

    id: ThreadId
    name: str
    core: int | None = None
    extra: str = ""


class GdbSignal(enum.IntEnum):
    """The signal numbers of the protocol that a machine has a use for (they are not the host's)."""

    NONE = 0
    SIGINT = 2
    SIGILL = 4
    SIGTRAP = 5
    SIGABRT = 6
    SIGFPE = 8
    SIGKILL = 9
    SIGBUS = 10
    SIGSEGV = 11
    SIGTERM = 15


@dataclass(frozen=True, slots=True)
class Continue:
    """Run on. `signal` is what GDB wants delivered; 0 nearly always, since no CPU takes signals."""

    signal: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """Execute one instruction."""

    signal: int = 0


@dataclass(frozen=True, slots=True)
class RangeStep:
    """Step at least once, and on while `start` <= pc < `end`."""

    start: int
    end: int


Action = Continue | Step | RangeStep


class Access(enum.Enum):
    """What a watchpoint watches; the values are the names in stop replies."""

    WRITE = "watch"
    READ = "rwatch"
    READ_WRITE = "awatch"


@dataclass(frozen=True, slots=True)
class Signal:
    """Stopped by a signal: SIGINT after an interrupt, SIGTRAP after a step, SIGILL …"""

    number: int


@dataclass(frozen=True, slots=True)
class SwBreak:
    """Stopped before the instruction at a software breakpoint; pc is its address."""


@dataclass(frozen=True, slots=True)
class HwBreak:
    """Stopped before the instruction at a hardware breakpoint; pc is its address."""


@dataclass(frozen=True, slots=True)
class WatchHit:
    """Stopped by a watchpoint; `address` is the data address that lies in the watched range.

    pc is at the instruction that would make the access, and the access has not been made: GDB 13 takes
    watchpoints on Arm and on Power alike for ones that must be stepped over (its gdbarch says "have
    nonsteppable watchpoint"), steps once, and compares the values then. A stop after the access would be
    shown one instruction too late. When the thread is resumed there, the access is made.
    """

    access: Access
    address: int


@dataclass(frozen=True, slots=True)
class ReplayLog:
    """Reverse execution came to the start of the recorded history, or replay to its end."""

    at_end: bool


@dataclass(frozen=True, slots=True)
class Exited:
    """The partition has ended with a status of 0..255."""

    status: int


@dataclass(frozen=True, slots=True)
class NoneResumed:
    """No resumed thread can run (all are powered off): waiting would last forever.

    Shown to the user with a line of text; the thread is any of those that were to run.
    """


@dataclass(frozen=True, slots=True)
class ThreadCreated:
    """The thread has been powered on, and stands at its first instruction (``QThreadEvents``)."""


@dataclass(frozen=True, slots=True)
class ThreadExited:
    """The thread has been powered off (``QThreadEvents``)."""


@dataclass(frozen=True, slots=True)
class SyscallStop:
    """At a system call: it has been entered, or (`is_return`) answered."""

    number: int
    is_return: bool


StopReason = (
    Signal
    | SwBreak
    | HwBreak
    | WatchHit
    | ReplayLog
    | Exited
    | NoneResumed
    | ThreadCreated
    | ThreadExited
    | SyscallStop
)


class StopEvent(NamedTuple):
    """Why all threads have stopped, or this one has in non-stop mode, and which thread is the cause."""

    thread: ThreadId
    reason: StopReason
    note: str = ""
    """What to tell the user besides, if anything."""
