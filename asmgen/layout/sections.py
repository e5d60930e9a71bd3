"""Sections and what they are made of.

A section is a list of items.  Most know their size at once; alignments, `.org`, `.skip` with labels and
instructions that come in two lengths get theirs during layout.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from ..expressions.tree import Expression, Number
from ..target.padding import CodePadding
from ..target.seam import Pending
from ..target.traits import InstructionSet
from ..text.diagnostics import AT_WORD, SourceError
from ..text.source import Statement

MAX_BYTES = 256 << 20
"""Bytes that one section may hold in the file."""
MAX_EXTENT = 1 << 40
"""Bytes that a section without contents may span."""


class Item(Struct, eq=False, kw_only=True):
    """Something in a section: `size` bytes at `offset` from its start."""

    offset: int = 0
    size: int = 0


class Mark(Item, eq=False):
    """A point that labels stand at; `epoch` counts the items of unknown size before it."""

    epoch: int = 0
    code_bit: int | None = None
    """The pointer bit of the instruction that stands here; None if it is something else."""


class Raw(Item, eq=False):
    """Bytes that are known; neighbours are merged."""

    data: bytearray


class Datum(Item, eq=False):
    """A value of `width` bytes that is known after layout."""

    expression: Expression
    width: int
    statement: Statement
    column: int


class Leb128(Item, eq=False):
    """A number of 7 bits a byte that is known after layout."""

    expression: Expression
    signed: bool
    statement: Statement
    column: int


class Code(Item, eq=False):
    """An instruction: bytes, or one that waits for addresses."""

    content: bytes | Pending
    statement: Statement
    instruction_set: InstructionSet


class Padding(Item, eq=False):
    """Fill up to a multiple of `alignment`, unless that takes more than `limit` bytes."""

    alignment: int
    fill: bytes | CodePadding
    limit: int


class PoolStart(Item, eq=False):
    """Where the entries of a literal pool begin."""


class Gap(Item, eq=False):
    """`count` times the bytes `fill`; the count is known after layout."""

    count: Expression
    fill: bytes
    statement: Statement | None
    """None for room that no statement of its own asks for."""


class Origin(Item, eq=False):
    """Fill up to `target`: an offset in the section, or an address when `is_address`."""

    target: Expression
    is_address: bool
    fill: int
    statement: Statement


class Section(Struct, eq=False):
    """A section; `flags` are GNU as's letters (a = in memory, w = writable, x = code)."""

    name: str
    flags: str
    nobits: bool = False
    items: list[Item] = []
    alignment: int = 1
    """What directives asked for, in bytes."""
    code_alignment: int = 1
    """What the instructions in it need."""
    size: int = 0
    """Bytes so far; after layout, in all."""
    epoch: int = 0
    address: int | None = None
    """None until layout gives it a place."""
    order: int = 0
    main: Section | None = None
    """The section that this is a subsection of."""
    kind: str = ""
    """Its type if the source says one: progbits, note, init_array … (`.section NAME, FLAGS, @TYPE`)."""
    entry_size: int = 0
    """Bytes of an entry of a section whose entries a linker may merge (flag M)."""
    group: str = ""
    """The group that a linker keeps or drops with the section (flag G)."""
    linked_to: str = ""
    """The section that this one belongs to (flag o)."""
    is_twin: bool = False
    """Whether a section of this name, of another group or none, stands before it in the file."""

    @property
    def key(self) -> str:
        """What tells the section from all others of the file: its name, and the group of a twin."""
        return f"{self.name}\x01{self.group}" if self.is_twin else self.name

    @property
    def needed_alignment(self) -> int:
        """Of the whole section, in bytes."""
        return max(self.alignment, self.code_alignment)

    @property
    def allocated(self) -> bool:
        """Whether the section occupies memory of the program."""
        return "a" in self.flags

    @property
    def executable(self) -> bool:
        """Whether the section holds code."""
        return "x" in self.flags

    def mark(self) -> Mark:
        """A mark at the end of what stands in the section."""
        if self.items and isinstance(self.items[-1], Mark):
            return self.items[-1]
        mark = Mark(self.epoch)
        mark.offset = self.size
        self.items.append(mark)
        return mark

    def append(self, item: Item, size: int, is_final: bool = True) -> None:
        """Put `item` at the end; `size` is its least size, `is_final` says that it cannot grow."""
        last = self.items[-1] if self.items else None
        if isinstance(last, Mark) and isinstance(item, Code):
            last.code_bit = item.instruction_set.pointer_bit
        item.offset = self.size
        item.size = size
        self.size += size
        self.items.append(item)
        if not is_final:
            self.epoch += 1

    def append_bytes(self, data: bytes) -> None:
        """Put known bytes at the end.  Raises SourceError if they are not zeros, and the section has no contents."""
        if self.nobits:
            if any(data):
                raise SourceError(f"data cannot stand in {self.name}, which has no contents", AT_WORD,
                                  "use .skip there, or say .data first")
            self.append(Gap(Number(len(data)), b"\0", None), len(data))
            return
        last = self.items[-1] if self.items else None
        if not isinstance(last, Raw):
            last = Raw(bytearray())
            last.offset = self.size
            self.items.append(last)
        last.data += data
        last.size += len(data)
        self.size += len(data)

    def pad(self, alignment: int, fill: bytes | CodePadding, limit: int) -> None:
        """Fill up to a multiple of `alignment` with `fill`, if that takes at most `limit` bytes."""
        self.alignment = max(self.alignment, alignment)
        need = -self.size % alignment
        # The size is final only where nothing before it can still grow; a subsection begins where another one ends.
        is_final = self.epoch == 0 and (self.main is None or alignment == 1)
        self.append(Padding(alignment, fill, limit), need if need <= limit else 0, is_final)


STANDARD_FLAGS = {
    ".text": "ax",
    ".rodata": "a",
    ".data": "aw",
    ".bss": "aw",
    ".init": "ax",
    ".fini": "ax",
    ".init_array": "aw",
    ".fini_array": "aw",
    ".preinit_array": "aw",
    ".rodata1": "a",
    ".data1": "aw",
    ".tdata": "awT",
    ".tbss": "awT",
    ".eh_frame": "a",
}
"""Flags of sections that need not be spelled out.  Source: System V ABI, chapter 4 "Special Sections"."""

STANDARD_KINDS = {
    ".bss": "nobits",
    ".tbss": "nobits",
    ".note": "note",
    ".init_array": "init_array",
    ".fini_array": "fini_array",
    ".preinit_array": "preinit_array",
}
"""Types of sections that are not plain contents of the program."""


def default_flags(name: str) -> str:
    """The flags of a section that gives none: those of the standard section that its name begins with."""
    return _of_standard(STANDARD_FLAGS, name)


def default_kind(name: str) -> str:
    """The type of a section that gives none, by the same rule; empty for plain contents."""
    return _of_standard(STANDARD_KINDS, name)


def _of_standard(table: Mapping[str, str], name: str) -> str:
    for standard, found in table.items():
        if name == standard or name.startswith(standard + "."):
            return found
    return ""
