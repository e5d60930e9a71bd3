"""What stops a machine: gdb's breakpoints and watchpoints, the monitor's, catchpoints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial, reduce
from typing import Final

from ...isa.engine.interface import WatchKind, Watchpoint
from ...isa.engine.questions import Question
from ..boards.machine import Machine
from ..hv.kvm import DebugStop
from ..rsp.agent import MemoryReader, RegisterReader, Surroundings
from ..rsp.agent.asked import question_of
from ..rsp.errors import BreakpointError, MemoryFault
from ..rsp.execution import Access, HwBreak, StopReason, SwBreak, WatchHit
from ..rsp.target import BreakpointKind, Programs
from ..timeline.backwards import Caught
from ..timeline.recording import Origin, RecordingError
from ..timeline.retold import RetoldTimeline
from ..tree.vcpu import MachineVcpu
from .breakpoint_kinds import kinds_of
from .catching import Catchpoints
from .points import Point, Points
from .state import TargetState
from .watches import Watch, Watches
from .worlds import World

_WATCH_KINDS: Final = {
    Access.READ: WatchKind.READ,
    Access.WRITE: WatchKind.WRITE,
    Access.READ_WRITE: WatchKind.ACCESS,
}
_MOST_WATCHPOINTS: Final = 4096
_ASKED_AGAIN: Final = frozenset({64, 1024, 16384, 262144})
_TRUE: Final = Question("constant", number=1)


class TargetStops(TargetState):
    """`rsp.target`'s Breakpoints, BreakpointPrograms and Watchpoints."""

    def __init__(self, make: Callable[[], Machine]) -> None:
        super().__init__(make)
        self.timeline = RetoldTimeline(self.machine, self._arm)
        self.origin: Origin | None = None
        """What the machine was made of, if that is known."""
        self.points = Points(self.around, lambda vcpu: self.thread_of(vcpu).pid)
        self._watchpoints: list[tuple[Access, int, int]] = []
        """gdb's, all of them ..."""
        self._watching: list[tuple[int, Access, int, int]] = []
        """... and whose they are."""
        self.catches = Catchpoints()
        self.catches.move(self.machine)
        self.asked = Catchpoints()
        """What a question of its own listens to, instead of the debugger's catchpoints."""
        self.asked.move(self.machine)
        self.timeline.on_put = self._put_elsewhere
        self.watches = Watches(self.catches.halt)
        self.watches.move(self.machine)
        self._instead: Sequence[Watchpoint] | None = None
        """Watchpoints that a question of its own has instead of the debugger's points."""
        self._answered_here: Counter[int] = Counter()
        """How often a question was answered in Python, by its address."""
        self._asking_machine = self.machine
        self._asked: set[int] = set()
        """Where engines look at conditions by themselves."""
        self._kinds = kinds_of(self.machine.description)
        self._asks_of: tuple[Machine, bool] | None = None
        """The machine, and whether its cores ask about their breakpoints."""
        self._variables: dict[int, int] = {}
        """Trace state variables, by gdb's numbers."""

    def around(self, vcpu: MachineVcpu) -> Surroundings:
        """What expressions of gdb's are evaluated with where `vcpu` is."""
        return Surroundings(
            partial(self._register_reader, vcpu),
            self._memory_reader(vcpu),
            partial(self.text_at, vcpu),
            variables=self._variables,
            long_bits=self.machine.description.address_width,
        )

    def _register_reader(self, vcpu: MachineVcpu, number: int) -> RegisterReader:
        shown, core = self._shown(number), vcpu.core
        if not shown.register:
            return lambda: core.pc
        if core.description.registers[shown.register].read_function:
            return lambda: self._read(vcpu, shown)
        read = core.state.reader([(shown.register, shown.index)])
        return lambda: read()[0]

    def _memory_reader(self, vcpu: MachineVcpu) -> MemoryReader:
        thread = self.thread_of(vcpu)

        def read(address: int, size: int) -> int:
            address &= (1 << vcpu.core.description.address_width) - 1
            # An engine that looks by itself finds it then.
            vcpu.core.engine.remember_translation(address)
            data = self.read_in(None, thread, address, size)
            if len(data) < size:
                raise MemoryFault(address + len(data), "unreadable")
            return int.from_bytes(data, self._order)

        return read

    def breakpoint_kinds(self) -> frozenset[int]:
        """See `rsp.target.Breakpoints`: lengths of instructions; Arm's 3 means a 32-bit Thumb instruction."""
        return frozenset(self._kinds)

    def insert_breakpoint(self, pid: int, how: BreakpointKind, address: int, kind: int) -> None:
        """See `rsp.target.Breakpoints`."""
        if self.is_host(pid):
            raise BreakpointError(f"{self.machine.HOST} is a model without instructions: set it in a guest's inferior")
        if address % self._kinds[kind]:
            raise BreakpointError(f"no instruction of {kind} bytes begins at {address:#x}")
        if self.points.insert(pid, how, address, kind) or self._has_several:
            self._put_breakpoint(address)
        self._ask()

    def program_breakpoint(self, pid: int, how: BreakpointKind, address: int, programs: Programs) -> None:
        """See `rsp.target.BreakpointPrograms`."""
        self.points.program(pid, how, address, programs)
        self._put_questions([address])
        self._ask()

    def remove_breakpoint(self, pid: int, how: BreakpointKind, address: int, kind: int) -> None:
        """See `rsp.target.Breakpoints`."""
        if self.points.remove(pid, how, address) or self._has_several:
            self._take_breakpoint(address)
        self._put_questions([address])
        self._ask()

    def break_at(self, address: int, world: World | None, place: str) -> Point:
        """A breakpoint of the monitor's. Raises PointError."""
        there = address in self.points.addresses
        point = self.points.add(address, world, place)
        if not there or self._has_several:
            self._put_breakpoint(address)
        self._put_questions([address])
        self._ask()
        return point

    def delete_break(self, number: int) -> None:
        """Takes one of the monitor's away. Raises PointError."""
        address = next((point.address for point in self.points if point.number == number), 0)
        if self.points.delete(number) or self._has_several:
            self._take_breakpoint(address)
        self._ask()

    @property
    def _has_several(self) -> bool:
        """Whether a breakpoint may be one partition's and not another's."""
        return len(self.machine.partitions) > 1

    def _put_breakpoint(self, address: int) -> None:
        several = self._has_several
        for vcpu in self.machine.vcpus:
            if not several or self.points.stops(address, self.thread_of(vcpu).pid):
                vcpu.core.engine.add_breakpoint(address)

    def _take_breakpoint(self, address: int) -> None:
        several = self._has_several
        for vcpu in self.machine.vcpus:
            if not several or not self.points.stops(address, self.thread_of(vcpu).pid):
                vcpu.core.engine.remove_breakpoint(address)

    def _question(self, address: int) -> Question | None:
        """What engines may look at by themselves before they stop at an address."""
        found = [question_of(one, self._place_of) for one in self.points.conditions(address)]
        asked = [one for one in found if one is not None]
        if not asked or len(asked) < len(found):
            return None
        return reduce(lambda one, other: Question("choose", (one, _TRUE, other)), asked)

    def _place_of(self, number: int) -> Question | None:
        """A register of gdb's for a question; None where reading it is more than looking at it."""
        shown = self._map.shown.get(number)
        if shown is None:
            return None
        if not shown.register:
            return Question("pc")
        if self.machine.description.registers[shown.register].read_function:
            return None
        return Question("register", number=-1 if shown.index is None else shown.index, name=shown.register)

    def _put_questions(self, addresses: Iterable[int]) -> None:
        if not self._asked and not self.points.asks:
            return
        for address in addresses:
            question = self._question(address)
            if question is None and address not in self._asked:
                continue
            for vcpu in self.machine.vcpus:
                vcpu.core.engine.ask_at(address, question, self._order)
            (self._asked.discard if question is None else self._asked.add)(address)

    def _heeds(self, vcpu: MachineVcpu, address: int) -> bool:
        """See `AtBreakpoints`. A question that engines should have answered is put again: the instruction there may
        have had no native code when it was put."""
        counts = self.points.counts(vcpu, address)
        if not counts and address in self._asked:
            self._answered_here[address] += 1
            if self._answered_here[address] in _ASKED_AGAIN:
                self._put_questions([address])
        return counts

    def _ask(self) -> None:
        """Has cores ask about their breakpoints, if there is something to ask."""
        asks = self.points.asks and self._instead is None
        if self._asks_of == (self.machine, asks):
            return
        self._asks_of = self.machine, asks
        for vcpu in self.machine.vcpus:
            vcpu.core.at_breakpoints.heeds = partial(self._heeds, vcpu) if asks else None
            vcpu.core.engine.heed_questions(asks)

    def most_watchpoints(self) -> int:
        """See `rsp.target.Watchpoints`."""
        return _MOST_WATCHPOINTS

    def insert_watchpoint(self, pid: int, access: Access, address: int, length: int) -> None:
        """See `rsp.target.Watchpoints`."""
        if self.is_host(pid):
            raise BreakpointError(f"{self.machine.HOST} is a model, which accesses nothing by instructions")
        if len(self._watchpoints) >= _MOST_WATCHPOINTS:
            raise BreakpointError(f"there are {_MOST_WATCHPOINTS} watchpoints already: delete one of them")
        self._watchpoints.append((access, address, length))
        self._watching.append((pid, access, address, length))
        self._apply_watchpoints()

    def remove_watchpoint(self, pid: int, access: Access, address: int, length: int) -> None:
        """See `rsp.target.Watchpoints`."""
        self._watchpoints.remove((access, address, length))
        self._watching.remove((pid, access, address, length))
        self._apply_watchpoints()

    def apply_watches(self) -> None:
        """The monitor's watchpoints have changed."""
        self._apply_watchpoints()

    def forget_watches(self) -> None:
        """Takes all of the monitor's away."""
        self.watches.clear()
        self._apply_watchpoints()

    def _watched_by_monitor(self, stop: DebugStop) -> Watch | None:
        """The monitor's watchpoint that a stop is at, if it is at none of gdb's."""
        gdbs = any(start <= stop.address < start + size for _, start, size in self._watchpoints)
        return None if gdbs or not stop.is_watchpoint else self.watches.at(stop.address)

    def _apply_watchpoints(self) -> None:
        for vcpu in self.machine.vcpus:
            pid = self.thread_of(vcpu).pid
            watched = [Watchpoint(start, n, _WATCH_KINDS[how]) for of, how, start, n in self._watching if of == pid]
            # Before the access on both architectures: docs/decisions/0005.
            vcpu.core.engine.set_watchpoints([*watched, *self.watches.watchpoints], before=True)

    @contextmanager
    def stopping_at(self, watched: Sequence[Watchpoint]) -> Iterator[None]:
        """Inside, these watchpoints are what stops the machine, and no breakpoint."""
        self._instead = watched
        self._arm(True)
        try:
            yield
        finally:
            self._instead = None
            self._arm(True)

    @contextmanager
    def stopping_at_changes(self, register: str) -> Iterator[Callable[[], Caught | None]]:
        """Inside, nothing stops the machine but that a register changes; what tells of it."""
        with self.stopping_at([]):
            try:
                self.asked.add("register", register)
                yield self.asked.take
            finally:
                self.asked.clear()
                self.catches.tell_again()

    def _put_elsewhere(self) -> None:
        self.catches.look_anew()
        self.asked.look_anew()

    def _begin_history(self) -> None:
        """A machine that was made anew has no past."""
        self.timeline = RetoldTimeline(self.machine, self._arm)
        self.timeline.on_put = self._put_elsewhere
        self.asked.move(self.machine)
        if self.origin is not None:
            self.timeline.keep_all()

    def record(self, origin: Origin) -> None:
        """From the machine's start on everything is kept that a recording needs; `origin` is what it was made of."""
        self.origin = origin
        self.timeline.keep_all()

    def require_origin(self) -> Origin:
        """Raises RecordingError where nobody knows what the machine was made of."""
        if self.origin is None:
            raise RecordingError("nobody knows what this machine was made of", "trapline serve makes one that is known")
        return self.origin

    def _arm(self, armed: bool) -> None:
        """Whether breakpoints, watchpoints and catchpoints stop the machine."""
        self.catches.enabled = armed and self._instead is None
        self.asked.enabled = armed and self._instead is not None
        self.catches.take()
        self.asked.take()
        if armed:
            self._apply_points()
            return
        self._asks_of = None
        for vcpu in self.machine.vcpus:
            vcpu.core.at_breakpoints.heeds = None
            vcpu.core.engine.heed_questions(False)
            vcpu.core.engine.set_breakpoints(frozenset())
            vcpu.core.engine.set_watchpoints((), before=True)

    def _apply_points(self) -> None:
        """Has a machine that was made anew stop where the one before did."""
        if self._asking_machine is not self.machine:
            self._asking_machine = self.machine
            self._put_questions(self.points.addresses)
        self._ask()
        if self._instead is not None:
            for vcpu in self.machine.vcpus:
                vcpu.core.engine.set_breakpoints(frozenset())
                vcpu.core.engine.set_watchpoints(self._instead, before=True)
            return
        for vcpu in self.machine.vcpus:
            pid = self.thread_of(vcpu).pid
            vcpu.core.engine.set_breakpoints({at for at in self.points.addresses if self.points.stops(at, pid)})
        self._apply_watchpoints()

    def _reason(self, stop: DebugStop) -> StopReason:
        if not stop.is_watchpoint:
            how = self.points.how(stop.address)
            return HwBreak() if how == {"hardware"} else SwBreak()
        wanted = Access.WRITE if stop.is_write else Access.READ
        hits = [access for access, start, size in self._watchpoints if start <= stop.address < start + size]
        access = wanted if wanted in hits or not hits else hits[0]
        return WatchHit(access, stop.address)
