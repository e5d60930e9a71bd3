"""Operands that are names, and sets of names."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ....isa.model.items import NamesList
from ...expressions.evaluation import evaluate_number
from ...expressions.parser import ExpressionReader, NamedValue
from ...expressions.tree import Expression, Number
from ...text.diagnostics import SourceError
from .codecs import Bits, no_symbols
from .number_codecs import NumberCodec

_CHUNK = re.compile(r"\s*%?([^,(){}\[\]!^]*)")
_WORD = re.compile(r"\s*%?([\w.]+)")
_OPERATOR = re.compile(r"\s*(?:[-+*/%&|^]|<<|>>)")
"""What makes a number or a name in front of it the beginning of an expression."""
_SET = re.compile(r"\s*\{([^}]*)\}")


class NamesCodec:
    """One of the names of a list; where numbers are names, an expression for one is read as well."""

    def __init__(self, names: NamesList) -> None:
        self._title = names.title or names.name
        self.numbers: Mapping[str, int] = {}
        """What names mean inside of expressions, where names are numbers (`4*cr1+eq`)."""
        self.values: dict[str, int] = {}
        self.texts: list[str | None] = []
        for value, spellings in enumerate(names.spellings):
            self.texts.append(spellings[0] if spellings else None)
            for spelling in spellings:
                self.values.setdefault(spelling.lower().replace(" ", ""), value)
        self._takes_numbers = any(s.isdigit() for s in self.values)
        self._is_plain = all(s.replace("_", "").isalnum() for s in self.values)

    def read(self, text: str, position: int, expressions: ExpressionReader) -> tuple[Bits, int]:
        """See OperandCodec."""
        if not self._is_plain:
            hit = _CHUNK.match(text, position)
            if hit is not None:
                value = self.values.get(hit.group(1).replace(" ", "").lower())
                if value is not None and hit.group(1).strip():
                    return value, position + len(hit.group().rstrip())
        hit = _WORD.match(text, position)
        if hit is not None:
            value = self.values.get(hit.group(1).lower())
            if value is not None and not (self._takes_numbers and _OPERATOR.match(text, hit.end())):
                return value, hit.end()
        if self._takes_numbers:
            number = self._number(text, position, expressions)
            if number is not None:
                return number
        if "" in self.values:
            return self.values[""], position
        start = position + len(text[position:]) - len(text[position:].lstrip())
        word = hit.group(1) if hit is not None else text[start : start + 12]
        raise SourceError(f"expected a {self._title}, found {repr(word) if word else 'nothing'}", start,
                          guess=(word.lower(), self.values))

    def _number(self, text: str, position: int, expressions: ExpressionReader) -> tuple[int, int] | None:
        try:
            tree, end = expressions.with_names(self._named(expressions)).read(text, position)
            value = self.values.get(str(evaluate_number(tree, no_symbols, None)))
        except SourceError:
            return None
        word = text[position:end].strip().lower()
        if word in self.numbers and word not in self.values:
            # A register of another kind is a number inside of an expression only.
            return None
        return None if value is None else (value, end)

    def _named(self, expressions: ExpressionReader) -> NamedValue:
        """How names in an expression are read: this list's first, then any register's, then symbols."""

        def named(name: str, offset: int) -> Expression:
            lower = name.lower()
            value = self.values.get(lower, self.numbers.get(lower))
            return expressions.named(name, offset) if value is None else Number(value)

        return named

    def write(self, bits: int, address: int) -> str | None:
        """See OperandCodec."""
        return self.texts[bits] if bits < len(self.texts) else None


class NumberedNamesCodec(NamesCodec):
    """One of the names of a list, or a number: what has no name is written as one."""

    def __init__(self, names: NamesList, number: NumberCodec) -> None:
        super().__init__(names)
        self._plain = number

    def read(self, text: str, position: int, expressions: ExpressionReader) -> tuple[Bits, int]:
        """See OperandCodec."""
        hit = _WORD.match(text, position)
        if hit is not None and hit.group(1).lower() in self.values and not _OPERATOR.match(text, hit.end()):
            return self.values[hit.group(1).lower()], hit.end()
        try:
            return self._plain.read(text, position, expressions)
        except SourceError as error:
            if hit is not None and hit.group(1)[0].isdigit():
                raise
            raise SourceError(f"expected a {self._title} or a number, found '{hit.group(1) if hit else ''}'",
                              position, guess=(hit.group(1).lower() if hit else "", self.values)) from error

    def write(self, bits: int, address: int) -> str | None:
        """See OperandCodec."""
        return super().write(bits, address) or f"{bits:#x}"


class SetCodec:
    """`{r0, r2-r4}`: bit *i* stands for name *i* of the list.

    `order` is the list with most names that has all of these: a range means what it means there, so that
    r4-lr is not taken for r4-r7 and lr where the list leaves out what lies between. `wider` are lists whose names may
    stand there instead, each for so many of the set's (q1 for d2 and d3).
    """

    def __init__(self, names: NamesCodec, order: NamesCodec, wider: tuple[tuple[NamesCodec, int], ...] = ()) -> None:
        self._names = names
        self._order = order
        self._wider = wider

    @property
    def lists(self) -> tuple[NamesCodec, ...]:
        """The lists whose names can stand in it, or be told from those that can."""
        return self._names, self._order, *(names for names, _ in self._wider)

    def read(self, text: str, position: int, expressions: ExpressionReader) -> tuple[Bits, int]:
        """See OperandCodec."""
        hit = _SET.match(text, position)
        if hit is None:
            raise SourceError("expected a list of registers in braces", position, "write {FIRST, SECOND-LAST}")
        bits = 0
        names, each = self._list_of(hit.group(1))
        for piece in re.finditer(r"[^,]+", hit.group(1)):
            first, dash, last = piece.group().partition("-")
            start = hit.start(1) + piece.start()
            low = self._one(names, first, start)
            high = self._one(names, last, start + len(first) + 1) if dash else low
            if high < low:
                raise SourceError(f"the range '{piece.group().strip()}' goes down", start, "write the lower one first")
            if names is self._names and not self._is_range(low, high):
                raise SourceError(f"not all of '{piece.group().strip()}' can stand in this list", start)
            bits |= (1 << (high + 1) * each) - (1 << low * each)
        return bits, hit.end()

    def _list_of(self, text: str) -> tuple[NamesCodec, int]:
        """The list that the first name of a set is of, and for how many bits each of its names stands."""
        hit = _WORD.match(text)
        word = hit.group(1).lower() if hit is not None else ""
        for names, each in self._wider:
            if word in names.values:
                return names, each
        return self._names, 1

    def _one(self, names: NamesCodec, text: str, offset: int) -> int:
        value = names.values.get(text.strip().removeprefix("%").lower())
        if value is None:
            error = SourceError(f"'{text.strip()}' cannot stand in this list", offset,
                                guess=(text.strip().lower(), names.values))
            error.is_form = text.strip().lower() in self._order.values
            raise error
        return value

    def _is_range(self, low: int, high: int) -> bool:
        ends = [self._order.values.get((self._names.texts[i] or "").lower(), i) for i in (low, high)]
        return ends[1] - ends[0] == high - low

    def write(self, bits: int, address: int) -> str | None:
        """See OperandCodec."""
        pieces: list[str] = []
        number = 0
        while bits >> number:
            first = number
            while bits >> number & 1 and self._is_range(first, number):
                number += 1
            if number > first:
                names = [self._names.texts[i] or "" for i in (first, number - 1)]
                pieces.append(names[0] if number - first == 1 else
                              f"{names[0]}{', ' if number - first == 2 else '-'}{names[1]}")
            else:
                number += 1
        return "{" + ", ".join(pieces) + "}"
