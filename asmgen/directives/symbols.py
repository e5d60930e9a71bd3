"""Directives about symbols: values, who sees them, what they are, and modes of assembly."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..expressions.tree import Binary, Expression, SymbolRef, references_of, symbol_plus, with_here
from ..expressions.values import Relative
from ..layout.assembly import Assembly
from ..layout.sections import MAX_EXTENT
from ..layout.symbol import Binding
from ..text.arguments import split_arguments, unquoted
from ..text.diagnostics import SourceError
from ..text.source import Statement
from .gaps import assign_place

_NAME = re.compile(r"[^\x00-#%-\-/-@\[-^`{-\x7f][\w.$]*\Z")
_KINDS = {
    "function": "function", "object": "object", "notype": "", "stt_func": "function", "stt_object": "object",
    "func": "function", "stt_notype": "", "tls_object": "tls_object", "stt_tls": "tls_object", "common": "common",
    "stt_common": "common", "gnu_indirect_function": "gnu_indirect_function", "stt_gnu_ifunc": "gnu_indirect_function",
    "gnu_unique_object": "object",
}  # fmt: skip


def symbol_name(text: str, offset: int) -> str:
    """The name that `text` is, in quotes or without.  Raises SourceError."""
    if len(text) > 2 and text[0] == text[-1] == '"':
        return unquoted(text)
    if not _NAME.match(text):
        raise SourceError(f"expected the name of a symbol, found '{text}'", offset)
    return text


def assign(once: bool, is_lazy: bool = False) -> Callable[[Assembly, Statement], None]:
    """`.set NAME, VALUE`; `once` refuses a second value (`.equiv`), `is_lazy` has it computed at each use (`.eqv`)."""

    def put(assembly: Assembly, statement: Statement) -> None:
        pieces = split_arguments(statement.rest)
        if len(pieces) != 2:
            raise SourceError(f"{statement.word} takes a name and a value", 0,
                              "write .set NAME, VALUE or NAME = VALUE")
        (name_text, name_offset), (_, offset) = pieces
        name = symbol_name(name_text, name_offset)
        if name == ".":
            assign_place(assembly, statement, statement.rest, offset)
            return
        reader = assembly.lazy_expressions if is_lazy else assembly.expressions
        expression = reader.read_all(statement.rest, offset)
        if is_lazy:
            assembly.symbols.assign(name, expression, statement.place(name_offset), once)
            symbol = assembly.symbols.get(name)
            symbol.is_lazy, symbol.told = True, assembly.expressions.read_all(statement.rest, offset)
            return
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
        _take_traits(assembly, name, expression)

    return put


def _take_traits(assembly: Assembly, name: str, expression: Expression) -> None:
    """What is set to a symbol plus a number takes its kind, size and local entry, as far as they are known by now.

    Where the symbol is only defined further on, its other names (with nothing added) take what it has in the end.
    """
    if isinstance(expression, Binary) and expression.operator == "+" and not references_of(expression.left):
        expression = Binary("+", expression.right, expression.left)
    pointed = symbol_plus(expression)
    if pointed is None or pointed.modifier:
        return
    symbol, other = assembly.symbols.get(name), assembly.symbols.find(pointed.symbol.name)
    symbol.taken = other.traits if other is not None else None
    symbol.takes_at_end = (other is None or not other.defined) and isinstance(expression, SymbolRef)


def bind(binding: Binding) -> Callable[[Assembly, Statement], None]:
    """`.global`, `.local`, `.weak`; what is weak stays so when it is made global as well."""

    def put(assembly: Assembly, statement: Statement) -> None:
        pieces = split_arguments(statement.rest)
        if not pieces:
            raise SourceError(f"{statement.word} needs the name of a symbol")
        for text, offset in pieces:
            symbol = assembly.symbols.get(symbol_name(text, offset))
            if symbol.binding is not Binding.WEAK or binding is not Binding.GLOBAL:
                symbol.binding = binding
            symbol.mention = symbol.mention or statement.place(offset)

    return put


def kind(assembly: Assembly, statement: Statement) -> None:
    """`.type NAME, @function` (or `%function`, `STT_FUNC`, `"function"`)."""
    pieces = split_arguments(statement.rest)
    if len(pieces) == 1:
        # The comma may be left out.
        name_end = len(pieces[0][0].split()[0]) if pieces[0][0] else 0
        tail = pieces[0][0][name_end:].strip()
        pieces = [(pieces[0][0][:name_end], pieces[0][1]), (tail, statement.rest.find(tail))] if tail else []
    if len(pieces) != 2:
        raise SourceError(".type takes a name and a kind", 0, "write .type NAME, %function or %object")
    word = pieces[1][0].lstrip("@%#").strip('"').lower()
    if word not in _KINDS:
        raise SourceError(f"there is no kind of symbol '{pieces[1][0]}'", pieces[1][1],
                          "use %function, %object or %notype")
    symbol = assembly.symbols.get(symbol_name(*pieces[0]))
    symbol.kind, symbol.is_spoken_of = _KINDS[word], True


def size(assembly: Assembly, statement: Statement) -> None:
    """`.size NAME, EXPRESSION`."""
    pieces = split_arguments(statement.rest)
    if len(pieces) != 2:
        raise SourceError(".size takes a name and a size", 0, "write .size NAME, . - NAME")
    expression = assembly.expressions.read_all(statement.rest, pieces[1][1])
    here = assembly.symbols.here_label(assembly.section, statement.place())
    symbol = assembly.symbols.get(symbol_name(*pieces[0]))
    symbol.size, symbol.is_spoken_of = with_here(expression, SymbolRef(here, 0, assembly.symbols.scope)), True


def force_thumb(assembly: Assembly, statement: Statement) -> None:
    """`.force_thumb`: as `.thumb`."""
    for instruction_set in assembly.target.instruction_sets:
        if instruction_set.pointer_bit:
            assembly.switch_instruction_set(instruction_set)


def next_is_function(assembly: Assembly, statement: Statement) -> None:
    """`.thumb_func`: the next label is a function of the present instruction set."""
    if statement.rest.strip():
        symbol = assembly.symbols.get(symbol_name(statement.rest.strip(), 0))
        symbol.kind = "function"
        if not symbol.defined:
            symbol.label_bit = assembly.instruction_set.pointer_bit
        return
    force_thumb(assembly, statement)
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


def visibility(kind: str) -> Callable[[Assembly, Statement], None]:
    """`.hidden`, `.protected`, `.internal`: how far a global symbol is seen once it is linked."""

    def put(assembly: Assembly, statement: Statement) -> None:
        pieces = split_arguments(statement.rest)
        if not pieces:
            raise SourceError(f"{statement.word} needs the name of a symbol")
        for text, offset in pieces:
            symbol = assembly.symbols.get(symbol_name(text, offset))
            symbol.visibility = kind
            symbol.mention = symbol.mention or statement.place(offset)

    return put


def external(assembly: Assembly, statement: Statement) -> None:
    """`.extern NAME`: says nothing, since what nothing defines comes from elsewhere."""
    for text, offset in split_arguments(statement.rest):
        symbol_name(text, offset)


def common(is_local: bool) -> Callable[[Assembly, Statement], None]:
    """`.comm NAME, SIZE, ALIGNMENT`: room that files share; `.lcomm`, `.comm` of a `.local` name: the file's own."""

    def put(assembly: Assembly, statement: Statement) -> None:
        pieces = split_arguments(statement.rest)
        if not 2 <= len(pieces) <= 3:
            raise SourceError(f"{statement.word} takes a name, a size and an alignment", 0,
                              f"write {statement.word} NAME, SIZE, ALIGNMENT")
        name = symbol_name(*pieces[0])
        size = assembly.number(statement, *pieces[1])
        if not 0 <= size <= MAX_EXTENT:
            raise SourceError(f"a symbol cannot have {size} bytes", pieces[1][1])
        symbol = assembly.symbols.get(name)
        is_own = is_local or (symbol.binding is Binding.LOCAL and symbol.mention is not None)
        own = assembly.target.local_common if is_local else 0
        alignment = own or (_natural_alignment(size, is_local) if is_local or not is_own else 1)
        if len(pieces) == 3:
            alignment = assembly.number(statement, *pieces[2])
        if alignment <= 0 or alignment & (alignment - 1):
            raise SourceError(f"{alignment} is not a power of two", pieces[-1][1])
        if symbol.defined:
            raise SourceError(f"'{name}' is already defined at {symbol.place}", pieces[0][1])
        if is_own:
            assembly.reserve(name, size, alignment, statement.place(pieces[0][1]), "" if own else "object")
            return
        symbol.common = size, alignment
        symbol.kind = symbol.kind or "object"
        symbol.binding = Binding.GLOBAL if symbol.binding is Binding.LOCAL else symbol.binding
        symbol.mention = statement.place(pieces[0][1])

    return put


