"""Conditional assembly: `.if` and its relatives.  Source: GNU as manual, ".if"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from ..text.arguments import unquoted
from ..text.diagnostics import AT_WORD, Place, SourceError, did_you_mean
from ..text.scrubbing import scrubbed
from ..text.source import CommentSyntax, Statement
from ..text.strings import read_strings

_COMPARISONS: dict[str, Callable[[int], bool]] = {
    ".if": lambda v: v != 0,
    ".ifne": lambda v: v != 0,
    ".ifeq": lambda v: v == 0,
    ".ifgt": lambda v: v > 0,
    ".ifge": lambda v: v >= 0,
    ".iflt": lambda v: v < 0,
    ".ifle": lambda v: v <= 0,
}
_TESTS = {".ifdef", ".ifndef", ".ifnotdef", ".ifb", ".ifnb", ".ifc", ".ifnc", ".ifeqs", ".ifnes"}
_OPENING = {*_COMPARISONS, *_TESTS}
CONDITION_WORDS = {*_OPENING, ".else", ".elseif", ".elsec", ".endif", ".endc"}


class Host(Protocol):
    """What conditions ask of the assembler."""

    def number(self, statement: Statement, text: str, offset: int) -> int:
        """The value of `text`, which stands at `offset` of the statement's rest.  Raises SourceError."""

    def is_defined(self, name: str) -> bool:
        """Whether the symbol has a value at this point."""


class _Open(Struct):
    """One open condition: whether a branch was taken, and whether this branch is being assembled."""

    place: Place
    enclosing: bool
    taken: bool
    active: bool
    after_else: bool = False


class Conditions:
    """The stack of open conditions of a file."""

    def __init__(self, host: Host, syntax: CommentSyntax) -> None:
        self._host = host
        self._syntax = syntax
        self._stack: list[_Open] = []

    @property
    def active(self) -> bool:
        """Whether statements at this point are assembled."""
        return not self._stack or self._stack[-1].active

    @property
    def depth(self) -> int:
        """How many conditions are open."""
        return len(self._stack)

    def close_to(self, depth: int) -> list[Place]:
        """Close conditions until `depth` are left; the places of those that were closed."""
        closed = [entry.place for entry in self._stack[depth:]]
        del self._stack[depth:]
        return closed

    def handle(self, word: str, statement: Statement) -> None:
        """Act on one of CONDITION_WORDS.  Raises SourceError; the nesting stays right all the same."""
        if word in _OPENING or word.startswith(".if"):
            # Also one that is not known opens its level, so that its .endif finds it.
            enclosing = self.active
            entry = _Open(statement.place(), enclosing, taken=True, active=False)
            self._stack.append(entry)
            if enclosing:
                entry.active = entry.taken = self._holds(word, statement)
            return
        if not self._stack:
            raise SourceError(f"{word} without .if", AT_WORD,
                              "remove it, or check the .if above")
        entry = self._stack[-1]
        if word in (".endif", ".endc"):
            self._stack.pop()
            return
        if entry.after_else:
            raise SourceError(f"{word} after .else", AT_WORD,
                              f"the condition opens at {entry.place}")
        if word in (".else", ".elsec"):
            entry.after_else = True
            entry.active = entry.enclosing and not entry.taken
        else:
            entry.active = False
            if entry.enclosing and not entry.taken:
                entry.active = self._holds(".if", statement)
        entry.taken = entry.taken or entry.active

    def _holds(self, word: str, statement: Statement) -> bool:
        text = statement.rest
        if word in _COMPARISONS:
            if not text.strip():
                raise SourceError(f"{word} needs an expression", 0)
            return _COMPARISONS[word](self._host.number(statement, text, 0))
        if word in (".ifb", ".ifnb"):
            return (not text.strip()) == (word == ".ifb")
        if word in (".ifc", ".ifnc"):
            first, comma, second = scrubbed(text, self._syntax).partition(",")
            if not comma:
                raise SourceError(f"{word} compares two texts", 0, f"write {word} TEXT, TEXT")
            return (first.strip() == second.strip()) == (word == ".ifc")
        if word in (".ifeqs", ".ifnes"):
            strings = read_strings(text)
            if len(strings) != 2:
                raise SourceError(f"{word} compares two strings", 0, f'write {word} "TEXT", "TEXT"')
            return (strings[0] == strings[1]) == (word == ".ifeqs")
        if word not in _OPENING:
            raise SourceError(f"there is no directive '{word}'", AT_WORD, did_you_mean(word, _OPENING))
        if not text.strip():
            raise SourceError(f"{word} needs the name of a symbol", 0)
        return self._host.is_defined(unquoted(text.strip())) == (word == ".ifdef")
