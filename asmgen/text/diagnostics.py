"""Diagnostics of the assembler: a place in the source, one message, and the way out.

Every error carries the file, line and column, the source line with a caret under the culprit, and a
hint that says what to do.  Errors are collected, so that one run shows several; `AssemblyErrors` is
what callers catch.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from msgspec import Struct

from ...isa.errors import TraplineError

MAX_REPORTED = 20
"""Errors after this many stop the run: what follows is seldom independent of what came before."""

MAX_REPEATED = 100
"""What has been told already stops the run when it comes again so often: a repeated macro says nothing new."""

MAX_SHOWN = 200
"""Characters of a line that an error shows."""

MAX_GUESSED = 40
"""No near word is looked for where a word is longer than this."""


class Place(Struct, frozen=True):
    """A point in a source text: 1-based line and column, and the line itself for the caret."""

    file: str
    line: int
    column: int
    text: str
    trail: tuple[str, ...] = ()
    """Where the text came from when it was expanded: macro calls and includes, innermost first."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Diagnostic(Struct, frozen=True):
    """One error or warning: where, what, and how to get out of it (`hint` may be empty)."""

    message: str
    place: Place | None = None
    hint: str = ""
    kind: str = "error"
    """"error", "warning", or empty for a plain message."""

    def render(self) -> str:
        """The error as text of several lines, ending without a newline."""
        said = f"{self.kind}: {self.message}" if self.kind else self.message
        if not self.kind:
            return said
        if self.place is None:
            lines = [said]
        else:
            shown, before = _window(self.place.text, self.place.column - 1)
            tabs_kept = "".join(c if c == "\t" else " " for c in shown[:before])
            lines = [
                f"{self.place}: {said}",
                f"    {shown}",
                f"    {tabs_kept}^",
            ]
            lines += [f"    in {step}" for step in self.place.trail]
        if self.hint:
            lines.append(f"  help: {self.hint}")
        return "\n".join(lines)


def _window(text: str, column: int) -> tuple[str, int]:
    """What is shown of a line around a column, and where the column is in that."""
    if len(text) <= MAX_SHOWN:
        return text, column
    start = max(0, min(column - MAX_SHOWN // 2, len(text) - MAX_SHOWN))
    head, tail = "…" * (start > 0), "…" * (start + MAX_SHOWN < len(text))
    return head + text[start : start + MAX_SHOWN] + tail, column - start + len(head)


class AssemblyErrors(TraplineError):
    """All the errors of one assembly, in the order in which they were found."""

    def __init__(self, diagnostics: Iterable[Diagnostic], is_stopped: bool = False) -> None:
        """`is_stopped` says that there may be more: the run ended at the limit."""
        self.diagnostics = tuple(diagnostics)
        self.is_stopped = is_stopped
        super().__init__("\n".join(d.render() for d in self.diagnostics))


AT_WORD = -1
"""As the offset of a SourceError: the mnemonic or directive itself."""


class SourceError(Exception):
    """An error inside one statement; `offset` counts characters from the start of its operands."""

    def __init__(
        self, message: str, offset: int = 0, hint: str = "", guess: tuple[str, Iterable[str]] | None = None
    ) -> None:
        """`guess` is a word and the known ones; a near one becomes the hint when it is asked for."""
        super().__init__(message)
        self.message = message
        self.offset = offset
        self._hint = hint
        self._guess = guess
        self.is_form = False
        """Whether the text may be right, and what is missing is a form of the instruction that takes such operands."""

    @property
    def hint(self) -> str:
        """The way out, or an empty string."""
        if not self._hint and self._guess is not None:
            self._hint = did_you_mean(*self._guess)
        return self._hint

    @hint.setter
    def hint(self, text: str) -> None:
        self._hint = text


class Unpredictable(SourceError):
    """Operands that can be encoded, but the architecture calls what comes of it unpredictable, or an invalid form."""


class TooManyErrors(Exception):
    """Raised inside a run when `MAX_REPORTED` errors have been collected."""


class Reporter:
    """Collects the diagnostics of one run; says so when it is full."""

    def __init__(self, limit: int = MAX_REPORTED) -> None:
        """`limit` is how many errors stop the run."""
        self._limit = limit
        self._repeated = 0
        self.diagnostics: list[Diagnostic] = []

    def add(self, diagnostic: Diagnostic) -> None:
        """Keep `diagnostic`, unless the same message stands there already for the same place.

        Raises TooManyErrors when the limit is reached, or where nothing new is told for long.
        """
        if diagnostic in self.diagnostics:
            self._repeated += 1
            if self._repeated >= MAX_REPEATED:
                raise TooManyErrors
            return
        self.diagnostics.append(diagnostic)
        if len(self.diagnostics) >= self._limit:
            raise TooManyErrors

    def raise_if_any(self) -> None:
        """Raise AssemblyErrors with everything collected, or return when there is nothing."""
        if self.diagnostics:
            raise AssemblyErrors(self.diagnostics, len(self.diagnostics) >= self._limit)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names up to three known words close to `word`, or an empty string."""
    if len(word) > MAX_GUESSED:
        return ""
    close = difflib.get_close_matches(word, list(known), n=3, cutoff=0.6)
    if not close:
        return ""
    return "did you mean " + " or ".join(f"'{c}'" for c in close) + "?"
