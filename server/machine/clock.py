"""Guest time: derived from instructions retired, never from a wall clock.

The unit of guest time is one instruction of the machine (all vcpus together, or as the scheduler
counts); the timebase or the generic timer's counter is that divided by a rational number. While
every vcpu waits, the scheduler moves time on to the next event, so waiting costs nothing.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from ...isa.errors import TraplineError

if TYPE_CHECKING:
    from fractions import Fraction


class ClockError(TraplineError):
    """A rate that is not positive, or a step back in time."""


class Counter(Protocol):
    """What executes instructions and counts them, current whenever somebody else is called."""

    retired: int


class GuestClock:
    """The machine's time. `now` is in instructions; `instructions_per_tick` says how long a tick is."""

    def __init__(self, instructions_per_tick: Fraction | int, now: int = 0) -> None:
        """Raises ClockError for a rate that is not positive."""
        if instructions_per_tick <= 0:
            raise ClockError(
                f"{instructions_per_tick} instructions per tick is not a rate",
                "give a positive number or fraction, such as 2 or 125/64",
            )
        self.instructions_per_tick = instructions_per_tick
        self._passed = now
        """The time; while a vcpu runs, less what that one has completed since its reset."""
        self._running: Counter | None = None

    @property
    def now(self) -> int:
        """The time, also in the middle of a run: a device that is asked there sees the right one."""
        return self._passed if self._running is None else self._passed + self._running.retired

    def begin(self, running: Counter) -> None:
        """From now on time passes as `running` completes instructions."""
        self._passed -= running.retired
        self._running = running

    def end(self) -> int:
        """What runs has come back: time stands still, and this is how late it is."""
        if self._running is not None:
            self._passed += self._running.retired
            self._running = None
        return self._passed

    @property
    def ticks(self) -> int:
        """Ticks since the machine started, rounded down: the timebase without its offset."""
        rate = self.instructions_per_tick
        return self.now * rate.denominator // rate.numerator

    def time_of_tick(self, tick: int) -> int:
        """The first time at which `ticks` is at least `tick`, in instructions."""
        rate = self.instructions_per_tick
        return -(-tick * rate.numerator // rate.denominator)

    def advance(self, instructions: int) -> None:
        """Moves time on by what was executed. Raises ClockError for a negative number."""
        if instructions < 0:
            raise ClockError(f"guest time cannot go back by {-instructions} instructions")
        self._passed += instructions

    def skip_to(self, time: int) -> None:
        """Moves time on to `time` because every vcpu waits; a time that has passed changes nothing."""
        self._passed += max(0, time - self.now)


class Timer:
    """Something to be done at a time; made by `EventQueue.schedule`, in the order of (time, sequence)."""

    __slots__ = ("action", "name", "sequence", "time")

    def __init__(self, time: int, sequence: int, name: str, action: Callable[[], None]) -> None:
        """`sequence`: how many were made before."""
        self.time = time
        self.sequence = sequence
        self.name = name
        self.action: Callable[[], None] | None = action
        """None once it ran or was cancelled."""

    def __lt__(self, other: Timer) -> bool:
        return (self.time, self.sequence) < (other.time, other.sequence)


class EventQueue:
    """Actions in the order of their time, and of their scheduling where times are equal."""

    def __init__(self) -> None:
        self._heap: list[Timer] = []
        self.scheduled = 0
        """How many timers there have been: who has looked at `next_time` looks again when this has changed."""

    def schedule(self, time: int, name: str, action: Callable[[], None]) -> Timer:
        """Has `action` run once guest time reaches `time`; `name` is for people."""
        timer = Timer(time, self.scheduled, name, action)
        self.scheduled += 1
        heapq.heappush(self._heap, timer)
        return timer

    def cancel(self, timer: Timer) -> None:
        """Makes sure that a timer does not run (any more)."""
        timer.action = None

    @property
    def next_time(self) -> int | None:
        """When the next action is due, or None: no run may go past it."""
        while self._heap and self._heap[0].action is None:
            heapq.heappop(self._heap)
        return self._heap[0].time if self._heap else None

    def run_due(self, now: int) -> int:
        """Runs what is due at `now`, also what those actions schedule for `now`; returns how many ran."""
        count = 0
        while (time := self.next_time) is not None and time <= now:
            timer = heapq.heappop(self._heap)
            action, timer.action = timer.action, None
            if action is not None:
                action()
                count += 1
        return count

    def pending(self) -> tuple[Timer, ...]:
        """What is still to run, in order: for the monitor and for snapshots."""
        return tuple(sorted(timer for timer in self._heap if timer.action is not None))
