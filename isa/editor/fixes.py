"""What can be done about a problem: its hint, as a change of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from ..lang.tree.diagnostics import Diagnostic

_QUOTED: Final = re.compile(r"'([^']+)'")
_SMALL: Final = re.compile(r"0[XB]")


class Fix(NamedTuple):
    """Replaces a range (lines and columns from 0, the end behind the last character) by `text`."""

    title: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str


def fixes(problem: Diagnostic, text: str) -> Iterator[Fix]:
    """The changes that a problem's hint speaks of."""
    span, hint = problem.span, problem.hint
    place = (span.line - 1, span.column - 1, span.end_line - 1, span.end_column - 1)
    lines = text.split("\n")
    line = lines[span.line - 1] if span.line <= len(lines) else ""
    written = line[span.column - 1 : span.end_column - 1]
    if hint.startswith("did you mean"):
        wrong = _QUOTED.findall(problem.message)
        for name in _QUOTED.findall(hint):
            start = place
            if wrong and wrong[-1] in written and written != wrong[-1]:
                at = span.column - 1 + written.index(wrong[-1])
                start = (place[0], at, place[0], at + len(wrong[-1]))
            yield Fix(f"Write {name}", *start, name)
    elif hint == "write `else if`":
        found = re.search(r"\b(elif|elsif|elseif)\b", line)
        if found:
            yield Fix("Write else if", place[0], found.start(), place[0], found.end(), "else if")
    elif _SMALL.match(written) and "small letters" in hint:
        yield Fix("Write it in small letters", *place, written[:2].lower() + written[2:])
    elif hint.startswith(("a call's '('", "an index's '['")):
        blanks = line[: span.column - 1]
        yield Fix("Remove the blank", place[0], len(blanks.rstrip()), place[0], place[1], "")
    elif hint.startswith("nothing separates statements"):
        yield Fix("Remove the semicolon", *place[:3], place[1] + 1, "")
    elif hint.startswith("declare it: "):
        item = next((number for number in range(span.line - 1, -1, -1) if lines[number][:1].isalpha()), 0)
        yield Fix(hint[:1].upper() + hint[1:], item, 0, item, 0, hint.removeprefix("declare it: ") + "\n")
    elif hint == "save it as UTF-8 without one":
        yield Fix("Remove the byte order mark", 0, 0, 0, 1, "")
    elif problem.code == "width" and "use zero_extend" in hint and written and "\n" not in written:
        for name in ("zero_extend", "sign_extend"):
            yield Fix(f"Write {name}({written})", *place, f"{name}({written})")
    elif problem.code == "width" and "use truncate" in hint and written:
        yield Fix(f"Write truncate({written})", *place, f"truncate({written})")
