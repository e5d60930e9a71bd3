"""Directives that put IEEE 754 numbers into a section: `.float` and `.double`."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable
from fractions import Fraction

from ..layout.assembly import Assembly
from ..layout.sections import MAX_BYTES
from ..text.arguments import split_arguments
from ..text.diagnostics import SourceError
from ..text.source import Statement
from .data import need_contents

_PREFIX = re.compile(r"^0[fFdDeErRsSxX](?=[:\d.+\-iInN])")


def floats(letter: str) -> Callable[[Assembly, Statement], None]:
    """The directive for numbers in `struct`'s format `letter` (f: 4 bytes, d: 8), rounded to nearest."""

    def put(assembly: Assembly, statement: Statement) -> None:
        need_contents(assembly, statement)
        for text, offset in split_arguments(statement.rest):
            assembly.section.append_bytes(_packed(assembly, text, offset, letter))

    return put


def repeated(letter: str) -> Callable[[Assembly, Statement], None]:
    """`.dcb.s COUNT, VALUE` and `.dcb.d`: a number several times."""

    def put(assembly: Assembly, statement: Statement) -> None:
        need_contents(assembly, statement)
        pieces = split_arguments(statement.rest)
        if len(pieces) != 2:
            raise SourceError(f"{statement.word} takes a count and a number")
        count = assembly.number(statement, *pieces[0])
        unit = _packed(assembly, *pieces[1], letter)
        if not 0 <= count * len(unit) <= MAX_BYTES:
            raise SourceError(f"cannot repeat {count} times", pieces[0][1])
        assembly.section.append_bytes(unit * count)

    return put


def _packed(assembly: Assembly, text: str, offset: int, letter: str) -> bytes:
    order = ">" if assembly.big_endian else "<"
    # GNU as allows a prefix such as 0f or 0d that names the format, and bits as 0f:HEX.
    digits = _PREFIX.sub("", text)
    try:
        if digits.startswith(":"):
            size = struct.calcsize(letter)
            return int(digits[1:].replace("_", ""), 16).to_bytes(size, "big" if assembly.big_endian else "little")
        digits = digits.replace(" ", "")
        return _away_from_ties(digits, struct.pack(order + letter, float(digits)), order, letter)
    except ValueError as error:
        raise SourceError(f"'{text}' is not a number", offset, "write 1.5, -2e10, inf or nan") from error
    except OverflowError as error:
        raise SourceError(f"{text} is too large for this format", offset) from error


def _away_from_ties(digits: str, packed: bytes, order: str, letter: str) -> bytes:
    """`packed`, rounded away from zero where the number lies in the middle of two: so GNU as rounds."""
    nearest = struct.unpack(order + letter, packed)[0]
    if not math.isfinite(nearest) or not math.isfinite(float(digits)):
        return packed
    exact = abs(Fraction(digits))
    code = int.from_bytes(packed, "big" if order == ">" else "little")
    next_code = struct.pack(order + ("I" if letter == "f" else "Q"), code + 1)
    further = struct.unpack(order + letter, next_code)[0]
    if math.isfinite(further) and 2 * exact == abs(Fraction(nearest)) + abs(Fraction(further)):
        return struct.pack(order + letter, further)
    return packed
