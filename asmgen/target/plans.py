"""Plans of statements: how all statements of one shape become code, learned from one of them.

A plan speaks of the statement's numbers by their place among those of its line, and takes them as text in decimal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

WordOf = Callable[[Sequence[str], int], int]
"""The word of a statement whose numbers begin at a place of a list.

Raises KeyError for numbers that the plan is not meant for: such a statement is read the long way.
"""


MAX_MEMO = 1 << 14


class Misfit(Exception):
    """A value that an operand cannot hold; the text says why."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Token(Struct, frozen=True):
    """A number in a statement: where it stands in the operands, and whether it is written in hexadecimal."""

    start: int
    end: int
    is_hexadecimal: bool

    def text(self, rest: str) -> str:
        """The number in decimal, as plans get it."""
        written = rest[self.start : self.end]
        return str(int(written, 16)) if self.is_hexadecimal else written


class LatePlan(Struct, frozen=True, eq=False):
    """The one operand of a plan that waits for a symbol.

    `name` spans the symbol's name in the operands (the digits of a numeric label, and `direction` b or f).
    """

    start: int
    end: int
    direction: str
    part: str
    """The part of its value that is taken ("ha"); empty for all of it."""
    is_relative: bool
    changes_set: bool
    """Whether the target may ask for another instruction, of another instruction set."""
    bits: Callable[[int, int], int]
    """The bits of the word for a value and the instruction's address.  Raises Misfit."""
    instruction: str
    operand: str
    """Their names in the description."""
    fields: Callable[[int], Mapping[str, int]]
    """The fields of a word."""


class CodePlan(Struct, frozen=True, eq=False):
    """An instruction of `size` bytes; `late` is missing where the numbers say it all."""

    size: int
    word: WordOf
    late: LatePlan | None
    memo: dict[tuple[str, ...], int] | None = None
    """Words by the numbers of their statements, where that is all that is known of the shape."""

    def learn(self, other: CodePlan) -> bool:
        """Take what another plan of the shape knows; False if that needs a plan of its own."""
        if self.memo is None or other.memo is None or other.size != self.size or len(self.memo) >= MAX_MEMO:
            return False
        self.memo.update(other.memo)
        return True
