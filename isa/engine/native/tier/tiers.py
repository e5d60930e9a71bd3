"""When the block tier compiles."""

from __future__ import annotations

from dataclasses import dataclass

MOST_ARRIVALS = (1 << 16) - 1
"""What an entry's counter can count to."""


@dataclass(frozen=True, slots=True)
class Tiers:
    """`threshold`: arrivals at a jump's target after which it is hot (1 to MOST_ARRIVALS). `batch`: hot places that are
    compiled together; fewer are, once one of them gets hot again. `ahead`: code that has not run yet may be compiled
    with what has. `background`: they are compiled on a second thread, while the guest runs on. `blocks` False: the
    interpreter tier alone.
    """

    blocks: bool = True
    threshold: int = 1 << 14
    batch: int = 16
    ahead: bool = False
    background: bool = False


BOTH = Tiers(background=True)
INTERPRETER = Tiers(blocks=False)
EAGER = Tiers(threshold=1, batch=1, ahead=True)
"""Everything is compiled as soon as it is jumped to: for tests."""
