"""What comes out of an assembly: the contents of memory, symbols, lines and the ELF file."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from ..layout.frames import FramePointer


class ImageSection(Struct, frozen=True):
    """A section with its place; `data` is empty for one without contents (`size` counts)."""

    name: str
    address: int
    data: bytes
    size: int
    alignment: int
    flags: str
    nobits: bool
    kind: str = ""
    """Its type if the source says one (note, init_array, a number)."""
    linked_to: str = ""
    """The section that it belongs to (flag o)."""


class ImageSymbol(Struct, frozen=True):
    """A symbol as the ELF file has it; `value` carries the instruction set's bit for functions.

    `binding` is local, global or weak; `kind` is function, object, mapping or empty.

    `section` is a section's name, or empty for a plain number.
    """

    name: str
    value: int
    size: int
    binding: str
    kind: str
    section: str


class LineRow(Struct, frozen=True):
    """`size` bytes of code at `address` come from line `line` of file `file` (an index into `files`)."""

    address: int
    size: int
    file: int
    line: int
    sequence: int
    """A number that changes where the section or the file does."""


class LineRows(Struct, frozen=True):
    """As many rows as one: instructions of `sizes` bytes, one behind the other from `address` on, come from `lines`."""

    address: int
    size: int
    file: int
    lines: Sequence[int]
    sizes: Sequence[int]
    sequence: int


class FrameStep(Struct, frozen=True):
    """A call-frame rule that holds from `address` on (operations as in `frames.FrameRule`)."""

    address: int
    operation: str
    register: int
    value: int
    data: bytes = b""


class FrameEntry(Struct, frozen=True):
    """Call-frame rules of the code from `start` to `end` (exclusive)."""

    start: int
    end: int
    return_column: int
    steps: tuple[FrameStep, ...]
    is_signal_frame: bool = False
    personality: FramePointer | None = None
    data: FramePointer | None = None
    """What an unwinder is told of, where a linker or none resolves it."""
    first: int = 0
    """How many of the steps hold from the start on, with nothing that fills gaps in front of them."""
    is_simple: bool = False
    """Whether the frame at the start is not the usual one, but what `steps` say."""


class Program(Struct, frozen=True):
    """A laid-out program: what the ELF and DWARF writers work on."""

    sections: tuple[ImageSection, ...]
    other_sections: tuple[ImageSection, ...]
    symbols: tuple[ImageSymbol, ...]
    lines: tuple[LineRow | LineRows, ...]
    files: tuple[str, ...]
    frames: tuple[FrameEntry, ...]
    entry: int
    big_endian: bool
    flags: int = 0
    """More flags of the ELF header than the description gives (the version of Power's ABI)."""
