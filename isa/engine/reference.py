"""The reference engine: runs a description's generated Python, one instruction after the other.

It is the definition that the native engine is tested against. The loop looks up the decoded instruction of the present
address and calls it; interrupts, polls, exits, breakpoints and watchpoints are sorted out around that call.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, ClassVar, Final

from ..errors import TraplineError
from ..model.items import Description
from .access import WatchStop
from .decoded import NOTHING
from .errors import EngineError, Interrupt
from .interface import Bus, ByteOrder, ExitTaken, PhysicalMemory, Rehearsed, Stop, StopReason, WatchHit
from .interrupt_log import REPORT
from .layout import RETIRED, SCOPES
from .logged import Logged
from .questions import Question
from .rehearsal import rehearse
from .state import State

MAXIMUM_NESTING = 8
"""How often the entry of an interrupt may raise the next one before the engine gives up."""
_BRAKE_MASK: Final = 63
"""The brake is looked at every so many instructions."""


class ReferenceEngine(Logged):
    """One vcpu. See `interface.Engine`; registers itself with the engines that share its machine's state."""

    KIND: ClassVar[str] = "reference"

    def __init__(
        self,
        description: Description,
        state: State,
        memory: PhysicalMemory,
        bus: Bus,
        vcpu: int = 0,
        coverage: set[int] | None = None,
    ) -> None:
        """`vcpu` is the number that the bus is told. `coverage` collects the packed lines of statements that run."""
        self.refuse_others(state)
        super().__init__(description, state, memory, bus, vcpu, coverage)
        self.breakpoints: set[int] = set()
        self._reported: Stop | None = None
        """The last stop, if it was before an instruction at its pc: running on executes that instruction first."""
        self._poll = self.hook("poll")
        self._started_at = 0
        self._budget = 0
        self._left = 0
        """Steps left of the budget, the present one included."""
        self.peers.engines.append(self)
        self.state_changed()

    @classmethod
    def refuse_others(cls, state: State) -> None:
        """Raises EngineError where the machine's engines are of another kind: they keep shared registers elsewhere."""
        for peer in state.peers.engines:
            if isinstance(peer, ReferenceEngine) and cls.KIND != peer.KIND:
                raise EngineError(
                    f"a {cls.KIND} engine cannot join a machine whose engines are not {cls.KIND}",
                    hint="choose one engine for all vcpus of a machine",
                )

    # Running

    def run(self, budget: int, step_over: bool = False) -> Stop:
        """See `Engine`."""
        pc = self.pc
        self._started_at = self.retired
        over = self._reported.reason if self._reported is not None and self._reported.pc == pc else None
        self._reported = None
        self.leaving = None
        self.watch_hit = None
        # Another vcpu may have written shared registers that the context depends on.
        self.context_changed()
        try:
            stop = self._loop(pc, budget, step_over or over is not None, over is StopReason.WATCHPOINT)
        except BaseException as error:
            self._failed(error)
            raise
        finally:
            self.watching = False
        if stop.reason is StopReason.BREAKPOINT or (stop.reason is StopReason.WATCHPOINT and self.watch_before):
            self._reported = stop
        return stop

    def forget_stop(self) -> None:
        """The vcpu was put elsewhere: a breakpoint at its pc has not been told yet."""
        self._reported = None

    def _failed(self, error: BaseException) -> None:
        """Puts pc and count where they belong before an error leaves the engine. Raises what it is to be instead."""
        self._sync(self.cia)
        if isinstance(error, Exception) and not isinstance(error, TraplineError):
            raise EngineError(f"{type(error).__name__} in generated code: {error}", self.cia) from error

    def _loop(self, pc: int, budget: int, over_breakpoint: bool, over_watchpoint: bool) -> Stop:
        breakpoints, log = self.breakpoints, self.interrupts.words
        undoable = bool(self.watchpoints) and self.watch_before
        self._budget = self._left = budget
        self.watching = not over_watchpoint
        brake = self.peers.brake
        while self._left > 0:
            if not self._left & _BRAKE_MASK and self._left < self._budget and brake.due():
                break
            if self.retired >= self.poll_at:
                after_poll = self._take_poll(pc)
                if after_poll != pc:
                    pc, over_breakpoint, self.watching = after_poll, False, True
                if self.leaving is not None:
                    goes_on, pc = self._answered(self.leaving, pc), self.state.pc
                    if not goes_on:
                        return self._stop(StopReason.EXIT, pc, self._steps())
                    continue
            if pc in breakpoints and not over_breakpoint:
                return self._stop(StopReason.BREAKPOINT, pc, self._steps())
            over_breakpoint = False
            pc, hit = self._undoable_step(pc) if undoable else (self._step(pc), None)
            if hit is not None:
                return self._stop(StopReason.WATCHPOINT, pc, self._steps(), hit)
            self.watching |= undoable
            self._left -= 1
            if self.leaving is not None:
                goes_on, pc = self._answered(self.leaving, pc), self.state.pc
                if not goes_on:
                    return self._stop(StopReason.EXIT, pc, self._steps(), self.watch_hit)
            if self._told is not None:
                self._tell()
            if self.watch_hit is not None:
                return self._stop(StopReason.WATCHPOINT, pc, self._steps(), self.watch_hit)
            if log[REPORT]:
                row = self._take_report()
                if row:
                    return self._stop(StopReason.WILD, pc, self._steps())._replace(row=row)
        return self._stop(StopReason.BUDGET, pc, self._steps())

    def step(self, start: int = 0, end: int = 0, most: int = 1) -> int | Stop:
        """See `Engine`: one instruction at a time."""
        stop = self.run(1, True)
        return stop if stop.reason is not StopReason.BUDGET or stop.exit is not None else stop.steps

    def _steps(self) -> int:
        return self._budget - self._left

    def entered(self) -> Mapping[str, int]:
        """See `Engine`."""
        return {}

    def cut(self, first: int, every: int) -> None:
        """See `Engine`."""
        self._cut_behind(self._steps() + self._under_way, first, every)

    def _cut_behind(self, done: int, first: int, every: int) -> None:
        end = done + (first - done) % every
        if end < self._budget:
            self._left -= self._budget - end
            self._budget = end

    def _step(self, pc: int) -> int:
        """One instruction, or the interrupt that it ends in; the next address."""
        try:
            instruction = self.hot.get(pc) or self.fetch(pc)
            self.cia = pc
            self.nia = instruction.next
            self.instruction = instruction
            instruction.execute()
            if instruction.finish is not None:
                instruction.finish()
            self.retired += 1
            return self.nia
        except Interrupt as raised:
            return self._enter(raised)

    def _undoable_step(self, pc: int) -> tuple[int, WatchHit | None]:
        """A step that a watchpoint can undo, registers and RAM both: it stops before the access.

        What fetching the instruction does (a page's referenced bit, say) is not undone: engines may fetch early.
        """
        try:
            if pc not in self.hot:
                self.fetch(pc)
        except Interrupt as raised:
            return self._enter(raised), None
        saved = self.save_state()
        journal: list[tuple[int, bytes]] = []
        self.journal = journal
        try:
            return self._step(pc), None
        except WatchStop as stopped:
            self.journal = None
            for pa, data in reversed(journal):
                self.put_bytes(pa, data, True)
            self.load_state(saved)
            return pc, stopped.hit
        finally:
            self.journal = None

    def _enter(self, raised: Interrupt, by_instruction: bool = True) -> int:
        """Runs the interrupt's body; the next address. CIA and NIA are still those of what raised."""
        completes = by_instruction and self.description.interrupts[raised.name].completes
        following, set_code = self.nia, self.present_set().code
        for _ in range(MAXIMUM_NESTING):
            interrupt = self.description.interrupts[raised.name]
            try:
                self.bound(interrupt.function)(*raised.arguments)
            except Interrupt as nested:
                raised = nested
            else:
                if self.overlay is None:
                    self.note_entered(raised, completes, following, not by_instruction, set_code)
                if completes:
                    self.retired += 1
                self.select_set()
                return self.nia
        raise EngineError(
            f"the entry of interrupt {raised.name} raised another one, {MAXIMUM_NESTING} times over",
            self.cia,
            "an interrupt's body must not do what raises it",
        )

    def _take_poll(self, pc: int) -> int:
        """Calls the poll hook between instructions: CIA and NIA are both the next instruction's address."""
        self.take_poll()
        self.cia = self.nia = pc
        self.instruction = NOTHING
        if self._poll is None:
            return pc
        watching, self.watching = self.watching, False
        try:
            self._poll()
        except Interrupt as raised:
            return self._enter(raised, by_instruction=False)
        finally:
            self.watching = watching
        self.select_set()
        return self.nia

    def _stop(self, reason: StopReason, pc: int, steps: int, hit: WatchHit | None = None) -> Stop:
        self._sync(pc)
        leaving: ExitTaken | None = self.leaving
        self.leaving = None
        self.watch_hit = None
        return Stop(reason, pc, self.retired - self._started_at, steps, leaving, hit)

    # Control

    def set_breakpoints(self, addresses: AbstractSet[int]) -> None:
        """See `Engine`."""
        self.breakpoints.clear()
        self.breakpoints.update(addresses)

    def add_breakpoint(self, address: int) -> None:
        """See `Engine`."""
        self.breakpoints.add(address)

    def remove_breakpoint(self, address: int) -> None:
        """See `Engine`."""
        self.breakpoints.discard(address)

    def ask_at(self, address: int, question: Question | None, order: ByteOrder) -> bool:
        """See `Engine`; the reference engine looks at nothing by itself."""
        return False

    def heed_questions(self, heeded: bool) -> None:
        """See `Engine`."""

    def come_back(self) -> None:
        """See `Peer`; the loop looks at the brake itself."""

    def flush_tlb(self) -> None:
        """See `Engine`."""
        self.tlb_flush()

    def invalidate_code(self, pa: int, size: int) -> None:
        """See `Engine`."""
        self.code_changed(pa, size)

    def rehearse(self, instructions: int) -> Generator[Rehearsed, None, None]:
        """See `Engine`."""
        return rehearse(self, self._step, instructions)

    def made_with(self) -> dict[str, Any]:
        """What it was made with beside a description and a state, to be made anew."""
        return {"memory": self.memory, "bus": self.bus, "vcpu": self.vcpu}

    def prepare_for(self, description: Description) -> None:
        """Another description is to be executed soon. Raises EngineError where it cannot be."""

    def close(self) -> None:
        """See `Engine`."""
        self.peers.engines.remove(self)

    def state_changed(self) -> None:
        """See `Engine`."""
        self.retired = self.state.read(RETIRED)
        self.load_timers()
        self.tlb.clear()
        self.context_changed()

    def reset(self) -> None:
        """See `Engine`. The hook starts with NIA 0 and may assign it; an interrupt that it raises is entered."""
        others = [peer.state for peer in self.peers.engines if isinstance(peer, ReferenceEngine) and peer is not self]
        for scope in SCOPES:
            block = self.state.blocks[scope]
            # What threads that run on share with this one stays: a core's other threads, a partition's other cores.
            if not any(other.blocks[scope] is block for other in others):
                block.reset()
        self._reported = None
        self.state_changed()
        self.cia = self.nia = 0
        self.instruction = NOTHING
        hook = self.hook("reset")
        pc = 0
        if hook is not None:
            try:
                hook()
                pc = self.nia
            except Interrupt as raised:
                pc = self._enter(raised, by_instruction=False)
        self.leaving = None
        self._sync(pc)
        self.context_changed()
