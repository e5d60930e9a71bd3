"""Directives about what a linker makes of symbols: shared storage, visibility, entry points of ELFv2."""

from __future__ import annotations

from collections.abc import Callable

from ..expressions.tree import SymbolRef, with_here
from ..layout.assembly import Assembly
from ..layout.sections import Datum
from ..layout.symbol import Binding
from ..text.arguments import split_arguments
from ..text.diagnostics import SourceError
from ..text.source import Statement
from .symbols import symbol_name


def common(assembly: Assembly, statement: Statement) -> None:
    """`.comm NAME, SIZE, ALIGNMENT`: storage that all files which ask for it share."""
    name, size, alignment = _storage(assembly, statement)
    symbol = assembly.symbols.get(name)
    if symbol.defined:
        raise SourceError(f"'{name}' is already defined at {symbol.place}", 0, "rename one of them")
    symbol.common = size, alignment
    symbol.kind = symbol.kind or "object"
    symbol.place = statement.place()
    if symbol.binding is Binding.LOCAL and symbol.mention is None:
        symbol.binding = Binding.GLOBAL


def local_common(assembly: Assembly, statement: Statement) -> None:
    """`.lcomm NAME, SIZE, ALIGNMENT`: storage of this file, in .bss."""
    name, size, alignment = _storage(assembly, statement)
    section = assembly.enter_section(".bss")
    section.pad(alignment, b"\0", alignment)
    assembly.symbols.define_label(name, section, statement.place(), 0)
    section.append_gap(size, statement)


def _storage(assembly: Assembly, statement: Statement) -> tuple[str, int, int]:
    pieces = split_arguments(statement.rest)
    if len(pieces) not in (2, 3):
        raise SourceError(f"{statement.word} takes a name, a size and perhaps an alignment", 0,
                          f"write {statement.word} NAME, SIZE, ALIGNMENT")
    size = assembly.number(statement, *pieces[1])
    alignment = assembly.number(statement, *pieces[2]) if len(pieces) == 3 else _usual_alignment(size)
    if size < 0 or alignment < 1 or alignment & (alignment - 1):
        raise SourceError(f"{size} bytes aligned to {alignment} cannot be reserved", pieces[1][1],
                          "the alignment is a power of two, in bytes")
    return symbol_name(*pieces[0]), size, alignment


def _usual_alignment(size: int) -> int:
    """The largest power of two up to 8 that the size holds (GNU as: the alignment of an object of that size)."""
    return next((a for a in (8, 4, 2) if size >= a), 1)


def visibility(name: str) -> Callable[[Assembly, Statement], None]:
    """`.hidden`, `.protected`, `.internal`."""

    def put(assembly: Assembly, statement: Statement) -> None:
        pieces = split_arguments(statement.rest)
        if not pieces:
            raise SourceError(f"{statement.word} needs the name of a symbol")
        for text, offset in pieces:
            symbol = assembly.symbols.get(symbol_name(text, offset))
            symbol.visibility = name
            symbol.mention = symbol.mention or statement.place(offset)

    return put


def local_entry(assembly: Assembly, statement: Statement) -> None:
    """`.localentry NAME, OFFSET`: where callers with the same TOC enter a function (ELF V2 ABI, 3.4.1)."""
    pieces = split_arguments(statement.rest)
    if len(pieces) != 2:
        raise SourceError(".localentry takes a function and an offset", 0, "write .localentry NAME, .-NAME")
    expression = assembly.expressions.read_all(statement.rest, pieces[1][1])
    here = assembly.symbols.here_label(assembly.section, statement.place())
    symbol = assembly.symbols.get(symbol_name(*pieces[0]))
    symbol.local_entry = with_here(expression, SymbolRef(here, 0, assembly.symbols.scope))


def abi_version(assembly: Assembly, statement: Statement) -> None:
    """`.abiversion N`: 1 is ELFv1, 2 is ELFv2; goes into the ELF header's flags."""
    version = assembly.number(statement, statement.rest, 0)
    if version not in (0, 1, 2):
        raise SourceError(f"there is no version {version} of the ABI", 0, "1 is ELFv1, 2 is ELFv2")
    assembly.abi_version = version


def toc_entry(assembly: Assembly, statement: Statement) -> None:
    """`.tc NAME[TC], VALUE`: an entry of the table of contents; the name says only what it is for."""
    name, comma, _ = statement.rest.partition(",")
    if not comma:
        raise SourceError(".tc takes a name and a value", 0, "write .tc NAME[TC], NAME")
    width = assembly.target.elf.bits // 8
    assembly.section.pad(width, b"\0", width)
    expression = assembly.expressions.read_all(statement.rest, len(name) + 1)
    assembly.section.append(Datum(expression, width, statement, len(name) + 1), width)
