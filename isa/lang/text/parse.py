"""Text to syntax tree: runs the Lark grammar and tells what is wrong where it stops."""

from __future__ import annotations

import functools
from pathlib import Path

from lark import Lark, Token
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken, VisitError

from ..tree import Item, Span
from ..tree.diagnostics import Diagnostic, did_you_mean
from .build import TreeBuilder

_GRAMMAR = Path(__file__).with_name("grammar.lark")

ITEM_WORDS = (
    "use",
    "architecture",
    "instruction_set",
    "feature",
    "core",
    "enum",
    "bitfield",
    "const",
    "parameter",
    "choice",
    "register",
    "view",
    "space",
    "format",
    "names",
    "operand",
    "instruction",
    "alias",
    "function",
    "interrupt",
    "exit",
    "hypercall_abi",
    "hypercall",
    "argument_class",
    "device",
    "board",
    "extend",
    "replace",
    "family",
    "undescribed",
    "absent",
)


@functools.cache
def _parser() -> Lark:
    return Lark(
        _GRAMMAR.read_text(), parser="lalr", lexer="contextual", propagate_positions=True, maybe_placeholders=True
    )


def parse(text: str, file: str) -> tuple[list[Item], list[Diagnostic]]:
    """The items of one file.

    A file that does not parse gives one diagnostic and no items: what follows the first mistake cannot be trusted.
    """
    try:
        tree = _parser().parse(text, on_error=_word_as_name)
        return TreeBuilder(file).transform(tree), []
    except VisitError as error:
        raise error.orig_exc from error
    except UnexpectedInput as error:
        return [], [_explain(error, text, file)]


def _accepted(error: UnexpectedToken) -> set[str]:
    accepted: set[str] = error.interactive_parser.accepts()  # type: ignore[no-untyped-call]
    return accepted


def _word_as_name(error: UnexpectedInput) -> bool:
    """A word of the grammar that has no meaning where it stands is a name there (`address` in a body, say)."""
    if not isinstance(error, UnexpectedToken) or not str(error.token).isidentifier() or error.token.type == "NAME":
        return False
    if "NAME" not in _accepted(error):
        return False
    error.interactive_parser.feed_token(Token.new_borrow_pos("NAME", str(error.token), error.token))
    return True


def _explain(error: UnexpectedInput, text: str, file: str) -> Diagnostic:
    if isinstance(error, UnexpectedEOF) or (isinstance(error, UnexpectedToken) and error.token.type == "$END"):
        lines = text.splitlines() or [""]
        span = Span(file, len(lines), len(lines[-1]) + 1, len(lines), len(lines[-1]) + 2)
        return Diagnostic("syntax", "the file ends in the middle of an item", span, "is a closing '}' missing?")
    if isinstance(error, UnexpectedToken):
        token = error.token
        span = _token_span(token, file)
        return Diagnostic("syntax", f"'{_short(token)}' cannot stand here", span, _way_out(error, token))
    assert isinstance(error, UnexpectedCharacters)
    place = error.pos_in_stream or 0
    character = text[place : place + 1]
    span = Span(file, error.line, error.column, error.line, error.column + 1)
    hint = "an index's '[' and a call's '(' stand directly behind the name" if character in "[(" else ""
    if character == '"':
        hint = "a string ends on its line"
    return Diagnostic("syntax", f"'{character}' cannot stand here", span, hint)


def _way_out(error: UnexpectedToken, token: Token) -> str:
    expected = set(error.expected)
    if "ENUM" in expected and token.type == "NAME":
        close = did_you_mean(str(token), ITEM_WORDS)
        return close or "an item begins with one of: " + ", ".join(ITEM_WORDS)
    if str(token) == "(" and "CALL" in expected:
        return "a call's '(' stands directly behind the name"
    shown = sorted(_SHOWN.get(name, name.lower()) for name in expected)
    if len(shown) > 12:
        return ""
    return "expected " + ", ".join(shown)


_SHOWN = {
    "NAME": "a name",
    "INT": "a number",
    "STRING": "a string",
    "LBRACE": "'{'",
    "RBRACE": "'}'",
    "LPAR": "'('",
    "CALL": "'('",
    "RPAR": "')'",
    "INDEX": "'['",
    "RSQB": "']'",
    "COLON": "':'",
    "COMMA": "','",
    "EQUALS": "'='",
    "SYNTAX": "a syntax template",
    "MINUS": "'-'",
    "PIPE": "'|'",
    "AMPERSAND": "'&'",
    "EQUALS_EQUALS": "'=='",
    "NOT_EQUAL": "'!='",
    "__ANON_0": "'..'",
    "AT": "'@'",
}


def _short(token: Token) -> str:
    text = str(token).splitlines()[0] if str(token) else ""
    return text if len(text) <= 40 else text[:37] + "..."


def _token_span(token: Token, file: str) -> Span:
    line, column = token.line or 1, token.column or 1
    return Span(file, line, column, token.end_line or line, token.end_column or column + 1)
