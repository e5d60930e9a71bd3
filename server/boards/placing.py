"""Finds room in RAM for what a machine adds to a program: device tree, firmware stubs."""

from __future__ import annotations

from ...isa.errors import TraplineError
from ..machine.elf import LoadedElf


class NoRoomError(TraplineError):
    """The program leaves no room for the device tree or a stub."""


def highest_room(elf: LoadedElf, size: int, alignment: int, low: int, high: int) -> int:
    """The highest aligned address in `low`..`high` where `size` bytes overlap no segment. Raises NoRoomError."""
    taken = sorted(((s.physical, s.physical + s.size) for s in elf.segments), reverse=True)
    top = high
    for start, end in (*taken, (low, low)):
        place = (top - size) // alignment * alignment
        if place >= max(end, low):
            return place
        top = min(top, start)
    raise NoRoomError(
        f"{elf.path}: no {size:#x} bytes are free between {low:#x} and {high:#x}",
        "link the program lower, or give the machine more memory",
    )


def lowest_room(elf: LoadedElf, size: int, alignment: int, low: int, high: int) -> int:
    """The lowest such address. Raises NoRoomError."""
    place = -(-low // alignment) * alignment
    for segment in sorted(elf.segments, key=lambda s: s.physical):
        if place + size <= segment.physical:
            break
        place = max(place, -(-(segment.physical + segment.size) // alignment) * alignment)
    if place + size > high:
        raise NoRoomError(
            f"{elf.path}: no {size:#x} bytes are free between {low:#x} and {high:#x}",
            "link the program differently, or give the machine more memory",
        )
    return place
