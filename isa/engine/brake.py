"""What ends a run from outside: somebody presses the brake, from any thread, or the run's time is up.

The engines of a machine share one brake. They look at it whenever native code has come back, and have native code come
back soon when it is pressed; a run ends behind an instruction, as if its budget had been used up there. Where a run is
cut has no influence on what the guest does, so the host's clock may say where.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Protocol


class Attentive(Protocol):
    """What the brake tells that it is pressed."""

    def come_back(self) -> None:
        """Called from any thread, also while native code runs: it is to come back behind the present instruction.

        The request may get lost between two writes of native code's own: whoever waits for it asks again.
        """


class Brake:
    """One machine's brake."""

    def __init__(self, engines: Sequence[Attentive]) -> None:
        """`engines` may change later."""
        self._engines = engines
        self.pressed = False
        self.deadline = math.inf
        """When a run is to end, as `time.perf_counter` counts."""

    def press(self) -> None:
        """Ends the run under way soon. From any thread, and again as long as that has not happened."""
        self.pressed = True
        for engine in tuple(self._engines):
            engine.come_back()

    def release(self, seconds: float | None = None) -> None:
        """Before a run: it may take so long; None: as long as it likes."""
        self.deadline = math.inf if seconds is None else time.perf_counter() + seconds
        self.pressed = False

    def due(self) -> bool:
        """Whether a run is to end now."""
        return self.pressed or time.perf_counter() >= self.deadline
