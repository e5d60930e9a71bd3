"""How many instructions a slice has: so many that it takes about the same time, whatever the guest does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_SMALLEST: Final = 50
_LARGEST: Final = 1 << 30


class Pace:
    """Adapts `steps` to slices of about `seconds`; where a run is cut has no influence on what the guest does."""

    def __init__(self, seconds: float, steps: int = 1000) -> None:
        """`steps`: of the first slice."""
        self._seconds = seconds
        self.steps = steps

    @contextmanager
    def slice(self) -> Iterator[int]:
        """The instructions of a slice that is run, and timed, inside."""
        began = time.perf_counter()
        yield self.steps
        self.took(time.perf_counter() - began)

    def took(self, seconds: float) -> None:
        """Tells how long a slice of `steps` has taken."""
        if seconds < self._seconds / 2:
            self.steps = min(self.steps * 2, _LARGEST)
        elif seconds > self._seconds * 2:
            self.steps = max(self.steps // 2, _SMALLEST)
