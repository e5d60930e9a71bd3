"""Where the parts of partitions lie in the host's real address space. A partition sees none of it.

Nothing of it is at the address where the partition has it, so that a forgotten translation cannot go unnoticed.
"""

from __future__ import annotations

from typing import Final

import msgspec

DEVICE_WINDOW: Final = 1 << 52
"""Host real address that stands for partition real address 0 while an access to a device is executed."""

DEVICE_WINDOW_SIZE: Final = 1 << 52


class HostLayout(msgspec.Struct, frozen=True):
    """Each partition has 2^`bits` bytes of host real address space: its number times that is where they begin.

    The first half is memory; then come the page table (the description keeps half as many bytes again behind it) and
    the tables of translation control entries. `partitions` is how many fit; number 0 is the host's own.
    """

    bits: int
    partitions: int

    def memory(self, lpid: int) -> int:
        """Where partition real address 0 is."""
        return lpid << self.bits

    @property
    def memory_size(self) -> int:
        """Bytes of memory that a partition can have."""
        return 1 << (self.bits - 1)

    def page_table(self, lpid: int) -> int:
        """Where the hashed page table is."""
        return self.memory(lpid) + self.memory_size

    def tce_tables(self, lpid: int) -> int:
        """Where the first table of translation control entries is."""
        return self.page_table(lpid) + (1 << (self.bits - 2))


POWER7: Final = HostLayout(bits=40, partitions=1022)
"""512 GB each. The last partition number but one: 0x3FF is reserved, for a core that runs none."""
PPC970: Final = HostLayout(bits=38, partitions=15)
"""The 970 has 42 bits of real address: 128 GB each, and fewer partitions than its 6 bits would name."""
