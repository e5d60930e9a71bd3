"""Directives that put nothing into the program: messages, and what other assemblers want to know."""

from __future__ import annotations

from ..layout.assembly import Assembly
from ..text.diagnostics import AT_WORD, SourceError
from ..text.source import Statement
from ..text.strings import read_strings


def _message(statement: Statement) -> str:
    if not statement.rest.strip():
        return statement.word
    return b"".join(read_strings(statement.rest)).decode("utf-8", "replace")


def error(assembly: Assembly, statement: Statement) -> None:
    """`.error "TEXT"`, `.err`: the source itself finds that something is wrong."""
    raise SourceError(_message(statement), AT_WORD)


def warning(assembly: Assembly, statement: Statement) -> None:
    """`.warning "TEXT"`, `.print "TEXT"`: something to say that stops nothing."""
    kind = "" if statement.word.lower() == ".print" else "warning"
    assembly.say(kind, _message(statement), statement.place())


def ignored(assembly: Assembly, statement: Statement) -> None:
    """What other assemblers want to know and this one takes from its description."""
