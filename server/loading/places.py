"""Where everything lies in a machine's memory: what has a place is put there, what has none gets one.

Two things that want the same bytes, or one that lies outside RAM, are one error that names both sides.
"""

from __future__ import annotations

import msgspec

from ...isa.errors import TraplineError
from ..machine.physical import MemorySlot, PhysicalMemory

_CHUNK = 1 << 20


class OutsideRamError(TraplineError):
    """Something has its place where the machine has no RAM."""


class OverlapError(TraplineError):
    """Two things want the same bytes of memory."""


class NoRoomError(TraplineError):
    """No place is left for something that the machine has to add."""


class Piece(msgspec.Struct, frozen=True):
    """`size` bytes from physical address `start` on, and what they are; `way_out` is how the user can move them."""

    name: str
    start: int
    size: int
    way_out: str

    @property
    def end(self) -> int:
        """The first address behind it."""
        return self.start + self.size

    def __str__(self) -> str:
        return f"{self.name} ({self.start:#x}-{self.end - 1:#x})"


class Places:
    """The memory of one machine while it is filled."""

    def __init__(self, memory: PhysicalMemory) -> None:
        self.memory = memory
        self.pieces: list[Piece] = []

    def put(self, piece: Piece, data: bytes) -> None:
        """Writes `data` and zeros behind it to a piece's place. Raises OutsideRamError or OverlapError."""
        self.claim(piece)
        self.fill(piece.start, data, piece.size)

    def fill(self, start: int, data: bytes, size: int) -> None:
        """Writes `data` and zeros behind it, `size` bytes in all, to a place that has been claimed."""
        for at in range(0, len(data), _CHUNK):
            self.memory.write(start + at, data[at : at + _CHUNK])
        for at in range(len(data), size, _CHUNK):
            self.memory.write(start + at, bytes(min(_CHUNK, size - at)))

    def claim(self, piece: Piece) -> None:
        """Makes sure that a piece is in RAM and nothing else is there. Raises OutsideRamError or OverlapError."""
        slots = [slot for slot in self.memory.slots if not slot.read_only]
        if not any(slot.base <= piece.start and piece.end <= slot.end for slot in slots):
            raise OutsideRamError(
                f"{piece} does not lie in RAM, which is at {_ranges(slots)}",
                f"{piece.way_out}, or give the machine more memory with --memory",
            )
        for other in self.pieces:
            if piece.start < other.end and other.start < piece.end:
                raise OverlapError(f"{other} and {piece} overlap", f"{piece.way_out}, or {other.way_out}")
        self.pieces.append(piece)

    def end_of(self, base: int, limit: int) -> int:
        """The first address behind all pieces that begin in a range; `base` if there are none."""
        return max((piece.end for piece in self.pieces if base <= piece.start < limit), default=base)

    def highest(self, size: int, alignment: int, low: int, high: int) -> int | None:
        """The highest aligned address in `low`..`high` where `size` bytes are free; None: there is none."""
        top = high
        for start, end in (*sorted(((p.start, p.end) for p in self.pieces), reverse=True), (low, low)):
            place = (min(top, high) - size) // alignment * alignment
            if place >= max(end, low):
                return place
            top = min(top, start)
        return None

    def lowest(self, size: int, alignment: int, low: int, high: int) -> int | None:
        """The lowest such address."""
        place = -(-low // alignment) * alignment
        for piece in sorted(self.pieces, key=lambda one: one.start):
            if place + size <= piece.start:
                break
            if piece.end > place:
                place = -(-piece.end // alignment) * alignment
        return place if place + size <= high else None


def _ranges(slots: list[MemorySlot]) -> str:
    return ", ".join(f"{slot.base:#x}-{slot.end - 1:#x}" for slot in slots) or "nowhere"


def room_for(what: str, size: int, found: int | None, low: int, high: int) -> int:
    """The place that was found. Raises NoRoomError where there was none."""
    if found is None:
        raise NoRoomError(
            f"no {size:#x} bytes between {low:#x} and {high - 1:#x} are free for {what}",
            "give the machine more memory with --memory, or load or link the rest elsewhere",
        )
    return found
