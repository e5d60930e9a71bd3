"""When the region tier compiles."""

from __future__ import annotations

import msgspec

MOST_ARRIVALS = (1 << 16) - 1
"""What an entry's counter can count to."""


class Tiers(msgspec.Struct, frozen=True):
    """`threshold`: arrivals at a jump's target after which it is hot (1 to MOST_ARRIVALS). `warm`: instructions that
    the guest has executed before anything is compiled. `ahead`: code that has not run yet may be compiled with what
    has. `background`: another process compiles, while the guest runs on; else it is done at once. `kept`: regions are
    kept from run to run. `patience`: how often a place in a region must get hot by itself until it gets its own.
    `units`: arrivals after which stencils are copied, 0 for never, but not before the guest has executed `copying`
    instructions; a place has its region after `later` more instructions. `blocks` False: the interpreter tier alone.
    """

    blocks: bool = True
    threshold: int = 1 << 14
    warm: int = 0
    ahead: bool = False
    background: bool = False
    kept: bool = False
    patience: int = 0
    units: int = 0
    copying: int = 0
    later: int = 1 << 22

    @property
    def first(self) -> int:
        """Arrivals after which a place is told for the first time."""
        return self.units or self.threshold


BOTH = Tiers(warm=1 << 24, background=True, kept=True, patience=4, units=1 << 11, copying=1 << 23, later=1 << 24)
INTERPRETER = Tiers(blocks=False)
EAGER = Tiers(threshold=1, ahead=True)
"""Everything is compiled as soon as it is jumped to: for tests."""
COPIED = Tiers(threshold=MOST_ARRIVALS, units=1, ahead=True, later=1 << 40)
"""The same of units, and no regions."""
