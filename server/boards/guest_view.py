"""Memory as a core sees it now, for who answers its calls: through its translation, in its byte order."""

from __future__ import annotations

from typing import Literal

from ...isa.engine.interface import LOAD, STORE, Fault
from ...isa.errors import TraplineError
from ..core import Core

_PAGE = 0x1000
_SPACE = (1 << 32) - 1


class NotThereError(TraplineError):
    """The guest named an address where no memory is, or none that it may use so."""


class GuestView:
    """The 32-bit address space of an Arm core at this moment."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._order: Literal["big", "little"] = "big" if core.field("CPSR", "E") else "little"

    def read(self, address: int, length: int) -> bytes:
        """Bytes. Raises NotThereError."""
        parts = bytearray()
        while len(parts) < length:
            at = address + len(parts) & _SPACE
            count = min(length - len(parts), _PAGE - at % _PAGE)
            try:
                parts += self._core.engine.read_physical_memory(self._physical(at, LOAD), count)
            except TraplineError as error:
                raise NotThereError(f"no memory is at {at:#x}") from error
        return bytes(parts)

    def write(self, address: int, data: bytes) -> None:
        """Stores bytes. Raises NotThereError, with the pages before that one written."""
        done = 0
        while done < len(data):
            at = address + done & _SPACE
            part = data[done : done + _PAGE - at % _PAGE]
            try:
                self._core.engine.write_physical_memory(self._physical(at, STORE), part)
            except TraplineError as error:
                raise NotThereError(f"no memory is at {at:#x}") from error
            done += len(part)

    def words(self, address: int, count: int) -> tuple[int, ...]:
        """Words of 32 bits. Raises NotThereError."""
        data = self.read(address, 4 * count)
        return tuple(int.from_bytes(data[at : at + 4], self._order) for at in range(0, 4 * count, 4))

    def write_words(self, address: int, *words: int) -> None:
        """Stores words of 32 bits. Raises NotThereError."""
        self.write(address, b"".join((word & _SPACE).to_bytes(4, self._order) for word in words))

    def string(self, address: int, most: int) -> bytes:
        """Bytes up to a zero byte, which is left out, or `most` of them. Raises NotThereError."""
        found = bytearray()
        while len(found) < most:
            at = address + len(found) & _SPACE
            part = self.read(at, min(most - len(found), _PAGE - at % _PAGE))
            head, zero, _ = part.partition(b"\0")
            found += head
            if zero:
                break
        return bytes(found)

    def _physical(self, address: int, kind: int) -> int:
        found = self._core.engine.translate(address, kind)
        if isinstance(found, Fault):
            raise NotThereError(f"{address:#x} is not mapped")
        return found.physical
