"""What to say where a file does not parse: the place, the reason, and the way out."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedEOF, UnexpectedInput, UnexpectedToken, VisitError

from ..tree import Span
from ..tree.diagnostics import Diagnostic, Note, did_you_mean

MOST_NESTED: Final = 100
"""Levels of brackets, blocks and operators in one another; the shipped descriptions have 23."""
_FEW: Final = 12
"""Things that may be expected somewhere, before a list of them says nothing."""
_WORDS: Final = {
    "NAME": "a name",
    "INT": "a number",
    "STRING": "a string",
    "SYNTAX": "a syntax template",
    "UNARY": "'~' or '!'",
    "COMPARE": "a comparison",
    "SHIFT": "a shift",
    "PRODUCT": "'*', '/' or '%'",
    "CALL": "'('",
    "INDEX": "'['",
    "CONST": "'const'",
    "LEVEL": "real_mode, kernel or user",
    "VALIDITY": "valid or invalid",
    "PORT": "stream, input or signal",
    "SPACE_RIGHT": "read or write",
    "SCALE_BIAS": "scale, bias or align",
    "ABSOLUTE": "'absolute'",
    "WORD_CLASS": "undescribed or absent",
}
_UNSAID: Final = {"WOVEN", "COMMENT", "BLOCK_COMMENT"}
_CAPITAL_BASE: Final = re.compile(r"(?<![A-Za-z0-9_])0[XB][0-9A-Fa-f_]*")
_CHARACTERS: Final = {
    ";": "nothing separates statements: each ends where the next one begins",
    "?": "a value that depends on something is written `if condition { this } else { that }`",
    '"': "a string ends on its line",
    "[": "an index's '[' stands directly behind the name",
    "(": "a call's '(' stands directly behind the name",
    "'": "a string stands in double quotes",
    "#": "a comment begins with //",
}


def before_parsing(text: str, file: str) -> Diagnostic | None:
    """What is wrong with a text whatever its items are."""
    if text.startswith("\ufeff"):
        return Diagnostic(
            "syntax", "the file begins with a byte order mark", Span(file, 1, 1, 1, 2), "save it as UTF-8 without one"
        )
    for found in _CAPITAL_BASE.finditer(text):
        start = text.rfind("\n", 0, found.start()) + 1
        before = text[start : found.start()]
        if "//" not in before and before.count('"') % 2 == 0 and "syntax" not in before:
            span = _span(text, file, found.start(), found.end())
            return Diagnostic(
                "syntax", f"'{_short(found[0])}' is no number", span, f"write 0{found[0][1].lower()} in small letters"
            )
    return None


def too_deep(parsed: Tree[Token], file: str) -> Diagnostic | None:
    """Where something stands in more levels than anybody can read, and than the loader walks."""
    waiting: list[tuple[Tree[Token], int]] = [(parsed, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MOST_NESTED:
            meta = node.meta
            line, column = getattr(meta, "line", 1), getattr(meta, "column", 1)
            return Diagnostic(
                "syntax",
                f"this stands in more than {MOST_NESTED} levels of brackets, blocks or operators",
                Span(file, line, column, line, column + 1),
                "give parts of it names with `let`, or make functions of them",
            )
        waiting += [(child, depth + 1) for child in node.children if isinstance(child, Tree)]
    return None


def bad_number(error: VisitError, file: str) -> Diagnostic:
    """A number that Python cannot read: too many digits, or a wrong place for 0 or _."""
    tokens = error.obj.scan_values(lambda value: isinstance(value, Token)) if isinstance(error.obj, Tree) else ()
    for token in tokens:
        try:
            if token.type == "INT":
                int(str(token), 0)
        except ValueError:
            hint = "numbers have 128 bits at most" if len(token) > 60 else "write 12, 0x2F or 0b1010"
            return Diagnostic("syntax", f"'{_short(token)}' is no number", _token_span(token, file), hint)
    meta = getattr(error.obj, "meta", None)
    line, column = getattr(meta, "line", 1), getattr(meta, "column", 1)
    return Diagnostic("syntax", str(error.orig_exc), Span(file, line, column, line, column + 1))


def explain(
    error: UnexpectedInput, text: str, file: str, parser: Callable[[], Lark], items: tuple[str, ...]
) -> Diagnostic:
    """The first place that does not parse. `items` are the words that items begin with."""
    if isinstance(error, UnexpectedEOF) or (isinstance(error, UnexpectedToken) and error.token.type == "$END"):
        lines = text.splitlines() or [""]
        span = Span(file, len(lines), len(lines[-1]) + 1, len(lines), len(lines[-1]) + 2)
        notes = _open_blocks(error, file)
        return Diagnostic("syntax", "the file ends in the middle of an item", span, "is a closing '}' missing?", notes)
    unended = _unended(error, text, file, items)
    if unended is not None:
        return unended
    if isinstance(error, UnexpectedToken):
        token = error.token
        span = _token_span(token, file)
        return Diagnostic(
            "syntax", f"'{_short(token)}' cannot stand here", span, _way_out(error, token, text, parser, items)
        )
    place = error.pos_in_stream or 0
    if text.startswith("/*", place):
        return Diagnostic("syntax", "this comment does not end", _span(text, file, place, place + 2), "end it with */")
    character = text[place : place + 1]
    line, column = getattr(error, "line", 1), getattr(error, "column", 1)
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    return Diagnostic(
        "syntax",
        f"'{shown}' cannot stand here",
        Span(file, line, column, line, column + 1),
        _CHARACTERS.get(character, ""),
    )


def _unended(error: UnexpectedInput, text: str, file: str, items: tuple[str, ...]) -> Diagnostic | None:
    """An item that begins, at the beginning of a line, while a block above it is open: there it went wrong."""
    place = error.pos_in_stream or 0
    words = list(re.finditer(rf"(?m)^(?:{'|'.join(items)})\b", text[: place + 1 + max(map(len, items))]))
    words = [word for word in words if word.start() <= place]
    if not words or not any((brace.start_pos or 0) < words[-1].start() for brace in _braces(error)):
        return None
    span = _span(text, file, words[-1].start(), words[-1].end())
    message = f"'{words[-1][0]}' cannot stand here: the item above has not ended"
    return Diagnostic("syntax", message, span, "is a closing '}' missing?", _open_blocks(error, file))


def _open_blocks(error: UnexpectedInput, file: str) -> tuple[Note, ...]:
    """The blocks that are open where parsing stops: the outermost and the innermost."""
    braces = _braces(error)
    chosen = [braces[0], braces[-1]] if len(braces) > 1 else braces
    return tuple(Note("this block is open", _token_span(brace, file)) for brace in chosen)


def _braces(error: UnexpectedInput) -> list[Token]:
    """The braces of the blocks that are open, from the outermost on."""
    interactive = getattr(error, "interactive_parser", None)
    stack = [] if interactive is None else interactive.parser_state.value_stack
    return [value for value in stack if isinstance(value, Token) and value.type == "LBRACE"]


def _way_out(
    error: UnexpectedToken, token: Token, text: str, parser: Callable[[], Lark], items: tuple[str, ...]
) -> str:
    expected = set(error.expected)
    place = token.start_pos or 0
    line = text[text.rfind("\n", 0, place) + 1 : place]
    if re.search(r"\b(elif|elsif|elseif)\b", line) or str(token) in ("elif", "elsif", "elseif"):
        return "write `else if`"
    if str(token) == "," and re.search(r"\bexcept\b[^{]*$", line):
        return "alternatives are separated by '|', what must hold together by '&'"
    if "ENUM" in expected and token.type == "NAME":
        return did_you_mean(str(token), items) or "an item begins with one of: " + ", ".join(items)
    if str(token) == "(" and "CALL" in expected:
        return "a call's '(' stands directly behind the name"
    shown = sorted({_shown(name, parser()) for name in expected if name not in _UNSAID})
    return "" if len(shown) > _FEW else "expected " + ", ".join(shown)


def _shown(name: str, parser: Lark) -> str:
    if name == "$END":
        return "the end of the file"
    if name in _WORDS:
        return _WORDS[name]
    pattern = parser.get_terminal(name).pattern
    return f"'{pattern.value}'" if pattern.type == "str" else name.lower().replace("_", " ")


def _short(token: str) -> str:
    text = str(token).splitlines()[0] if str(token) else ""
    return text if len(text) <= 40 else text[:37] + "..."


def _span(text: str, file: str, start: int, end: int) -> Span:
    line = text.count("\n", 0, start) + 1
    column = start - text.rfind("\n", 0, start)
    return Span(file, line, column, line, column + end - start)


def _token_span(token: Token, file: str) -> Span:
    line, column = token.line or 1, token.column or 1
    return Span(file, line, column, token.end_line or line, token.end_column or column + 1)
