"""Lets guest time pass at the pace of the host's clock while a guest waits, as a person at its terminal expects.

Guest time jumps otherwise: while every vcpu waits, the next timer is due at once. A pace changes when things happen on
the host, never what happens in the guest: a wait that nothing ends early comes to the timer exactly, and what ends one
early comes in by the recorded door, at the time that is reached then.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from .clock import GuestClock

Wait = Callable[[float], bool]
"""Waits for at most so many seconds; whether something has come from outside."""

LONGEST: Final = 0.02
"""Seconds of one wait: who is asked to stop meanwhile does so then."""
_SHORTEST: Final = 0.0005
"""A wait that is shorter is none: the host's clock is not so fine."""


class HostPace:
    """The pace of one machine. `rate`: units of guest time in a second; `host` tells the host's time in seconds."""

    def __init__(self, clock: GuestClock, rate: float, wait: Wait, host: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rate = rate
        self._wait = wait
        self._host = host
        self._due: int | None = None
        """The time that is waited for, ..."""
        self._at = 0.0
        """... and when that is on the host."""

    def reach(self, due: int) -> int:
        """Waits for the guest time `due`, or a part of the way; the time that is reached."""
        now, clock = self._clock.now, self._host()
        if self._due != due:
            self._due, self._at = due, clock + (due - now) / self._rate
        left = self._at - clock
        came = self._wait(min(left, LONGEST)) if left > _SHORTEST else False
        left = self._at - self._host()
        if left <= _SHORTEST:
            return due
        # Only what comes in has to find the right time; a timer is due when it is due.
        return max(now, due - int(left * self._rate)) if came else now
