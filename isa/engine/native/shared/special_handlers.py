"""What whoever loads native code shares with whoever writes it; without the writer, so that a start takes less time."""

from __future__ import annotations

from collections.abc import Callable

from . import cpu_layout as cpu

Progress = Callable[[str, int, int], None]
"""Told (what is being done, steps done, steps in all)."""

STOPS = {"breakpoint": cpu.STOP_STATUS, "step": cpu.STEP_STATUS, "unbuilt": cpu.UNBUILT_STATUS}
"""Handlers that do nothing but return a status to the loop."""
SPECIAL_HANDLERS = ("jump", "arrive", "undecoded", "split", "illegal", *STOPS)
"""Handlers that are not forms'."""
OF_DECODER = frozenset({"undecoded", "split"})
"""Those that stand with the decoder; the others stand in the core."""