def _natural_alignment(size: int, is_local: bool) -> int:
    """Of a file's own room the largest power of two up to `size` and 8; of shared room the least from `size` up to 16.

    Source: what GNU as makes (`s_lcomm_internal`), and what it writes for a common symbol (`elf_common_parse`).
    """
    if is_local:
        return min(1 << max(0, size.bit_length() - 1), 8)
    return min(1 << max(0, size - 1).bit_length(), 16)


def thumb_set(assembly: Assembly, statement: Statement) -> None:
    """`.thumb_set NAME, VALUE`: as `.set`, and NAME is a function of T32."""
    assign(once=False)(assembly, statement)
    symbol = assembly.symbols.get(symbol_name(*split_arguments(statement.rest)[0]))
    symbol.kind = "function"
    value = symbol.expression
    if not isinstance(value, SymbolRef) or assembly.is_defined(value.name):
        # Of a name that is not defined yet GNU as takes the instruction set from the definition, too.
        symbol.label_bit = max(s.pointer_bit for s in assembly.target.instruction_sets)


def syntax(assembly: Assembly, statement: Statement) -> None:
    """`.syntax unified`, or `.syntax divided` for the spellings before it."""
    word = statement.rest.strip().lower()
    if word not in ("unified", "divided"):
        raise SourceError(f"cannot read '{statement.rest.strip()}' syntax", 0, "write .syntax unified")
    assembly.is_divided = word == "divided"
