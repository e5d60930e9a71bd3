"""The seam between the assembler proper and an architecture.

Everything the assembler must know of an architecture passes through `Target`.  The real one is made
from a description (`instructions.described`); tests of the assembler proper use a tiny fake.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from ..expressions.anchors import DescribedPart
from ..expressions.parser import ExpressionReader
from ..expressions.tree import Expression
from ..text.source import CommentSyntax
from .plans import CodePlan, Token
from .traits import DwarfTraits, ElfTraits, InstructionSet


class Evaluate(Protocol):
    """Gives the value of an expression to an instruction that is being encoded."""

    def number(self, expression: Expression) -> int:
        """Its address or number, as what is relative to the instruction needs it."""

    def pointer(self, expression: Expression) -> int:
        """Its value as data: with the bit that tells the instruction set of a function."""

    def instruction_set_bit(self, expression: Expression, is_function: bool) -> int | None:
        """The pointer bit of the code that the expression names; None if it names no label of code, or, where
        `is_function` asks for that, none that was declared a function.
        """


class LateOperand(Struct, frozen=True):
    """An operand by its name in the description, and the expression that it waited for."""

    name: str
    expression: Expression
    is_relative: bool
    offset: int
    """Where it stands in the statement."""


class OpenInstruction(Struct, frozen=True):
    """An encoded instruction of which a linker may still have to fill in operands."""

    data: bytes
    instruction: str
    """Its name in the description."""
    fields: Mapping[str, int]
    operands: tuple[LateOperand, ...]


class Pending(Protocol):
    """An instruction that has been read; its bytes may depend on addresses."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """The lengths in bytes that it can take, ascending."""

    @property
    def is_relative(self) -> bool:
        """Whether all that it waits for are distances from itself."""

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """What it waits for."""

    def encode(self, address: int, value: Evaluate, minimum: int) -> bytes:
        """Its bytes at `address`: the shortest encoding of at least `minimum` bytes that fits.

        Raises SourceError when an operand fits none.
        """

    def encode_open(self, address: int, value: Evaluate, minimum: int) -> OpenInstruction:
        """As `encode`, with what a relocation has to know of the operands that were late."""


class Sequences(Protocol):
    """Statements that stand for several."""

    words: frozenset[str]
    """Their mnemonics."""

    def statements(
        self, word: str, rest: str, expressions: ExpressionReader, known: Callable[[Expression], int]
    ) -> list[tuple[str, str]] | None:
        """The statements (mnemonic and operands) that stand for one; None where none does. `known` gives values of
        expressions, or raises SourceError where they are not known yet.

        Raises SourceError where none takes the operands.
        """


class InstructionReader(Protocol):
    """Reads the instructions of one file; may remember what came before (T32's IT)."""

    def read(self, word: str, rest: str, instruction_set: InstructionSet) -> bytes | Pending:
        """The instruction `word rest`; no bytes for one that makes none.

        Raises SourceError with an offset into `rest`.
        """

    def read_as(
        self, instruction: str, word: str, rest: str, instruction_set: InstructionSet
    ) -> bytes | Pending | None:
        """As `read`, if the text can be that instruction; None if it cannot."""

    @property
    def is_in_block(self) -> bool:
        """Whether the next instruction stands in a conditional block of the source."""

    @property
    def is_plain(self) -> bool:
        """Whether what came before makes no difference to what is read next."""

    def plan(
        self, word: str, rest: str, tokens: Sequence[Token], first: int, instruction_set: InstructionSet,
        named: Mapping[int, str]
    ) -> CodePlan | None:
        """How statements of the shape of `word rest` are assembled while the reader is plain, if that is certain.

        `tokens` are the numbers in `rest`, the first one of which is number `first` of its line; `named` are those of
        the line that are parts of the mnemonic, as they are written.
        """

    def alias(self, name: str, text: str | None) -> None:
        """`name` stands for `text` in operands from here on; None: no longer."""


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
    code_end: int
    """Bytes to a multiple of which a section's code is filled up at its end, as GNU as does; 0 for none."""
    align_default: int
    """The power of two that `.align` alone, or with 0, aligns to."""
    local_common: int
    """Bytes to which room by `.lcomm` is aligned, whose names then have no type; 0: by its size, and objects."""
    literal_size: int
    """Bytes of a literal-pool entry made by an operand `=value`; 0 if the syntax has none."""
    relocations: Mapping[str, str]
    """The field of a relocation for an operand or an instruction of the description (`relocatable.styles`)."""
    parts: Mapping[str, DescribedPart]
    """Parts of a value by name (`%hi`)."""
    constants: Mapping[str, int]
    """Names that the description gives to numbers; they count where no source defines a symbol."""
    options: frozenset[str]
    """What a file begins with of what `.option` switches on and off."""
    passed_options: frozenset[str]
    """What `.option` may say besides: it changes nothing."""
    is_divided: bool
    """Whether a file begins in the syntax before the unified one (Arm)."""
    kept_plans: dict[tuple[str, bool], dict[str, Any]]
    """What has been learned of lines of sources, for whoever reads the next one."""
    data_mapping_symbol: str
    """Marks where data begins inside code (`$d`), or empty."""

    @property
    def sequences(self) -> Sequences:
        """Statements that stand for several."""

    def reader(self, expressions: ExpressionReader, big_endian: bool) -> InstructionReader:
        """A reader of instructions for one file."""

    def with_options(self, instruction_set: InstructionSet, options: frozenset[str]) -> InstructionSet:
        """The instruction set as it is read while these options are on."""

    def instruction_bytes(self, word: int, size: int, instruction_set: InstructionSet, big_endian: bool) -> bytes:
        """An instruction given as a number of `size` bytes, in the order in which the core fetches it."""


