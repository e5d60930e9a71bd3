"""A text as tokens with their places, whether it parses or not: for what is shown, found and renamed in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_TOKEN: Final = re.compile(
    r"""(?P<comment>//[^\n]*|/\*(?:.|\n)*?(?:\*/|\Z))
    |(?P<string>"[^"\n]*"?)
    |(?P<syntax>\bsyntax[ \t]+[^\n]*?(?=[ \t]+value[ \t{]|[ \t]+\}|[ \t]*//|[ \t]*\r?\n|[ \t]*\Z))
    |(?P<number>\b(?:0x[0-9A-Fa-f_]+|0b[01_]+|[0-9][0-9_]*)\b)
    |(?P<name>[A-Za-z_](?:[A-Za-z0-9_]|\{[A-Za-z_]\w*\})*(?:\|0(?![A-Za-z0-9_]))?|(?:\{[A-Za-z_]\w*\}\w*)+)
    |(?P<space>[ \t\r]+)|(?P<line>\n)
    |(?P<operator>(?:>>|<=|>=|<|>|/|%)s(?!\w)|<<|>>|<=|>=|==|!=|&&|\|\||\+\+|\+:|\.\.|->|=>|.)""",
    re.VERBOSE,
)
WORD: Final = re.compile(r"[A-Za-z_]\w*(?:\|0(?![A-Za-z0-9_]))?")
"""A name in a template."""


class Token(NamedTuple):
    """`kind`: comment, string, syntax, number, name, space, line, operator. Line and column from 0."""

    kind: str
    text: str
    line: int
    column: int
    start: int


def tokens(text: str) -> Iterator[Token]:
    """All of a text; together they are the text."""
    line, begin = 0, 0
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or "operator"
        yield Token(kind, found[0], line, found.start() - begin, found.start())
        lines = found[0].count("\n")
        if lines:
            line += lines
            begin = found.start() + found[0].rindex("\n") + 1


def names(text: str) -> Iterator[Token]:
    """The names of a text, those in templates too."""
    for token in tokens(text):
        if token.kind == "name":
            yield token
        elif token.kind == "syntax":
            for found in WORD.finditer(token.text, len("syntax")):
                yield Token("name", found[0], token.line, token.column + found.start(), token.start + found.start())
