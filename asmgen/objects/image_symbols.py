"""The symbols of a program as the ELF file shows them, and where it starts."""

from __future__ import annotations

from ..expressions.evaluation import evaluate_number
from ..expressions.tree import SymbolRef
from ..layout.assembly import Assembly
from ..layout.sections import Section
from ..layout.symbol import Binding, Symbol
from ..text.diagnostics import Diagnostic, SourceError
from .program import ImageSymbol


def image_symbols(assembly: Assembly) -> list[ImageSymbol]:
    """The symbols that the ELF file shows.  Errors go to the reporter."""
    found: list[ImageSymbol] = []
    for number, symbol in assembly.symbols.files():
        is_shared = symbol.binding is not Binding.LOCAL
        if symbol.is_temporary or (is_shared and assembly.symbols.shared(symbol.name) is not symbol):
            continue
        try:
            value = assembly.symbols.value_of(symbol)
            size = 0
            if symbol.size is not None:
                size = evaluate_number(symbol.size, assembly.symbols.address, None)
        except SourceError as error:
            if symbol.place is not None:
                assembly.report(symbol.place, error)
            continue
        if not isinstance(value, int):
            continue
        if symbol.section is not None and not symbol.section.allocated:
            continue
        bit = assembly.symbols.pointer_bit(SymbolRef(symbol.name, 0, number))
        found.append(_symbol(symbol, value | bit, size, assembly.target.elf.bits))
    return found


def _symbol(symbol: Symbol, value: int, size: int, bits: int) -> ImageSymbol:
    section = symbol.section.name if symbol.section is not None else ""
    value &= (1 << bits) - 1
    return ImageSymbol(symbol.name, value, max(0, size), symbol.binding.value, symbol.kind, section)


def entry_address(assembly: Assembly, name: str, sections: list[Section]) -> int:
    """The value of the entry symbol; without one, the start of the first code."""
    symbol = assembly.symbols.shared(name)
    if symbol is None:
        own = [s for _, s in assembly.symbols.files() if s.name == name]
        symbol = own[0] if own else None
    if symbol is None:
        code = [s.address or 0 for s in sections if s.executable]
        return code[0] if code else 0
    value = assembly.symbols.value_of(symbol)
    if isinstance(value, int):
        return value | symbol.pointer_bit
    assembly.reporter.add(Diagnostic(f"the entry symbol '{name}' has no address", symbol.place))
    return 0
