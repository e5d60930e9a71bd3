"""String and character escapes of `.ascii` and its relatives (GNU as manual, "Strings")."""

from __future__ import annotations

import re
from collections.abc import Callable

from .diagnostics import SourceError

ESCAPES = {"n": 10, "t": 9, "r": 13, "b": 8, "f": 12, "0": 0, "\\": 92, "'": 39, '"': 34}
"""What stands behind a backslash, and its code."""
_IN_STRINGS = {**ESCAPES, "v": 11}
"""GNU as knows one more of them in strings than in character constants."""
_LITERAL = re.compile(r'\s*"((?:\\.|[^"\\])*)"')
_ESCAPE = re.compile(r"\\([0-9]{1,3}|[xX][0-9a-fA-F]+|.)")


def read_strings(text: str, unknown: Callable[[str, int], None] | None = None) -> list[bytes]:
    """The strings of a comma-separated list, as bytes; neighbours without a comma are one.  Raises SourceError.

    A backslash before a character that it does not change goes, as GNU as reads it; `unknown` is told of each, with the
    character and its offset.
    """
    strings: list[bytes] = []
    position = 0
    joins = False
    if not text.strip():
        return strings
    while True:
        hit = _LITERAL.match(text, position)
        if hit is None:
            raise SourceError("expected a string in double quotes", position, 'write "text"')
        decoded = _decode(hit.group(1), hit.start(1), unknown)
        if joins:
            strings[-1] += decoded
        else:
            strings.append(decoded)
        rest = text[hit.end() :]
        if not rest.strip():
            return strings
        comma = len(rest) - len(rest.lstrip())
        if rest[comma] not in ',"':
            raise SourceError("expected a comma between strings", hit.end() + comma)
        joins = rest[comma] == '"'
        position = hit.end() + comma + (not joins)


def _decode(text: str, offset: int, unknown: Callable[[str, int], None] | None) -> bytes:
    out = bytearray()
    position = 0
    for hit in _ESCAPE.finditer(text):
        out += text[position : hit.start()].encode("utf-8", "surrogateescape")
        position = hit.end()
        escape = hit.group(1)
        if escape[0] in "0123456789":
            # GNU as counts 8 and 9 as digits of an octal number, too.
            out.append(sum(int(digit) << 3 * place for place, digit in enumerate(reversed(escape))) & 0xFF)
        elif escape[0] in "xX":
            # As GNU as does, the last two digits count; none is zero.
            out.append(int(escape[1:][-2:] or "0", 16))
        elif escape in _IN_STRINGS:
            out.append(_IN_STRINGS[escape])
        else:
            out += escape.encode("utf-8", "surrogateescape")
            if unknown is not None:
                unknown(escape, offset + hit.start())
    out += text[position:].encode("utf-8", "surrogateescape")
    return bytes(out)
