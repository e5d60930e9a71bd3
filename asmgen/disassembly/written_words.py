"""What writes words: the code of a plan, and the way of a form's words to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import CodeType

from msgspec import Struct

Written = tuple[str, "int | None"]
"""Text, and the place in code or memory that an operand names."""
Write = Callable[[int, int], Written]
"""Text and place of a word at an address.  Raises KeyError for words that it is not meant for."""


class Plan:
    """Writes words of one template whose operands are of the same kinds."""

    __slots__ = ("code", "is_fixed", "tables", "write")

    def __init__(self, code: CodeType, names: dict[str, object], is_fixed: bool) -> None:
        """`code` defines `write`, which takes a word and its address, and raises KeyError for one that it is not meant
        for; `is_fixed`: the address makes no difference.
        """
        self.code = code
        self.is_fixed = is_fixed
        tables: dict[str, dict[int, object]] = {n: value for n, value in names.items() if isinstance(value, dict)}
        self.tables = tables if len(tables) == len(names) else None
        """The tables that the code looks into, where it needs nothing else."""
        self.write = written_by(code, dict(names))

    def attempt(self, word: int, address: int) -> Written | None:
        """What `write` gives; None for a word that it is not meant for."""
        try:
            return self.write(word, address)
        except KeyError:
            return None


def written_by(code: CodeType, names: dict[str, object]) -> Write:
    """The function `write` that the code of a plan defines."""
    exec(code, names)
    write = names["write"]
    assert callable(write)
    return write


def one_after_another(writes: Sequence[Write]) -> Write:
    """What the first of several that is meant for a word writes."""

    def write(word: int, address: int) -> Written:
        for one in writes:
            try:
                return one(word, address)
            except KeyError:
                continue
        raise KeyError(word)

    return write


class Route(Struct, frozen=True):
    """How words of a form are written: which template says them, and what writes words like them.

    `choose` gives a template's number (None: there is one); each has the bits that tell its words apart, and what
    writes them by those.  All of it raises KeyError for words that take the long way.
    """

    choose: Callable[[int], int] | None
    entries: tuple[tuple[int, dict[int, Write]], ...]
    is_fixed: bool
    """Whether no text depends on where the instruction stands."""

    def attempt(self, word: int, address: int) -> Written | None:
        """Text and target, or None."""
        try:
            mask, first = self.entries[0 if self.choose is None else self.choose(word)]
            return first[word & mask](word, address)
        except KeyError:
            return None
