"""Directives about sections and memory: `.section` and friends, `.place`, `.memory`, literal pools."""

from __future__ import annotations

from collections.abc import Callable

from ..layout.assembly import Assembly
from ..layout.sections import Section
from ..text.arguments import split_arguments, unquoted
from ..text.diagnostics import SourceError
from ..text.source import Statement


def _enter(assembly: Assembly, section: Section) -> None:
    if section is not assembly.section:
        assembly.previous_section = assembly.section
        assembly.section = section


def standard(name: str) -> Callable[[Assembly, Statement], None]:
    """`.text`, `.data`, `.bss`, `.rodata`."""

    def put(assembly: Assembly, statement: Statement) -> None:
        if statement.rest.strip() not in ("", "0"):
            raise SourceError("subsections are not known here", 0, "use a section of its own")
        _enter(assembly, assembly.enter_section(name))

    return put


def section(assembly: Assembly, statement: Statement) -> None:
    """`.section NAME, "FLAGS", @TYPE`."""
    pieces = split_arguments(statement.rest)
    if not pieces or not unquoted(pieces[0][0]):
        raise SourceError(".section needs a name")
    name = unquoted(pieces[0][0])
    flags: str | None = None
    if len(pieces) > 1:
        written = unquoted(pieces[1][0]) if pieces[1][0].startswith('"') else _spelled_out(*pieces[1])
        if set(written) - set(_LETTERS):
            raise SourceError(f"cannot read the flags '{written}'", pieces[1][1],
                              "a: in memory, w: writable, x: code, M: merged, S: strings, G: group, e: excluded, "
                              "R: kept, o: linked, T: thread-local")
        flags = "".join(letter for letter in _LETTERS if letter in written)
    rest = pieces[2:]
    kind = _kind(*rest.pop(0)) if rest and rest[0][0][:1] in "@%" else ""
    known = assembly.sections.get(name)
    if known is not None and flags is not None and set(flags) != set(known.flags):
        raise SourceError(f"section {name} has the flags \"{known.flags}\" already", pieces[1][1],
                          "leave the flags away when a section is entered again")
    section = assembly.enter_section(name, flags, (kind == "nobits") if kind else None)
    section.kind = kind or section.kind
    if flags and "M" in flags and rest:
        section.entry_size = assembly.number(statement, *rest.pop(0))
    if flags and "o" in flags and rest:
        section.linked_to = unquoted(rest.pop(0)[0])
    if flags and "G" in flags:
        if not rest:
            raise SourceError("a section of a group names the group", 0,
                              'write .section NAME, "axG", @progbits, GROUP, comdat')
        section.group = unquoted(rest[0][0])
    _enter(assembly, section)


_LETTERS = "awxMSGToeR"
_WORDS = {"alloc": "a", "write": "w", "execinstr": "x", "exclude": "e", "tls": "T"}
_KINDS = ("progbits", "nobits", "note", "init_array", "fini_array", "preinit_array")


def _spelled_out(text: str, offset: int) -> str:
    """Flags as words: `#alloc, #write` (GNU as manual, ".section": the Solaris form)."""
    word = text.lstrip("#").lower()
    if not text.startswith("#") or word not in _WORDS:
        raise SourceError(f"cannot read the flags '{text}'", offset, 'write them as "ax", or #alloc, #execinstr')
    return _WORDS[word]


def _kind(text: str, offset: int) -> str:
    kind = text[1:].lower()
    if kind not in _KINDS and not kind[:1].isdigit():
        raise SourceError(f"there is no type of section '{text[1:]}'", offset, "use " + ", ".join(_KINDS))
    return kind


def push_section(assembly: Assembly, statement: Statement) -> None:
    """`.pushsection NAME …`: enter a section and remember this one."""
    if len(assembly.section_stack) >= 100:
        raise SourceError("more than 100 sections are pushed", 0, "a .popsection is missing")
    assembly.section_stack.append(assembly.section)
    section(assembly, statement)


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
