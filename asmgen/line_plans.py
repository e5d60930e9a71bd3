"""Plans of lines: what all lines of one shape do (a label, an instruction, numbers), learned from one of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct, field

from .layout.ranges import check_width
from .target.byte_order import byte_order
from .target.plans import CodePlan, Token, WordOf
from .target.seam import InstructionReader, Target
from .target.traits import InstructionSet
from .text.diagnostics import SourceError
from .text.file_lines import MARK, NUMBER
from .text.source import CommentSyntax, SourceLine, Statement, parse_statement

NameOf = Callable[[Sequence[str], int], str]
BytesOf = Callable[[Sequence[str], int], bytes]
"""Of the numbers of a line, which begin at a place of a list.  Raises KeyError for those that it is not meant for."""
_ALIASES = (".req", ".dn", ".qn")
_DATA = re.compile(r"-?\0(?:\s*,\s*-?\0)*")
MAX_KEPT = 1 << 16


class LinePlan(Struct, eq=False):
    """What the lines of a shape do; `following` is another plan for those that this one refuses."""

    count: int
    """Numbers of the line."""
    word: str = ""
    """The mnemonic or directive in lower case."""
    label: NameOf | None = None
    label_column: int = 0
    is_numeric: bool = False
    """Whether the label is a number."""
    code: CodePlan | None = None
    simple: WordOf | None = None
    """Of a line that is nothing but an instruction of four bytes, which waits for nothing: its word."""
    late_name: NameOf | None = None
    """The symbol that the instruction waits for."""
    direction: str = ""
    """Where it is a numeric label: b or f."""
    data: BytesOf | None = None
    following: LinePlan | None = field(default=None)


class LinePlanner:
    """Makes plans of lines for one target and one reader."""

    def __init__(self, target: Target, widths: Mapping[str, int], big_endian: bool) -> None:
        """`widths` are the directives that put numbers into a section, with the bytes of each."""
        self._target = target
        self._widths = widths
        self._order = byte_order(big_endian)

    def plan(
        self, clean: str, shape: str, reader: InstructionReader, instruction_set: InstructionSet
    ) -> LinePlan | None:
        """The plan of a line without comment; None if it has to be read as a statement."""
        syntax: CommentSyntax = self._target.comments
        if syntax.separator in clean or '"' in clean or "'" in clean or "\\" in clean:
            return None
        tokens = [Token(hit.start(), hit.end(), hit.group()[1:2] in ("x", "X")) for hit in NUMBER.finditer(clean)]
        if len(tokens) != shape.count(MARK):
            return None
        statement = parse_statement(clean, 0, SourceLine("", 0, clean, "", 0))
        plan = LinePlan(len(tokens))
        if statement is None:
            return plan
        if len(statement.labels) > 1 or not self._add_label(plan, statement, clean, tokens):
            return None
        plan.word = statement.word.lower()
        if plan.word and not self._add_word(plan, statement, clean, tokens, reader, instruction_set):
            return None
        return plan

    def _add_label(self, plan: LinePlan, statement: Statement, clean: str, tokens: Sequence[Token]) -> bool:
        for name, column in statement.labels:
            plan.label_column, plan.is_numeric = column, name.isdigit()
            if not clean.startswith(name, column):
                return False
            plan.label = _name(clean, column, column + len(name), tokens)
        return True

    def _add_word(
        self, plan: LinePlan, statement: Statement, clean: str, tokens: Sequence[Token], reader: InstructionReader,
        instruction_set: InstructionSet
    ) -> bool:
        start = statement.rest_offset
        first = next((number for number, token in enumerate(tokens) if token.start >= start), len(tokens))
        inside = [Token(one.start - start, one.end - start, one.is_hexadecimal) for one in tokens[first:]]
        # A number in the mnemonic is a part of its name.
        named = {number: clean[one.start : one.end] for number, one in enumerate(tokens[:first])
                 if one.start >= statement.word_offset}
        word, rest = plan.word, statement.rest
        if word in self._widths and not named:
            plan.data = _data(rest, inside, first, self._widths[word], self._order)
            return plan.data is not None and plan.label is None
        if word[0] in ".=" or rest.partition(" ")[0].lower() in _ALIASES or (self._target.literal_size and "=" in rest):
            return False
        code = reader.plan(statement.word, rest, inside, first, instruction_set, named)
        if code is None:
            return False
        plan.code = code
        if code.late is None and plan.label is None and code.size == 4:
            plan.simple = code.word
        if code.late is not None:
            if plan.is_numeric and code.late.direction:
                return False
            plan.direction = code.late.direction
            plan.late_name = _name(rest, code.late.start, code.late.end, inside, first)
        return True


def _name(text: str, start: int, end: int, tokens: Sequence[Token], first: int = 0) -> NameOf:
    """What stands from `start` to `end` of a text, with other numbers in it."""
    inside = [(first + number, one) for number, one in enumerate(tokens) if start <= one.start < end]
    if not inside:
        fixed = text[start:end]
        return lambda numbers, at: fixed
    if len(inside) == 1:
        number, token = inside[0]
        before, behind = text[start : token.start], text[token.end : end]
        if not behind:
            return lambda numbers, at: before + numbers[at + number]
        return lambda numbers, at: before + numbers[at + number] + behind
    pieces, at = [], start
    for number, token in inside:
        pieces.append((text[at : token.start], number))
        at = token.end
    last = text[at:end]
    return lambda numbers, at: "".join([before + numbers[at + number] for before, number in pieces]) + last


class _NumberBytes(dict[str, bytes]):
    """Numbers of a directive by their text."""

    def __init__(self, width: int, is_negative: bool, order: str) -> None:
        super().__init__()
        self._width, self._is_negative, self._order = width, is_negative, order

    def __missing__(self, text: str) -> bytes:
        try:
            # A leading zero makes a number octal; that is left to the reader of expressions.
            value = int(text, 0)
            bits = check_width(-value if self._is_negative else value, self._width)
        except (SourceError, ValueError) as error:
            raise KeyError(text) from error
        made = bits.to_bytes(self._width, "big" if self._order == "big" else "little")
        if len(self) >= MAX_KEPT:
            self.clear()
        self[text] = made
        return made


def _data(rest: str, tokens: Sequence[Token], first: int, width: int, order: str) -> BytesOf | None:
    shape, at = "", 0
    for token in tokens:
        shape += rest[at : token.start] + MARK
        at = token.end
    if not tokens or not _DATA.fullmatch(shape + rest[at:]):
        return None
    tables = [_NumberBytes(width, rest[: token.start].endswith("-"), order) for token in tokens]
    if len(tables) == 1:
        table = tables[0]
        return lambda numbers, at: table[numbers[at + first]]
    return lambda numbers, at: b"".join([one[numbers[at + first + n]] for n, one in enumerate(tables)])
