"""Running and stopping a machine as the GDB server asks for it: slices, steps, breakpoints, watchpoints."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import Final

from ..boards.machine import Machine
from ..hv.kvm import MpState
from ..rsp.errors import TargetError
from ..rsp.execution import (
    Action,
    Continue,
    Exited,
    GdbSignal,
    NoneResumed,
    RangeStep,
    Signal,
    Step,
    StopEvent,
    StopReason,
    SyscallStop,
    ThreadCreated,
    ThreadExited,
    ThreadId,
)
from ..timeline.backwards import Caught
from ..timeline.changes import Change
from ..tree.ends import Idle, Stopped, Strayed
from ..tree.schedule import QUANTUM
from ..tree.vcpu import MachineVcpu, is_runnable
from .stops import TargetStops
from .threads import PID
from .watches import Watch
from .worlds import worlds_now

SLICE_SECONDS: Final = 0.004
_IDLE_SECONDS: Final = 0.01
ENDLESS: Final = 1 << 62
_STEPS_AT_ONCE: Final = 64
"""Of a step in a range, before others have their turn."""
STEPPED: Final = Signal(GdbSignal.SIGTRAP)
_MOST_SHOWN: Final = 64
"""Bytes of what is watched that are told."""
_FORKED: Final = "The past was changed: another future begins there, and the one that was known is forgotten."


@dataclass(frozen=True, slots=True)
class Stepper:
    """A thread that is to step."""

    thread: ThreadId
    vcpu: MachineVcpu
    action: Step | RangeStep


class TargetExecution(TargetStops):
    """`rsp.target`'s Execution."""

    def __init__(self, make: Callable[[], Machine]) -> None:
        super().__init__(make)
        self._plan: dict[ThreadId, Action] = {}
        self._idle: ThreadId | None = None
        """Who is told of when nobody who was resumed can run."""
        self._told: ThreadId | None = None
        """The thread of the last stop."""
        self._stepping: list[Stepper] = []
        self._others: frozenset[MachineVcpu] = frozenset()
        """The vcpus that run on while others step."""
        self._forked = False
        """Whether a change in the past has begun another future that nobody has been told of."""
        self._owed = 0
        """Instructions that each of them may execute before the next step."""
        self._gone = self.machine.ended
        """Partitions whose end has been told."""
        self._powering: deque[StopEvent] | None = None
        """If powering vcpus on and off is to be told: what has not been."""
        self._each = False
        """Whether a stop is one thread's, while the others go on."""
        self._woken = threading.Event()
        """Somebody wants the slice to end, or is about to."""

    def change(self, what: Change, size: int = 0) -> object:
        """See `TargetState`."""
        self._changes += 1
        forks, given = self.timeline.do(what, size)
        self._forked |= forks
        self.catches.look_anew()
        return given

    def catch_syscalls(self, numbers: frozenset[int] | None) -> None:
        """See `rsp.target.Syscalls`."""
        self.catches.catch_syscalls(numbers)

    def state_mark(self) -> object:
        """See `TargetState`."""
        return self.machine.steps, self.machine.clock.now, self._changes, self.timeline.visits

    def resume(self, plan: Mapping[ThreadId, Action], fresh: Container[ThreadId] | None = None) -> None:
        """See `rsp.target.Execution`. Raises TargetError in the past in non-stop mode."""
        self._each = fresh is not None
        if self._each and plan and self.timeline.in_past:
            raise TargetError("in the past all threads run together: `monitor goto present` first")
        host = self._named.host
        self._plan = {thread: action for thread, action in plan.items() if thread.pid != host}
        self._idle = next(iter(plan), None)
        self._stepping = []
        running: list[MachineVcpu] = []
        for thread, action in self._plan.items():
            vcpu = self.vcpu(thread)
            if fresh is None:
                # One that came to a breakpoint while another one's stop was told has not been told of.
                vcpu.core.pass_breakpoint = self._told is None or self._told == thread
            elif thread in fresh:
                vcpu.core.pass_breakpoint = True
            if isinstance(action, Continue):
                running.append(vcpu)
            else:
                self._stepping.append(Stepper(thread, vcpu, action))
        self._others = frozenset(running)
        self._owed = 1

    def run_slice(self) -> StopEvent | None:
        """See `rsp.target.Execution`."""
        if self.machine.verdict is None and all(self.vcpu(thread).mp_state is MpState.STOPPED for thread in self._plan):
            assert self._idle is not None
            note = f"{self.machine.HOST} is a model, without instructions." if self.is_host(self._idle.pid) else ""
            return self._stopped(self._idle, NoneResumed())._replace(note=note)
        if self._powering is not None:
            return self._run_reporting(self._powering)
        return self._step_all() if self._stepping else self._run(self._others)

    def report_threads(self, wanted: bool) -> None:
        """See `rsp.target.ThreadEvents`."""
        self._powering = deque() if wanted else None

    def _run_reporting(self, told: deque[StopEvent]) -> StopEvent | None:
        """A slice; vcpus that were powered on meanwhile stand at their first instruction, and are told of."""
        if told:
            return self._stopped(*told.popleft()[:2])
        off = {vcpu for vcpu in self.machine.vcpus if vcpu.mp_state is MpState.STOPPED}
        others, self._others = self._others, self._others - off
        try:
            event = self._step_all() if self._stepping else self._run(self._others)
        finally:
            self._others = others
        if self.machine.verdict is not None:
            return event
        for vcpu in self.machine.vcpus:
            if (vcpu.mp_state is MpState.STOPPED) != (vcpu in off):
                reason = ThreadCreated() if vcpu in off else ThreadExited()
                told.append(StopEvent(self.thread_of(vcpu), reason))
        return event or (self._stopped(*told.popleft()[:2]) if told else None)

    def request_stop(self) -> None:
        """See `rsp.target.Execution`."""
        self.machine.brake.press()
        self._woken.set()

    def interrupt(self) -> StopEvent:
        """See `rsp.target.Execution`."""
        thread = self.thread_of(self.machine.turns.current)
        if thread not in self._plan and self._plan:
            thread = next(iter(self._plan))
        return self._stopped(thread, Signal(GdbSignal.SIGINT))

    def _run(self, running: frozenset[MachineVcpu], steps: int | None = None) -> StopEvent | None:
        """Lets these vcpus run, for a slice's time or so many instructions."""
        everyone = len(running) == len(self.machine.vcpus)
        end = self.timeline.run_slice(steps, None if everyone else running, SLICE_SECONDS)
        if end is None:
            return self._ended()
        if isinstance(end, Stopped):
            return self._at_point(end)
        if isinstance(end, Strayed):
            return self._strayed(end)
        if self.machine.ended is not self._gone:
            gone = self._partition_ended()
            if gone is not None:
                return gone
        caught = self.catches.take()
        if caught is not None:
            return self._caught(caught)
        if isinstance(end, Idle):
            if everyone and self.machine.said.last is not None:
                self.machine.end_idle()
                return self._ended()
            if not any(self._is_ready(one.vcpu) for one in self._stepping):
                self._rest()  # only what is typed can wake it
        return None

    def _step_all(self) -> StopEvent | None:
        """One instruction of each vcpu that steps, after as many of those that run meanwhile.

        So nobody waits for ever for another one's lock, and a stop of the others is told before the step is made.
        """
        if self._others and self._owed:
            stopped = self._run(self._others, self._owed * len(self._others))
            if stopped is not None:
                return stopped
        ready = [one for one in self._stepping if self._is_ready(one.vcpu)]
        if not ready:
            return self._wait()
        self._owed = 0
        event: StopEvent | None = None
        for one in ready:
            found, steps = self._step(one)
            self._owed = max(self._owed, steps)
            if found is not None and (event is None or found.reason != STEPPED):
                event = found
                if found.reason != STEPPED or self._each:
                    break
        return event

    def _is_ready(self, vcpu: MachineVcpu) -> bool:
        if vcpu.mp_state is MpState.HALTED and vcpu.wakes():
            vcpu.mp_state = MpState.RUNNABLE
        return vcpu.mp_state is MpState.RUNNABLE

    def _step(self, one: Stepper) -> tuple[StopEvent | None, int]:
        """What ends the stepping, and how many instructions were executed."""
        machine, vcpu, action = self.machine, one.vcpu, one.action
        before = vcpu.core.steps
        if isinstance(action, RangeStep):
            # Others that run, or step as well, keep pace with it.
            most = _STEPS_AT_ONCE if self._others or len(self._stepping) > 1 else ENDLESS
            stopped = self.timeline.step(vcpu, action.start, action.end, most, SLICE_SECONDS)
            goes_on = action.start <= vcpu.core.pc < action.end
        else:
            stopped, goes_on = self.timeline.step(vcpu), False
        steps = vcpu.core.steps - before
        if machine.verdict is not None:
            return self._ended(), steps
        if machine.ended is not self._gone:
            gone = self._partition_ended()
            if gone is not None:
                return gone, steps
        if stopped is not None:
            return self._at_point(stopped), steps
        caught = self.catches.take()
        if caught is not None:
            return self._caught(caught), steps
        return None if goes_on else self._stopped(one.thread, STEPPED), steps

    def _wait(self) -> StopEvent | None:
        """All vcpus that are to step wait: those that run go on, or time does, until one of them can."""
        self._owed = 0
        if self._others:
            return self._run(self._others, QUANTUM)
        # Time goes on to what wakes one of them, and that one executes an instruction.
        waiting = {one.vcpu for one in self._stepping if one.vcpu.mp_state is MpState.HALTED}
        end = self.timeline.run_slice(1, frozenset(waiting), SLICE_SECONDS)
        if end is None:
            return self._ended()
        if isinstance(end, Stopped):
            return self._at_point(end)
        if isinstance(end, Strayed):
            return self._strayed(end)
        if isinstance(end, Idle):
            self._rest()
            return None
        woken = next((one for one in self._stepping if is_runnable(one.vcpu)), None)
        return None if woken is None else self._stopped(woken.thread, STEPPED)

    def _rest(self) -> None:
        """Waits on the host for a little while, or until somebody wants the slice to end."""
        self._woken.wait(_IDLE_SECONDS)
        self._woken.clear()

    def _stopped(self, thread: ThreadId, reason: StopReason) -> StopEvent:
        if not self._each:
            for vcpu in self.machine.vcpus:
                vcpu.core.pass_breakpoint = False
        self._told = thread
        note, self._forked = _FORKED if self._forked else "", False
        return StopEvent(thread, reason, note)

    def _caught(self, caught: Caught) -> StopEvent:
        """A catchpoint stops it, behind the instruction at which that happened."""
        thread = self.thread_of(caught.vcpu)
        if caught.syscall is not None:
            return self._stopped(thread, SyscallStop(*caught.syscall))
        return self._stopped(thread, STEPPED)._replace(note=caught.text)

    def _strayed(self, end: Strayed) -> StopEvent:
        """The guest runs wild: whoever debugs it is told, and may let it run on."""
        wild = self.machine.wild
        assert wild is not None
        return self._stopped(self.thread_of(end.vcpu), Signal(GdbSignal.SIGTRAP))._replace(note=wild.message)

    def _begin_history(self) -> None:
        super()._begin_history()
        self._gone = self.machine.ended

    def _partition_ended(self) -> StopEvent | None:
        """A guest has ended, and others go on."""
        new = sorted(self.machine.ended - self._gone)
        if not new:
            self._gone = self.machine.ended
            return None
        self._gone |= {new[0]}  # others are told one after the other
        verdict = self.machine.behind(new[0]).verdict
        assert verdict is not None
        return self._stopped(ThreadId(PID + new[0], 1), Exited(verdict.status))

    def _ended(self) -> StopEvent:
        """The last guest has ended: with its own verdict, whatever became of the others."""
        new = sorted(self.machine.ended - self._gone)
        verdict = self.machine.behind(new[-1] if new else 0).verdict or self.machine.verdict
        assert verdict is not None
        return self._stopped(ThreadId(PID + (new[-1] if new else 0), 1), Exited(verdict.status))

    def _at_point(self, stopped: Stopped) -> StopEvent:
        """A breakpoint or a watchpoint stops it."""
        thread = self.thread_of(stopped.vcpu)
        hit = None if stopped.stop.is_watchpoint else self.points.hits.pop(stopped.vcpu, None)
        if hit is not None:
            # gdb takes a breakpoint that it has not set for one of its own that is gone, and goes on.
            worlds = ", ".join(worlds_now(stopped.vcpu.core))
            note = f"B{str(hit)[1:]}" + (f" (now {worlds})" if worlds else "")
            return self._stopped(thread, STEPPED)._replace(note=note)
        watch = self._watched_by_monitor(stopped.stop)
        if watch is not None:
            return self._stopped(thread, STEPPED)._replace(note=self._accessed(watch, stopped))
        return self._stopped(thread, self._reason(stopped.stop))

    def _accessed(self, watch: Watch, stopped: Stopped) -> str:
        """Lets a watched access be made, and tells what it did; on a way back it is left to be made."""
        assert watch.physical is not None
        core, place = stopped.vcpu.core, f"W{str(watch)[1:]}: vcpu {stopped.vcpu.number} at {stopped.vcpu.core.pc:#x}"
        shown = min(watch.size, _MOST_SHOWN)
        before = core.engine.read_physical_memory(watch.physical, shown)
        if self._goes_back():
            return f"{place} {'stores' if stopped.stop.is_write else 'loads'} there next; it holds {before.hex()}"
        with self.timeline.unarmed():
            if self.timeline.in_past:
                self.timeline.go_on(self.machine.steps + 1)
            else:
                self.timeline.step(stopped.vcpu)
        after = core.engine.read_physical_memory(watch.physical, shown)
        if not stopped.stop.is_write:
            return f"{place} has loaded it: {before.hex()}"
        return f"{place} has stored there\n\nOld value = {before.hex()}\nNew value = {after.hex()}"

    def _goes_back(self) -> bool:
        """Whether the machine is on a way back."""
        return False
