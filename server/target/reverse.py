"""Running a machine backwards as the GDB server asks for it."""

from __future__ import annotations

from collections.abc import Iterator

from ..rsp.execution import ReplayLog, StopEvent, ThreadId, WatchHit
from ..timeline.backwards import START, Start, step_back, stop_back
from ..timeline.timeline import TimelineError
from ..tree.ends import Stopped
from .execution import STEPPED, TargetExecution
from .state import thread_of


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
            return super().run_slice()
        self.machine.brake.release()
        try:
            event = next(self._way)
        except TimelineError:
            self._way = None
            raise
        if event is not None:
            self._way = None
        return event

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
        for come in stop_back(self.timeline):
            if isinstance(come, Stopped):
                reason = self._reason(come.stop)
                if isinstance(reason, WatchHit):
                    self._behind_access()
                yield self._stopped(thread_of(self.machine, come.vcpu), reason)
            elif isinstance(come, Start):
                yield self._stopped(thread_of(self.machine, self.machine.turns.current), ReplayLog(at_end=False))
            else:
                yield None

    def _behind_access(self) -> None:
        """Lets the instruction at pc make its access. gdb takes a watchpoint's stop for one before the access, makes a
        step in the direction that it goes in, and compares the values then: going back that leads to before it."""
        with self.timeline.unarmed():
            self.timeline.go_on(self.machine.steps + 1)
