"""Where a partition's parts lie in the host's real address space. The partition sees none of it.

Nothing of it is at the address where the partition has it, so that a forgotten translation cannot go unnoticed.
All of it stays below 2^42, the 970's real address space, except the window for emulated devices.
"""

from typing import Final

PARTITION_SPACE: Final = 1 << 38
"""Bytes of host real address space that each partition has; its number times this is where it begins."""

GUEST_MEMORY: Final = 1 << 36
"""Offset of partition real address 0 in the partition's space."""

PAGE_TABLE: Final = 1 << 37
"""Offset of the hashed page table; the description keeps half as many bytes again behind it."""

DEVICE_WINDOW: Final = 1 << 52
"""Host real address that stands for partition real address 0 while an access to a device is executed."""

DEVICE_WINDOW_SIZE: Final = 1 << 52


def partition_space(lpid: int) -> int:
    """The first host real address of a partition."""
    return lpid * PARTITION_SPACE
