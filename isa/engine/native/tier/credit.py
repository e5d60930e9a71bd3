"""What compiling may cost: no more than units have saved, so that a guest is never slower for it.

Everything is reckoned in processor time, on whichever processor. A region is worth its cost where its code runs on for
as long as it has run already, so what was saved is spent by half at most.
"""

from __future__ import annotations

_SAVED = 1.0e-9
"""Seconds that a unit saves for an instruction, at the least."""
_INTERPRETED = 2.0e-9
"""Seconds that the interpreter tier takes for an instruction, at the least."""
_FOR_REGIONS = 0.5
_FOR_STENCILS = 0.02
"""Of the guest's time so far; more than that is paid by what units have saved."""
_STENCIL = 0.004
_REGION = 0.08
"""Seconds that one costs, about."""
_BEGIN = 0.15
"""Seconds that the process costs that makes them, before it has made anything."""
_MOST_STENCILS = 32
"""That are asked for at once."""


class Credit:
    """Of one engine."""

    def __init__(self) -> None:
        self.spent = 0.0
        """Seconds."""

    def spend(self, seconds: float) -> None:
        """Somebody has compiled."""
        self.spent += seconds

    def stencils(self, retired: int, earned: int) -> int:
        """How many stencils may be made; `retired` instructions were executed, `earned` of them by units."""
        free = retired * _INTERPRETED * _FOR_STENCILS + earned * _SAVED * _FOR_REGIONS - self._with_begin()
        return max(0, min(_MOST_STENCILS, int(free / _STENCIL)))

    def allows_region(self, earned: int) -> bool:
        """Whether one more may be compiled."""
        return self._with_begin() + _REGION <= earned * _SAVED * _FOR_REGIONS

    def _with_begin(self) -> float:
        return self.spent or _BEGIN
