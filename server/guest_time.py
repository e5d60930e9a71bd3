"""Moves a core's own time on while it does not run, so that all cores of a machine agree with its clock.

A core's time base counts its own instructions. What others executed, and what everybody slept through, is added
here in whole ticks; the rest is carried to the next time.
"""

from __future__ import annotations

from ..isa.model.items import RegisterRef
from .core import Core
from .described_facts import time_registers


class CoreTime:
    """One core's place in guest time. `seen` is the machine's time up to which the core has been brought."""

    def __init__(self, core: Core) -> None:
        self._core = core
        offset, shift = time_registers(core.description)
        self._read = core.reader((RegisterRef(offset, -1),)) if offset else None
        self._move = core.mover(offset) if offset else None
        self.seen = 0
        self._carried = 0
        self.instructions_per_tick = 1 << core.read(shift) if shift else 1

    def bring_to(self, now: int) -> None:
        """Adds what has passed since `seen` without this core executing anything."""
        if now == self.seen:
            return
        ticks, self._carried = divmod(self._carried + now - self.seen, self.instructions_per_tick)
        self.seen = now
        if ticks and self._read is not None and self._move is not None:
            (offset,) = self._read()
            self._move((offset + ticks) % (1 << 64))

    def executed(self, now: int) -> None:
        """The core itself has executed what passed between `seen` and `now`."""
        self.seen = now

    def position(self) -> tuple[int, int]:
        """The time that it has seen, and instructions that are no whole tick yet."""
        return self.seen, self._carried

    def take_position(self, position: tuple[int, int]) -> None:
        """As `position` gave it."""
        self.seen, self._carried = position

    def due_at(self, retired: int) -> int:
        """The machine's time at which the core has the timer tick of that many completed instructions."""
        missing = retired - self._core.retired
        return self.seen + (missing + self.instructions_per_tick - 1 if missing > 0 else 0)
