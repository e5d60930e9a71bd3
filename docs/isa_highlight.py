"""Descriptions in the site's colours: a Pygments lexer made of the editor's TextMate grammar."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from pygments.lexer import Lexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String, Text, _TokenType

GRAMMAR = Path(__file__).resolve().parent.parent / "editors" / "vscode" / "syntaxes" / "isa.tmLanguage.json"
_SCOPES = (
    ("comment", Comment), ("string.unquoted", String.Other), ("string", String), ("constant.numeric", Number),
    ("keyword.control", Keyword), ("keyword.operator", Operator), ("keyword", Keyword.Reserved),
    ("storage", Keyword.Declaration), ("support.type", Keyword.Type), ("entity.name", Name.Function),
    ("entity.other", Name.Decorator), ("variable.other.constant", Name.Constant),
)  # fmt: skip


class IsaLexer(Lexer):
    """`.isa` files."""

    name = "Trapline description"
    aliases: ClassVar[list[str]] = ["isa"]
    filenames: ClassVar[list[str]] = ["*.isa"]

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, _TokenType, str]]:
        """See Pygments."""
        at = 0
        # Each rule's next match; those that the text has gone past are looked for again.
        ahead = [(expression, groups, expression.search(text)) for expression, groups in _rules()]
        while True:
            ahead = [
                (expression, groups, expression.search(text, at) if match.start() < at else match)
                for expression, groups, match in ahead if match is not None
            ]  # fmt: skip
            found = min(
                ((match.start(), order, match, groups) for order, (_, groups, match) in enumerate(ahead) if match),
                key=lambda one: one[:2], default=None,
            )  # fmt: skip
            if found is None:
                break
            start, _, match, groups = found
            if start > at:
                yield at, Text, text[at:start]
            position = start
            for number, kind in sorted(groups.items()):
                if number and match.group(number):
                    if match.start(number) > position:
                        yield position, Text, text[position : match.start(number)]
                    yield match.start(number), kind, match.group(number)
                    position = match.end(number)
            if 0 in groups:
                yield start, groups[0], match.group()
                position = match.end()
            if position < match.end():
                yield position, Text, text[position : match.end()]
            at = match.end()
        if at < len(text):
            yield at, Text, text[at:]


@functools.cache
def _rules() -> tuple[tuple[re.Pattern[str], dict[int, _TokenType]], ...]:
    return tuple(_read())


def _read() -> Iterator[tuple[re.Pattern[str], dict[int, _TokenType]]]:
    """The grammar's rules in its order: what to look for, and what its groups are."""
    grammar = json.loads(GRAMMAR.read_text(encoding="utf-8"))["repository"]
    for include in grammar["all"]["patterns"]:
        part: dict[str, Any] = grammar[include["include"].removeprefix("#")]
        for rule in part.get("patterns", [part]):
            if "begin" in rule:
                expression = f"{rule['begin']}(?s:.*?){rule['end']}"
            else:
                expression = rule["match"]
            groups = {int(number): _kind(one["name"]) for number, one in rule.get("captures", {}).items()}
            yield re.compile(expression, re.MULTILINE), groups or {0: _kind(rule["name"])}


def _kind(scope: str) -> _TokenType:
    return next((kind for prefix, kind in _SCOPES if scope.startswith(prefix)), Text)
