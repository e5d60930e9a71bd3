"""How long native code runs in one call: so many instructions that it takes a few milliseconds, whatever they do.

Between two calls Python sees signals, and whether the run's time is up.
"""

from __future__ import annotations

import time
from typing import Final

_LEAST: Final = 1 << 12
_MOST: Final = 1 << 23
_SHORT_SECONDS: Final = 0.001
_LONG_SECONDS: Final = 0.004


class Stretches:
    """Adapts `longest`. Calls that ended early, for another reason, teach nothing but that they were too long."""

    def __init__(self) -> None:
        self.longest = 1 << 18
        """Instructions of the next call, at most."""
        self._began = 0.0

    def begin(self) -> None:
        """Told before each call, or of several with little in between before the first."""
        self._began = time.perf_counter()

    def took(self, executed: int) -> float:
        """Told after each call how many instructions it had; the time now, as `time.perf_counter` counts."""
        now = time.perf_counter()
        seconds, self._began = now - self._began, now
        if executed >= self.longest and seconds < _SHORT_SECONDS:
            self.longest = min(self.longest * 2, _MOST)
        elif seconds > _LONG_SECONDS and executed > _LEAST:
            self.longest = max(min(self.longest, int(executed * _LONG_SECONDS / seconds)), _LEAST)
        return now
