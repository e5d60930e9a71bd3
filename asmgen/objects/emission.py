"""The last pass: items become bytes, and what has been laid out becomes a `Program`."""

from __future__ import annotations

from ..expressions.evaluation import evaluate_number
from ..layout.assembly import Assembly
from ..layout.operand_values import Values
from ..layout.ranges import check_code_address, check_width, leb128_bytes
from ..layout.sections import Code, Datum, Gap, Item, Leb128, Mark, Origin, Padding, Raw, Section
from ..target.byte_order import byte_order
from ..target.padding import repeat
from ..text.diagnostics import SourceError
from .frame_entries import frame_entries
from .image_symbols import entry_address, image_symbols
from .mapping_symbols import MappingSymbols
from .program import ImageSection, ImageSymbol, LineRow, Program


class Emitter:
    """Emits the sections of an assembly that has been laid out; errors go to its reporter."""

    def __init__(self, assembly: Assembly) -> None:
        self._assembly = assembly
        self.files: dict[str, int] = {}
        self.lines: list[LineRow] = []
        self.mapping: list[ImageSymbol] = []

    def section(self, section: Section) -> ImageSection:
        """The bytes of a section, with its rows of the line table and its mapping symbols."""
        out = bytearray()
        if not section.nobits:
            base = section.address or 0
            marks = MappingSymbols(section, self._assembly.target.data_mapping_symbol if section.executable else "")
            for item in section.items:
                if isinstance(item, Mark):
                    continue
                marks.add(item)
                if isinstance(item, Code) and section.executable:
                    self._add_line(item, base)
                if item.size or isinstance(item, Datum):
                    out += self.item_bytes(item, section)
            self.mapping += [ImageSymbol(name, base + offset, 0, "local", "mapping", section.name)
                             for offset, name in marks.found()]
        return ImageSection(section.name, section.address or 0, bytes(out), section.size, section.needed_alignment,
                            section.flags, section.nobits, section.kind, section.linked_to)

    def _add_line(self, item: Code, base: int) -> None:
        line = item.statement.line
        if line.debug_file:
            file = self.files.setdefault(line.debug_file, len(self.files))
            self.lines.append(LineRow(base + item.offset, item.size, file, line.debug_line))

    def item_bytes(self, item: Item, section: Section) -> bytes | bytearray:
        """The bytes of an item of `section`; zeros where it is wrong, which is reported."""
        assembly = self._assembly
        if isinstance(item, Raw):
            return item.data
        if isinstance(item, Padding):
            return repeat(item.fill, item.size)
        if isinstance(item, Origin):
            return bytes([item.fill]) * item.size
        if isinstance(item, Gap):
            return repeat(item.fill, item.size)
        here = (section.address or 0) + item.offset
        try:
            if isinstance(item, Code):
                check_code_address(here, item.instruction_set.alignment)
                if isinstance(item.content, bytes):
                    return item.content
            if isinstance(item, Datum) and not item.width:
                # Says only that something is needed, which matters to a linker.
                return b""
            if isinstance(item, Datum):
                value = assembly.symbols.pointer(item.expression, here)
                order = byte_order(assembly.big_endian)
                return check_width(value, item.width, item.column).to_bytes(item.width, order)
            if isinstance(item, Leb128):
                value = evaluate_number(item.expression, assembly.symbols.address, here)
                return leb128_bytes(value, item.signed, item.column, item.size)
            if isinstance(item, Code) and not isinstance(item.content, bytes):
                return item.content.encode(here, Values(assembly.symbols, here), item.size)
        except SourceError as error:
            if isinstance(item, (Code, Datum, Leb128)):
                assembly.report(item.statement.place(error.offset), error)
        return bytes(item.size)


def program_of(assembly: Assembly, entry_symbol: str) -> Program:
    """The program that a laid-out assembly makes.  Errors go to the reporter."""
    emitter = Emitter(assembly)
    used = [s for s in assembly.sections.values() if s.size or s.items]
    placed = sorted((s for s in used if s.allocated), key=lambda s: (s.address or 0, s.order))
    images = [emitter.section(s) for s in placed]
    others = [emitter.section(s) for s in used if not s.allocated]
    symbols = image_symbols(assembly)
    entry = entry_address(assembly, entry_symbol, placed)
    frames = frame_entries(assembly, placed, symbols, entry)
    return Program(tuple(images), tuple(others), (*emitter.mapping, *symbols), tuple(emitter.lines),
                   tuple(emitter.files), tuple(frames), entry, assembly.big_endian, assembly.abi_version)
