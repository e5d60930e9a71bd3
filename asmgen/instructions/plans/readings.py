"""How a statement is read whatever its numbers are: the one candidate that takes it, if that can be told."""

from __future__ import annotations

from collections.abc import Iterable

from ...expressions.parser import ExpressionReader
from ...text.diagnostics import SourceError
from ..templates.conditional_blocks import check_condition
from ..templates.entries import Candidate, Spelling
from ..templates.templates import Attempt, match_parts
from .kinds import WORDS


def certain_reading(
    rest: str, spellings: Iterable[Spelling], expressions: ExpressionReader, written_condition: str
) -> Candidate | None:
    """The candidate that takes `rest` outside of conditional blocks, and every other text of its signature.

    What stands before it among the spellings is refused for what comes before the first number, or for its words. One
    that waits for an address is followed by such ones of the same length alone: the first of them that fits is taken.
    """
    first_number = _first_number(rest)
    found: Candidate | None = None
    for spelling in spellings:
        try:
            check_condition(spelling.bindings, None, written_condition)
        except SourceError:
            continue
        is_like_found = found is not None and found.entry.encoder.size == spelling.entry.encoder.size
        attempt = Attempt(rest, expressions)
        for bindings, flags, end in match_parts(spelling.entry.operands, attempt, 0):
            if rest[end:].strip():
                return None
            candidate = Candidate(spelling.entry, (*spelling.bindings, *bindings), spelling.flags + flags)
            if found is None and not attempt.is_misfit:
                found = candidate
                if not candidate.is_late:
                    return found
                is_like_found = True
            elif not is_like_found or not candidate.is_late:
                return None
        if not is_like_found and (attempt.failure is None or attempt.is_misfit
                                  or attempt.failure.offset >= first_number):
            return None
    return found


def _first_number(rest: str) -> int:
    return next((hit.start() for hit in WORDS.finditer(rest) if hit.group()[0] in ".0123456789"), len(rest) + 1)
