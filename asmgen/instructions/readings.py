"""How a statement is read whatever its numbers are: the one candidate that takes it, if that can be told."""

from __future__ import annotations

from collections.abc import Iterable

from ..expressions.parser import ExpressionReader
from ..text.diagnostics import SourceError
from .conditional_blocks import check_condition
from .entries import Candidate, Spelling
from .kinds import WORDS
from .templates import Attempt, match_parts


def certain_reading(
    rest: str, spellings: Iterable[Spelling], expressions: ExpressionReader, written_condition: str
) -> Candidate | None:
    """The candidate that takes `rest` outside of conditional blocks, and every other text of its signature.

    What stands before it among the spellings is refused for what comes before the first number, or for its words; so is
    what stands behind one that waits for an address, since several of those wait together.
    """
    first_number = _first_number(rest)
    found: Candidate | None = None
    for spelling in spellings:
        try:
            check_condition(spelling.bindings, None, written_condition)
        except SourceError:
            continue
        attempt = Attempt(rest, expressions)
        for bindings, flags, end in match_parts(spelling.entry.operands, attempt, 0):
            if rest[end:].strip() or found is not None or attempt.is_misfit:
                return None
            found = Candidate(spelling.entry, (*spelling.bindings, *bindings), spelling.flags + flags)
            if not found.is_late:
                return found
        if found is not None and found.entry is spelling.entry:
            if attempt.is_misfit:
                return None
        elif attempt.failure is None or attempt.is_misfit or attempt.failure.offset >= first_number:
            return None
    return found


def _first_number(rest: str) -> int:
    return next((hit.start() for hit in WORDS.finditer(rest) if hit.group()[0] in ".0123456789"), len(rest) + 1)
