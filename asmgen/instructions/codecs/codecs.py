"""Operands as text: what a codec is.

Reading gives the bits at once where the text says it all, or a `Late` value where an address is still
missing.  The codecs are those of docs/reference/language.md, section 4.
"""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from ...expressions.evaluation import evaluate_number
from ...expressions.parser import ExpressionReader
from ...expressions.tree import LITERAL_LABEL, Expression, Part, SymbolRef
from ...expressions.values import NotKnownYet
from ...target.plans import Misfit
from ...text.diagnostics import SourceError

__all__ = ["Bits", "Late", "LateCodec", "Misfit", "OperandCodec", "no_symbols", "number_end"]


class LateCodec(Protocol):
    """A codec whose numbers may come late."""

    def encode(self, value: int, address: int, is_part: bool, is_literal: bool = False) -> int:
        """The bits for a number as written; `is_part` says that it is 16 bits of an address, `is_literal` that it is
        the place of a literal.  Raises Misfit.
        """


class Late(Struct, frozen=True):
    """An operand whose bits wait for the value of an expression, and for the instruction's address.

    `is_relative` says that the bits hold a distance from the instruction.
    """

    expression: Expression
    codec: LateCodec
    is_relative: bool = False

    def bits(self, value: int, address: int) -> int:
        """The bits for the expression's value.  Raises Misfit."""
        tree = self.expression
        is_literal = isinstance(tree, SymbolRef) and tree.name.startswith(LITERAL_LABEL)
        return self.codec.encode(value, address, isinstance(tree, Part) and tree.rule is None, is_literal)


Bits = int | Late


class OperandCodec(Protocol):
    """Reads and writes the text of one operand."""

    def read(self, text: str, position: int, expressions: ExpressionReader) -> tuple[Bits, int]:
        """The bits and the end of what was read.

        Raises SourceError if the text is not such an operand, Misfit if its value does not fit.
        """

    def write(self, bits: int, address: int) -> str | None:
        """The text, or None if there is none for these bits."""


def no_symbols(reference: SymbolRef) -> int:
    """A `Lookup` for values that have to be known at once."""
    raise NotKnownYet(f"'{reference.name}' is not known yet", reference.offset)


def number_end(text: str, position: int, expressions: ExpressionReader, wanted: int) -> int | None:
    """The end of the expression at `position`, if its value is `wanted`; None if it is another one, or no number."""
    try:
        tree, end = expressions.read(text, position)
        return end if evaluate_number(tree, no_symbols, None) == wanted else None
    except SourceError:
        return None
