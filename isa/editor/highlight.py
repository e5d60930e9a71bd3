"""What each token of a text is: for semantic highlighting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ..lang.names.builtins import ALL_BUILTINS
from ..lang.names.types import structure_bits
from ..lang.text.tokens import Token, tokens
from .asked import KEYWORDS, meant
from .declared import LOCAL
from .project import Project

TYPES: Final = (
    "keyword", "function", "variable", "type", "enumMember", "parameter", "property", "number", "string", "comment",
    "operator", "macro", "event", "class", "decorator",
)  # fmt: skip
MODIFIERS: Final = ("declaration", "readonly", "defaultLibrary")
_KINDS: Final = {
    "function": "function", "register": "variable", "view": "variable", "space": "variable", "const": "enumMember",
    "parameter": "enumMember", "choice": "enumMember", "enum": "type", "bitfield": "type", "argument_class": "type",
    "part": "property", "member": "enumMember", "field": "property", "operand": "parameter", "format": "class",
    "instruction": "macro", "alias": "macro", "interrupt": "event", "exit": "event", "hypercall": "function",
    "names": "type", "feature": "decorator", "core": "class", "device": "class", "board": "class",
    "column": "parameter", "cell": "parameter", "hypercall_abi": "class",
}  # fmt: skip


def highlighted(project: Project, path: Path) -> Iterator[tuple[Token, str, tuple[str, ...]]]:
    """Each token with its type and modifiers; what lies over several lines comes line by line."""
    known: dict[tuple[str, str, bool], tuple[str, tuple[str, ...]]] = {}
    file = project.file(path)
    for token in tokens(project.text(path)):
        if token.kind in ("comment", "string", "number"):
            yield from ((part, token.kind, ()) for part in _by_line(token))
        elif token.kind == "syntax":
            yield Token("name", "syntax", token.line, token.column, token.start), "keyword", ()
            rest = token.text[len("syntax") :].rstrip()
            blanks = len(rest) - len(rest.lstrip())
            start = len("syntax") + blanks
            yield Token("string", rest[blanks:], token.line, token.column + start, token.start + start), "string", ()
        elif token.kind == "name":
            item = file.item_at(token.line + 1)[1] if file is not None else ""
            dotted = project.text(path)[token.start - 1 : token.start] == "."
            key = (token.text, item, dotted)
            if key not in known:
                known[key] = _named(project, path, token, dotted)
            kind, modifiers = known[key]
            if kind:
                yield token, kind, modifiers


def _named(project: Project, path: Path, token: Token, dotted: bool) -> tuple[str, tuple[str, ...]]:
    found = meant(project, path, token)
    if found and found[0][1].kind in LOCAL:
        return ("parameter" if found[0][1].kind == "parameter" else "variable"), ()
    if token.text in KEYWORDS and not dotted:
        return "keyword", ()
    if found:
        kind = _KINDS.get(found[0][1].kind, "variable")
        return kind, ("readonly",) if found[0][1].kind in ("const", "parameter", "choice", "member") else ()
    if token.text in ALL_BUILTINS or token.text in ("mem", "phys", "phys_be", "phys_le"):
        return "function", ("defaultLibrary",)
    return ("type", ("defaultLibrary",)) if structure_bits(token.text) else ("", ())


def _by_line(token: Token) -> Iterator[Token]:
    start = token.start
    for number, text in enumerate(token.text.split("\n")):
        if text:
            yield Token(token.kind, text, token.line + number, 0 if number else token.column, start)
        start += len(text) + 1
