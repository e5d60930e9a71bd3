"""What the protocol asks of a target: one small Protocol for each ability.

Every target has registers, memory, threads and execution (`Target`). All other abilities are optional:
a target that has the methods has the ability, the session finds out with `Abilities.of` and offers to
GDB exactly what is there. Nothing here knows an architecture.

Common rules:

- a target refuses by raising an error of `errors.py`; what returns has been done;
- nothing is called while the target runs, except `request_stop`;
- byte strings of registers and memory are in the target's byte order.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from .execution import Access, Action, StopEvent, ThreadId, ThreadInfo
from .programs import Programs as Programs
from .registers import TargetDescription


@runtime_checkable
class Registers(Protocol):
    """Registers of a thread, by GDB's numbers (packets g G p P, qXfer:features)."""

    def describe(self) -> TargetDescription:
        """The registers there are. The same for all threads, and for the life of the target."""

    def read_register(self, thread: ThreadId, number: int) -> bytes:
        """The value, exactly `size` bytes. Raises RegisterUnavailable when it has none now."""

    def read_registers(self, thread: ThreadId) -> bytes:
        """The values of `TargetDescription.general`, packed; `general_size` bytes.

        Raises RegisterUnavailable if one has no value; they are then read one by one.
        """

    def write_register(self, thread: ThreadId, number: int, value: bytes) -> None:
        """Set a register from exactly `size` bytes.

        Raises RegisterReadOnly or RegisterError where the value would be thrown away.
        """


@runtime_checkable
class Memory(Protocol):
    """Memory as a thread sees it (packets m M x X)."""

    def read_memory(self, thread: ThreadId, address: int, length: int) -> bytes:
        """1..`length` bytes from `address`: fewer where the rest is unreadable.

        Raises MemoryFault if the first byte cannot be read. `length` is at least 1.
        """

    def write_memory(self, thread: ThreadId, address: int, data: bytes) -> None:
        """Write all of `data` or nothing. Raises MemoryFault naming the first bad address."""


@runtime_checkable
class Threads(Protocol):
    """The vcpus there are (packets qfThreadInfo, qXfer:threads, T)."""

    def threads(self) -> Sequence[ThreadInfo]:
        """All threads in a fixed order; empty once every partition has ended."""


@runtime_checkable
class ModelThreads(Protocol):
    """Threads without instructions of their own: of the host side, where that is a model."""

    def model_threads(self) -> Sequence[ThreadInfo]:
        """They have registers and memory, and never run; their processes come after all others."""


@runtime_checkable
class Execution(Protocol):
    """Running and stopping (packets vCont c s C S, Ctrl-C).

    All threads stop together. Resuming a thread whose pc is at a breakpoint first executes the
    instruction there: the breakpoint counts the next time that pc gets to it.
    """

    def resume(self, plan: Mapping[ThreadId, Action], fresh: Container[ThreadId] | None = None) -> None:
        """Take up the actions. Threads that are not in `plan` stay stopped. Returns at once.

        Partitions that no debugger is attached to are in `plan` too, to run on.
        `fresh` is given in non-stop mode: those of `plan` that begin now, while the others go on with what they do.
        Each stop is one thread's then; the others are in the `plan` of the next call, and go on.
        """

    def run_slice(self) -> StopEvent | None:
        """Run for a bounded time, a few milliseconds, and say why all threads stopped, if they did.

        The session looks for Ctrl-C between slices, so the slice bounds the delay of an interrupt, unless the target
        has `StopRequests`.
        """

    def interrupt(self) -> StopEvent:
        """Stop all threads where they are; usually `Signal(SIGINT)` on the thread that ran."""


@runtime_checkable
class StopRequests(Protocol):
    """Ending a slice from outside, so that a long one delays no Ctrl-C."""

    def request_stop(self) -> None:
        """Have the slice that is running, if one is, end soon. From any thread, again and again while it has not."""


@runtime_checkable
class ProcessNames(Protocol):
    """What processes are, for people (qXfer:osdata)."""

    def process_name(self, pid: int) -> str:
        """A short name, such as the program's."""


@runtime_checkable
class ThreadEvents(Protocol):
    """Telling of threads that are powered on and off (QThreadEvents)."""

    def report_threads(self, wanted: bool) -> None:
        """Whether `run_slice` has `ThreadCreated` and `ThreadExited` among its events."""


@runtime_checkable
class Target(Registers, Memory, Threads, Execution, Protocol):
    """The abilities without which there is nothing to debug."""


BreakpointKind = Literal["software", "hardware"]


@runtime_checkable
class Breakpoints(Protocol):
    """Breakpoints on instructions (packets Z0 z0 Z1 z1)."""

    def breakpoint_kinds(self) -> frozenset[int]:
        """The `kind`s that GDB may send: {4} for Power, {2, 3, 4} for Arm (2 and 3 are Thumb)."""

    def insert_breakpoint(self, pid: int, how: BreakpointKind, address: int, kind: int) -> None:
        """Stop partition `pid` before the instruction at `address`. Not called twice for one.

        Raises BreakpointError or MemoryFault where it could never be hit.
        """

    def remove_breakpoint(self, pid: int, how: BreakpointKind, address: int, kind: int) -> None:
        """Remove what `insert_breakpoint` inserted. Called only for what is inserted."""


@runtime_checkable
class BreakpointPrograms(Protocol):
    """Conditions and commands that the target evaluates where it comes to a breakpoint, while it runs.

    Without this ability the session evaluates conditions, a stop for each.
    """

    def program_breakpoint(self, pid: int, how: BreakpointKind, address: int, programs: Programs) -> None:
        """Has a breakpoint that is inserted evaluate these, instead of what it had. Raises BreakpointError."""


