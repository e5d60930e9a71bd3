"""Tables of translation control entries: KVM_CREATE_SPAPR_TCE.

Linux, arch/powerpc/kvm/book3s_64_vio.c and book3s_64_vio_hv.c. H_PUT_TCE writes a table in real mode; user space
shares it and may write it, to reset its bus or to take a migrated one over.
"""

from __future__ import annotations

import errno
from typing import Final

from .....isa.model.items import Description
from ....core import Core
from ....machine.physical import MemorySlot, PhysicalMemory
from ....machine.ram import PAGE_SIZE, GuestRam, RamError
from ...errors import KvmError
from .page_table import SLOT

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


class TceTables:
    """Those of one partition, in the host's memory one behind the other from `base` on."""

    def __init__(self, description: Description, host: PhysicalMemory, base: int, lpid: int) -> None:
        self.tables: list[TceTable] = []
        self._most = description.registers["TCE_LIOBN"].count - 1
        self._host = host
        self._base = base
        self._lpid = lpid

    def create(self, liobn: int, window_size: int) -> TceTable:
        """One more. Raises KvmError: EBUSY, EINVAL, ENOMEM."""
        if any(table.liobn == liobn for table in self.tables):
            raise KvmError(f"bus {liobn:#x} has a table", "give it another number", errno=errno.EBUSY)
        if liobn >> 64 or window_size <= 0 or window_size >> 40:
            raise KvmError(f"a window of {window_size:#x} bytes on bus {liobn:#x} cannot be translated")
        if len(self.tables) == self._most:
            raise KvmError(f"a partition has at most {self._most} tables", errno=errno.ENOMEM)
        try:
            table = TceTable(liobn, window_size)
        except RamError as error:
            raise KvmError(error.message, error.hint, errno=errno.ENOMEM) from error
        address = self._base + sum(one.ram.size for one in self.tables)
        self._host.add(MemorySlot(self._slot(len(self.tables)), address, table.ram.size, table.ram))
        self.tables.append(table)
        return table

    def remove(self) -> None:
        """Takes all of them out of the host's memory."""
        for number, _ in enumerate(self.tables):
            self._host.remove(self._slot(number))

    def describe(self, core: Core) -> None:
        """Tells the description where they are."""
        address = self._base
        for index, table in enumerate(self.tables):
            core.write("TCE_LIOBN", table.liobn, index)
            core.write("TCE_WINDOW", table.window_size, index)
            core.write("TCE_HOST", address, index)
            address += table.ram.size

    def _slot(self, number: int) -> int:
        return (SLOT << 1) + self._lpid * 32 + number
