"""Puts a description's text into the house style: only blanks and ends of lines change.

Four blanks for each open brace, eight for a line that goes on with the one above; a blank around `=`, `->` and `=>` and
within braces, one behind a comma; no blanks at the end of a line, at most one empty line, none at the beginning of a
block. What stands in columns stays in columns: two or more blanks between two tokens are meant. Templates, strings and
comments are left as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..text.parse import ITEM_WORDS
from ..text.tokens import Token, tokens

_STEP: Final = 4
_HANGING: Final = 8
_OPEN, _CLOSE = "([{", ")]}"
_SPACED: Final = frozenset({"=", "->", "=>", "==", "!=", "&&", "||", "<<", ">>", ">>s", "++"})
"""Operators that have blanks around them wherever they stand."""
_ENDS: Final = frozenset({*_OPEN, *_CLOSE, ","})
_STATEMENTS: Final = frozenset({"let", "var", "if", "for", "match", "return", "raise", "leave", "syntax", "read",
                                "write", "at", "on", "bank", "banked", "case", "value", "operand", "register", "state",
                                "field", "features", "numbering", "byte_order", "address", "hook", "device", "ram",
                                "entry", *ITEM_WORDS})  # fmt: skip
"""Words that begin something: such a line does not go on with the one above."""
_ITEMS: Final = frozenset(ITEM_WORDS)


def formatted(text: str) -> str:
    """The text in the house style; the same for what has it already. Whatever it says, it says afterwards."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = _lines(text)
    out: list[str] = []
    brackets: list[str] = []
    """Those that are open."""
    unfinished = False
    """Whether the line above ends with an operator."""
    for number, line in enumerate(lines):
        body = _stripped(line)
        if not body:
            if out and out[-1] and not out[-1].endswith("{") and not _closes_next(lines, number):
                out.append("")
            continue
        depth = brackets.count("{")
        inner = bool(brackets) and brackets[-1] != "{"
        own = depth if inner else max(depth - _closing(body), 0)
        hangs = inner or unfinished or (depth == 0 and _goes_on(body, out))
        first = body[0]
        if first.kind == "comment" and (depth == 0 or first.column == 0):
            indent = first.column
        elif hangs:
            indent = first.column if first.column >= (own + 1) * _STEP else own * _STEP + _HANGING
        else:
            indent = own * _STEP
            if first.kind not in ("name", "syntax", "comment") and first.text not in _CLOSE and depth:
                indent = max(indent, first.column)  # goes on with the line above
            elif first.kind == "name" and depth and first.column > indent and not _begins(body):
                indent = first.column
        out.append(" " * indent + _spaced(body))
        for token in body:
            if token.kind == "operator" and token.text in ("(", "[", "{"):
                brackets.append(token.text)
            elif token.kind == "operator" and token.text in (")", "]", "}") and brackets:
                brackets.pop()
        words = [token for token in body if token.kind != "comment" and token.kind != "space"]
        if words:
            unfinished = words[-1].kind == "operator" and words[-1].text not in _ENDS
    while out and not out[-1]:
        out.pop()
    return "\n".join([*out, ""]) if out else ""


def _lines(text: str) -> list[list[Token]]:
    found: list[list[Token]] = [[]]
    for token in tokens(text):
        if token.kind == "line":
            found.append([])
        else:
            found[-1].append(token)
    return found


def _stripped(line: Sequence[Token]) -> list[Token]:
    """Without blanks at either end."""
    body = list(line)
    while body and body[0].kind == "space":
        body.pop(0)
    while body and body[-1].kind == "space":
        body.pop()
    return body


def _closing(body: Sequence[Token]) -> int:
    """Braces that the line closes before anything else."""
    count = 0
    for token in body:
        if token.text == "}" and token.kind == "operator":
            count += 1
        elif token.kind != "space":
            break
    return count


def _closes_next(lines: Sequence[Sequence[Token]], number: int) -> bool:
    """Whether the next line that is not empty begins with a closing brace, or there is none."""
    for line in lines[number + 1 :]:
        body = _stripped(line)
        if body:
            return body[0].text == "}" and body[0].kind == "operator"
    return True


def _begins(body: Sequence[Token]) -> bool:
    return body[0].text in _STATEMENTS or body[0].kind == "syntax"


def _goes_on(body: Sequence[Token], out: Sequence[str]) -> bool:
    """Whether a line outside all braces goes on with the one above: it begins no item."""
    first = body[0]
    if first.kind == "comment" or first.text in _ITEMS or first.text in _CLOSE:
        return False
    above = next((line for line in reversed(out) if not line.lstrip().startswith("//")), "")
    return bool(above)


def _spaced(body: Sequence[Token]) -> str:
    """The tokens of a line, with the blanks between them put right."""
    parts: list[str] = []
    last: Token | None = None
    blanks = ""
    for token in body:
        if token.kind == "space":
            blanks = token.text.replace("\t", " ").replace("\r", "")
            continue
        if last is not None:
            parts.append(_between(last, blanks, token))
        parts.append(token.text.rstrip() if token.kind in ("comment", "syntax") else token.text)
        last, blanks = token, ""
    return "".join(parts)


def _between(left: Token, blanks: str, right: Token) -> str:
    if len(blanks) > 1:
        return blanks
    if right.kind == "comment":
        return blanks or " "
    signs = {token.text for token in (left, right) if token.kind == "operator"}
    if right.text == "," and right.kind == "operator":
        return ""
    if left.text == "," and left.kind == "operator":
        return " "
    if signs & _SPACED or left.text == "{" or right.text in ("{", "}"):
        if left.text == "{" and right.text == "}":
            return blanks
        if left.text in "([" and left.kind == "operator":
            return blanks
        return " "
    return blanks
