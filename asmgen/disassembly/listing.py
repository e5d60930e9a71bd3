"""Disassembly as lines of text: of words, and of the code of an ELF file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from msgspec import Struct

from ...isa.errors import TraplineError
from .code_sections import CodeFile, CodeSection, Relocation, read_code
from .disassembler import Disassembled, Disassembler, Row
from .source_lines import SourceLine, Sources
from .zeros import Zeros

_ROW = 16


class Wanted(Struct, frozen=True):
    """What of a file is listed: sections by name (all code where there is none), and what stands beside the code."""

    sections: tuple[str, ...] = ()
    relocations: bool = False
    lines: bool = False
    source: bool = False
    fields: bool = False

    @property
    def has_more(self) -> bool:
        """Whether lines stand below those of code."""
        return self.fields or self.relocations


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
        yield from _lines(disassembler, file, section, wanted, sources)


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


def _lines(
    disassembler: Disassembler, file: CodeFile, section: CodeSection, wanted: Wanted, sources: Sources
) -> Iterator[str]:
    zeros = Zeros()
    comments = _Comments(file, section)
    is_plain = not (wanted.has_more or wanted.lines or wanted.source)
    for first, part, kind in _parts(disassembler, section):
        # What has a label begins a part.
        for label in section.labels.get(first, ()):
            yield from zeros.end()
            yield f"{label}:"
        if kind and is_plain:
            yield from _plain_lines(disassembler.rows(part, first, disassembler.instruction_set(kind), file.big_endian),
                                    comments, zeros)
            continue
        if kind:
            yield from _lines_of_code(disassembler, file, section, wanted, sources, zeros, comments,
                                      (first, part, kind))
            continue
        for address, data in _rows_of_data(part, first):
            line = f"{address:8x}:  {_data_text(data)}"
            if not any(data):
                zeros.add(line, len(data))
            else:
                yield from zeros.end()
                yield line
            if wanted.has_more:
                yield from _beside(zeros, _below(disassembler, section, None, address, len(data), wanted))
    yield from zeros.end()


class _Comments(dict[int, str]):
    """What stands behind instructions that have a target, by the target."""

    def __init__(self, file: CodeFile, section: CodeSection) -> None:
        super().__init__()
        self._file, self._section = file, section

    def __missing__(self, target: int) -> str:
        symbol = self._file.named(target, self._section)
        comment = self[target] = _comment(symbol, "") if symbol is not None else ""
        return comment

    def of(self, address: int, size: int, reason: str, target: int | None) -> str:
        """The comment of one instruction."""
        if target is None:
            return _comment(None, reason)
        relocations = self._section.relocations_in(address, size) if self._section.relocations else ()
        if not relocations and not reason:
            return self[target]
        symbol = _symbol_of(self._file, self._section, target, relocations)
        return _comment(symbol, reason) if symbol is not None or reason else ""


def _plain_lines(rows: Iterable[Row], comments: _Comments, zeros: Zeros) -> list[str]:
    """The lines of code with nothing beside them."""
    lines: list[str] = []
    add = lines.append
    for address, word, size, text, _, reason, target in rows:
        if target is not None or reason:
            text += comments.of(address, size, reason, target)
        if not word:
            zeros.add(f"{address:8x}:  {word:0{2 * size}x}  {text}", size)
            continue
        if zeros.lines:
            lines += zeros.end()
        if size == 4:
            add(f"{address:8x}:  {word:08x}  {text}")
        else:
            add(f"{address:8x}:  {word:0{2 * size}x}  {text}")
    return lines


def _lines_of_code(
    disassembler: Disassembler, file: CodeFile, section: CodeSection, wanted: Wanted, sources: Sources, zeros: Zeros,
    comments: _Comments, what: tuple[int, bytes, str]
) -> Iterator[str]:
    first, part, kind = what
    shown: SourceLine | None = None
    has_source, has_more = wanted.lines or wanted.source, wanted.has_more
    for row in disassembler.rows(part, first, disassembler.instruction_set(kind), file.big_endian):
        address, word, size, text, _, reason, target = row
        if has_source and (line := section.lines.get(address)) is not None and line != shown:
            shown = line
            source = sources.text(line) if wanted.source else ""
            yield from _beside(zeros, [f"; {line.file}:{line.line}" + (f"  {source.strip()}" if source else "")])
        if target is not None or reason:
            text += comments.of(address, size, reason, target)
        if word:
            if zeros.lines:
                yield from zeros.end()
            yield f"{address:8x}:  {word:08x}  {text}" if size == 4 else f"{address:8x}:  {word:0{2 * size}x}  {text}"
        else:
            zeros.add(f"{address:8x}:  {word:0{2 * size}x}  {text}", size)
        if has_more:
            yield from _beside(zeros, _below(disassembler, section, Disassembled(*row), address, size, wanted))


def _beside(zeros: Zeros, lines: Iterable[str]) -> Iterator[str]:
    """Lines that end a run of zeros, if there are any."""
    for line in lines:
        yield from zeros.end()
        yield line


def _below(
    disassembler: Disassembler, section: CodeSection, one: Disassembled | None, address: int, size: int, wanted: Wanted
) -> Iterator[str]:
    """The lines below an instruction or data: fields and relocations, if they are wanted."""
    if one is not None and wanted.fields:
        from .fields import field_lines

        yield from field_lines(disassembler, one)
    if wanted.relocations:
        yield from (f"{found.address:16x}:  {found}" for found in section.relocations_in(address, size))
