"""Running and stopping a machine as the GDB server asks for it: slices, steps, breakpoints, watchpoints."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

from ..isa.engine.interface import WatchKind, Watchpoint
from .boards.machine import Machine
from .boards.scheduler import Idle, Stopped, Strayed, Used
from .boards.vcpu import MachineVcpu, is_runnable
from .hv.kvm import DebugStop, MpState
from .pace import Pace
from .rsp.errors import BreakpointError
from .rsp.execution import (
    Access,
    Action,
    Continue,
    Exited,
    GdbSignal,
    HwBreak,
    NoneResumed,
    RangeStep,
    Signal,
    Step,
    StopEvent,
    StopReason,
    SwBreak,
    ThreadId,
    WatchHit,
)
from .rsp.target import BreakpointKind
from .target_state import TargetState, thread_of

_SLICE_SECONDS: Final = 0.004
_IDLE_SECONDS: Final = 0.01
_STEPPED: Final = Signal(GdbSignal.SIGTRAP)
_WATCH_KINDS: Final = {
    Access.READ: WatchKind.READ,
    Access.WRITE: WatchKind.WRITE,
    Access.READ_WRITE: WatchKind.ACCESS,
}
_MOST_WATCHPOINTS: Final = 32


class TargetExecution(TargetState):
    """`rsp.target`'s Execution, Breakpoints and Watchpoints."""

    def __init__(self, make: Callable[[], Machine]) -> None:
        super().__init__(make)
        self._breakpoints: dict[tuple[int, BreakpointKind], int] = {}
        self._watchpoints: list[tuple[Access, int, int]] = []
        self._plan: dict[ThreadId, Action] = {}
        self._stepping: tuple[ThreadId, MachineVcpu, Step | RangeStep] | None = None
        """The first of the plan's threads that is to step."""
        self._pace = Pace(_SLICE_SECONDS)
        self._range_pace = Pace(_SLICE_SECONDS)

    def resume(self, plan: Mapping[ThreadId, Action]) -> None:
        """See `rsp.target.Execution`."""
        self._plan = dict(plan)
        self._stepping = None
        for thread, action in plan.items():
            vcpu = self.vcpu(thread)
            vcpu.core.pass_breakpoint = True
            if self._stepping is None and not isinstance(action, Continue):
                self._stepping = thread, vcpu, action

    def run_slice(self) -> StopEvent | None:
        """See `rsp.target.Execution`."""
        stepping = self._stepping
        if stepping is not None and stepping[1].mp_state is MpState.RUNNABLE:
            return self._step(*stepping)
        if self.machine.verdict is None and not any(
            self.vcpu(thread).mp_state is not MpState.STOPPED for thread in self._plan
        ):
            return self._stopped(next(iter(self._plan)), NoneResumed())
        return self._run() if stepping is None else self._step(*stepping)

    def interrupt(self) -> StopEvent:
        """See `rsp.target.Execution`."""
        thread = thread_of(self.machine.turns.current)
        if thread not in self._plan and self._plan:
            thread = next(iter(self._plan))
        return self._stopped(thread, Signal(GdbSignal.SIGINT))

    def _run(self) -> StopEvent | None:
        only = frozenset(self.vcpu(thread).number for thread in self._plan)
        everyone = len(only) == len(self.machine.vcpus)
        with self._pace.slice() as steps:
            end = self.machine.run_slice(steps, None if everyone else only)
        if end is None:
            return self._ended()
        if isinstance(end, Stopped):
            return self._stopped(thread_of(end.vcpu), self._reason(end.stop))
        if isinstance(end, Strayed):
            return self._strayed(end)
        if isinstance(end, Idle):
            if self.machine.said.last is not None:
                self.machine.end_idle()
                return self._ended()
            time.sleep(_IDLE_SECONDS)  # only what is typed can wake it
        return None

    def _step(self, thread: ThreadId, vcpu: MachineVcpu, action: Step | RangeStep) -> StopEvent | None:
        machine = self.machine
        if vcpu.mp_state is not MpState.RUNNABLE:
            if not (vcpu.mp_state is MpState.HALTED and vcpu.wakes()):
                return self._wait_for(vcpu)
            vcpu.mp_state = MpState.RUNNABLE
        if isinstance(action, RangeStep):
            with self._range_pace.slice() as most:
                stopped = machine.step(vcpu, action.start, action.end, most)
            goes_on = action.start <= vcpu.core.pc < action.end
        else:
            stopped, goes_on = machine.step(vcpu), False
        if machine.verdict is not None:
            return self._ended()
        if stopped is not None:
            return self._stopped(thread, self._reason(stopped.stop))
        return None if goes_on else self._stopped(thread, _STEPPED)

    def _wait_for(self, vcpu: MachineVcpu) -> StopEvent | None:
        """A vcpu that is to be stepped waits: the others run on, and time with them, until it goes on."""
        others = frozenset(self.vcpu(t).number for t, action in self._plan.items() if not isinstance(action, Step))
        end = self.machine.run_slice(self._pace.steps, others | {vcpu.number} if others else frozenset({vcpu.number}))
        if end is None:
            return self._ended()
        if isinstance(end, Stopped):
            return self._stopped(thread_of(end.vcpu), self._reason(end.stop))
        if isinstance(end, Strayed):
            return self._strayed(end)
        if isinstance(end, Used) and is_runnable(vcpu):
            return self._stopped(thread_of(vcpu), _STEPPED)
        if isinstance(end, Idle):
            time.sleep(_IDLE_SECONDS)
        return None

    def _stopped(self, thread: ThreadId, reason: StopReason) -> StopEvent:
        for vcpu in self.machine.vcpus:
            vcpu.core.pass_breakpoint = False
        return StopEvent(thread, reason)

    def _strayed(self, end: Strayed) -> StopEvent:
        """The guest runs wild: whoever debugs it is told, and may let it run on."""
        wild = self.machine.wild
        assert wild is not None
        return self._stopped(thread_of(end.vcpu), Signal(GdbSignal.SIGTRAP))._replace(note=wild.message)

    def _ended(self) -> StopEvent:
        verdict = self.machine.verdict
        assert verdict is not None
        return self._stopped(thread_of(self.machine.vcpus[0]), Exited(verdict.status))

    def _reason(self, stop: DebugStop) -> StopReason:
        if not stop.is_watchpoint:
            kind = next((how for (address, how) in self._breakpoints if address == stop.address), "software")
            return SwBreak() if kind == "software" else HwBreak()
        wanted = Access.WRITE if stop.is_write else Access.READ
        hits = [access for access, start, size in self._watchpoints if start <= stop.address < start + size]
        access = wanted if wanted in hits or not hits else hits[0]
        return WatchHit(access, stop.address)

    # Breakpoints and watchpoints

    def breakpoint_kinds(self) -> frozenset[int]:
        """See `rsp.target.Breakpoints`: lengths of instructions; Arm's 3 means a 32-bit Thumb instruction."""
        units = {one.unit // 8 for one in self.machine.description.instruction_sets.values()}
        return frozenset(units | {3}) if 2 in units else frozenset(units)

    def insert_breakpoint(self, pid: int, how: BreakpointKind, address: int, kind: int) -> None:
        """See `rsp.target.Breakpoints`."""
        if kind != 3 and address % kind:
            raise BreakpointError(f"no instruction of {kind} bytes begins at {address:#x}")
        self._breakpoints[address, how] = kind
        self._apply_breakpoints()

    def remove_breakpoint(self, pid: int, how: BreakpointKind, address: int, kind: int) -> None:
        """See `rsp.target.Breakpoints`."""
        self._breakpoints.pop((address, how), None)
        self._apply_breakpoints()

    def insert_watchpoint(self, pid: int, access: Access, address: int, length: int) -> None:
        """See `rsp.target.Watchpoints`."""
        if len(self._watchpoints) >= _MOST_WATCHPOINTS:
            raise BreakpointError(f"there are {_MOST_WATCHPOINTS} watchpoints already: delete one of them")
        self._watchpoints.append((access, address, length))
        self._apply_breakpoints()

    def remove_watchpoint(self, pid: int, access: Access, address: int, length: int) -> None:
        """See `rsp.target.Watchpoints`."""
        self._watchpoints.remove((access, address, length))
        self._apply_breakpoints()

    def _apply_breakpoints(self) -> None:
        addresses = frozenset(address for address, _ in self._breakpoints)
        watched = [Watchpoint(start, size, _WATCH_KINDS[access]) for access, start, size in self._watchpoints]
        for vcpu in self.machine.vcpus:
            vcpu.core.engine.set_breakpoints(addresses)
            # Before the access on both architectures: docs/decisions/0005.
            vcpu.core.engine.set_watchpoints(watched, before=True)
