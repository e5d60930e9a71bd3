"""Disassembly as lines of text: of words, and of an ELF file with its symbols."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from ...isa.errors import TraplineError
from .disassembler import Disassembled, Disassembler

SHF_EXECINSTR = 4
ZEROS = "     ..."
"""Stands for a run of zeros."""
SKIPPED_ZEROS = 8
"""Bytes: shorter runs of zeros are written out."""


def list_words(
    disassembler: Disassembler, words: Sequence[str], address: int, instruction_set: str
) -> Iterator[str]:
    """A line for each word in hexadecimal.  Raises TraplineError for what is not one."""
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
        yield format_line(disassembler.word(word, size, address, chosen))
        address += size


def list_elf(disassembler: Disassembler, data: bytes, name: str) -> Iterator[str]:
    """The code of an ELF file with its labels; mapping symbols say which parts are code.

    Raises TraplineError if it is not an ELF file.
    """
    try:
        elf = ELFFile(io.BytesIO(data))
        labels, marks = _symbols(elf, disassembler)
        for section in elf.iter_sections():
            if section["sh_flags"] & SHF_EXECINSTR and section["sh_type"] == "SHT_PROGBITS":
                yield f"section {section.name}"
                yield from _section(disassembler, section.data(), section["sh_addr"], labels, marks,
                                    not elf.little_endian)
    except ELFError as error:
        raise TraplineError(f"cannot read {name} as an ELF file: {error}") from error


def format_line(found: Disassembled) -> str:
    """Address, word, text, and the reason where the text is a plain number."""
    reason = f"  /* {found.reason} */" if found.reason else ""
    return f"{found.address:8x}:  {found.word:0{2 * found.size}x}  {found.text}{reason}"


def _symbols(elf: ELFFile, disassembler: Disassembler) -> tuple[dict[int, list[str]], dict[int, str]]:
    """Labels by address, and what mapping symbols begin there."""
    labels: dict[int, list[str]] = {}
    marks: dict[int, str] = {}
    table = elf.get_section_by_name(".symtab")
    if not isinstance(table, SymbolTableSection):
        return labels, marks
    mapping = disassembler.mapping_symbols()
    for symbol in table.iter_symbols():
        if symbol["st_shndx"] in ("SHN_UNDEF", "SHN_ABS") or not symbol.name:
            continue
        if symbol.name in mapping:
            marks[symbol["st_value"]] = mapping[symbol.name]
        else:
            # A function's lowest bit may tell its instruction set.
            is_function = symbol["st_info"]["type"] == "STT_FUNC"
            address = symbol["st_value"] & ~1 if is_function else symbol["st_value"]
            labels.setdefault(address, []).append(symbol.name)
    return labels, marks


def _section(
    disassembler: Disassembler, data: bytes, start: int, labels: dict[int, list[str]], marks: dict[int, str],
    big_endian: bool,
) -> Iterator[str]:
    end = start + len(data)
    cuts = sorted({start, end, *(a for a in (*labels, *marks) if start < a < end)})
    kind = disassembler.instruction_set().name
    for first, last in pairwise(cuts):
        for label in labels.get(first, ()):
            yield f"{label}:"
        kind = marks.get(first, kind)
        part = data[first - start : last - start]
        if kind:
            chosen = disassembler.instruction_set(kind)
            yield from _without_zeros(
                (format_line(found), found.word == 0, found.size)
                for found in disassembler.run(part, first, chosen, big_endian))
        else:
            rows = ((first + offset, part[offset : offset + 16]) for offset in range(0, len(part), 16))
            yield from _without_zeros(
                (f"{address:8x}:  .byte " + ", ".join(f"{b:#04x}" for b in row), not any(row), len(row))
                for address, row in rows)


def _without_zeros(lines: Iterable[tuple[str, bool, int]]) -> Iterator[str]:
    """The lines; a run of those that hold zeros, together at least SKIPPED_ZEROS bytes long, becomes one mark.

    Each line comes with whether it holds zeros only, and its size in bytes.
    """
    for is_zero, run in groupby(lines, key=lambda line: line[1]):
        found = list(run)
        if is_zero and sum(size for _, _, size in found) >= SKIPPED_ZEROS:
            yield ZEROS
        else:
            yield from (text for text, _, _ in found)
