"""Vcpus take turns in a fixed order, each for a fixed quantum of instructions: partition by partition, vcore by vcore.

How a run is cut into slices (by a debugger, or by a host that wants to look at its terminal) does not change whose
turn comes when: a quantum that a slice has cut goes on in the next one. Determinism rests on that.

A vcpu runs only while its vcore may (`Vcore.may_run`): a gang, not a flat list, is what a core is given to.

A vcpu that runs while all others wait has its quanta in one piece, up to the one in which somebody may wake.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from ..hv.exits import DebugStop, Exit, Interrupted, MpState, RanWild
from ..machine.clock import EventQueue, GuestClock
from .ends import End, Idle, Stopped, Strayed, Used, Waits
from .levels import Partition, Vcore
from .times import Times
from .vcpu import MachineVcpu, is_runnable

QUANTUM: Final = 8000
"""Instructions of a turn: long against what a switch costs (ten microseconds), short against a guest's timer tick."""
_MOST_QUANTA: Final = 1 << 20
"""Of one piece; only to keep numbers small."""

MOST_TURNS_OF_A_STEP: Final = 200
"""More than any instruction has accesses to devices, with a turn for each."""

_YIELDED: Final = Interrupted(yielded=True)

Handler = Callable[[MachineVcpu, Exit], bool]
"""Handles every exit but the scheduler's own; says whether to go on."""


