"""Problems in descriptions: place, caret, reason and way out, for people and for machines."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ...errors import TraplineError
from . import Span


@dataclass(frozen=True, slots=True)
class Note:
    """A second place that belongs to a problem."""

    message: str
    span: Span


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem. `code` is a stable word for machines; `hint` the way out; `severity` is error or warning."""

    code: str
    message: str
    span: Span
    hint: str = ""
    notes: tuple[Note, ...] = ()
    severity: str = "error"

    def as_json(self) -> dict[str, object]:
        """Plain data: file, line and column from 1, message, hint and notes."""
        return {
            "code": self.code,
            "severity": self.severity,
            "file": self.span.file,
            "line": self.span.line,
            "column": self.span.column,
            "end_line": self.span.end_line,
            "end_column": self.span.end_column,
            "message": self.message,
            "hint": self.hint,
            "notes": [
                {"file": note.span.file, "line": note.span.line, "column": note.span.column, "message": note.message}
                for note in self.notes
            ],
        }


class DescriptionError(TraplineError):
    """A description that cannot be used; carries every problem that was found."""

    def __init__(self, diagnostics: Iterable[Diagnostic], sources: dict[str, str]) -> None:
        self.diagnostics = tuple(diagnostics)
        self.sources = sources
        count = len(self.diagnostics)
        found = "\n".join(render(diagnostic, sources) for diagnostic in self.diagnostics)
        super().__init__(f"the description has {count} problem{'s' * (count != 1)}\n{found}")


MOST_COPIES = 3
"""How many of the copies that a place belongs to are told, from the innermost on."""
MOST_OF_WIDTHS = 3
"""Messages about what is of one width and does not fit: a wrong declaration is met wherever its name is used."""
MOST_PLACES = 12
"""More places of theirs, in the last of these messages."""
_BITS = re.compile(r"(\d+) bits|where (\d+) (?:is|are) needed")


class Problems:
    """Collects problems. The same place is reported once, and so is a name that does not exist; what does not fit
    for its width is told a few times, with the other places: one message a mistake.

    `attempts` counts all reports, also those that were told already (by another core, say).
    """

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []
        self.warnings: list[Diagnostic] = []
        self.attempts = 0
        self._places: set[tuple[str, int, int]] = set()
        self._warned: set[tuple[str, int, int]] = set()
        self._names: dict[str, int] = {}
        self._widths: dict[int, list[int]] = {}

    def add(self, code: str, message: str, span: Span, hint: str = "", notes: Iterable[Note] = ()) -> None:
        """Records a problem unless one stands at the same place already."""
        self.attempts += 1
        place = (span.file, span.line, span.column)
        if place in self._places:
            return
        self._places.add(place)
        known = self._names.get(message) if code == "unknown-name" else None
        if known is not None:
            self._also(known, "and here", span, MOST_COPIES)
            return
        if code in ("width", "range") and (widths := [int(one or other) for one, other in _BITS.findall(message)]):
            together = self._widths.setdefault(min(widths), [])
            if len(together) >= MOST_OF_WIDTHS:
                self._also(together[-1], f"something of {min(widths)} bits does not fit here either", span, MOST_PLACES)
                return
            together.append(len(self.found))
        self._names.setdefault(message, len(self.found))
        self.found.append(Diagnostic(code, message, span, hint, (*notes, *_copies(span))))

    def _also(self, index: int, text: str, span: Span, most: int) -> None:
        """Another place of what has been told."""
        first = self.found[index]
        if len(first.notes) < most:
            self.found[index] = replace(first, notes=(*first.notes, Note(text, Span(*span[:5]))))

    def warn(self, code: str, message: str, span: Span, hint: str = "") -> None:
        """Records what is no mistake, but is rarely meant."""
        place = (span.file, span.line, span.column)
        if place not in self._warned:
            self._warned.add(place)
            self.warnings.append(Diagnostic(code, message, span, hint, (), "warning"))

    def in_order(self) -> list[Diagnostic]:
        """By file and place; warnings behind all errors."""
        return [*sorted(self.found, key=_by_place), *sorted(self.warnings, key=_by_place)]


def _by_place(problem: Diagnostic) -> tuple[object, ...]:
    return problem.span[:5]


def _copies(span: Span) -> Iterator[Note]:
    """Where the copies of a family or a function were asked for that a place belongs to, the innermost first."""
    found: dict[Note, None] = {}
    waiting = [span.within]
    while waiting:
        within = waiting.pop()
        if within is not None:
            found[Note(within.text, Span(*within.span[:5]))] = None
            waiting += [within.span.within, within.inner]
    yield from list(found)[:MOST_COPIES]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint naming the closest known names, or ""."""
    close = difflib.get_close_matches(name, list(dict.fromkeys(known)), n=3, cutoff=0.6)
    if not close:
        return ""
    return "did you mean " + " or ".join(f"'{candidate}'" for candidate in close) + "?"


def render(diagnostic: Diagnostic, sources: dict[str, str]) -> str:
    """The problem as text: place and reason, the line with a caret, the way out, then the other places."""
    head = f"{_place(diagnostic.span)}: {diagnostic.severity}: {diagnostic.message}"
    lines = [head, *_excerpt(diagnostic.span, sources)]
    if diagnostic.hint:
        lines.append(f"  = hint: {diagnostic.hint}")
    for note in diagnostic.notes:
        lines.append(f"{_place(note.span)}: note: {note.message}")
        lines.extend(_excerpt(note.span, sources))
    return "\n".join(lines)


def _place(span: Span) -> str:
    return f"{span.file}:{span.line}:{span.column}"


def _excerpt(span: Span, sources: dict[str, str]) -> list[str]:
    text = sources.get(span.file, "").splitlines()
    if not 1 <= span.line <= len(text):
        return []
    line = text[span.line - 1].replace("\t", " ")
    end = span.end_column if span.end_line == span.line else len(line) + 1
    carets = "^" * max(1, end - span.column)
    number = str(span.line)
    return [f"{number} | {line}", f"{' ' * len(number)} | {' ' * (span.column - 1)}{carets}"]
