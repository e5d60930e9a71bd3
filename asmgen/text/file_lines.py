"""The lines of a file: as statements one after the other, and as shapes.

The shape of a line is its text without comment and with a mark for each number in it: `add r3, r4, -5` and `add r7,
r4, -16` have one shape.  A file has few of them.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from .diagnostics import Place
from .source import (
    CommentSyntax,
    Source,
    SourceLine,
    Statement,
    blank_comments,
    line_marker,
    parse_statement,
    split_line,
)

NUMBER = re.compile(r"(?<![\w.$])0[xX][0-9a-fA-F]{1,32}(?![0-9a-fA-F])|[0-9]+")
"""What the marks stand for."""
MARK, HEXADECIMAL = "\0", "\1"
"""Stands for a number in a shape; and in front of it, where the number is written in hexadecimal."""
_HEXADECIMAL = re.compile(r"0(?<![\w.$]0)[xX][0-9a-fA-F]{1,32}(?![0-9a-fA-F])")


class _OnlyDigits(dict[int, str]):
    def __missing__(self, char: int) -> str:
        return " "


_ONLY_DIGITS = _OnlyDigits({ord(digit): digit for digit in "0123456789"})
_MARKED = dict.fromkeys(map(ord, "0123456789"), MARK)


class Shapes(NamedTuple):
    """`shapes` by line; `numbers` of all lines in decimal, as many as there are marks."""

    shapes: Sequence[str]
    numbers: Sequence[str]


class FileLines:
    """Statements of a file; whoever takes lines in another way moves `at` on."""

    def __init__(self, source: Source, syntax: CommentSyntax, trail: tuple[str, ...] = ()) -> None:
        """Raises SourceError as `blank_comments` does."""
        self._syntax = syntax
        self._trail = trail
        self._raw, self.clean = _cleaned(source.text, syntax)
        self._has_markers = '"' in source.text and any(line_marker(raw) for raw in self._raw if "#" in raw)
        self._waiting: deque[Statement] = deque()
        self._shapes: Shapes | None = None
        self._is_shaped = False
        self._counted = self._first_number = 0
        self.name = source.name
        """The file that lines come from, as a preprocessor tells it."""
        self.at = 0
        """The next line, from 0 on."""
        self.ahead = 1
        """What is added to `at` for the number of a line in the file that it comes from."""

    @property
    def is_waiting(self) -> bool:
        """Whether statements of the last line have not been taken yet."""
        return bool(self._waiting)

    def __iter__(self) -> Iterator[Statement]:
        return self

    def __next__(self) -> Statement:
        while not self._waiting:
            if self.at >= len(self.clean):
                raise StopIteration
            at = self.at
            self.at += 1
            clean = self.clean[at]
            if not clean or clean.isspace():
                self._follow_marker(at)
                continue
            line = self.line(at)
            for text, offset in split_line(clean, self._syntax):
                statement = parse_statement(text, offset, line)
                if statement is not None:
                    self._waiting.append(statement)
                    if statement.word == ".line" and statement.rest.isdigit():
                        self.ahead = int(statement.rest) - at - 1
        return self._waiting.popleft()

    def _follow_marker(self, at: int) -> None:
        """A preprocessor's line marker says that what follows comes from a line of another file."""
        if self._has_markers and (marker := line_marker(self._raw[at])) is not None:
            self.name, self.ahead = marker[0], marker[1] - at - 1

    def is_marker(self, at: int) -> bool:
        """Whether the line, which has no statement, is a line marker."""
        return self._has_markers and line_marker(self._raw[at]) is not None

    def line(self, at: int) -> SourceLine:
        """The line as errors show it, by the present name and count."""
        number = at + self.ahead
        return SourceLine(self.name, number, self._raw[at], self.name, number, self._trail)

    def place(self, at: int, column: int) -> Place:
        """The place of a column (from 0 on) of a line."""
        return Place(self.name, at + self.ahead, column + 1, self._raw[at], self._trail)

    def statement_of(self, at: int, name: str, ahead: int) -> Statement:
        """The one statement of a line that has been taken already, under the name and count that held there."""
        raw = self._raw[at]
        line = SourceLine(name, at + ahead, raw, name, at + ahead, self._trail)
        statement = parse_statement(self.clean[at], 0, line)
        assert statement is not None
        return statement

    def first_number(self, at: int) -> int:
        """Where the numbers of a line begin among those of the shapes; lines are asked for in ascending order."""
        assert self._shapes is not None
        for shape in self._shapes.shapes[self._counted : at]:
            self._first_number += shape.count(MARK)
        self._counted = at
        return self._first_number

    def is_counted(self, at: int, first: int) -> None:
        """The numbers of a line begin at `first`: so many have been passed."""
        self._counted, self._first_number = at, first

    def shapes(self) -> Shapes | None:
        """The shapes of all lines; None for a text that holds the mark itself."""
        if not self._is_shaped:
            self._is_shaped = True
            text = "\n".join(self.clean)
            if MARK not in text and HEXADECIMAL not in text:
                while " \n" in text or "\t\n" in text:
                    text = text.replace(" \n", "\n").replace("\t\n", "\n")
                if "0x" in text or "0X" in text:
                    text = _HEXADECIMAL.sub(lambda hit: f"{HEXADECIMAL}{int(hit.group(), 16)}", text)
                marked = text.rstrip(" \t").translate(_MARKED)
                for run in (4, 2):
                    marked = marked.replace(MARK * run, MARK)
                while MARK * 2 in marked:
                    marked = marked.replace(MARK * 2, MARK)
                self._shapes = Shapes(marked.split("\n"), text.translate(_ONLY_DIGITS).split())
        return self._shapes


def _cleaned(text: str, syntax: CommentSyntax) -> tuple[list[str], list[str]]:
    """Lines as they are written, and without comments."""
    if "/*" in text:
        pairs = list(blank_comments(text, syntax))
        return [raw for raw, _ in pairs], [clean for _, clean in pairs]
    if "\r" in text:
        text = "\n".join([line.rstrip("\r") for line in text.split("\n")])
    raw = text.split("\n")
    clean = raw
    without = _comments(syntax).sub
    for opener in syntax.anywhere:
        if opener in text:
            clean = [line if opener not in line else without(_kept, line) if _holds_literal(line)
                     else line[: line.index(opener)].rstrip() for line in clean]
    starts = tuple(start for start in syntax.at_start if start in text and start not in syntax.anywhere)
    if starts:
        clean = ["" if line.lstrip().startswith(starts) else line for line in clean]
    return raw, clean


def _holds_literal(line: str) -> bool:
    """Whether what opens a comment may be a character like others."""
    return '"' in line or "'" in line or "\\" in line


@lru_cache(maxsize=8)
def _comments(syntax: CommentSyntax) -> re.Pattern[str]:
    """Strings, characters and what follows a backslash, none of which begin a comment; and comments."""
    openers = "|".join(re.escape(one) for one in sorted(syntax.anywhere, key=len, reverse=True))
    return re.compile(rf"\\.|\"(?:\\.|[^\"\\\n])*\"?|'(?:\\.|[^\\\n])'?|(?P<comment>(?:{openers})[^\n]*)")


def _kept(hit: re.Match[str]) -> str:
    return hit.group() if hit.lastgroup is None else ""
