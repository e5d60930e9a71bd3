"""Directives that put IEEE 754 numbers into a section: `.float` and `.double`."""

from __future__ import annotations

import struct
from collections.abc import Callable

from ..layout.assembly import Assembly
from ..text.arguments import split_arguments
from ..text.diagnostics import SourceError
from ..text.source import Statement
from .data import need_contents


def floats(letter: str) -> Callable[[Assembly, Statement], None]:
    """The directive for numbers in `struct`'s format `letter` (f: 4 bytes, d: 8), rounded to nearest."""

    def put(assembly: Assembly, statement: Statement) -> None:
        need_contents(assembly, statement)
        for text, offset in split_arguments(statement.rest):
            try:
                # GNU as allows a prefix such as 0f or 0d that names the format.
                digits = text[2:] if text[:2].lower() in ("0f", "0d", "0e", "0r") else text
                packed = struct.pack((">" if assembly.big_endian else "<") + letter, float(digits))
            except ValueError as error:
                raise SourceError(f"'{text}' is not a number", offset, "write 1.5, -2e10, inf or nan") from error
            except OverflowError as error:
                raise SourceError(f"{text} is too large for this format", offset) from error
            assembly.section.append_bytes(packed)

    return put
