"""The values of expressions in an object whose sections have no addresses yet.

For layout and encoding each section lies at an address of its own, far from the others, so that distances inside a
section come out right. What depends on anything else is `left` to a linker.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from ..expressions.tree import Expression
from ..layout.operand_values import Values
from ..layout.sections import Section
from ..layout.symbol import Binding
from ..layout.symbols import SymbolTable
from ..text.diagnostics import SourceError
from .terms import Label, Sum, sum_of

SECTION_SPACING = 40
"""Sections lie this many bits apart while an object is laid out."""


class LeftToLinker(SourceError):
    """A value that only a linker knows."""


class ObjectValues(Struct):
    """Values (`Evaluate`) for an instruction at `offset` of `section`.

    What is left to a linker is encoded as its addend (by the identity of the expression), or as nothing.
    """

    symbols: SymbolTable
    section: Section
    offset: int
    addends: Mapping[int, int] | None
    """None refuses what is left to a linker, with LeftToLinker."""
    number_is_distance: bool = False
    """See Style."""
    takes_shared: bool = False
    """Whether a relative operand may be resolved though another file may replace the symbol."""
    left: dict[int, Sum] = field(default_factory=dict)
    """By the identity of the expression."""

    def sum(self, expression: Expression) -> Sum:
        """The expression as a sum."""
        return sum_of(expression, self.symbols, Label(None, self.section, self.offset))

    def number(self, expression: Expression) -> int:
        """See Evaluate: the target of something relative."""
        whole = self.sum(expression)
        if whole.is_number and self.number_is_distance:
            return (self.section.address or 0) + self.offset + whole.number
        # A local function needs no entry of a procedure linkage table.
        is_plain = len(whole.plus) == 1 and not whole.minus and whole.modifier in ("", "plt")
        own = whole.plus[0] if is_plain else None
        if own is not None and own.section is self.section and (self.takes_shared or not is_left(own)):
            return (self.section.address or 0) + own.offset + whole.constant
        return self._open(expression, whole, True)

    def pointer(self, expression: Expression) -> int:
        """See Evaluate."""
        whole = self.sum(expression)
        return whole.number if whole.is_number else self._open(expression, whole, False)

    def instruction_set_bit(self, expression: Expression, is_function: bool) -> int | None:
        """See Evaluate: what a linker resolves, a linker changes too."""
        whole = self.sum(expression)
        own = whole.plus[0] if len(whole.plus) == 1 else None
        if own is None or own.section is not self.section or is_shared(own):
            return None
        return Values(self.symbols, (self.section.address or 0) + self.offset).instruction_set_bit(
            expression, is_function)

    def _open(self, expression: Expression, whole: Sum, is_relative: bool) -> int:
        if self.addends is None:
            raise LeftToLinker("this is left to a linker")
        self.left[id(expression)] = whole
        addend = self.addends.get(id(expression), 0)
        if is_relative:
            return (self.section.address or 0) + self.offset + addend
        if not -(1 << 15) <= addend < 1 << 15:
            raise SourceError(f"an addend of {addend} does not fit the 16 bits that this relocation has for it", 0,
                              "add it in an instruction of its own")
        return addend & 0xFFFF


def is_left(label: Label) -> bool:
    """Whether a branch to it is a linker's matter: another file may replace it, or it has two entry points."""
    return is_shared(label) or (label.code is not None and label.code.local_entry is not None)


def is_shared(label: Label) -> bool:
    """Whether another file may put its own symbol in the place of this one."""
    return label.symbol is not None and label.symbol.binding is not Binding.LOCAL
