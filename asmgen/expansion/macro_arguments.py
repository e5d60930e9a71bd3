"""The arguments of macro calls and of `.irp`, cut as GNU as cuts them.

A comma ends an argument wherever it stands, a blank where no bracket is open; before that, blanks that separate nothing
have gone (`text.scrubbing`), so that `2 -1` is one argument.  Source: GNU as manual, ".macro".
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ..text.diagnostics import SourceError

Number = Callable[[str, int], int]
"""The value of an expression at an offset; `.altmacro` asks for it."""
_KEYWORD = re.compile(r"([A-Za-z_$][\w$.]*)=(?!=)")
_QUOTED = re.compile(r'"((?:\\.|[^"\\]|"")*)"?')


def skip_comma(text: str, position: int) -> int:
    """The position behind blanks and at most one comma."""
    position = _skip_blanks(text, position)
    if text[position : position + 1] == ",":
        position = _skip_blanks(text, position + 1)
    return position


def _skip_blanks(text: str, position: int) -> int:
    while text[position : position + 1] in (" ", "\t"):
        position += 1
    return position


def one_argument(text: str, position: int, number: Number | None = None) -> tuple[str, int]:
    """The argument at `position` and its end; `number` is given where `.altmacro` holds.

    Raises SourceError where an expression of `.altmacro` has no value.
    """
    position = _skip_blanks(text, position)
    first = text[position : position + 1]
    if first == '"':
        hit = _QUOTED.match(text, position)
        assert hit is not None
        if number is not None:
            return hit.group(), hit.end()
        return hit.group(1).replace('\\"', '"').replace('""', '"'), hit.end()
    if number is not None and first == "<":
        return _bracketed(text, position)
    if number is not None and first == "%":
        end = position
        while end < len(text) and text[end] not in ",":
            end += 1
        return str(number(text[position + 1 : end], position + 1)), end
    return _plain(text, position, number is not None)


def _plain(text: str, position: int, stops_at_angle: bool) -> tuple[str, int]:
    start, open_brackets = position, ""
    while position < len(text):
        char = text[position]
        if char == "," or (char in " \t" and not open_brackets) or (char == "<" and stops_at_angle):
            break
        if char in "\"'":
            closing = text.find(char, position + 1)
            position = len(text) if closing < 0 else closing + 1
            continue
        if char in "([":
            open_brackets += ")" if char == "(" else "]"
        elif open_brackets.endswith(char) and open_brackets:
            open_brackets = open_brackets[:-1]
        position += 1
    return text[start:position], position


def _bracketed(text: str, position: int) -> tuple[str, int]:
    """`<text>`: brackets nest, and `!` takes the next character as it is."""
    start, depth, out = position, 0, ""
    while position < len(text):
        char = text[position]
        if char == "!" and position + 1 < len(text):
            out += text[position + 1]
            position += 2
            continue
        depth += (char == "<") - (char == ">")
        if not depth:
            return out, position + 1
        if position > start:
            out += char
        position += 1
    raise SourceError("this '<' is never closed", start, "close it with '>'")


def keyword_at(text: str, position: int) -> tuple[str, int] | None:
    """The NAME of `NAME=` at `position`, and where its value begins."""
    hit = _KEYWORD.match(text, position)
    return (hit.group(1), hit.end()) if hit is not None else None


def irp_values(text: str, number: Number | None = None) -> list[str]:
    """The values of `.irp` behind its name."""
    values: list[str] = []
    position = skip_comma(text, 0)
    while position < len(text):
        value, end = one_argument(text, position, number)
        values.append(value)
        position = skip_comma(text, max(end, position + (end == position)))
    return values


def irpc_values(text: str) -> list[str]:
    """The characters of `.irpc` behind its name; blanks count inside of double quotes only."""
    values: list[str] = []
    position = skip_comma(text, 0)
    quoted = text[position : position + 1] == '"'
    position += quoted
    while position < len(text):
        char = text[position]
        position += 1
        if char == '"':
            quoted = not quoted
            if not text[position:].strip():
                break
        values.append(char)
        if not quoted:
            position = _skip_blanks(text, position)
    return values
