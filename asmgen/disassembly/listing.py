"""Disassembly as lines of text: of words, and of the code of an ELF file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from msgspec import Struct

from ...isa.errors import TraplineError
from .code_sections import CodeFile, CodeSection, Relocation, read_code
from .disassembler import Disassembled, Disassembler
from .source_lines import SourceLine, Sources

ZEROS = "     ..."
"""Stands for a run of zeros."""
SKIPPED_ZEROS = 8
"""Bytes: shorter runs of zeros are written out."""
_ROW = 16


class Wanted(Struct, frozen=True):
    """What of a file is listed: sections by name (all code where there is none), and what stands beside the code."""

    sections: tuple[str, ...] = ()
    relocations: bool = False
    lines: bool = False
    source: bool = False
    fields: bool = False


class Entry(Struct, frozen=True):
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
            from .fields import field_lines

            yield from field_lines(disassembler, found)


def list_elf(disassembler: Disassembler, data: bytes, name: str, wanted: Wanted | None = None) -> Iterator[str]:
    """The code of an ELF file with its labels; mapping symbols say which parts are code.

    Raises TraplineError if it is not an ELF file, or has no section of a name that is asked for.
    """
    wanted = wanted or Wanted()
    file = read_code(data, name, disassembler, wanted.lines or wanted.source)
    sources = Sources()
    for section in chosen_sections(file, wanted, name):
        yield f"section {section.name}"
        yield from _without_zeros(_lines(disassembler, file, section, wanted, sources))


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
    for first, part, kind in _parts(disassembler, section):
        if kind:
            for one in disassembler.run(part, first, disassembler.instruction_set(kind), file.big_endian):
                yield _code(file, section, one, part[one.address - first :][: one.size], kind)
        else:
            for address, row in _rows_of_data(part, first):
                yield Entry(address, row, _data_text(row), "", None, tuple(section.labels.get(address, ())), None,
                            tuple(section.relocations_in(address, len(row))), None)


def _parts(disassembler: Disassembler, section: CodeSection) -> Iterator[tuple[int, bytes, str]]:
    """Address and contents of what stands between two labels or marks, and its instruction set (empty for data)."""
    cuts = sorted({section.address, section.end,
                   *(a for a in (*section.labels, *section.marks) if section.address < a < section.end)})
    kind = disassembler.instruction_set().name if section.is_code else ""
    for first, last in pairwise(cuts):
        kind = section.marks.get(first, kind)
        yield first, section.data[first - section.address : last - section.address], kind


def _rows_of_data(part: bytes, first: int) -> Iterator[tuple[int, bytes]]:
    for offset in range(0, len(part), _ROW):
        yield first + offset, part[offset : offset + _ROW]


def _data_text(row: bytes) -> str:
    return ".byte " + ", ".join(f"{b:#04x}" for b in row)


def _code(file: CodeFile, section: CodeSection, one: Disassembled, data: bytes, kind: str) -> Entry:
    relocations = tuple(section.relocations_in(one.address, one.size))
    symbol = _symbol_of(file, section, one.target, relocations) if one.target is not None else None
    return Entry(one.address, data, one.text, kind, one, tuple(section.labels.get(one.address, ())), symbol,
                 relocations, section.lines.get(one.address))


def _symbol_of(
    file: CodeFile, section: CodeSection, target: int, relocations: Sequence[Relocation]
) -> tuple[str, int] | None:
    """What a target is called: where a linker still fills it in, its relocation says more than the bits."""
    return (relocations[0].symbol, relocations[0].addend or 0) if relocations else file.named(target, section)


def format_line(found: Disassembled, symbol: tuple[str, int] | None = None) -> str:
    """Address, word, text; and, as a comment, the symbol of its target or why the text is a plain number."""
    return (f"{found.address:8x}:  {found.word:0{2 * found.size}x}  {found.text}"
            + (_comment(symbol, found.reason) if symbol is not None or found.reason else ""))


def _comment(symbol: tuple[str, int] | None, reason: str) -> str:
    notes = []
    if symbol is not None:
        name, distance = symbol
        notes.append(f"<{name}{f'{distance:+#x}' if distance else ''}>")
    if reason:
        notes.append(reason)
    return f"  /* {'; '.join(notes)} */"


Line = tuple[str, int]
"""A line, and how many bytes of zeros it shows if it shows nothing else."""


def _lines(
    disassembler: Disassembler, file: CodeFile, section: CodeSection, wanted: Wanted, sources: Sources
) -> Iterator[Line]:
    shown: SourceLine | None = None
    below = wanted.fields or wanted.relocations
    for first, part, kind in _parts(disassembler, section):
        # What has a label begins a part.
        for label in section.labels.get(first, ()):
            yield f"{label}:", 0
        if not kind:
            for address, data in _rows_of_data(part, first):
                yield f"{address:8x}:  {_data_text(data)}", 0 if any(data) else len(data)
                if below:
                    yield from _below(disassembler, section, None, address, len(data), wanted)
            continue
        for row in disassembler.rows(part, first, disassembler.instruction_set(kind), file.big_endian):
            address, word, size, text, _, reason, target = row
            line = section.lines.get(address)
            if line is not None and line != shown and (wanted.lines or wanted.source):
                shown = line
                source = sources.text(line) if wanted.source else ""
                yield f"; {line.file}:{line.line}" + (f"  {source.strip()}" if source else ""), 0
            if target is not None:
                symbol = _symbol_of(file, section, target, section.relocations_in(address, size))
                text += _comment(symbol, reason) if symbol is not None or reason else ""
            elif reason:
                text += _comment(None, reason)
            yield f"{address:8x}:  {word:0{2 * size}x}  {text}", 0 if word else size
            if below:
                yield from _below(disassembler, section, Disassembled(*row), address, size, wanted)


def _below(
    disassembler: Disassembler, section: CodeSection, one: Disassembled | None, address: int, size: int, wanted: Wanted
) -> Iterator[Line]:
    """The lines below an instruction or data: fields and relocations, if they are wanted."""
    if one is not None and wanted.fields:
        from .fields import field_lines

        yield from ((text, 0) for text in field_lines(disassembler, one))
    if wanted.relocations:
        yield from ((f"{found.address:16x}:  {found}", 0) for found in section.relocations_in(address, size))


def _without_zeros(lines: Iterable[Line]) -> Iterator[str]:
    """The lines; a run of those that hold zeros, together at least SKIPPED_ZEROS bytes long, becomes one mark."""
    held: list[str] = []
    zeros = 0
    for text, size in lines:
        if size:
            held.append(text)
            zeros += size
            continue
        if held:
            yield from [ZEROS] if zeros >= SKIPPED_ZEROS else held
            held, zeros = [], 0
        yield text
    yield from [ZEROS] if zeros >= SKIPPED_ZEROS else held
