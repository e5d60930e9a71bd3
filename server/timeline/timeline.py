"""The history of one machine: it is run through here, and can be put to any moment between its start and its present.

A moment is told by how many instructions the machine has executed. Checkpoints stand along the way, thinner the longer
ago; between them the machine executes again what it has executed, with the inputs that came in then. The present is
the last of all moments; a change made in the past begins another future there.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from ...isa.errors import TraplineError
from ..boards.machine import Machine
from ..tree.ends import End, Idle, Stopped
from ..tree.vcpu import MachineVcpu
from .changes import Change, Waited
from .checkpoint import Keeper
from .checkpoint import Mark as Mark
from .operations import Did, Operation, Ran, Stepped

MOST_CHECKPOINTS: Final = 40
_REST_SECONDS: Final = 0.25
"""Of the host's time between two checkpoints, at least ..."""
_PART: Final = 25
"""... and so many times what one takes: a twenty-fifth of the time goes into them."""
MOST_OPERATIONS: Final = 1 << 15
_MOST_BYTES: Final = 1 << 27
"""Of changes from outside. A history with more of them, or of turns between runs and steps, begins anew."""
MOST_RECORDED: Final = 1 << 22
"""Of operations that a recording holds."""
_MOST_PAGES: Final = 1 << 16
"""Of 4 KB, that the checkpoints keep beside those of the present: a quarter of a gigabyte."""


class TimelineError(TraplineError):
    """A machine did not do again what it had done."""