class Turns:
    """The schedule of one machine. Guest time is the clock's: instructions completed by all vcpus together."""

    def __init__(
        self,
        partitions: Sequence[Partition[MachineVcpu]],
        clock: GuestClock,
        timers: EventQueue,
        on_switch: Callable[[MachineVcpu], None],
        quantum: int = QUANTUM,
    ) -> None:
        """`on_switch` is called with a vcpu whose turn begins, after another one's."""
        self._vcpus = vcpus = [vcpu for partition in partitions for vcpu in partition.vcpus]
        self._bound: dict[MachineVcpu, Vcore[MachineVcpu]] = {
            vcpu: vcore
            for partition in partitions
            for vcore in partition.vcores
            if vcore.may_run is not None
            for vcpu in vcore.vcpus
        }
        self._several = len(vcpus) > 1
        self._brake = vcpus[0].core.state.peers.brake
        self._clock = clock
        self._timers = timers
        self._on_switch = on_switch
        self._quantum = quantum
        self._turn = 0
        self._left = self._piece = quantum
        """Instructions left of the turn, of a piece of several quanta all of them; and what that was at its start."""
        self._last: MachineVcpu | None = None
        self._handle: Handler = lambda vcpu, left: False
        self._executing: MachineVcpu | None = None
        self._running: MachineVcpu | None = None
        """The vcpu that runs or steps; the one that runs."""
        self._turn_ends = 0  # steps of the running core at which its piece ends
        self._scheduled = 0  # how many timers there were when it began
        self._stopping = False  # somebody has ended the run for good
        self._handled: tuple[Exit, bool] | None = None
        """An exit that was handled while the vcpu executed, and whether to go on."""
        self.pace: Callable[[int], int] | None = None
        """Asked for how far guest time goes towards the next thing that may wake somebody; None: there, at once."""
        self.next_input: Callable[[], int | None] = lambda: None
        """When something comes in that has been recorded."""
        self.times = Times(partitions)
        for vcpu in vcpus:
            vcpu.core.on_input = self._input_came
            vcpu.on_exit = partial(self._exit_inside, vcpu)

    @property
    def current(self) -> MachineVcpu:
        """The vcpu whose turn it is."""
        return self._vcpus[self._turn]

    def run(self, steps: int, handle: Handler, only: frozenset[MachineVcpu] | None = None) -> End | None:
        """Runs vcpus (those in `only`, if it is given) for `steps` instructions; None: `handle` said no.

        The machine's brake ends it sooner, as if the steps were used, but lets one vcpu execute something.
        """
        self._handle = handle
        self._end_piece()
        try:
            return self._run(steps, only)
        finally:
            # Who did not run is shown the present time, too, however the run was cut.
            self.times.show_all(self._clock.now)

    def _run(self, steps: int, only: frozenset[MachineVcpu] | None) -> End | None:
        first = True
        while steps > 0 and not self._stopping and (first or not self._brake.due()):
            first = False
            if self._timers.run_due(self._clock.now):
                self._end_piece()
            vcpu = self._next(only)
            if isinstance(vcpu, Idle | Waits):
                return vcpu
            spent, left = self._run_one(vcpu, min(steps, self._left))
            steps -= spent
            if isinstance(left, DebugStop):
                return Stopped(vcpu, left)
            if isinstance(left, RanWild):
                return Strayed(vcpu, left.row)
            if not self._goes_on(vcpu, left):
                return None
            if left == _YIELDED:
                self._left = 0
            else:
                self._end_piece()
        return None if self._stopping else Used()

    def stop(self, for_good: bool = True) -> None:
        """Ends the run, behind the present instruction if one is being executed, as if an exit said so: for good, or
        (False) only so far."""
        self._stopping = for_good
        if for_good and self._running is not None:
            self._running.core.engine.cut(1, 1)

    def position(self) -> tuple[int, int, int, int]:
        """Between two slices: whose turn it is, what is left of it, how long it was, and who ran last (-1: nobody)."""
        return self._turn, self._left, self._piece, -1 if self._last is None else self._vcpus.index(self._last)

    def take_position(self, position: tuple[int, int, int, int]) -> None:
        """As `position` gave it, of a schedule of as many vcpus."""
        self._turn, self._left, self._piece, last = position
        self._last = self._vcpus[last] if last >= 0 else None

    def _end_piece(self) -> None:
        """Only the present quantum goes on: somebody may have been woken."""
        if self._left < self._piece:
            self._left = max(self._left, 0) % self._quantum
        else:
            self._left = self._piece = self._quantum

    def step(
        self,
        vcpu: MachineVcpu,
        handle: Handler,
        start: int = 0,
        end: int = 0,
        most: int = 1,
    ) -> Stopped | None:
        """Executes one instruction of `vcpu`, outside of its turn if need be; None: done, or `handle` said no.

        Goes on for at most `most` instructions while `start` <= pc < `end`; it may end earlier. A waiting vcpu is
        looked at once, so that a step ends in any case.
        """
        self._handle = handle
        due = self._timers.next_time
        if due is not None:
            now = self._clock.now
            self._timers.run_due(now)
            most = max(1, min(most, due - now))
        if vcpu.mp_state is not MpState.RUNNABLE:
            if vcpu.mp_state is not MpState.HALTED or not vcpu.wakes():
                return None
            vcpu.mp_state = MpState.RUNNABLE
        # An access that the model or user space answers takes more than one turn: pc and count stay until it is done.
        engine = vcpu.core.engine
        pc, retired = engine.pc, engine.retired
        turns = MOST_TURNS_OF_A_STEP
        while turns:
            turns -= 1
            left = self._step_one(vcpu, start, end, most)
            if left is not None:
                if isinstance(left, DebugStop):
                    return Stopped(vcpu, left)
                # Who steps sees by himself where the vcpu goes.
                if not isinstance(left, RanWild) and not self._goes_on(vcpu, left):
                    return None
            if engine.retired != retired or engine.pc != pc or vcpu.mp_state is not MpState.RUNNABLE:
                break
        return None

    def _step_one(self, vcpu: MachineVcpu, start: int, end: int, most: int) -> Exit | None:
        core, clock = vcpu.core, self._clock
        if vcpu is not self._last:
            self._switch_to(vcpu)
        self.times.begins(vcpu, clock.now)
        steps = core.steps
        self._executing = vcpu
        clock.begin(core.engine)
        try:
            left = vcpu.step(start, end, most)
        finally:
            self._executing = None
            self.times.ended(vcpu, clock.end())
        self._left -= core.steps - steps
        return left

    def _switch_to(self, vcpu: MachineVcpu) -> None:
        self._on_switch(vcpu)
        if self._last is not None and self._last.core.has_siblings:
            self._last.core.turn_ends()
        self._last = vcpu
        if vcpu.core.has_siblings:
            vcpu.core.siblings_ran()

    def _run_one(self, vcpu: MachineVcpu, budget: int) -> tuple[int, Exit]:
        core = vcpu.core
        if vcpu is not self._last:
            self._switch_to(vcpu)
        self.times.begins(vcpu, self._clock.now)
        due = self._timers.next_time
        if due is not None:
            budget = max(1, min(budget, due - self._clock.now))
        steps = core.steps
        self._executing = self._running = vcpu
        self._turn_ends = steps + self._left
        self._scheduled = self._timers.scheduled
        self._clock.begin(core.engine)
        try:
            left = vcpu.run(budget)
        finally:
            self._clock.end()
            self._executing = self._running = None
        spent = core.steps - steps
        self.times.ended(vcpu, self._clock.now)
        self._left -= spent
        return spent, left

    def _exit_inside(self, vcpu: MachineVcpu, left: Exit) -> bool:
        """Handles an exit while the vcpu executes; whether it executes on. If not, its run ends with that exit."""
        if vcpu is not self._executing:
            return False
        goes_on = self._handle(vcpu, left)
        if goes_on and vcpu.mp_state is MpState.RUNNABLE and self._timers.scheduled == self._scheduled:
            if self._several and self._piece > self._quantum and self._somebody_woke(vcpu):
                self._input_came()
            return True
        self._handled = left, goes_on
        return False

    def _somebody_woke(self, vcpu: MachineVcpu) -> bool:
        """Whether another one can run, though `vcpu` has several quanta because the others waited."""
        return any(is_runnable(one) for one in self._vcpus if one is not vcpu)

    def _goes_on(self, vcpu: MachineVcpu, left: Exit) -> bool:
        """Has an exit handled, if that was not done while the vcpu executed; whether to go on."""
        handled, self._handled = self._handled, None
        if handled is not None and handled[0] is left:
            return handled[1]
        return isinstance(left, Interrupted) or self._handle(vcpu, left)

    def _input_came(self) -> None:
        """A device has changed an input of a core while another one ran: who waits may wake with the next quantum."""
        if self._running is not None and self._several:
            self._running.core.cut(self._turn_ends, self._quantum)

    def _quanta(self, running: MachineVcpu, only: frozenset[MachineVcpu] | None) -> int:
        """How many quanta a vcpu can have in one piece, all others having been found to wait."""
        now = self._clock.now
        most = _MOST_QUANTA
        for vcpu in self._vcpus:
            if vcpu is running or vcpu.mp_state is not MpState.HALTED or (only is not None and vcpu not in only):
                continue
            at = vcpu.wake_time()
            if at is not None:
                time = self.times.of[vcpu]
                most = min(most, (time.due_at(at) - time.instructions_per_tick - now) // self._quantum)
        return max(1, most)

    def _next(self, only: frozenset[MachineVcpu] | None) -> MachineVcpu | Idle | Waits:
        """The vcpu to run now; moves time on while all of them wait.

        Idle: they wait for good. Waits: they wait still, and somebody else may want to do something meanwhile, or the
        brake is on.
        """
        while True:
            for ahead in range(len(self._vcpus) + 1):
                turn = (self._turn + ahead) % len(self._vcpus)
                vcpu = self._vcpus[turn]
                if only is not None and vcpu not in only:
                    continue
                if ahead == 0 and self._left <= 0:
                    continue
                if vcpu.mp_state is not MpState.RUNNABLE:
                    self._look_at(vcpu)
                if vcpu.mp_state is MpState.RUNNABLE and self._gang_may_run(vcpu):
                    if ahead:
                        alone = ahead == len(self._vcpus) or self._is_alone(ahead, only)
                        self._turn = turn
                        self._left = self._piece = self._quantum * (self._quanta(vcpu, only) if alone else 1)
                    return vcpu
            left = self._sleep()
            if left is not None:
                return left
            if self._brake.due():
                return Waits()

    def _look_at(self, vcpu: MachineVcpu) -> None:
        """Whether a vcpu that waits has a reason to go on: its timers have gone on while others ran."""
        if vcpu.mp_state is MpState.HALTED:
            self.times.of[vcpu].bring_to(self._clock.now)
            if vcpu.wakes():
                vcpu.mp_state = MpState.RUNNABLE

    def _is_alone(self, ahead: int, only: frozenset[MachineVcpu] | None) -> bool:
        """Whether all but the vcpu `ahead` of the present turn wait; those in between have been looked at."""
        found = self._vcpus[(self._turn + ahead) % len(self._vcpus)]
        rest = [vcpu for vcpu in self._vcpus if vcpu is not found and (only is None or vcpu in only)]
        for vcpu in rest:
            if vcpu.mp_state is MpState.RUNNABLE:
                return False
        for more in range(ahead + 1, len(self._vcpus) + (self._left <= 0)):
            vcpu = self._vcpus[(self._turn + more) % len(self._vcpus)]
            if only is None or vcpu in only:
                self._look_at(vcpu)
        return not any(map(is_runnable, rest))

    def _gang_may_run(self, vcpu: MachineVcpu) -> bool:
        vcore = self._bound.get(vcpu)
        return vcore is None or vcore.may_run is None or vcore.may_run()

    def _sleep(self) -> Idle | Waits | None:
        """Moves the clock to the next thing that may wake somebody. Idle: there is none; Waits: it has not come yet."""
        due = [] if self._timers.next_time is None else [self._timers.next_time]
        for vcpu in self._vcpus:
            at = vcpu.wake_time() if vcpu.mp_state is MpState.HALTED else None
            if at is not None:
                due.append(self.times.of[vcpu].due_at(at))
        later = [time for time in due if time > self._clock.now]
        recorded = self.next_input()
        if recorded is not None:
            later.append(recorded)
        if not later:
            return Idle()
        until = min(later)
        reached = until if self.pace is None else self.pace(until)
        self._clock.skip_to(reached)
        for vcpu in self._vcpus:
            self.times.of[vcpu].bring_to(self._clock.now)
        self._timers.run_due(self._clock.now)
        return Waits() if reached < until or until == recorded else None
