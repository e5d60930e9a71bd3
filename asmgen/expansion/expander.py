"""Expansion: the stream of plain statements after macros, repetitions, conditions and includes.

The stream is pulled, one statement at a time, because a condition may ask for a symbol that an
earlier statement of the same stream defines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from ..text.arguments import unquoted
from ..text.diagnostics import AT_WORD, Place, SourceError
from ..text.file_lines import FileLines
from ..text.scrubbing import scrubbed
from ..text.source import CommentSyntax, Source, Statement
from .conditions import CONDITION_WORDS, Conditions, Host
from .macro_arguments import Number, irp_values, irpc_values
from .macros import AlternateNames, Macro, bind_arguments, expand_body, macro_name, macro_parameters

MAX_NESTING = 100
"""Macro calls, repetitions and includes inside each other."""
MAX_STATEMENTS = 500_000
"""Statements of one assembly that come out of macros and repetitions; a call counts as CALL_COST of them."""
CALL_COST = 4

MAX_EXPANDED = 64 << 20
"""Characters of all statements that come out of macros and repetitions."""

_OPENERS = {".macro": ".endm", ".rept": ".endr", ".rep": ".endr", ".irp": ".endr", ".irpc": ".endr"}
_IRP_NAME = re.compile(r"^([\w.$]+)")
_CLOSERS = {".endm", ".endr"}
_OWN_WORDS = {*_OPENERS, *_CLOSERS, ".exitm", ".purgem", ".include", ".end", ".altmacro", ".noaltmacro"}


class ExpansionHost(Host, Protocol):
    """What expansion asks of the assembler that drives it."""

    def report(self, place: Place, error: SourceError) -> None:
        """Keep an error and go on."""

    def open_include(self, name: str, statement: Statement) -> Source:
        """The file named by `.include`.  Raises SourceError."""

    def enter_directory(self, directory: Path | None) -> None:
        """From here on statements come from a file in this directory."""


class _Frame(Struct):
    """A text being read: a file, a macro's body or a repetition."""

    statements: Iterator[Statement]
    kind: str
    depth_of_conditions: int
    opener: Statement | None = None
    """What it comes from: a call, a repetition's head."""
    directory: Path | None = None
    """Where a file stands."""