class Timeline:
    """One machine's. `arm` is called with whether its breakpoints and watchpoints are to stop it."""

    def __init__(self, machine: Machine, arm: Callable[[bool], None]) -> None:
        self.machine = machine
        self._arm = arm
        self._keeper = Keeper(machine)
        self._operations: list[Operation] = []
        self._bytes = self._earlier_bytes = 0
        self.earlier: list[Operation] | None = None
        """What was done before the history began anew; None: nobody wants to know, or it is too much."""
        self._index = self._done = 0
        """How far the machine is: steps done of an operation."""
        self.marks: list[Mark] = []
        """Kept moments, the first one there is and more."""
        self._present: Mark | None = None
        """The last moment, while the machine stands at an earlier one."""
        self.visits = 0
        """How often the machine was put to a kept moment."""
        self.on_put: Callable[[], None] = lambda: None
        """Called when the machine was put to a kept moment."""
        self._rests_until = 0.0
        self._pace = machine.turns.pace

    # The present

    @property
    def in_past(self) -> bool:
        """Whether the machine stands at a moment before its last one."""
        return self._present is not None

    @property
    def first(self) -> int:
        """The earliest moment that can be reached."""
        return self.marks[0].steps if self.marks else self.machine.steps

    @property
    def last(self) -> int:
        """The present moment."""
        return self.machine.steps if self._present is None else self._present.steps

    def run_slice(self, steps: int | None, only: frozenset[MachineVcpu] | None, seconds: float | None) -> End | None:
        """See `Machine.run_slice`. At the present only."""
        self._begin()
        before = self.machine.steps
        end = self.machine.run_slice(steps, only, seconds)
        last = self._operations[-1] if self._operations else None
        if not isinstance(last, Ran) or last.only != only:
            last = Ran(only)
            self._operations.append(last)
        last.steps += self.machine.steps - before
        last.end = None
        if isinstance(end, Stopped):
            last.end = (end.vcpu, end.vcpu.core.pc, self.machine.clock.now)
        self._stand(len(self._operations) - 1, last.steps)
        self._mark_sometimes()
        return end

    def step(
        self, vcpu: MachineVcpu, start: int = 0, end: int = 0, most: int = 1, seconds: float | None = None
    ) -> Stopped | None:
        """See `Machine.step`. At the present only."""
        self._begin()
        before = self.machine.steps
        stopped = self.machine.step(vcpu, start, end, most, seconds)
        executed = self.machine.steps - before
        if executed:
            last = self._operations[-1] if self._operations else None
            if not isinstance(last, Stepped) or last.vcpu is not vcpu:
                last = Stepped(vcpu)
                self._operations.append(last)
            last.steps += executed
            self._stand(len(self._operations) - 1, last.steps)
        elif stopped is None:
            # It waits; but the turn may be another vcpu's now, or a timer's time may have come.
            self._operations.append(Did(Waited(self.machine.vcpus.index(vcpu))))
            self._stand(len(self._operations), 0)
        return stopped

    def do(self, change: Change, size: int = 0) -> tuple[bool, object]:
        """Changes the machine from outside: (whether a future was given up by it, what `change` gives). Raises what
        `change` raises.

        `size`: bytes that `change` keeps.
        """
        self._begin()
        given = change.apply(self.machine)
        forks = self._present is not None
        if forks:
            self._give_up_future()
        self._operations.append(Did(change))
        self._stand(len(self._operations), 0)
        self._bytes += size
        return forks, given

    def _begin(self) -> None:
        """Keeps the first moment, before anything is done: the start, or the end of a history too long to be kept."""
        if self._present is None and (len(self._operations) > MOST_OPERATIONS or self._bytes > _MOST_BYTES):
            if self.earlier is not None:
                self.earlier += self._operations
                self._earlier_bytes += self._bytes
                if len(self.earlier) > MOST_RECORDED or self._earlier_bytes > _MOST_BYTES << 3:
                    self.earlier = None
            self.marks, self._operations, self._bytes = [], [], 0
            self._stand(0, 0)
        if not self.marks:
            self.marks.append(self.mark())

    def _stand(self, index: int, done: int) -> None:
        self._index, self._done = index, done

    def mark(self) -> Mark:
        """The moment where the machine stands."""
        return Mark(self._index, self._done, self._keeper.keep())

    def _mark_sometimes(self) -> None:
        began = time.perf_counter()
        if began < self._rests_until or self.machine.steps <= self.marks[-1].steps or self.machine.verdict is not None:
            return
        self.marks.append(self.mark())
        self._thin()
        now = time.perf_counter()
        self._rests_until = now + max(_REST_SECONDS, _PART * (now - began))

    def _thin(self) -> None:
        """Drops marks: those close to each other, seen from the present, first."""
        while len(self.marks) > MOST_CHECKPOINTS or (len(self.marks) > 2 and self._pages() > _MOST_PAGES):
            del self.marks[min(range(1, len(self.marks) - 1), key=self._distance)]

    def _distance(self, at: int) -> float:
        marks = self.marks
        return (marks[at + 1].steps - marks[at - 1].steps) / (abs(self.machine.steps - marks[at].steps) + 1)

    def _pages(self) -> int:
        """About how many pages the checkpoints keep."""
        return sum(held.fresh for mark in self.marks for _, held in mark.state.contents)

    def _is_at_end(self) -> bool:
        last = len(self._operations) - 1
        return self._index > last or (self._index == last and self._done >= self._operations[last].steps)

    # The past

    def _leave_present(self) -> None:
        self._begin()
        if self._present is None:
            self._present = self.mark()
            self._pace = self.machine.turns.pace

    def return_to_present(self) -> None:
        """The machine stands at its last moment again; nothing if it does."""
        present = self._present
        if present is not None:
            self._put(present)
            self._arrive()

    def _arrive(self) -> None:
        """The moment where the machine stands is the present now."""
        self._present = None
        self.machine.door.go_live()
        self.machine.mute(False)
        self.machine.turns.pace = self._pace

    def _give_up_future(self) -> None:
        """The present is here; what came later is forgotten."""
        operations, done = self._operations, self._done
        del operations[self._index + (1 if done else 0) :]
        if done:
            last = operations[-1]
            assert isinstance(last, Ran | Stepped)
            last.steps = done
            if isinstance(last, Ran):
                last.end = None
        place = (self._index, done)
        self.marks = [mark for mark in self.marks if (mark.index, mark.done) <= place]
        self._arrive()

    def _put(self, mark: Mark) -> None:
        self.visits += 1
        self._keeper.put(mark.state)
        self.on_put()
        # Nobody is shown again what the guest says, and nobody waits for its time to pass.
        self.machine.mute(True)
        self.machine.turns.pace = None
        self._stand(mark.index, mark.done)

    def go_back_before(self, steps: int) -> Mark:
        """Puts the machine to the last mark before a moment, or the first one."""
        self._leave_present()
        at = bisect_right(self.marks, steps - 1, key=lambda mark: mark.steps) - 1
        mark = self.marks[max(0, at)]
        self._put(mark)
        return mark

    def visit(self, moment: int) -> None:
        """Puts the machine to a moment between the first and the last one. Raises TimelineError."""
        if moment == self.last:
            self.return_to_present()
            return
        if not self.in_past or moment < self.machine.steps:
            self.go_back_before(moment)
        with self.unarmed():
            while self.in_past and self.machine.steps < moment:
                self.go_on(moment)

    def put_mark(self, mark: Mark) -> None:
        """Puts the machine to a mark of `marks_on_the_way`."""
        self._leave_present()
        self._put(mark)

    @contextmanager
    def unarmed(self) -> Iterator[None]:
        """Nothing stops the machine inside."""
        self._arm(False)
        try:
            yield
        finally:
            self._arm(True)

    def go_on(self, until: int, seconds: float | None = None) -> Stopped | None:
        """Does again what was done, up to a moment: where a breakpoint stops it, after about so many seconds, or when
        its brake is pressed, it stands earlier. At the end of what was done it is at the present.

        Raises TimelineError.
        """
        machine, operations = self.machine, self._operations
        end = None if seconds is None else time.perf_counter() + seconds
        while True:
            if self._is_at_end():
                self.return_to_present()
                return None
            if machine.steps >= until or (end is not None and time.perf_counter() >= end):
                return None
            operation = operations[self._index]
            if self._done >= operation.steps:
                self._finish(operation)
                self._stand(self._index + 1, 0)
                continue
            before = machine.steps
            left = min(operation.steps - self._done, until - before)
            stopped = self._again(operation, left, None if end is None else max(0.0, end - time.perf_counter()))
            self._done += machine.steps - before
            if stopped is not None:
                return stopped
            if machine.brake.pressed:
                return None

    def _again(self, operation: Operation, steps: int, seconds: float | None) -> Stopped | None:
        machine = self.machine
        before = machine.steps
        if isinstance(operation, Ran):
            end = machine.run_slice(steps, operation.only, seconds)
            if isinstance(end, Stopped):
                return end
            if machine.steps == before and (end is None or isinstance(end, Idle)):
                self._strayed("comes to rest there")
            return None
        assert isinstance(operation, Stepped)
        while machine.steps - before < steps:
            at = machine.steps
            stopped = machine.step(operation.vcpu)
            if stopped is not None:
                return stopped
            if machine.steps == at:
                self._strayed("executes nothing there")
            if machine.brake.pressed:
                break
        return None

    def _finish(self, operation: Operation) -> None:
        """Behind the last instruction: what else had happened then."""
        if isinstance(operation, Did):
            operation.change.apply(self.machine)
        elif isinstance(operation, Ran) and operation.end is not None:
            vcpu, pc, now = operation.end
            if self.machine.clock.now == now and vcpu.core.pc == pc:
                return
            # Time had gone on, or an interrupt was taken: up to before the next instruction.
            with self.unarmed():
                vcpu.core.engine.set_breakpoints({pc})
                end = self.machine.run_slice(1, operation.only)
            if not isinstance(end, Stopped) or self.machine.clock.now != now:
                self._strayed(f"does not come to {pc:#x}")

    def _strayed(self, how: str) -> None:
        raise TimelineError(
            f"at instruction {self.machine.steps} of its past the machine {how}, other than before",
            "go back to the present by `monitor goto present`, and report this",
        )

    def marks_on_the_way(self, until: int, distances: tuple[int, ...]) -> Iterator[Mark | None]:
        """Goes on to `until`, and makes a mark so many instructions before it each (descending, as far as they lie
        ahead); None now and then, for the caller to look at what else there is to do."""
        for distance in distances:
            moment = until - distance
            while self.machine.steps < moment:
                with self.unarmed():
                    self.go_on(moment, 0.02)
                if self._present is None:
                    return
                yield None
            yield self.mark()

    def remember(self, marks: list[Mark]) -> None:
        """Keeps marks that were made on the way, for those who come there again soon."""
        known = {mark.steps for mark in self.marks}
        self.marks = sorted([*self.marks, *(m for m in marks if m.steps not in known)], key=lambda mark: mark.steps)
        self._thin()
