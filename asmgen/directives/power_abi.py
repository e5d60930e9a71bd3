"""Directives of the Power ABIs: the TOC, entry points of ELFv2, the version of the ABI."""

from __future__ import annotations

from ..expressions.tree import SymbolRef, with_here
from ..expressions.values import NotKnownYet
from ..layout.assembly import Assembly
from ..layout.sections import Datum
from ..text.arguments import split_arguments
from ..text.diagnostics import SourceError
from ..text.source import Statement
from .symbols import symbol_name


def local_entry(assembly: Assembly, statement: Statement) -> None:
    """`.localentry NAME, OFFSET`: where callers with the same TOC enter a function (ELF V2 ABI, 3.4.1).

    A file that says so is one of ELFv2.
    """
    pieces = split_arguments(statement.rest)
    if len(pieces) != 2:
        raise SourceError(".localentry takes a function and an offset", 0, "write .localentry NAME, .-NAME")
    expression = assembly.expressions.read_all(statement.rest, pieces[1][1])
    here = assembly.symbols.here_label(assembly.section, statement.place())
    symbol = assembly.symbols.get(symbol_name(*pieces[0]))
    assembly.abi_version = assembly.abi_version or 2
    # Without a distance there is one entry for all callers, as without the directive.
    entry = with_here(expression, SymbolRef(here, 0, assembly.symbols.scope))
    try:
        is_distant = assembly.early(entry) != 0
    except NotKnownYet:
        is_distant = True
    symbol.local_entry = entry if is_distant else None


def abi_version(assembly: Assembly, statement: Statement) -> None:
    """`.abiversion N`: 1 is ELFv1, 2 is ELFv2; goes into the ELF header's flags."""
    version = assembly.number(statement, statement.rest, 0)
    if version not in (0, 1, 2):
        raise SourceError(f"there is no version {version} of the ABI", 0, "1 is ELFv1, 2 is ELFv2")
    assembly.abi_version = version


def machine(assembly: Assembly, statement: Statement) -> None:
    """`.machine NAME`, `.arch NAME`: decides what fills gaps in code; which instructions there are, `--arch` says."""
    name = statement.rest.strip().strip('"').lower()
    if name == "push":
        assembly.machines.append(assembly.machine)
    elif name == "pop":
        if not assembly.machines:
            raise SourceError(f"{statement.word} pop without {statement.word} push")
        assembly.machine = assembly.machines.pop()
    elif name not in assembly.instruction_set.machine_additions:
        assembly.machine = name.partition("+")[0]


def object_machine(assembly: Assembly, statement: Statement) -> None:
    """`.object_arch NAME`: the machine that the object is said to be for, whatever its instructions need."""
    assembly.object_machine = statement.rest.strip().strip('"').lower()


def toc_entry(assembly: Assembly, statement: Statement) -> None:
    """`.tc NAME[TC], VALUE`: an entry of the table of contents; the name says only what it is for."""
    name, comma, _ = statement.rest.partition(",")
    if not comma:
        raise SourceError(".tc takes a name and a value", 0, "write .tc NAME[TC], NAME")
    width = assembly.target.elf.bits // 8
    assembly.section.pad(width, b"\0", width)
    expression = assembly.expressions.read_all(statement.rest, len(name) + 1)
    assembly.section.append(Datum(expression, width, statement, len(name) + 1), width)
