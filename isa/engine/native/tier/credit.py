"""What compiling may cost. Two purses pay for it, in seconds of processor time.

*Saved*: what units have saved pays for regions and further stencils, and half of it is spent at most: a region is worth
its cost where its code runs on for as long as it has run already. That makes no guest slower, wherever it runs. A
fiftieth part of the guest's own time comes on top, for guests of which units can execute nothing.

*Spare*: time of processors that nobody else wants is taken for nothing, by a process that gets no other. That makes no
guest slower either, and it is all that code has to hope for which units cannot execute. All in all that may be half of
what the interpreter tier would have taken for the guest so far.
"""

from __future__ import annotations

import enum
import os

_SAVED = 1.0e-9
"""Seconds that a unit saves for an instruction, at the least."""
_INTERPRETED = 2.0e-9
"""Seconds that the interpreter tier takes for an instruction, at the least."""
_OF_SAVED = 0.5
_OF_INTERPRETED, _OF_SPARE = 0.02, 0.5
_STENCIL = 0.004
_REGION = 0.08
"""Seconds that one costs, about."""
_BEGIN = 0.15
"""Seconds that the process costs that makes them, before it has made anything."""
_MOST_STENCILS = 32
"""That are asked for at once."""


class Purse(enum.Enum):
    """What pays."""

    SAVED = "saved"
    SPARE = "spare"


class Credit:
    """Of one engine. `retired` instructions were executed, `earned` of them by units."""

    def __init__(self) -> None:
        self.spent = dict.fromkeys(Purse, 0.0)
        """Seconds."""
        self.alone = len(os.sched_getaffinity(0)) < 2
        """There is no processor to spare while the guest runs."""

    def spend(self, purse: Purse, seconds: float) -> None:
        """Somebody has compiled."""
        self.spent[purse] += seconds

    def stencils(self, retired: int, earned: int) -> tuple[Purse, int]:
        """How many stencils may be made, and what pays for them."""
        for purse in Purse:
            count = max(0, min(_MOST_STENCILS, int(self._free(purse, retired, earned) / _STENCIL)))
            if count:
                return purse, count
        return Purse.SAVED, 0

    def region(self, retired: int, earned: int) -> Purse | None:
        """What pays for one more region; None where nothing does."""
        return next((purse for purse in Purse if self._free(purse, retired, earned) >= _REGION), None)

    def _free(self, purse: Purse, retired: int, earned: int) -> float:
        interpreted = retired * _INTERPRETED
        if purse is Purse.SAVED:
            full = earned * _SAVED * _OF_SAVED + interpreted * _OF_INTERPRETED
        else:
            full = 0.0 if self.alone else interpreted * _OF_SPARE
        return full - (self.spent[purse] or _BEGIN)
