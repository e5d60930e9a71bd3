"""A tiny architecture for tests of the assembler proper: three instructions, two of them plain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from trapline.asmgen import AssemblyErrors, Diagnostic, Image, Layout, Source, assemble
from trapline.asmgen.expressions.anchors import DescribedPart
from trapline.asmgen.expressions.parser import ExpressionReader
from trapline.asmgen.expressions.tree import Expression
from trapline.asmgen.target.plans import CodePlan, Token
from trapline.asmgen.target.seam import Evaluate, LateOperand, OpenInstruction, Pending
from trapline.asmgen.target.traits import DwarfTraits, ElfTraits, InstructionSet
from trapline.asmgen.text.diagnostics import AT_WORD, SourceError
from trapline.asmgen.text.source import CommentSyntax

NOP = b"\x60\x00\x00\x00"
RETURN = b"\x4e\x80\x00\x20"


@dataclass(frozen=True)
class Jump:
    """`jump TARGET`: two bytes if the target is within 127 bytes, else four."""

    target: Expression
    sizes: tuple[int, ...] = (2, 4)
    is_relative: bool = True

    def encode(self, address: int, value: Evaluate, minimum: int) -> bytes:
        """0xE0 and the distance in one byte, or 0xF0 0 and the distance in two."""
        distance = value.number(self.target) - address
        if minimum == 2 and -128 <= distance < 128:
            return bytes([0xE0, distance & 0xFF])
        if not -32768 <= distance < 32768:
            raise SourceError(f"the target is {distance} bytes away", 0, "come nearer")
        return b"\xf0\x00" + (distance & 0xFFFF).to_bytes(2, "big")


    @property
    def expressions(self) -> tuple[Expression, ...]:
        """See Pending."""
        return (self.target,)

    def encode_open(self, address: int, value: Evaluate, minimum: int) -> OpenInstruction:
        """See Pending."""
        operand = LateOperand("TARGET", self.target, True, 0)
        return OpenInstruction(self.encode(address, value, minimum), "jump", {}, (operand,))


class FakeReader:
    """Knows nop, ret, `jump TARGET` and `load REGISTER, TARGET`, which is encoded as a jump."""

    def __init__(self, expressions: ExpressionReader) -> None:
        self._expressions = expressions

    def read_as(
        self, instruction: str, word: str, rest: str, instruction_set: InstructionSet
    ) -> bytes | Pending | None:
        """Nothing moves numbers here."""
        return None

    def alias(self, name: str, text: str | None) -> None:
        """This one has no registers."""

    is_plain = True
    is_in_block = False

    def plan(
        self, word: str, rest: str, tokens: Sequence[Token], first: int, instruction_set: InstructionSet,
        named: Mapping[int, str]
    ) -> CodePlan | None:
        """There are no plans here."""
        return None

    def read(self, word: str, rest: str, instruction_set: InstructionSet) -> bytes | Pending:
        """The instruction, or SourceError."""
        if word == "nop":
            return NOP
        if word == "ret":
            return RETURN
        if word == "jump":
            return Jump(self._expressions.read_all(rest))
        if word == "load":
            return Jump(self._expressions.read_all(rest, rest.index(",") + 1))
        raise SourceError(f"there is no instruction '{word}'", AT_WORD)


class NoSequences:
    """Every statement stands for itself."""

    words: frozenset[str] = frozenset()

    def statements(
        self, word: str, rest: str, expressions: ExpressionReader, known: Callable[[Expression], int]
    ) -> list[tuple[str, str]] | None:
        """None."""
        return None


class FakeTarget:
    """Big-endian, 64 bits, `#` comments, literals of four bytes."""

    def __init__(self) -> None:
        self.kept_plans: dict[tuple[str, bool], dict[str, Any]] = {}

    name = "fake"
    comments = CommentSyntax(("#",))
    elf = ElfTraits(machine=21, bits=64, flags=0, big_endian=True)
    dwarf: DwarfTraits | None = DwarfTraits({"r1": 1, "lr": 65, "r31": 31}, return_column=65, stack_pointer=1)
    instruction_sets: tuple[InstructionSet, ...] = (InstructionSet("F", 2, "$a"),)
    word_size = 4
    code_end = 0
    align_default = 2
    local_common = 0
    relocations: Mapping[str, str] = {}
    constants: Mapping[str, int] = {}
    literal_size = 4
    data_mapping_symbol = "$d"
    is_divided = False
    options: frozenset[str] = frozenset()
    passed_options: frozenset[str] = frozenset()
    parts: Mapping[str, DescribedPart] = {}
    sequences = NoSequences()

    def with_options(self, instruction_set: InstructionSet, options: frozenset[str]) -> InstructionSet:
        """There are none."""
        return instruction_set

    def reader(self, expressions: ExpressionReader, big_endian: bool) -> FakeReader:
        """A reader for one file."""
        return FakeReader(expressions)

    def instruction_bytes(self, word: int, size: int, instruction_set: InstructionSet, big_endian: bool) -> bytes:
        """Big-endian like its data."""
        return word.to_bytes(size, "big")


def program(*texts: str, layout: Layout | None = None) -> Image:
    """The image of the texts, each a file."""
    sources = [Source(f"file{number}.s" if number else "test.s", text) for number, text in enumerate(texts)]
    return assemble(sources, FakeTarget(), layout)


def contents(text: str, section: str = ".data") -> bytes:
    """What a program leaves in a section."""
    return next(s.data for s in program(f".section {section}\n{text}\n").sections if s.name == section)


def errors(*texts: str, layout: Layout | None = None) -> list[Diagnostic]:
    """The diagnostics of a program that must be refused."""
    with pytest.raises(AssemblyErrors) as refused:
        program(*texts, layout=layout)
    return list(refused.value.diagnostics)
