"""Whose a core's time is: each tick of it belongs to one of its hardware threads.

Power ISA 2.06 Book III-S, section 7.6 (PURR): of threads that share a core, the parts of its time that their
utilisation registers count make all of it. A thread that executes has the ticks in which it does: it counts them by
itself. What passes while none of the core's executes is dealt out: in equal parts to those that wait for their turn
while another core has its own, else, while all are idle, to the one that executed last, as the hardware charges a cycle
in which nobody dispatches.

`@time(undispatched = REGISTER, threads = REGISTER)` of the architecture names what a thread is dealt, in ticks, and how
many threads its core has.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..described_facts import time_registers, utilisation_registers
from .levels import Partition
from .vcpu import MachineVcpu, is_runnable

Position = tuple[int, int, tuple[int, ...], tuple[int, ...], tuple[int, ...]]
"""What `CoreShares.position` gives."""


class CoreShares:
    """Of the threads of one core, in their order."""

    def __init__(self, threads: Sequence[MachineVcpu], per_tick: int, alone: bool) -> None:
        """`per_tick`: instructions in a tick; `alone`: the machine has no other core."""
        self._threads = threads
        self._places = {thread: place for place, thread in enumerate(threads)}
        self._alone = alone
        self._per_tick = per_tick
        core = threads[0].core
        self._register, threads_of = utilisation_registers(core.description)
        core.write(threads_of, len(threads))
        self.since = 0
        """Guest time when one of them last stopped executing."""
        self._last = threads[0]
        self._waiting: tuple[int, ...] = ()
        """Who waited for their turn then, by their places."""
        self._before = self._dealt = tuple(thread.core.read(self._register) for thread in threads)
        """What each had been dealt by then, in ticks, and by now."""

    def begins(self, now: int) -> None:
        """A thread is about to execute, or somebody may look at one: deals what has passed."""
        if now == self.since:
            return
        executed = sum(thread.core.retired // self._per_tick for thread in self._threads)
        ticks = max(0, now // self._per_tick - executed - sum(self._before))
        dealt, places = list(self._before), self._waiting or (self._places[self._last],)
        for rank, place in enumerate(places):
            # All of it is dealt out, and a look in between changes nothing.
            dealt[place] += (ticks + rank) // len(places)
            self._threads[place].core.state.write(self._register, dealt[place])
        self._dealt = tuple(dealt)

    def ended(self, thread: MachineVcpu, now: int) -> None:
        """`thread` has executed until `now`."""
        self.since, self._last, self._before = now, thread, self._dealt
        if not self._alone:
            self._waiting = tuple(at for at, one in enumerate(self._threads) if is_runnable(one))

    def position(self) -> Position:
        """Between two slices of a run: what is not in registers."""
        return self.since, self._places[self._last], self._waiting, self._before, self._dealt

    def take_position(self, position: Position) -> None:
        """As `position` gave it, of a core with as many threads."""
        self.since, last, self._waiting, self._before, self._dealt = position
        self._last = self._threads[last]


def core_shares(partitions: Sequence[Partition[MachineVcpu]]) -> dict[MachineVcpu, CoreShares]:
    """What deals out the ticks of each core that threads share, by its threads; of no other core."""
    vcores = [vcore for partition in partitions for vcore in partition.vcores]
    found: dict[MachineVcpu, CoreShares] = {}
    for vcore in vcores:
        threads = list(vcore.vcpus)
        description = threads[0].core.description if threads else None
        if description is None or len(threads) < 2 or not utilisation_registers(description)[0]:
            continue
        per_tick = 1 << threads[0].core.read(time_registers(description).shift)
        shares = CoreShares(threads, per_tick, len(vcores) == 1)
        found |= dict.fromkeys(threads, shares)
    return found
