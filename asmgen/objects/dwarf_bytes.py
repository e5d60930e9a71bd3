"""Numbers as DWARF writes them (DWARF 4, 7.5 and 7.6): fixed widths, LEB128, strings, unit lengths."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from ..expressions.tree import Expression
from ..layout.frames import FramePointer
from ..target.byte_order import byte_order

DW_EH_PE_pcrel = 0x10


def unsigned_leb128(value: int) -> bytes:
    """`value` >= 0 in groups of seven bits, least significant first."""
    out = bytearray()
    while True:
        group, value = value & 0x7F, value >> 7
        if not value:
            out.append(group)
            return bytes(out)
        out.append(group | 0x80)


def signed_leb128(value: int) -> bytes:
    """`value` in groups of seven bits; bit 6 of the last one is the sign."""
    out = bytearray()
    while True:
        group, value = value & 0x7F, value >> 7
        if value in (0, -1) and (value == -1) == bool(group & 0x40):
            out.append(group)
            return bytes(out)
        out.append(group | 0x80)


class Mark(Struct, frozen=True):
    """At `offset` stand `width` bytes that depend on where something lies.

    `section` empty: the address `value`, or with `is_relative` its distance from here; else an offset into that one.
    """

    offset: int
    width: int
    value: int
    section: str = ""
    is_relative: bool = False
    expression: Expression | None = None
    """Instead of all that: what a source says, which a linker resolves."""


class DwarfBytes(bytearray):
    """Bytes being put together in a byte order, with addresses of a width in bytes; `marks` says where these stand."""

    def __init__(self, big_endian: bool, address_size: int) -> None:
        super().__init__()
        self.big_endian = big_endian
        self._order = byte_order(big_endian)
        self.address_size = address_size
        self.marks: list[Mark] = []

    def number(self, value: int, width: int) -> None:
        """`value` >= 0 in `width` bytes."""
        self += value.to_bytes(width, self._order)

    def address(self, value: int) -> None:
        """An address of the program."""
        self.marks.append(Mark(len(self), self.address_size, value))
        self.number(value & ((1 << 8 * self.address_size) - 1), self.address_size)

    def string(self, text: str) -> None:
        """UTF-8 and a zero byte."""
        self += text.encode() + b"\0"

    def unsigned(self, value: int) -> None:
        """ULEB128."""
        self += unsigned_leb128(value)

    def signed(self, value: int) -> None:
        """SLEB128."""
        self += signed_leb128(value)

    def relative_address(self, value: int) -> None:
        """The distance from here to an address, in 4 bytes; a linker or `resolved` fills it in."""
        self.marks.append(Mark(len(self), 4, value, is_relative=True))
        self.number(0, 4)

    def pointer(self, pointer: FramePointer) -> None:
        """A place that a source names, as its encoding says; a linker fills it in."""
        width = {0: self.address_size, 2: 2, 3: 4, 4: 8}[pointer.encoding & 7]
        self.marks.append(Mark(len(self), width, 0, is_relative=bool(pointer.encoding & DW_EH_PE_pcrel),
                               expression=pointer.value))
        self.number(0, width)

    def section_offset(self, value: int, section: str) -> None:
        """A place in a section of debug information, in 4 bytes."""
        self.marks.append(Mark(len(self), 4, value, section))
        self.number(value, 4)

    def append_part(self, part: DwarfBytes) -> None:
        """Put another piece, with its marks, at the end."""
        self.marks += [replace(mark, offset=mark.offset + len(self)) for mark in part.marks]
        self += part

    def with_length(self) -> DwarfBytes:
        """These bytes behind their length: a unit of the 32-bit DWARF format."""
        out = DwarfBytes(self.big_endian, self.address_size)
        out.number(len(self), 4)
        out.append_part(self)
        return out