class Expander:
    """Yields plain statements of a file; keeps the macros, which all files of a run share."""

    def __init__(self, host: ExpansionHost, syntax: CommentSyntax) -> None:
        self._host = host
        self._syntax = syntax
        self.quick: Callable[[FileLines, Mapping[str, Macro]], None] | None = None
        """Takes lines of a file before they become statements, given the macros that there are."""
        self._macros: dict[str, Macro] = {}
        self._calls = 0
        self._count = 0
        self._characters = 0
        self._local_names = AlternateNames()
        self._is_alternate = False

    def macro_names(self) -> Iterator[str]:
        """The macros defined so far, for hints."""
        return iter(self._macros)

    def run(self, source: Source) -> Iterator[Statement]:
        """The statements of `source`, expanded.  Errors go to the host; the stream then goes on."""
        conditions = Conditions(self._host, self._syntax)
        self._host.enter_directory(source.directory)
        frames = [_Frame(self._read(source, ()), "file", 0, None, source.directory)]
        self._is_alternate = False
        while frames:
            if self.quick is not None and conditions.active and isinstance(frames[-1].statements, FileLines):
                self.quick(frames[-1].statements, self._macros)
            try:
                statement = next(frames[-1].statements, None)
                if statement is not None and len(frames) > 1:
                    self._count_characters(statement)
            except SourceError as error:
                opener = frames[-1].opener
                if opener is not None:
                    self._host.report(opener.place(error.offset), error)
                if self._characters > MAX_EXPANDED:
                    return
                # What the rest would have closed is not told as open.
                conditions.close_to(frames[-1].depth_of_conditions)
                statement = None
            if statement is None:
                frame = frames.pop()
                if frame.kind == "file" and frames:
                    self._host.enter_directory(next(f.directory for f in reversed(frames) if f.kind == "file"))
                open_ones = conditions.close_to(frame.depth_of_conditions)
                if open_ones:
                    more = f" (nor are {len(open_ones) - 1} behind it)" if len(open_ones) > 1 else ""
                    self._host.report(open_ones[0], SourceError(f"this condition is never closed{more}", 0,
                                                                "close it with .endif in the same file or macro"))
                continue
            word = statement.word.lower()
            try:
                if word in CONDITION_WORDS or (word.startswith(".if") and word not in self._macros):
                    if statement.labels and conditions.active:
                        yield _labels_only(statement)
                    conditions.handle(word, statement)
                elif not conditions.active:
                    continue
                elif word in _OWN_WORDS or word in self._macros:
                    if statement.labels:
                        yield _labels_only(statement)
                    self._expand(word, statement, frames, conditions)
                else:
                    if len(frames) > 1:
                        self._count_statement(statement, 1)
                    yield statement
            except SourceError as error:
                self._host.report(statement.place(error.offset), error)
            if self._count > MAX_STATEMENTS:
                return

    def _read(self, source: Source, trail: tuple[str, ...]) -> Iterator[Statement]:
        try:
            return FileLines(source, self._syntax, trail)
        except SourceError as error:
            line = source.text.split("\n")[error.offset - 1]
            place = Place(source.name, error.offset, line.find("/*") + 1, line, trail)
            self._host.report(place, error)
            return iter(())

    def _count_statement(self, statement: Statement, cost: int) -> None:
        self._count += cost
        if self._count > MAX_STATEMENTS:
            raise SourceError(f"macros and repetitions make more than {MAX_STATEMENTS} statements", 0,
                              "look for a macro or .rept that repeats too much")

    def _count_characters(self, statement: Statement) -> None:
        self._characters += len(statement.text)
        if self._characters > MAX_EXPANDED:
            raise SourceError(f"macros and repetitions make more than {MAX_EXPANDED >> 20} MiB of text", AT_WORD,
                              "look for an argument that doubles from call to call")

    def _number(self, statement: Statement) -> Number | None:
        """How expressions in arguments get their value; None where `.altmacro` does not hold."""
        if not self._is_alternate:
            return None
        return lambda text, offset: self._host.number(statement, text, offset)

    def _expand(
        self, word: str, statement: Statement, frames: list[_Frame], conditions: Conditions
    ) -> None:
        frame = frames[-1]
        if word == ".macro":
            self._define(statement, self._body(statement, frame, word))
        elif word in _OPENERS:
            # The body is taken out before the head is judged, so that a bad head gives one error.
            body = self._body(statement, frame, word)
            frames.append(_Frame(self._repeat(word, statement, body), "repeat", conditions.depth, statement))
        elif word in _CLOSERS:
            raise SourceError(f"{word} without its opening directive", 0, "remove it, or check what is above")
        elif word == ".exitm":
            while frames[-1].kind == "repeat":
                conditions.close_to(frames.pop().depth_of_conditions)
            if frames[-1].kind != "macro":
                raise SourceError(".exitm outside a macro")
            conditions.close_to(frames.pop().depth_of_conditions)
        elif word == ".purgem":
            if self._macros.pop(statement.rest.strip().lower(), None) is None:
                raise SourceError(f"there is no macro '{statement.rest.strip()}'")
        elif word in (".altmacro", ".noaltmacro"):
            self._is_alternate = word == ".altmacro"
        elif word == ".end":
            while len(frames) > 1:
                frames.pop()
            frames[0].statements = iter(())
        elif word == ".include":
            self._check_nesting(frames, conditions, statement)
            source = self._host.open_include(unquoted(statement.rest.strip()), statement)
            trail = (f"include at {statement.line.file}:{statement.line.number}", *statement.line.trail)
            frames.append(_Frame(self._read(source, trail), "file", conditions.depth, None, source.directory))
            self._host.enter_directory(source.directory)
        else:
            self._check_nesting(frames, conditions, statement)
            self._calls += 1
            macro = self._macros[word]
            if macro.is_broken:
                return
            values = bind_arguments(macro, scrubbed(statement.rest, self._syntax), self._number(statement))
            expanded = expand_body(macro.body, values, self._calls - 1, statement, f"macro '{macro.name}' called",
                                   self._syntax, keep_line=False, alternate=self._alternate())
            frames.append(_Frame(expanded, "macro", conditions.depth, statement))
        self._count_statement(statement, CALL_COST)

    @staticmethod
    def _check_nesting(frames: list[_Frame], conditions: Conditions, statement: Statement) -> None:
        if len(frames) > MAX_NESTING:
            conditions.close_to(frames[1].depth_of_conditions)
            del frames[1:]
            raise SourceError(f"macros and includes nest deeper than {MAX_NESTING} here", 0,
                              f"does '{statement.word}' call itself without a condition that ends it?")

    @staticmethod
    def _body(opener: Statement, frame: _Frame, word: str) -> tuple[Statement, ...]:
        """What stands between `opener` and its closing directive, which is consumed."""
        expected = [_OPENERS[word]]
        body: list[Statement] = []
        for statement in frame.statements:
            inner = statement.word.lower()
            if inner in _OPENERS:
                expected.append(_OPENERS[inner])
            elif inner == expected[-1]:
                expected.pop()
                if not expected:
                    return tuple(body)
            body.append(statement)
        raise SourceError(f"this {word} is never closed", AT_WORD,
                          f"close it with {_OPENERS[word]}")

    def _define(self, statement: Statement, body: tuple[Statement, ...]) -> None:
        name = macro_name(statement)
        known = self._macros.get(name.lower())
        if known is not None:
            raise SourceError(f"macro '{name}' is already defined at {known.place}", 0,
                              f"rename it, or say .purgem {name} first")
        try:
            parameters = macro_parameters(scrubbed(statement.rest, self._syntax), self._number(statement))
        except SourceError:
            self._macros[name.lower()] = Macro(name, (), (), statement.place(), is_broken=True)
            raise
        self._macros[name.lower()] = Macro(name, parameters, body, statement.place())

    def _repeat(self, word: str, head: Statement, body: tuple[Statement, ...]) -> Iterator[Statement]:
        what = f"{word} opened"
        if word in (".rept", ".rep"):
            count = self._host.number(head, head.rest, 0)
            if not 0 <= count <= MAX_STATEMENTS:
                raise SourceError(f"cannot repeat {count} times", 0, f"the count must lie in 0..{MAX_STATEMENTS}")
            return (statement for _ in range(count if body else 0) for statement in body)
        name, _, rest = _IRP_NAME.sub(r"\1\0", scrubbed(head.rest, self._syntax), count=1).partition("\0")
        if not name or not name.replace("_", "a").replace("$", "a").replace(".", "a").isalnum():
            raise SourceError(f"{word} needs a name and values", 0, f"write {word} NAME, VALUE, VALUE …")
        values = irpc_values(rest) if word == ".irpc" else irp_values(rest, self._number(head))
        return (
            statement
            for value in values or [""]
            for statement in expand_body(body, {name: value}, self._calls, head, what, self._syntax,
                                         keep_line=True, alternate=self._alternate())
        )

    def _alternate(self) -> AlternateNames | None:
        return self._local_names if self._is_alternate else None


def _labels_only(statement: Statement) -> Statement:
    """The labels in front of a directive that expansion swallows."""
    return Statement(statement.line, statement.labels, "", statement.labels[0][1], "",
                     statement.labels[0][1], statement.text)
