"""Text to syntax tree: runs the Lark grammar and tells what is wrong where it stops."""

from __future__ import annotations

import functools
import hashlib
import io
import pickle
import sys
from pathlib import Path

from lark import Lark, Token
from lark import __version__ as lark_version
from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError

from ...cache_files import cache_directory, put_whole, remove_old, whole
from ..tree import Item
from ..tree.diagnostics import Diagnostic
from .build import TreeBuilder
from .explain import bad_number, before_parsing, explain, too_deep

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
    "sequence",
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
    """The parser; its tables are kept, since making them takes longer than parsing most files."""
    grammar = _GRAMMAR.read_text()
    name = hashlib.sha256(f"{lark_version} {sys.version_info[:2]} {grammar}".encode()).hexdigest()[:32]
    path = cache_directory() / f"{name}.grammar"
    content = whole(path)
    if content is not None:
        try:
            return Lark.load(io.BytesIO(content))
        except (pickle.UnpicklingError, EOFError, KeyError, TypeError, AttributeError):
            pass
    made = Lark(grammar, parser="lalr", lexer="contextual", propagate_positions=True, maybe_placeholders=True)
    tables = io.BytesIO()
    made.save(tables)
    put_whole(path, tables.getvalue())
    remove_old(path.parent, r"[0-9a-f]{32}\.grammar")
    return made


def parse(text: str, file: str) -> tuple[list[Item], list[Diagnostic]]:
    """The items of one file.

    A file that does not parse gives one diagnostic and no items: what follows the first mistake cannot be trusted.
    """
    odd = before_parsing(text, file)
    if odd is not None:
        return [], [odd]
    try:
        tree = _parser().parse(text, on_error=_word_as_name)
        deep = too_deep(tree, file)
        return ([], [deep]) if deep is not None else (TreeBuilder(file).transform(tree), [])
    except VisitError as error:
        if isinstance(error.orig_exc, ValueError):
            return [], [bad_number(error, file)]
        raise error.orig_exc from error
    except UnexpectedInput as error:
        return [], [explain(error, text, file, _parser, ITEM_WORDS)]


def _accepted(error: UnexpectedToken) -> set[str]:
    accepted: set[str] = error.interactive_parser.accepts()  # type: ignore[no-untyped-call]
    return accepted


def _word_as_name(error: UnexpectedInput) -> bool:
    """A word of the grammar that has no meaning where it stands is a name there (`address` in a body, say)."""
    if not isinstance(error, UnexpectedToken) or not str(error.token).isidentifier() or error.token.type == "NAME":
        return False
    if error.token.column == 1 and str(error.token) in ITEM_WORDS:
        return False  # an item begins, and the one above has not ended
    if "NAME" not in _accepted(error):
        return False
    error.interactive_parser.feed_token(Token.new_borrow_pos("NAME", str(error.token), error.token))
    return True
