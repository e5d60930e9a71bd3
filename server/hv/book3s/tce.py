"""Tables of translation control entries: KVM_CREATE_SPAPR_TCE.

Linux, arch/powerpc/kvm/book3s_64_vio.c and book3s_64_vio_hv.c. H_PUT_TCE writes a table in real mode; user space
shares it and may write it, to reset its bus or to take a migrated one over.
"""

from __future__ import annotations

from typing import Final

from ...machine.ram import PAGE_SIZE, GuestRam
from ..errors import KvmError

ENTRY: Final = 8
_PAGE_BITS: Final = 12


class TceTable:
    """The table of one I/O bus: an entry for each 4 KB of its window, zero until somebody writes it."""

    def __init__(self, liobn: int, window_size: int) -> None:
        self.liobn = liobn
        self.window_size = window_size
        self.entries = window_size >> _PAGE_BITS
        size = self.entries * ENTRY
        self.ram = GuestRam(max(PAGE_SIZE, -(-size // PAGE_SIZE) * PAGE_SIZE))

    def __len__(self) -> int:
        return self.entries

    def __getitem__(self, index: int) -> int:
        return self.ram.read_int(self._at(index), ENTRY, "big")

    def __setitem__(self, index: int, entry: int) -> None:
        self.ram.write_int(self._at(index), ENTRY, entry, "big")

    def _at(self, index: int) -> int:
        if not 0 <= index < self.entries:
            raise KvmError(f"entry {index} is not in the table of bus {self.liobn:#x}, which has {self.entries}")
        return index * ENTRY
