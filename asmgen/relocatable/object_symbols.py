"""The symbol table of an object: mapping symbols, what the source defines, and what it leaves to other files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from ..expressions.tree import Expression
from ..layout.assembly import Assembly
from ..layout.sections import Section
from ..layout.symbol import Binding, Symbol
from ..text.diagnostics import SourceError
from .terms import Label, Sum, sum_of

_VISIBILITY = {"": 0, "internal": 1, "hidden": 2, "protected": 3}
_KINDS = {"": 0, "object": 1, "function": 2, "section": 3, "file": 4, "common": 5, "tls_object": 6,
          "gnu_indirect_function": 10}
_BINDINGS = {Binding.LOCAL: 0, Binding.GLOBAL: 1, Binding.WEAK: 2}
STT_FILE = 4
ABSOLUTE, SHARED, GROUP = "absolute", "common", "group"
"""In the place of a section: a plain number, storage that a linker shares, the group of the symbol's name."""


class ObjectSymbol(Struct, frozen=True):
    """An entry of the table; `section` None is undefined, else absolute, common or a section's name."""

    name: str
    value: int
    size: int
    binding: int
    kind: int
    other: int
    section: Section | str | None
    source: Symbol | None = None


def object_symbols(assembly: Assembly, referenced: set[int], made: list[Symbol]) -> list[ObjectSymbol]:
    """What the source defines, the symbols in `referenced` (by identity) that it does not, and those in `made`.

    Errors go to the reporter.
    """
    found: list[ObjectSymbol] = []
    symbols = [*assembly.symbols.all_symbols(), *made]
    foreign = {id(one): one for symbol in symbols if (one := _foreign(assembly, symbol)) is not None}
    known = {id(symbol) for symbol in symbols}
    symbols += [one for number, one in foreign.items() if number not in known]
    for symbol in symbols:
        is_named = id(symbol) in referenced or id(symbol) in foreign
        try:
            entry = _entry(assembly, symbol, is_named)
        except SourceError as error:
            if symbol.place is not None:
                assembly.report(symbol.place, error)
            continue
        if entry is not None:
            found.append(entry)
    return found


def group_symbols(groups: Iterable[str], symbols: Sequence[ObjectSymbol]) -> list[ObjectSymbol]:
    """Symbols for signatures of groups that no symbol is called by."""
    known = {symbol.name for symbol in symbols}
    return [ObjectSymbol(name, 0, 0, 0, 0, 0, GROUP, Symbol(name)) for name in groups if name not in known]


def _foreign(assembly: Assembly, symbol: Symbol) -> Symbol | None:
    """The symbol of another file that a local name is given to: the table has that one and not the name."""
    if symbol.expression is None or symbol.binding is not Binding.LOCAL:
        return None
    try:
        whole = _sum(assembly, symbol.expression)
    except SourceError:
        return None
    is_foreign = len(whole.plus) == 1 and not whole.minus and whole.plus[0].section is None
    return whole.plus[0].symbol if is_foreign else None


def _entry(assembly: Assembly, symbol: Symbol, is_referenced: bool) -> ObjectSymbol | None:
    if symbol.is_temporary and not is_referenced:
        return None
    size = _value(assembly, symbol.size) if symbol.size is not None else 0
    kind = _KINDS[symbol.kind]
    other = _VISIBILITY[symbol.visibility]
    if symbol.local_entry is not None and symbol.expression is None:
        other |= _local_entry(_value(assembly, symbol.local_entry))
    binding = _BINDINGS[symbol.binding]
    if symbol.common is not None and not symbol.defined:
        return ObjectSymbol(symbol.name, symbol.common[1], symbol.common[0], binding, kind, other, SHARED, symbol)
    if symbol.mark is not None and symbol.section is not None:
        value = symbol.mark.offset | symbol.pointer_bit
        return ObjectSymbol(symbol.name, value, size, binding, kind, other, symbol.section, symbol)
    if symbol.expression is None:
        is_asked_for = symbol.binding is Binding.GLOBAL or bool(symbol.visibility) or symbol.is_spoken_of
        if not is_referenced and not is_asked_for:
            return None
        return ObjectSymbol(symbol.name, 0, size, binding or 1, kind, other, None, symbol)
    if _foreign(assembly, symbol) is not None:
        return None
    whole = _sum(assembly, symbol.told or symbol.expression)
    if whole.is_number:
        return ObjectSymbol(symbol.name, whole.number, size, binding, kind, other, ABSOLUTE, symbol)
    if len(whole.plus) == 1 and not whole.minus and whole.plus[0].section is not None:
        label = whole.plus[0]
        code = label.code
        traits = code.traits if code is not None and symbol.takes_at_end else symbol.traits
        # A function is one, whatever else the source says of its other name; `.thumb_set` makes one of any place.
        kind = _KINDS["function"] if traits.kind == "function" else kind or _KINDS[traits.kind]
        bit = symbol.pointer_bit or (code.pointer_bit if code is not None and kind == _KINDS["function"] else 0)
        entry = symbol.local_entry or traits.local_entry
        if entry is not None:
            other |= _local_entry(_value(assembly, entry))
        if symbol.size is None and traits.size is not None:
            size = _value(assembly, traits.size)
        return ObjectSymbol(symbol.name, (label.offset + whole.constant) | bit, size, binding, kind, other,
                            label.section, symbol)
    raise SourceError(f"'{symbol.name}' is defined by what only a linker knows", 0,
                      "define it in the file that defines the symbol it is made of")


def _sum(assembly: Assembly, expression: Expression) -> Sum:
    return sum_of(expression, assembly.symbols, Label(None, None, 0))


def _value(assembly: Assembly, expression: Expression) -> int:
    whole = _sum(assembly, expression)
    if not whole.is_number:
        raise SourceError("this size is not known before linking", 0, "write . - NAME behind the object")
    return whole.number


def _local_entry(offset: int) -> int:
    """STO_PPC64_LOCAL: the offset's power of two in the top three bits (ELF V2 ABI, 3.4.1, "st_other")."""
    if offset == 1:
        return 1 << 5
    for code in range(2, 7):
        if offset == 1 << code:
            return code << 5
    if offset == 0:
        return 0
    raise SourceError(f"a local entry cannot lie {offset} bytes behind the function", 0,
                      "it may be 0, 4, 8, 16, 32 or 64")
