"""Hot places that wait to be compiled: the hottest first, and those that have cooled not at all.

Their entries go on counting arrivals, and come back here whenever the counter is full; in between, the counters are
read where they stand. So a place that waits costs the guest next to nothing.
"""

from __future__ import annotations

import msgspec

from ..shared import CodePage
from .tiers import MOST_ARRIVALS

MOST_WAITING = 256
_COOLED = 8 << 20
"""Instructions of the guest without an arrival after which a place is not hot any more."""


class Candidate(msgspec.Struct):
    """A place; `state` are the registers when it was last arrived at (see `State.snapshot`)."""

    page: CodePage
    offset: int
    address: int
    set_name: str
    state: bytes
    full: int
    """Arrivals until the counter was last full."""
    seen: int
    seen_at: int
    """How many arrivals were seen when it was last looked at, and the guest's instructions then."""
    changes: int

    @property
    def arrivals(self) -> int:
        """How often it has been arrived at, a unit as often as it has instructions."""
        unit = self.page.units.get(self.offset)
        if unit is not None:
            return unit.heat * unit.length
        return self.full + MOST_ARRIVALS - self.page.rest(self.offset)


class Candidates:
    """The places of one engine."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[CodePage, int], Candidate] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def note(self, candidate: Candidate) -> None:
        """A place is hot, again perhaps."""
        key = candidate.page, candidate.offset
        known = self._waiting.get(key)
        if known is not None:
            candidate.full = known.full + MOST_ARRIVALS
            candidate.seen, candidate.seen_at = known.seen, known.seen_at
        elif len(self._waiting) >= MOST_WAITING:
            return
        self._waiting[key] = candidate

    def take(self, now: int) -> Candidate | None:
        """The place that was arrived at most since the last look; `now` is the guest's count of instructions."""
        best: Candidate | None = None
        most = 0
        for key, candidate in list(self._waiting.items()):
            if candidate.page.changes != candidate.changes:
                del self._waiting[key]
                continue
            arrivals = candidate.arrivals
            recent = arrivals - candidate.seen
            if recent > most:
                best, most = candidate, recent
            if recent:
                candidate.seen, candidate.seen_at = arrivals, now
            elif now - candidate.seen_at > _COOLED:
                del self._waiting[key]
        if best is not None:
            del self._waiting[best.page, best.offset]
        return best

    def clear(self) -> None:
        """Nothing waits any more."""
        self._waiting.clear()
