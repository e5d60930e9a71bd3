"""Non-volatile memory of a partition: bytes that RTAS fetches and stores. It lasts as long as the machine."""

from __future__ import annotations

from typing import Final

import msgspec

NVRAM_SIZE: Final = 0x1_0000
"""Bytes, as QEMU's pseries machine has them."""


class Nvram(msgspec.Struct):
    """All zeros at first: firmware or operating system divide it into partitions (PAPR, section 8.3)."""

    data: bytearray = msgspec.field(default_factory=lambda: bytearray(NVRAM_SIZE))

    def fetch(self, start: int, length: int) -> bytes | None:
        """The bytes from `start` on; None where they are not all there."""
        return bytes(self.data[start : start + length]) if self._has(start, length) else None

    def store(self, start: int, data: bytes) -> bool:
        """Stores bytes; whether all of them have a place."""
        if not self._has(start, len(data)):
            return False
        self.data[start : start + len(data)] = data
        return True

    def _has(self, start: int, length: int) -> bool:
        return 0 <= start and 0 <= length and start + length <= len(self.data)
