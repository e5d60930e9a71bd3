"""Directives about sections and memory: `.section` and friends, `.place`, `.memory`, literal pools."""

from __future__ import annotations

from collections.abc import Callable

from ..layout.assembly import Assembly
from ..layout.sections import Section
from ..text.arguments import split_arguments, unquoted
from ..text.diagnostics import SourceError
from ..text.source import Statement
from .section_traits import SOLARIS_FLAGS, in_order, read_flags, read_kind

MAX_SUBSECTION = 8192
MAX_PUSHED = 100


def _enter(assembly: Assembly, section: Section) -> None:
    if section is not assembly.section:
        assembly.previous_section = assembly.section
        assembly.section = section


def standard(name: str) -> Callable[[Assembly, Statement], None]:
    """`.text`, `.data`, `.bss`, `.rodata`; behind them may stand the number of a subsection."""

    def put(assembly: Assembly, statement: Statement) -> None:
        number = assembly.number(statement, statement.rest, 0) if statement.rest.strip() else 0
        _enter(assembly, _part(assembly, assembly.enter_section(name), number))

    return put


def _part(assembly: Assembly, section: Section, number: int) -> Section:
    if not 0 <= number <= MAX_SUBSECTION:
        raise SourceError(f"there is no subsection {number}", 0, f"they are numbered 0..{MAX_SUBSECTION}")
    return assembly.subsection(section, number)


def subsection(assembly: Assembly, statement: Statement) -> None:
    """`.subsection NUMBER`: go on in another part of this section."""
    number = assembly.number(statement, statement.rest, 0)
    _enter(assembly, _part(assembly, assembly.section, number))


def section(assembly: Assembly, statement: Statement) -> None:
    """`.section NAME, "FLAGS", @TYPE`."""
    _enter(assembly, _named(assembly, statement, False))


def _named(assembly: Assembly, statement: Statement, is_pushed: bool) -> Section:
    """The section that the operands name; `.pushsection` allows the number of a subsection behind the name."""
    pieces = split_arguments(statement.rest)
    if not pieces or not unquoted(pieces[0][0]):
        raise SourceError(f"{statement.word} needs a name")
    name = unquoted(pieces[0][0])
    number = 0
    if is_pushed and len(pieces) > 1 and pieces[1][0][:1] not in ('"', "#"):
        number = assembly.number(statement, *pieces[1])
        del pieces[1]
    flags = read_flags(*pieces[1]) if len(pieces) > 1 else None
    rest = pieces[2:]
    while rest and flags is not None and pieces[1][0].startswith("#") and rest[0][0] in SOLARIS_FLAGS:
        flags = in_order(flags + read_flags(*rest.pop(0)))
    kind = read_kind(*rest.pop(0)) if rest and rest[0][0][:1] in ("@", "%", '"', "#") else ""
    entry_size, linked_to, group = 0, "", None if flags is None else ""
    if flags and "M" in flags and rest:
        entry_size = assembly.number(statement, *rest.pop(0))
    if flags and "o" in flags and rest:
        linked_to = unquoted(rest.pop(0)[0])
    if flags and "G" in flags:
        if not rest:
            raise SourceError("a section of a group names the group", 0,
                              'write .section NAME, "axG", @progbits, GROUP, comdat')
        group = unquoted(rest[0][0])
    found = assembly.enter_section(name, flags, (kind == "nobits") if kind else None, group)
    if flags and set(flags) != set(found.flags):
        raise SourceError(f"section {name} has the flags \"{found.flags}\" already", pieces[1][1],
                          "leave the flags away when a section is entered again")
    found.kind = kind or found.kind
    found.entry_size = entry_size or found.entry_size
    found.linked_to = linked_to or found.linked_to
    return _part(assembly, found, number)


def push_section(assembly: Assembly, statement: Statement) -> None:
    """`.pushsection NAME …`: enter a section and remember this one."""
    if len(assembly.section_stack) >= MAX_PUSHED:
        if not assembly.is_stack_full:
            assembly.is_stack_full = True
            raise SourceError(f"more than {MAX_PUSHED} sections are pushed", 0, "a .popsection is missing")
        return
    chosen = _named(assembly, statement, True)
    assembly.section_stack.append(assembly.section)
    _enter(assembly, chosen)


def pop_section(assembly: Assembly, statement: Statement) -> None:
    """`.popsection`: back to where `.pushsection` stood."""
    if not assembly.section_stack:
        raise SourceError(".popsection without .pushsection")
    _enter(assembly, assembly.section_stack.pop())


def previous(assembly: Assembly, statement: Statement) -> None:
    """`.previous`: the section before this one."""
    _enter(assembly, assembly.previous_section)


def place(assembly: Assembly, statement: Statement) -> None:
    """`.place SECTION, ADDRESS`: where the section goes in memory."""
    pieces = split_arguments(statement.rest)
    if len(pieces) == 1:
        pieces = [(word, statement.rest.find(word)) for word in statement.rest.split(maxsplit=1)]
    if len(pieces) != 2:
        raise SourceError(".place takes a section and an address", 0, "write .place .text, 0x100")
    name = unquoted(pieces[0][0])
    address = assembly.number(statement, *pieces[1])
    if not 0 <= address < 1 << assembly.target.elf.bits:
        raise SourceError(f"{address:#x} is not an address of {assembly.target.elf.bits} bits", pieces[1][1])
    known = assembly.placements.get(name)
    if known is not None and known[0] != address:
        raise SourceError(f"section {name} is already placed at {known[0]:#x} by {known[1]}", pieces[0][1])
    assembly.placements[name] = (address, statement.place())


def memory(assembly: Assembly, statement: Statement) -> None:
    """`.memory ORIGIN, LENGTH`: memory that the program may occupy; once said, all of it must fit."""
    pieces = split_arguments(statement.rest)
    if len(pieces) != 2:
        raise SourceError(".memory takes an origin and a length in bytes", 0, "write .memory 0, 0x100000")
    origin, length = (assembly.number(statement, *piece) for piece in pieces)
    if origin < 0 or length <= 0 or origin + length > 1 << assembly.target.elf.bits:
        raise SourceError("this memory does not lie in the address space", pieces[0][1])
    assembly.memory.append((origin, length))


def literal_pool(assembly: Assembly, statement: Statement) -> None:
    """`.ltorg`: put the literals that `=value` operands collected here."""
    assembly.dump_literals(assembly.section)