@runtime_checkable
class Watchpoints(Protocol):
    """Watchpoints on data (packets Z2 z2 Z3 z3 Z4 z4)."""

    def insert_watchpoint(self, pid: int, access: Access, address: int, length: int) -> None:
        """Stop on an access to `address`..`address + length - 1`. Raises BreakpointError."""

    def remove_watchpoint(self, pid: int, access: Access, address: int, length: int) -> None:
        """Remove what `insert_watchpoint` inserted. Called only for what is inserted."""


@runtime_checkable
class Syscalls(Protocol):
    """Stops at system calls (packet QCatchSyscalls): `SyscallStop`."""

    def catch_syscalls(self, numbers: frozenset[int] | None) -> None:
        """Stop at those of these numbers; at each if there are none, and at none of them for None."""


@runtime_checkable
class ReverseExecution(Protocol):
    """Running backwards (packets bs bc). After these, `run_slice` is called as after `resume`.

    At the start of history the event is `ReplayLog(at_end=False)`, not an error.
    """

    def reverse_step(self, thread: ThreadId) -> None:
        """Go back by one instruction of `thread`."""

    def reverse_continue(self) -> None:
        """Go back to the latest breakpoint or watchpoint, or to the start of history."""


@runtime_checkable
class HostInfo(Protocol):
    """What LLDB wants to know: of what it calls the host, the machine that the guest runs on (qHostInfo …)."""

    def host_info(self) -> tuple[str, int]:
        """LLVM's triple of the core, and the bytes of a pointer."""

    def most_watchpoints(self) -> int:
        """How many there can be at once."""


@dataclass(frozen=True, slots=True)
class AddressRange:
    """Addresses that are alike. `permissions` of "rwx", "" where nothing can be accessed; `name` is for people."""

    start: int
    length: int
    permissions: str
    name: str = ""


@runtime_checkable
class MemoryRegions(Protocol):
    """What is at an address, as a thread sees it (qMemoryRegionInfo)."""

    def memory_region(self, thread: ThreadId, address: int) -> AddressRange:
        """The range that holds `address`."""


@dataclass(frozen=True, slots=True)
class GuestFile:
    """An ELF file that a partition runs, offered read-only under a made-up absolute path."""

    path: str
    content: bytes


@runtime_checkable
class ExecFiles(Protocol):
    """The programs that partitions run (qXfer:exec-file, vFile).

    From them a bare ``target remote`` gets the byte order and the symbols. They are the only files that
    a client can read: the host's file system is out of reach.
    """

    def exec_file(self, pid: int) -> GuestFile | None:
        """The file of partition `pid`, or None when it runs none (or the guest is raw binary)."""


@dataclass(frozen=True, slots=True)
class MemoryRegion:
    """One entry of a memory map. "rom" makes GDB use hardware breakpoints there."""

    type: Literal["ram", "rom"]
    start: int
    length: int


@runtime_checkable
class MemoryMap(Protocol):
    """A complete memory map (qXfer:memory-map)."""

    def memory_map(self) -> Sequence[MemoryRegion]:
        """Every region that can be accessed: GDB refuses all that is not listed.

        Do not offer this ability with virtual addresses in use: a partial map does harm.
        """


@runtime_checkable
class MemorySearch(Protocol):
    """A search faster than the session's own, which reads the memory piece by piece."""

    def search_memory(self, thread: ThreadId, address: int, length: int, pattern: bytes) -> int | None:
        """The first address at which `pattern` lies wholly inside the range, or None."""


def _never(ending: Callable[[], None]) -> None:
    """For commands outside of a session: nothing of them ends."""


@dataclass(frozen=True, slots=True)
class MonitorContext:
    """What a ``monitor`` command knows: the thread selected in GDB, and where its output goes.

    `write` is for the command itself, and may find the client gone. `tell` is for what it leaves behind: text that the
    user sees soon, also while the guest runs; it never fails, and may be called from anywhere in the guest's run.
    `at_end` gets what is to be done when the session ends: what a command leaves behind belongs to its session.
    """

    thread: ThreadId
    write: Callable[[str], None]
    tell: Callable[[str], None] = field(default=lambda text: None)
    at_end: Callable[[Callable[[], None]], None] = _never


@dataclass(frozen=True, slots=True)
class MonitorCommand:
    """A ``monitor`` command. `run` gets the words after the name, and may raise MonitorError."""

    name: str
    usage: str
    summary: str
    run: Callable[[MonitorContext, Sequence[str]], None]


@runtime_checkable
class Monitor(Protocol):
    """Commands of the target's own (qRcmd). ``help`` is the session's."""

    def monitor_commands(self) -> Sequence[MonitorCommand]:
        """The commands, in the order in which ``monitor help`` lists them."""


@runtime_checkable
class Kill(Protocol):
    """Ending a partition (packets k, vKill)."""

    def kill_partition(self, pid: int) -> None:
        """End partition `pid`; its threads are gone afterwards."""


@runtime_checkable
class Detach(Protocol):
    """Knowing when the debugger leaves (packet D, or a client that vanishes)."""

    def detach_partition(self, pid: int) -> None:
        """The debugger has let go of partition `pid`. Its breakpoints are removed already."""


@runtime_checkable
class Restart(Protocol):
    """Starting again from reset (packets R and vRun of ``target extended-remote``)."""

    def restart_all(self) -> None:
        """Put every partition back to its state at the start, stopped; also those that have ended."""
