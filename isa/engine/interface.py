"""The seam between engines and everything above them: what an engine offers, and what it asks of a machine.

`server/machine`'s PhysicalMemory and Bus fit these protocols as they are.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Generator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import ClassVar, Literal, NamedTuple, Protocol

import msgspec

from .interrupt_log import InterruptLog
from .questions import Question
from .state import Peer, State

ByteOrder = Literal["big", "little"]

LOAD, STORE, FETCH = 0, 1, 2
"""Access kinds that every description has; it may `extend enum access` with more."""


class Ram(Protocol):
    """A block of guest memory. Offsets and sizes in bytes from its start."""

    size: int
    host_address: int
    """Where native code finds offset 0."""
    dirty_address: int
    """Where native code marks pages of 4 KiB as written, one byte each."""

    def read(self, offset: int, length: int) -> bytes: ...

    def write(self, offset: int, data: bytes) -> None: ...

    def read_int(self, offset: int, size: int, order: ByteOrder) -> int: ...

    def write_int(self, offset: int, size: int, value: int, order: ByteOrder) -> None: ...


class Slot(Protocol):
    """Whole pages of 4 KiB at physical address `base`, found in `ram` from `offset` on."""

    @property
    def base(self) -> int: ...

    @property
    def size(self) -> int: ...

    @property
    def offset(self) -> int: ...

    @property
    def read_only(self) -> bool: ...

    @property
    def ram(self) -> Ram: ...


class PhysicalMemory(Protocol):
    """The RAM of a machine. After a slot was added or removed, call `flush_tlb` and `invalidate_code`."""

    def slot_at(self, address: int) -> Slot | None:
        """The slot that holds a physical address, or None: the address is the bus's."""


class Bus(Protocol):
    """Devices. The byte at the lowest address is the least significant byte of a value."""

    def read(self, address: int, size: int, vcpu: int | None = None) -> object:
        """The value of `size` bytes (1, 2, 4, 8), an int; anything else says that nothing answered."""

    def write(self, address: int, size: int, value: int, vcpu: int | None = None) -> object:
        """Stores; None when something took it, anything else says that nothing did."""


FaultAnswer = Callable[[tuple[int, ...], int], "tuple[int, int, int] | None"]
"""Gets an interrupt's arguments and the kind of access whose translation raises it; says where the access goes instead,
as the translate hook would, or None. It may call described functions, but must change nothing."""


class StopReason(enum.Enum):
    """Why `run` came back."""

    BUDGET = "the budget is used up"
    EXIT = "the description left the run"
    BREAKPOINT = "a breakpoint stands at pc"
    WATCHPOINT = "a watched address was accessed"
    WILD = "interrupts follow each other without leading anywhere"


class WatchKind(enum.Flag):
    """Which accesses a watchpoint watches."""

    READ = 1
    WRITE = 2
    ACCESS = 3


class Watchpoint(msgspec.Struct, frozen=True):
    """`size` bytes at `address`: an effective one, or a `physical` one, whatever effective addresses lead there.

    What translation reads and writes in its tables is no access.
    """

    address: int
    size: int
    kind: WatchKind
    physical: bool = False


class WatchHit(msgspec.Struct, frozen=True):
    """The access that a watchpoint saw: READ or WRITE of `size` bytes; `address` lies in the watched range too."""

    watchpoint: Watchpoint
    kind: WatchKind
    address: int
    size: int


class ExitTaken(NamedTuple):
    """`leave name(arguments)` of the description."""

    name: str
    arguments: tuple[int, ...]


ExitAnswer = Callable[[tuple[int, ...]], bool]
"""Gets an exit's arguments; says whether the run goes on as if there had been no exit."""


class Stop(NamedTuple):
    """How a run ended. `pc` is the next instruction's address.

    `retired` counts the instructions completed in this run; `steps` also those that ended in an interrupt, and is what
    the budget is paid in. `exit` and `watch` tell what was reached; an exit that came together with a hit has both.
    """

    reason: StopReason
    pc: int
    retired: int
    steps: int
    exit: ExitTaken | None = None
    watch: WatchHit | None = None
    row: int = 0
    """For WILD: what `InterruptLog.take_report` has said."""


