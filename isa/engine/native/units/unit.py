"""A unit that is in place: what it covers, and how often it was arrived at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..shared import MadeOf

if TYPE_CHECKING:
    from .arena import Chunk


class Ledger:
    """Instructions that units have executed which are there no more."""

    def __init__(self) -> None:
        self.instructions = 0


class Unit:
    """One of them; `offsets` are those of its instructions, `behind` that of what follows: the next instruction, or one
    behind another that has no stencil, which is the case if it is `partial`. `arrivals` were counted until the counter
    was last set. When it goes, `ledger` gets what it has done. `made` tells of what it was made, `ways` where
    its branches lead that say so themselves."""

    __slots__ = (
        "__weakref__", "arrivals", "behind", "chunk", "counter", "ledger", "length", "limit", "made", "offsets",
        "partial", "ways",
    )  # fmt: skip

    def __init__(
        self,
        offsets: frozenset[int],
        length: int,
        behind: int | None,
        chunk: Chunk,
        counter: int,
        limit: int,
        ledger: Ledger,
        partial: bool,
        made: MadeOf,
        ways: frozenset[int],
    ) -> None:
        self.offsets = offsets
        self.length = length
        self.behind = behind
        self.chunk = chunk
        self.counter = counter
        self.limit = limit
        self.ledger = ledger
        self.partial = partial
        self.made = made
        self.ways = ways
        self.arrivals = 0

    @property
    def executed(self) -> int:
        """Instructions, about."""
        return self.heat * self.length

    def __del__(self) -> None:
        self.ledger.instructions += self.executed

    @property
    def heat(self) -> int:
        """How often it has been arrived at."""
        return self.arrivals + self.limit - self.chunk.count(self.counter)

    @property
    def is_told(self) -> bool:
        """Whether its counter has told that it is hot, and has not been set since."""
        return self.chunk.count(self.counter) == 0

    def rewind(self, limit: int) -> None:
        """Has it told as hot after so many more arrivals."""
        self.arrivals = self.heat
        self.limit = limit
        self.chunk.set_count(self.counter, limit)
