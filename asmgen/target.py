"""The seam between the assembler proper and an architecture.

Everything the assembler must know of an architecture passes through `Target`.  The real one is made
from a description (`described.py`); tests of the assembler proper use a tiny fake.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from .build_attributes import BuildAttributes
from .expression_parser import ExpressionReader
from .expressions import Expression
from .source import CommentSyntax


@dataclass(frozen=True, slots=True)
class InstructionSet:
    """One of the instruction sets of an architecture (A32, T32; Power has one)."""

    name: str
    alignment: int = 4
    """Bytes to which every instruction is aligned."""
    mapping_symbol: str = ""
    """Symbol that marks where such code begins (`$a`; ELF for the Arm Architecture, mapping symbols)."""
    pointer_bit: int = 0
    """What a pointer to a function of this set carries in its lowest bit (1 for T32)."""
    padding: bytes = b""
    """An instruction that does nothing, for alignment; empty means zeros."""
    directives: tuple[str, ...] = ()
    """Directives that switch to this set (".arm"); `.code N` names them by width."""


@dataclass(frozen=True, slots=True)
class ElfTraits:
    """What the ELF header says: machine number, 32 or 64 bits, flags, byte order; and build attributes, if any."""

    machine: int
    bits: int
    flags: int
    big_endian: bool
    attributes: BuildAttributes | None = None


@dataclass(frozen=True, slots=True)
class DwarfTraits:
    """DWARF's numbering of the registers, and how a call leaves its trace.

    `return_column` holds the return address, `stack_pointer` is the base of the default frame.
    """

    registers: Mapping[str, int]
    return_column: int
    stack_pointer: int


Evaluate = Callable[[Expression], int]


class Pending(Protocol):
    """An instruction that has been read; its bytes may depend on addresses."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """The lengths in bytes that it can take, ascending."""

    def encode(self, address: int, value: Evaluate, minimum: int) -> bytes:
        """Its bytes at `address`: the shortest encoding of at least `minimum` bytes that fits.

        Raises SourceError when an operand fits none.
        """


class InstructionReader(Protocol):
    """Reads the instructions of one file; may remember what came before (T32's IT)."""

    def read(self, word: str, rest: str, instruction_set: InstructionSet) -> bytes | Pending:
        """The instruction `word rest`.  Raises SourceError with an offset into `rest`."""


class Target(Protocol):
    """An architecture as the assembler sees it."""

    name: str
    comments: CommentSyntax
    elf: ElfTraits
    dwarf: DwarfTraits | None
    """None if the architecture does not number its registers: no call frames are written then."""
    instruction_sets: tuple[InstructionSet, ...]
    """The first one is assembled until a directive says otherwise."""
    word_size: int
    """Bytes of `.word`."""
    literal_size: int
    """Bytes of a literal-pool entry made by an operand `=value`; 0 if the syntax has none."""
    constants: Mapping[str, int]
    """Names that the description gives to numbers; they count where no source defines a symbol."""
    data_mapping_symbol: str
    """Marks where data begins inside code (`$d`), or empty."""

    def reader(self, expressions: ExpressionReader, big_endian: bool) -> InstructionReader:
        """A reader of instructions for one file."""

    def instruction_bytes(self, word: int, size: int, instruction_set: InstructionSet, big_endian: bool) -> bytes:
        """An instruction given as a number of `size` bytes, in the order in which the core fetches it."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things go: the first section at `base`, or sections at addresses of their own.

    `memory` lists (origin, length) of what may be occupied; empty means everything.
    """

    base: int = 0
    placements: Mapping[str, int] = field(default_factory=dict)
    memory: tuple[tuple[int, int], ...] = ()
    entry: str = "_start"
    big_endian: bool | None = None
    """None takes the byte order of the description."""