class Translation(msgspec.Struct, frozen=True):
    """`physical` address, log2 of the size of its `region`, kinds `permitted` (1 load, 2 store, 4 fetch)."""

    physical: int
    region: int
    permitted: int


class Fault(msgspec.Struct, frozen=True):
    """The interrupt that an access would raise."""

    interrupt: str
    arguments: tuple[int, ...]


class Rehearsed(msgspec.Struct, frozen=True):
    """The vcpu behind a rehearsed instruction.

    `recurs`: registers and memory are what they were when the rehearsal began, and no clock was looked at, so that the
    same will follow again. `interrupts_off`: as the description's hook says; True where it has none.
    """

    pc: int
    recurs: bool
    interrupts_off: bool


class Engine(Peer, Protocol):
    """One vcpu's engine. Not thread safe: the engines of a machine take turns.

    It puts itself into `state.peers.engines`, where the machine's other engines find it as a `Peer`.
    """

    KIND: ClassVar[str]
    """native or reference."""
    state: State
    memory: PhysicalMemory
    interrupts: InterruptLog
    """Those that were entered; current while the engine does not run."""
    @property
    def breakpoints(self) -> AbstractSet[int]:
        """Effective addresses of the breakpoints there are."""

    retired: int
    """Instructions completed since reset; current while the engine does not run, and when it asks somebody."""
    @property
    def pc(self) -> int:
        """Address of the next instruction; current while the engine does not run."""

    cia: int
    """Address of the instruction whose access a device, or whoever answers a fault, is asked for."""
    access: tuple[int, int]
    """Effective address and kind of that access."""

    def run(self, budget: int, step_over: bool = False) -> Stop:
        """Executes at most `budget` instructions (those that fault count).

        It may be fewer, but not none, if the machine's brake says so (`State.peers`); the reason is BUDGET then, too.
        Interrupts that are due are taken before an instruction, never after the last one. A breakpoint stops before
        the instruction; running on from it executes that instruction once. With `step_over` a breakpoint at the first
        pc does not stop even if it has not been reported. Raises EngineError where description or engine fail.
        """

    def step(self, start: int = 0, end: int = 0, most: int = 1) -> int | Stop:
        """Executes the instruction at pc, whatever breakpoint stands there, and goes on while `start` <= pc < `end`.

        Returns how many instructions, at most `most`, were executed, if nothing else is to be told. It may be fewer
        than asked for; breakpoints beyond the first instruction stop as in `run`. Raises as `run` does.
        """

    def entered(self) -> Mapping[str, int]:
        """What native code asked Python for, and how often, by kind; empty where there is none."""

    def cut(self, first: int, every: int) -> None:
        """Called by a device during a run: ends it where `first`, or a multiple of `every` more, steps of it are done.

        The instruction under way counts as done, and completes.
        """

    def answer_exits(self, answers: Mapping[str, ExitAnswer]) -> None:
        """Exits, by name, that are answered while the run goes on, instead of those named before.

        The answer is called behind the instruction, with the vcpu as after a run that ended there; it may do with the
        engine what may be done between two runs, but not run it, and what it changes it tells as is done there. Where
        it says no, the run ends with the exit.
        """

    def answer_faults(self, interrupt: str, answer: FaultAnswer, bits: int) -> None:
        """Has `answer` asked before the translation of a load or store raises this interrupt.

        That is, if its first argument has one of `bits`, of 64.
        """

    def entered_outside(self, interrupt: str, arguments: tuple[int, ...], address: int) -> None:
        """Tells the log of an interrupt entered by `call`, for the instruction at `address`; pc is where it led."""

    def rehearse(self, instructions: int) -> Generator[Rehearsed, None, None]:
        """Executes up to so many instructions and undoes them all: where they would lead if nothing came from outside.

        Polls are left out. It ends early before what cannot be undone: an access to a device, an exit. Nothing else may
        be done with the engine until the iterator is closed.
        """

    def stored(self) -> list[tuple[int, bytes]]:
        """What a rehearsal has stored so far, at physical addresses; nothing of it is in memory."""

    def reset(self) -> None:
        """Reset values for the thread's block, and for shared ones that no other engine uses; then the reset hook."""

    def close(self) -> None:
        """Leaves the engines of the machine; the engine cannot be used any more."""

    def state_changed(self) -> None:
        """Tells that registers were written behind the engine's back (`State.write`, `State.restore`)."""

    def forget_stop(self) -> None:
        """Tells that the vcpu was put elsewhere: the next run stops at a breakpoint at pc, whatever was told before."""

    def request_poll(self) -> None:
        """Has the poll hook called before the next instruction: an input changed."""

    def flush_tlb(self) -> None:
        """Drops all cached translations of all engines of this machine."""

    def invalidate_code(self, pa: int, size: int) -> None:
        """Drops what was decoded or compiled from a physical range, in all engines: somebody else wrote there."""

    def set_breakpoints(self, addresses: AbstractSet[int]) -> None:
        """Replaces the breakpoints by these effective addresses."""

    def add_breakpoint(self, address: int) -> None:
        """Adds one, at whatever cost the others have; nothing if it is there."""

    def remove_breakpoint(self, address: int) -> None:
        """Removes one; nothing if it is not there."""

    def ask_at(self, address: int, question: Question | None, order: ByteOrder) -> bool:
        """Has a breakpoint stop only where a question's value is not 0; None: always. `order` is that of what it loads.

        False where the engine cannot look at that by itself: the breakpoint stops each time then. It may stop more
        often than it must in any case.
        """

    def remember_translation(self, address: int) -> None:
        """Has the translation of a page for loads at hand, as if one had been made, where one would change nothing."""

    def heed_questions(self, heeded: bool) -> None:
        """Whether breakpoints with questions look at them; if not, they stop each time."""

    invalidations: int
    """How often cached translations were dropped by described code that Python executed."""

    def tell_of(self, forms: AbstractSet[str], told: Callable[[], None] | None) -> None:
        """Has instructions of these forms executed one by one, and `told` called behind each (and behind others)."""

    def set_watchpoints(self, watchpoints: Sequence[Watchpoint], before: bool) -> None:
        """Replaces the watchpoints. `before`: stop with the instruction not executed (Arm); else after it (Power)."""

    def translate(self, address: int, kind: int = LOAD) -> Translation | Fault:
        """What an access would get, without any side effect on state or memory.

        Raises MemoryUnavailable where translation tables lie in no RAM.
        """

    def read_memory(self, address: int, size: int) -> bytes:
        """Effective memory for the debugger. Raises GuestFault; devices are not read (MemoryUnavailable)."""

    def write_memory(self, address: int, data: bytes) -> None:
        """Writes effective memory, wherever it can be loaded from; all or nothing. Raises as `read_memory` does."""

    def read_physical_memory(self, pa: int, size: int) -> bytes:
        """RAM at a physical address. Raises MemoryUnavailable."""

    def write_physical_memory(self, pa: int, data: bytes) -> None:
        """Writes RAM, also read-only slots; all or nothing. Raises MemoryUnavailable."""

    def read_external(self, name: str, index: int | None = None) -> int:
        """A register or view as software outside sees it (through `on read`). Raises GuestFault, StateError."""

    def write_external(self, name: str, value: int, index: int | None = None) -> None:
        """Writes a register or view through its `on write`. Raises GuestFault, StateError."""

    def call(self, function: str, *arguments: int) -> tuple[int, ...]:
        """Calls a described function on this vcpu's state. Raises GuestFault, if it raises (state is put back then)."""

    def writer_of(self, name: str) -> Callable[[int], object]:
        """What writes a register through its `on write`, which never raises and changes no context."""

    def asker(self, function: str) -> Callable[..., int]:
        """What asks such a function, with one result, again and again."""

    def ask(self, function: str, *arguments: int) -> int | tuple[int, ...]:
        """The result or results of a described function that changes nothing and never raises; quicker than `call`."""
