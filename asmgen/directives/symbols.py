"""Directives about symbols: values, who sees them, what they are, and modes of assembly."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..expressions.tree import SymbolRef, with_here
from ..expressions.values import Relative
from ..layout.assembly import Assembly
from ..layout.symbol import Binding
from ..text.arguments import split_arguments
from ..text.diagnostics import SourceError
from ..text.source import Statement

_NAME = re.compile(r"[A-Za-z_.$][\w.$]*\Z")
_KINDS = {"function": "function", "object": "object", "notype": "", "stt_func": "function",
          "stt_object": "object", "func": "function", "stt_notype": ""}


def symbol_name(text: str, offset: int) -> str:
    """`text` if it can name a symbol.  Raises SourceError."""
    if not _NAME.match(text):
        raise SourceError(f"expected the name of a symbol, found '{text}'", offset)
    return text


def assign(once: bool) -> Callable[[Assembly, Statement], None]:
    """`.set NAME, VALUE`; `once` refuses a second value (`.equiv`)."""

    def put(assembly: Assembly, statement: Statement) -> None:
        pieces = split_arguments(statement.rest)
        if len(pieces) != 2:
            raise SourceError(f"{statement.word} takes a name and a value", 0,
                              "write .set NAME, VALUE or NAME = VALUE")
        (name_text, name_offset), (_, offset) = pieces
        name = symbol_name(name_text, name_offset)
        if name == ".":
            raise SourceError("'.' cannot be assigned", name_offset, "use .org or .skip")
        expression = assembly.expressions.read_all(statement.rest, offset)
        try:
            early = assembly.early(expression)
        except SourceError:
            early = None
        place = statement.place(name_offset)
        if isinstance(early, int):
            assembly.symbols.assign_number(name, early, place, once)
            return
        if isinstance(early, Relative) or early is None:
            here = SymbolRef(assembly.symbols.here_label(assembly.section, place), 0, assembly.symbols.scope)
            expression = with_here(expression, here)
        assembly.symbols.assign(name, expression, place, once)

    return put


def bind(binding: Binding) -> Callable[[Assembly, Statement], None]:
    """`.global`, `.local`, `.weak`."""

    def put(assembly: Assembly, statement: Statement) -> None:
        pieces = split_arguments(statement.rest)
        if not pieces:
            raise SourceError(f"{statement.word} needs the name of a symbol")
        for text, offset in pieces:
            symbol = assembly.symbols.get(symbol_name(text, offset))
            symbol.binding = binding
            symbol.mention = symbol.mention or statement.place(offset)

    return put


def kind(assembly: Assembly, statement: Statement) -> None:
    """`.type NAME, @function` (or `%function`, `STT_FUNC`, `"function"`)."""
    pieces = split_arguments(statement.rest)
    if len(pieces) != 2:
        raise SourceError(".type takes a name and a kind", 0, "write .type NAME, %function or %object")
    word = pieces[1][0].lstrip("@%#").strip('"').lower()
    if word not in _KINDS:
        raise SourceError(f"there is no kind of symbol '{pieces[1][0]}'", pieces[1][1],
                          "use %function, %object or %notype")
    symbol = assembly.symbols.get(symbol_name(*pieces[0]))
    symbol.kind = _KINDS[word]


def size(assembly: Assembly, statement: Statement) -> None:
    """`.size NAME, EXPRESSION`."""
    pieces = split_arguments(statement.rest)
    if len(pieces) != 2:
        raise SourceError(".size takes a name and a size", 0, "write .size NAME, . - NAME")
    expression = assembly.expressions.read_all(statement.rest, pieces[1][1])
    here = assembly.symbols.here_label(assembly.section, statement.place())
    symbol = assembly.symbols.get(symbol_name(*pieces[0]))
    symbol.size = with_here(expression, SymbolRef(here, 0, assembly.symbols.scope))


def next_is_function(assembly: Assembly, statement: Statement) -> None:
    """`.thumb_func`: the next label is a function of the present instruction set."""
    if statement.rest.strip():
        symbol = assembly.symbols.get(symbol_name(statement.rest.strip(), 0))
        symbol.kind = "function"
        if not symbol.defined:
            symbol.label_bit = assembly.instruction_set.pointer_bit
        return
    for instruction_set in assembly.target.instruction_sets:
        if instruction_set.pointer_bit:
            assembly.switch_instruction_set(instruction_set)
    assembly.next_label_is_function = True


def code_width(assembly: Assembly, statement: Statement) -> None:
    """`.code 16` or `.code 32`: the instruction set with that least alignment."""
    bits = assembly.number(statement, statement.rest, 0)
    for instruction_set in assembly.target.instruction_sets:
        if instruction_set.alignment * 8 == bits:
            assembly.switch_instruction_set(instruction_set)
            return
    widths = ", ".join(str(s.alignment * 8) for s in assembly.target.instruction_sets)
    raise SourceError(f"there is no instruction set of {bits} bits", 0, f"this architecture has {widths}")


def syntax(assembly: Assembly, statement: Statement) -> None:
    """`.syntax unified` is all there is."""
    if statement.rest.strip().lower() != "unified":
        raise SourceError(f"cannot read '{statement.rest.strip()}' syntax", 0, "write .syntax unified")


def message(assembly: Assembly, statement: Statement) -> None:
    """`.error "TEXT"`: the source itself finds that something is wrong."""
    raise SourceError(statement.rest.strip().strip('"') or ".error", 0)


def ignored(assembly: Assembly, statement: Statement) -> None:
    """What other assemblers want to know and this one takes from its description."""
