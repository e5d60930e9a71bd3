"""Vcpus take turns in a fixed order, each for a fixed quantum of instructions.

How a run is cut into slices (by a debugger, or by a host that wants to look at its terminal) does not change whose
turn comes when: a quantum that a slice has cut goes on in the next one. Determinism rests on that.

A vcpu that runs while all others wait has its quanta in one piece, up to the one in which somebody may wake.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ..guest_time import CoreTime
from ..hv.kvm import DebugStop, Exit, Interrupted, MpState
from ..machine.clock import EventQueue, GuestClock
from .vcpu import MachineVcpu, is_runnable

QUANTUM: Final = 2000
"""Instructions of a turn: long against an exit, short against a guest's spin lock."""
_MOST_QUANTA: Final = 1 << 20
"""Of one piece; only to keep numbers small."""

MOST_TURNS_OF_A_STEP: Final = 200
"""More than any instruction has accesses to devices, with a turn for each."""

_YIELDED: Final = Interrupted(yielded=True)


@dataclass(frozen=True, slots=True)
class Used:
    """The slice's instructions are used up."""


@dataclass(frozen=True, slots=True)
class Idle:
    """Every vcpu waits, and no timer is going to change that."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """A breakpoint or watchpoint stopped `vcpu`."""

    vcpu: MachineVcpu
    stop: DebugStop


class Turns:
    """The schedule of one machine. Guest time is the clock's: instructions completed by all vcpus together."""

    def __init__(
        self,
        vcpus: Sequence[MachineVcpu],
        clock: GuestClock,
        timers: EventQueue,
        on_switch: Callable[[MachineVcpu], None],
        quantum: int = QUANTUM,
    ) -> None:
        """`on_switch` is called with a vcpu whose turn begins, after another one's."""
        self._vcpus = vcpus
        self._clock = clock
        self._timers = timers
        self._on_switch = on_switch
        self._quantum = quantum
        self._turn = 0
        self._left = quantum
        """Instructions left of the turn; of a piece of several quanta, all of them."""
        self._piece = quantum
        """What `_left` was when the turn began."""
        self._last: MachineVcpu | None = None
        self._running: MachineVcpu | None = None
        self._turn_ends = 0
        """Steps of the running core at which its piece ends."""
        self.times = {vcpu.number: CoreTime(vcpu.core) for vcpu in vcpus}
        for vcpu in vcpus:
            vcpu.core.on_input = self._input_came

    @property
    def current(self) -> MachineVcpu:
        """The vcpu whose turn it is."""
        return self._vcpus[self._turn]

    def run(
        self,
        steps: int,
        handle: Callable[[MachineVcpu, Exit], bool],
        only: frozenset[int] | None = None,
    ) -> Used | Idle | Stopped | None:
        """Runs vcpus (of the numbers in `only`) for `steps` instructions.

        `handle` gets every exit but the scheduler's own, and returns whether to go on; None: it said no.
        """
        self._end_piece()
        try:
            return self._run(steps, handle, only)
        finally:
            # Who waits is shown the present time, however the run was cut.
            for vcpu in self._vcpus:
                if vcpu.mp_state is MpState.HALTED:
                    self.times[vcpu.number].bring_to(self._clock.now)

    def _run(
        self, steps: int, handle: Callable[[MachineVcpu, Exit], bool], only: frozenset[int] | None
    ) -> Used | Idle | Stopped | None:
        while steps > 0:
            if self._timers.run_due(self._clock.now):
                self._end_piece()
            vcpu = self._next(only)
            if vcpu is None:
                return Idle()
            spent, left = self._run_one(vcpu, min(steps, self._left))
            steps -= spent
            if isinstance(left, DebugStop):
                return Stopped(vcpu, left)
            if not isinstance(left, Interrupted) and not handle(vcpu, left):
                return None
            if left == _YIELDED:
                self._left = 0
            else:
                self._end_piece()
        return Used()

    def _end_piece(self) -> None:
        """Only the present quantum goes on: somebody may have been woken."""
        if self._left < self._piece:
            self._left = max(self._left, 0) % self._quantum
        else:
            self._left = self._piece = self._quantum

    def step(self, vcpu: MachineVcpu, handle: Callable[[MachineVcpu, Exit], bool]) -> Stopped | None:
        """Executes one instruction of `vcpu`, outside of its turn if need be; None: done, or `handle` said no.

        A waiting vcpu is looked at once, so that a step ends in any case.
        """
        self._timers.run_due(self._clock.now)
        if vcpu.mp_state is MpState.HALTED and vcpu.wakes():
            vcpu.mp_state = MpState.RUNNABLE
        if not is_runnable(vcpu):
            return None
        # An access that leaves for user space takes more than one turn: pc and count stay until it is done.
        before = vcpu.core.pc, vcpu.core.retired
        for _ in range(MOST_TURNS_OF_A_STEP):
            _, left = self._run_one(vcpu, 1)
            if isinstance(left, DebugStop):
                return Stopped(vcpu, left)
            if not isinstance(left, Interrupted) and not handle(vcpu, left):
                return None
            if not is_runnable(vcpu) or (vcpu.core.pc, vcpu.core.retired) != before:
                break
        return None

    def _run_one(self, vcpu: MachineVcpu, budget: int) -> tuple[int, Exit]:
        core, time = vcpu.core, self.times[vcpu.number]
        if vcpu is not self._last:
            self._on_switch(vcpu)
            self._last = vcpu
        time.bring_to(self._clock.now)
        due = self._timers.next_time
        if due is not None:
            budget = max(1, min(budget, due - self._clock.now))
        steps, retired = core.steps, core.retired
        self._running, self._turn_ends = vcpu, steps + self._left
        left = vcpu.run(budget)
        self._running = None
        spent = core.steps - steps
        self._clock.advance(core.retired - retired)
        time.executed(self._clock.now)
        self._left -= spent
        return spent, left

    def _input_came(self) -> None:
        """A device has changed an input of a core while another one ran: who waits may wake with the next quantum."""
        if self._running is not None and len(self._vcpus) > 1:
            self._running.core.cut(self._turn_ends, self._quantum)

    def _quanta(self, running: MachineVcpu, only: frozenset[int] | None) -> int:
        """How many quanta a vcpu can have in one piece, all others having been found to wait."""
        now = self._clock.now
        most = _MOST_QUANTA
        for vcpu in self._vcpus:
            if vcpu is running or vcpu.mp_state is not MpState.HALTED or (only is not None and vcpu.number not in only):
                continue
            at = vcpu.wake_time()
            if at is not None:
                time = self.times[vcpu.number]
                most = min(most, (time.due_at(at) - time.instructions_per_tick - now) // self._quantum)
        return max(1, most)

    def _next(self, only: frozenset[int] | None) -> MachineVcpu | None:
        """The vcpu to run now; moves time on while all of them wait. None: they wait for good."""
        while True:
            for ahead in range(len(self._vcpus) + 1):
                turn = (self._turn + ahead) % len(self._vcpus)
                vcpu = self._vcpus[turn]
                if only is not None and vcpu.number not in only:
                    continue
                if ahead == 0 and self._left <= 0:
                    continue
                if vcpu.mp_state is MpState.HALTED:
                    # Its timers have gone on while others ran.
                    self.times[vcpu.number].bring_to(self._clock.now)
                    if vcpu.wakes():
                        vcpu.mp_state = MpState.RUNNABLE
                if is_runnable(vcpu):
                    if ahead:
                        alone = ahead == len(self._vcpus)
                        self._turn = turn
                        self._left = self._piece = self._quantum * (self._quanta(vcpu, only) if alone else 1)
                    return vcpu
            if not self._sleep():
                return None

    def _sleep(self) -> bool:
        """Moves the clock to the next thing that may wake somebody; whether there is one."""
        due = [] if self._timers.next_time is None else [self._timers.next_time]
        for vcpu in self._vcpus:
            at = vcpu.wake_time() if vcpu.mp_state is MpState.HALTED else None
            if at is not None:
                due.append(self.times[vcpu.number].due_at(at))
        later = [time for time in due if time > self._clock.now]
        if not later:
            return False
        self._clock.skip_to(min(later))
        for vcpu in self._vcpus:
            self.times[vcpu.number].bring_to(self._clock.now)
        self._timers.run_due(self._clock.now)
        return True
