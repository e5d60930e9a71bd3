"""Running a machine backwards as the GDB server asks for it."""

from __future__ import annotations

from collections.abc import Iterator

from ..rsp.errors import TargetError
from ..rsp.execution import RangeStep, ReplayLog, StopEvent, ThreadId, WatchHit
from ..timeline.backwards import START, Caught, Start, step_back, stop_back
from ..timeline.timeline import TimelineError
from ..tree.ends import Stopped
from .execution import ENDLESS, SLICE_SECONDS, STEPPED, Stepper, TargetExecution


class TargetReverse(TargetExecution):
    """`rsp.target`'s ReverseExecution. The history is that of `timeline`: it is always there."""

    _way: Iterator[StopEvent | None] | None = None
    """What is being done backwards, slice by slice."""

    def reverse_step(self, thread: ThreadId) -> None:
        """See `rsp.target.ReverseExecution`."""
        self._way = self._stepping_back(thread)

    def reverse_continue(self) -> None:
        """See `rsp.target.ReverseExecution`."""
        self._way = self._stopping_back()

    def run_slice(self) -> StopEvent | None:
        """See `rsp.target.Execution`."""
        if self._way is None:
            return self._run_in_past() if self.timeline.in_past else super().run_slice()
        self.machine.brake.release()
        self.points.is_quiet = True
        try:
            event = next(self._way)
        except TimelineError as error:
            self._way = None
            raise TargetError(f"{error.message}: {error.hint}") from error
        finally:
            self.points.is_quiet = False
        if event is not None:
            self._way = None
        return event

    def _goes_back(self) -> bool:
        return self._way is not None

    def _run_in_past(self) -> StopEvent | None:
        """Does again what was done, until what was asked for has happened, or the present is there."""
        try:
            return self._again()
        except TimelineError as error:
            raise TargetError(f"{error.message}: {error.hint}") from error

    def _again(self) -> StopEvent | None:
        timeline, stepper = self.timeline, self._stepping[0] if self._stepping else None
        if stepper is None:
            stopped = timeline.go_on(ENDLESS, SLICE_SECONDS)
            caught = self.catches.take()
            if stopped is None and caught is not None and timeline.in_past:
                return self._caught(caught)
        else:
            # Along the way that was gone: others execute what they executed.
            executed, moment = stepper.vcpu.core.steps, self.machine.steps + 1
            stopped = timeline.go_on(moment)
            caught = self.catches.take()
            if stopped is None and caught is not None and timeline.in_past:
                return self._caught(caught)
            if stopped is None and stepper.vcpu.core.steps != executed and not self._is_in_range(stepper):
                return self._stopped(stepper.thread, STEPPED)
        if stopped is not None:
            return self._at_point(stopped)
        if not timeline.in_past:
            thread = next(iter(self._plan)) if stepper is None else stepper.thread
            return self._stopped(thread, ReplayLog(at_end=True))
        return None

    def _is_in_range(self, stepper: Stepper) -> bool:
        action = stepper.action
        return isinstance(action, RangeStep) and action.start <= stepper.vcpu.core.pc < action.end

    def interrupt(self) -> StopEvent:
        """See `rsp.target.Execution`. A way back ends where it has come to."""
        self._way = None
        return super().interrupt()

    def _stepping_back(self, thread: ThreadId) -> Iterator[StopEvent | None]:
        for come in step_back(self.timeline, self.vcpu(thread)):
            if come is START:
                yield self._stopped(thread, ReplayLog(at_end=False))
            elif come is not None:
                yield self._stopped(thread, STEPPED)
            else:
                yield None

    def _stopping_back(self) -> Iterator[StopEvent | None]:
        for come in stop_back(self.timeline, self.catches.take):
            if isinstance(come, Stopped):
                event = self._at_point(come)
                if isinstance(event.reason, WatchHit):
                    self._behind_access()
                yield event
            elif isinstance(come, Caught):
                yield self._caught(come)
            elif isinstance(come, Start):
                yield self._stopped(self.thread_of(self.machine.turns.current), ReplayLog(at_end=False))
            else:
                yield None

    def _behind_access(self) -> None:
        """Lets the instruction at pc make its access. gdb takes a watchpoint's stop for one before the access, makes a
        step in the direction that it goes in, and compares the values then: going back that leads to before it."""
        with self.timeline.unarmed():
            self.timeline.go_on(self.machine.steps + 1)
