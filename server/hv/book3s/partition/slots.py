"""Memory slots, as the description is told of them: real mode calls find pages there."""

from __future__ import annotations

from collections.abc import Sequence

from ....core import Core
from ....machine.physical import MemorySlot


def describe_slots(core: Core, slots: Sequence[MemorySlot], base: int) -> None:
    """Where each begins, its size, and where it lies in the host: the partition's memory begins at `base` there."""
    count = core.register("SLOT_BASE").count
    found = [(slot.base, slot.size, base + slot.base) for slot in slots]
    for index, values in enumerate(found + [(0, 0, 0)] * (count - len(found))):
        for name, value in zip(("SLOT_BASE", "SLOT_SIZE", "SLOT_HOST"), values, strict=True):
            core.write(name, value, index)
