"""Disassembly as lines of text: of words, and of the code of an ELF file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from ...isa.errors import TraplineError
from .code_sections import CodeFile, CodeSection, Relocation, read_code
from .disassembler import Disassembled, Disassembler
from .fields import field_lines
from .source_lines import SourceLine, Sources

ZEROS = "     ..."
"""Stands for a run of zeros."""
SKIPPED_ZEROS = 8
"""Bytes: shorter runs of zeros are written out."""
_ROW = 16


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a file is listed: sections by name (all code where there is none), and what stands beside the code."""

    sections: tuple[str, ...] = ()
    relocations: bool = False
    lines: bool = False
    source: bool = False
    fields: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A piece of a section: an instruction, or up to 16 bytes of data (`instruction_set` is empty).

    `symbol` is the label nearest to the instruction's `target` and the distance, or what a relocation puts there.
    """

    address: int
    data: bytes
    text: str
    instruction_set: str
    instruction: Disassembled | None
    labels: tuple[str, ...]
    symbol: tuple[str, int] | None
    relocations: tuple[Relocation, ...]
    line: SourceLine | None


def parse_words(
    disassembler: Disassembler, words: Sequence[str], address: int, instruction_set: str
) -> Iterator[Disassembled]:
    """What each word in hexadecimal says.  Raises TraplineError for what is not one."""
    chosen = disassembler.instruction_set(instruction_set)
    for text in words:
        digits = text.removeprefix("0x").replace("_", "")
        try:
            word = int(digits, 16)
        except ValueError as error:
            raise TraplineError(f"'{text}' is not a hexadecimal number", "write 4e800020") from error
        size = max(chosen.alignment, (len(digits) + 1) // 2)
        if size > 4 or word < 0:
            raise TraplineError(f"'{text}' is longer than an instruction", "give one instruction for each --hex")
        yield disassembler.word(word, size, address, chosen)
        address += size


def list_words(
    disassembler: Disassembler, words: Sequence[str], address: int, instruction_set: str, fields: bool = False
) -> Iterator[str]:
    """A line for each word in hexadecimal, and its `fields` below.  Raises TraplineError for what is not one."""
    for found in parse_words(disassembler, words, address, instruction_set):
        yield format_line(found)
        if fields:
            yield from field_lines(disassembler, found)


def list_elf(disassembler: Disassembler, data: bytes, name: str, wanted: Wanted | None = None) -> Iterator[str]:
    """The code of an ELF file with its labels; mapping symbols say which parts are code.

    Raises TraplineError if it is not an ELF file, or has no section of a name that is asked for.
    """
    wanted = wanted or Wanted()
    file = read_code(data, name, disassembler)
    sources = Sources()
    for section in chosen_sections(file, wanted, name):
        yield f"section {section.name}"
        yield from _without_zeros(_lines(disassembler, entries(disassembler, file, section), wanted, sources))


def chosen_sections(file: CodeFile, wanted: Wanted, name: str) -> list[CodeSection]:
    """The sections to list.  Raises TraplineError for a name that the file does not have."""
    for asked in wanted.sections:
        known = [section.name for section in file.sections]
        if asked not in known:
            raise TraplineError(f"{name} has no section '{asked}' with contents", "it has: " + ", ".join(known))
    if wanted.sections:
        return [section for section in file.sections if section.name in wanted.sections]
    return [section for section in file.sections if section.is_code]


def entries(disassembler: Disassembler, file: CodeFile, section: CodeSection) -> Iterator[Entry]:
    """The pieces of a section in order; without mapping symbols a code section is code of the first set."""
    cuts = sorted({section.address, section.end,
                   *(a for a in (*section.labels, *section.marks) if section.address < a < section.end)})
    kind = disassembler.instruction_set().name if section.is_code else ""
    for first, last in pairwise(cuts):
        kind = section.marks.get(first, kind)
        part = section.data[first - section.address : last - section.address]
        if kind:
            chosen = disassembler.instruction_set(kind)
            for one in disassembler.run(part, first, chosen, file.big_endian):
                yield _code(file, section, one, part[one.address - first :][: one.size], kind)
        else:
            for offset in range(0, len(part), _ROW):
                row, address = part[offset : offset + _ROW], first + offset
                yield Entry(address, row, ".byte " + ", ".join(f"{b:#04x}" for b in row), "", None,
                            tuple(section.labels.get(address, ())), None,
                            tuple(section.relocations_in(address, len(row))), None)


def _code(file: CodeFile, section: CodeSection, one: Disassembled, data: bytes, kind: str) -> Entry:
    relocations = tuple(section.relocations_in(one.address, one.size))
    symbol = None
    if one.target is not None:
        # Where a linker still fills the target in, its relocation says more than the bits.
        symbol = (relocations[0].symbol, relocations[0].addend or 0) if relocations else file.named(one.target, section)
    return Entry(one.address, data, one.text, kind, one, tuple(section.labels.get(one.address, ())), symbol,
                 relocations, section.lines.get(one.address))


def format_line(found: Disassembled, symbol: tuple[str, int] | None = None) -> str:
    """Address, word, text; and, as a comment, the symbol of its target or why the text is a plain number."""
    notes = []
    if symbol is not None:
        name, distance = symbol
        notes.append(f"<{name}{f'{distance:+#x}' if distance else ''}>")
    if found.reason:
        notes.append(found.reason)
    comment = f"  /* {'; '.join(notes)} */" if notes else ""
    return f"{found.address:8x}:  {found.word:0{2 * found.size}x}  {found.text}{comment}"


Line = tuple[str, bool, int]
"""A line, whether it holds zeros only, and its size in bytes."""


def _lines(
    disassembler: Disassembler, found: Iterable[Entry], wanted: Wanted, sources: Sources
) -> Iterator[Line]:
    shown: SourceLine | None = None
    for entry in found:
        for label in entry.labels:
            yield f"{label}:", False, 0
        if entry.line not in (None, shown) and (wanted.lines or wanted.source):
            assert entry.line is not None
            shown = entry.line
            text = sources.text(entry.line) if wanted.source else ""
            yield f"; {entry.line.file}:{entry.line.line}" + (f"  {text.strip()}" if text else ""), False, 0
        if entry.instruction is None:
            yield f"{entry.address:8x}:  {entry.text}", not any(entry.data), len(entry.data)
        else:
            yield format_line(entry.instruction, entry.symbol), entry.instruction.word == 0, len(entry.data)
            if wanted.fields:
                yield from ((text, False, 0) for text in field_lines(disassembler, entry.instruction))
        if wanted.relocations:
            for one in entry.relocations:
                yield f"{one.address:16x}:  {one}", False, 0


def _without_zeros(lines: Iterable[Line]) -> Iterator[str]:
    """The lines; a run of those that hold zeros, together at least SKIPPED_ZEROS bytes long, becomes one mark."""
    for is_zero, run in groupby(lines, key=lambda line: line[1]):
        found = list(run)
        if is_zero and sum(size for _, _, size in found) >= SKIPPED_ZEROS:
            yield ZEROS
        else:
            yield from (text for text, _, _ in found)
