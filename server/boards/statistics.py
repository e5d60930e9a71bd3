"""Figures of a machine's run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a run has been so far. `guest_seconds` is guest time, `exits` counts by kind."""

    instructions: int
    guest_seconds: float
    per_vcpu: tuple[int, ...]
    exits: dict[str, int]
    interrupts: dict[str, int]
    """How often each interrupt was entered, by its name."""
