"""Guest RAM: one block of lazily mapped host memory with a dirty-page map.

A block costs address space when it is made and memory only for the pages that the guest touches.
Every access is checked against the block, so a guest can never reach host memory. The native engine
reaches the same bytes through `host_address`, and marks pages in the same dirty map through
`dirty_address`; it makes the same check in its soft TLB.
"""

import ctypes
import mmap
from collections.abc import Iterable
from typing import Final, Literal

from ...isa.errors import TraplineError, reason_of
from ...isa.lazy_memory import lazy_memory

ByteOrder = Literal["big", "little"]

PAGE_SIZE: Final = 4096
"""Granularity of the dirty map and of memory slots, in bytes."""
_LOGGED, _WRITTEN, _RETAKEN = b"\x02", b"\x01", b"\x03"
"""Bytes of the dirty map. A store writes _WRITTEN: the page is new for both who ask, `dirty_pages` and `take_written`.
_LOGGED: only for the first, _RETAKEN: only for the second; 0: for neither."""
MAXIMUM_RAM: Final = 1 << 40
"""Largest block, in bytes: an architected 40-bit physical space, far below what a host can map."""


class RamError(TraplineError):
    """A block of RAM that cannot be made."""


class RamBoundsError(TraplineError):
    """An access that is not wholly inside its block: `offset` and `length` in bytes, `size` of the block."""

    def __init__(self, offset: int, length: int, size: int) -> None:
        super().__init__(
            f"{length} bytes at offset {offset:#x} are not inside a RAM block of {size:#x} bytes",
            "check the address against the memory slots before going to the block",
        )
        self.offset = offset
        self.length = length
        self.size = size


class GuestRam:
    """A block of zeroed guest memory. Offsets and sizes are in bytes, from the start of the block."""

    def __init__(self, size: int) -> None:
        """Maps `size` bytes, a multiple of PAGE_SIZE up to MAXIMUM_RAM. Raises RamError otherwise."""
        if size <= 0 or size % PAGE_SIZE or size > MAXIMUM_RAM:
            raise RamError(
                f"RAM of {size:#x} bytes cannot be made",
                f"give a multiple of {PAGE_SIZE:#x} between {PAGE_SIZE:#x} and {MAXIMUM_RAM:#x}",
            )
        self.size = size
        self.clears = 0
        """How often everything was made zero by `clear`."""
        try:
            self._memory = lazy_memory(size)
            self._dirty = lazy_memory(size // PAGE_SIZE)
        except OSError as error:
            raise RamError(
                f"the host does not map {size:#x} bytes of guest RAM: {reason_of(error)}",
                "make the machine's memory smaller",
            ) from error
        self.host_address = _address_of(self._memory)
        """Host address of offset 0, for native code; valid until `close`."""
        self.dirty_address = _address_of(self._dirty)
        """Host address of the dirty map: one byte a page, to be set to 1 by a store; valid until `close`."""

    def close(self) -> None:
        """Unmaps the block. Native code must not hold its addresses any more."""
        self._memory.close()
        self._dirty.close()

    def read(self, offset: int, length: int) -> bytes:
        """`length` bytes at `offset`. Raises RamBoundsError."""
        self._check(offset, length)
        return self._memory[offset : offset + length]

    def write(self, offset: int, data: bytes | bytearray | memoryview) -> None:
        """Stores `data` at `offset` and marks its pages dirty. Raises RamBoundsError."""
        length = len(data)
        self._check(offset, length)
        if length:
            self._memory[offset : offset + length] = bytes(data)
            self._mark(offset, length)

    def read_int(self, offset: int, size: int, order: ByteOrder) -> int:
        """The unsigned integer of `size` bytes at `offset`. Raises RamBoundsError."""
        end = offset + size
        if offset < 0 or size < 0 or end > self.size:
            raise RamBoundsError(offset, size, self.size)
        return int.from_bytes(self._memory[offset:end], order)

    def write_int(self, offset: int, size: int, value: int, order: ByteOrder) -> None:
        """Stores the low `size` bytes of `value` at `offset`. Raises RamBoundsError."""
        end = offset + size
        if offset < 0 or size <= 0 or end > self.size:
            raise RamBoundsError(offset, size, self.size)
        self._memory[offset:end] = (value & ((1 << 8 * size) - 1)).to_bytes(size, order)
        self._dirty[offset // PAGE_SIZE] = 1
        self._dirty[(end - 1) // PAGE_SIZE] = 1

    def clear(self) -> None:
        """Makes every byte zero and gives the pages back to the host; the dirty map is cleared too.

        `take_written` does not tell of it: `clears` counts.
        """
        self.clears += 1
        self._memory.madvise(mmap.MADV_DONTNEED)
        self._dirty.madvise(mmap.MADV_DONTNEED)

    def dirty_pages(self, offset: int, length: int) -> tuple[int, ...]:
        """Numbers (offset // PAGE_SIZE, ascending) of the pages in a range that were written since the
        last `clear_dirty`. Raises RamBoundsError."""
        self._check(offset, length)
        first, last = offset // PAGE_SIZE, (offset + length + PAGE_SIZE - 1) // PAGE_SIZE
        found = self._marked(_WRITTEN, first, last)
        logged = self._marked(_LOGGED, first, last)
        return tuple(sorted(found + logged) if logged else found)

    def clear_dirty(self, offset: int, length: int) -> None:
        """Marks the pages of a range clean. Raises RamBoundsError."""
        dirty = self._dirty
        for page in self.dirty_pages(offset, length):
            dirty[page] = 0 if dirty[page] == _LOGGED[0] else _RETAKEN[0]

    def take_written(self) -> list[int]:
        """Numbers of the pages that were written since the last call; what `dirty_pages` says is not changed by it."""
        last = self.size // PAGE_SIZE
        written, retaken = self._marked(_WRITTEN, 0, last), self._marked(_RETAKEN, 0, last)
        dirty = self._dirty
        for page in written:
            dirty[page] = _LOGGED[0]
        for page in retaken:
            dirty[page] = 0
        return written + retaken

    def put_dirty(self, pages: Iterable[int]) -> None:
        """Has `dirty_pages` say these, and nothing written for `take_written`."""
        dirty = self._dirty
        for mark in (_WRITTEN, _LOGGED, _RETAKEN):
            for page in self._marked(mark, 0, self.size // PAGE_SIZE):
                dirty[page] = 0
        for page in pages:
            dirty[page] = _LOGGED[0]

    def _marked(self, mark: bytes, first: int, last: int) -> list[int]:
        find, found = self._dirty.find, []
        page = find(mark, first, last)
        while page >= 0:
            found.append(page)
            page = find(mark, page + 1, last)
        return found

    def _check(self, offset: int, length: int) -> None:
        if offset < 0 or length < 0 or offset + length > self.size:
            raise RamBoundsError(offset, length, self.size)

    def _mark(self, offset: int, length: int) -> None:
        first, last = offset // PAGE_SIZE, (offset + length - 1) // PAGE_SIZE
        self._dirty[first : last + 1] = b"\x01" * (last + 1 - first)


def _address_of(memory: mmap.mmap) -> int:
    """Host address of a mapping; the buffer is let go at once, or the mapping could not be closed."""
    return ctypes.addressof(ctypes.c_char.from_buffer(memory))
