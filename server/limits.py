"""What bounds a run from outside: a number of instructions, and seconds of the host's time."""

from __future__ import annotations

import time
from typing import Final, Protocol

import msgspec

from ..isa.errors import TraplineError
from .verdict import Outcome, Verdict

MOST_SECONDS: Final = 1e9
"""Thirty years; a clock counts on exactly so far."""


class Counted(Protocol):
    """What has executed instructions: a machine."""

    @property
    def steps(self) -> int:
        """Instructions executed so far."""

    def whereabouts(self) -> str:
        """Where the guest is, in words."""


class Limits(msgspec.Struct, frozen=True):
    """None: unbounded. `seconds` are of the host's clock; looked at between slices, so some hundredths late."""

    instructions: int | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        """Raises TraplineError for a limit that is none."""
        if self.instructions is not None and self.instructions < 0:
            raise TraplineError(f"{self.instructions} instructions are no limit", "give 0 or more, or None")
        if self.seconds is not None and not self.seconds >= 0:
            raise TraplineError(f"{self.seconds} seconds are no limit", "give 0 or more, or None")


class Watch:
    """Limits that have begun to count for a machine."""

    def __init__(self, machine: Counted, limits: Limits) -> None:
        self._machine = machine
        self._limits = limits
        self._first = machine.steps
        self._deadline = None if limits.seconds is None else time.monotonic() + limits.seconds

    def left(self) -> int | None:
        """How many instructions may be executed; at least 1, `over` having said None. None: any number."""
        if self._limits.instructions is None:
            return None
        return max(1, self._limits.instructions - (self._machine.steps - self._first))

    def over(self) -> Verdict | None:
        """The verdict once a limit is reached."""
        limits = self._limits
        if limits.instructions is not None and self._machine.steps - self._first >= limits.instructions:
            where = self._machine.whereabouts()
            return Verdict(Outcome.BUDGET, f"still running after {limits.instructions} instructions, {where}")
        if self._deadline is not None and time.monotonic() >= self._deadline:
            where = self._machine.whereabouts()
            return Verdict(Outcome.TIMEOUT, f"still running after {limits.seconds:g} s, {where}")
        return None
