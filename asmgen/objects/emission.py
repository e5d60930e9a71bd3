"""The last pass: items become bytes, and what has been laid out becomes a `Program`."""

from __future__ import annotations

from struct import Struct

from ..expressions.evaluation import evaluate_number
from ..layout.assembly import Assembly
from ..layout.code_runs import CodeRun, LateCode
from ..layout.operand_values import Values, pointer
from ..layout.ranges import check_code_address, check_width, leb128_bytes
from ..layout.sections import Code, Datum, Gap, Item, Leb128, Mark, Origin, Padding, Raw, Section
from ..layout.symbol import Binding
from ..target.byte_order import byte_order
from ..target.padding import repeat
from ..target.plans import Misfit
from ..text.diagnostics import SourceError
from .frame_entries import frame_entries
from .image_symbols import entry_address, image_symbols
from .mapping_symbols import MappingSymbols
from .program import ImageSection, ImageSymbol, LineRow, LineRows, Program


class Emitter:
    """Emits the sections of an assembly that has been laid out; errors go to its reporter."""

    def __init__(self, assembly: Assembly) -> None:
        self._assembly = assembly
        self.files: dict[str, int] = {}
        self.lines: list[LineRow | LineRows] = []
        self.mapping: list[ImageSymbol] = []
        self._place = ("", -1)
        self._sequences = 0

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
                if isinstance(item, CodeRun):
                    if section.executable:
                        self._add_lines(item, section, base)
                    out += self._run_bytes(item, section)
                    continue
                if isinstance(item, Code) and section.executable:
                    self._add_line(item, section, base)
                if item.size or isinstance(item, Datum):
                    out += self.item_bytes(item, section)
            self.mapping += [ImageSymbol(name, base + offset, 0, "local", "mapping", section.name)
                             for offset, name in marks.found()]
        return ImageSection(section.name, section.address or 0, bytes(out), section.size, section.needed_alignment,
                            section.flags, section.nobits, section.kind, section.linked_to)

    def _add_line(self, item: Code, section: Section, base: int) -> None:
        line = item.statement.line
        if line.debug_file:
            file = self.files.setdefault(line.debug_file, len(self.files))
            self.lines.append(LineRow(base + item.offset, item.size, file, line.debug_line,
                                      self._sequence(section, file)))

    def _add_lines(self, run: CodeRun, section: Section, base: int) -> None:
        if run.name:
            file = self.files.setdefault(run.name, len(self.files))
            lines = [row + run.ahead for row in run.rows]
            size, sizes = run.size, run.sizes
            if run.plain and sum(run.plain[-1]) == size:
                # Data behind the last instruction is no part of the sequence, unless another one follows.
                behind = run.plain[-1][1]
                size, sizes = size - behind, [*sizes[:-1], sizes[-1] - behind]
            self.lines.append(LineRows(base + run.offset, size, file, lines, sizes, self._sequence(section, file)))

    def _sequence(self, section: Section, file: int) -> int:
        if self._place != (section.key, file):
            self._place = section.key, file
            self._sequences += 1
        return self._sequences

    def _run_bytes(self, run: CodeRun, section: Section) -> bytes:
        if ((section.address or 0) + run.offset) % run.instruction_set.alignment:
            return b"".join([self.item_bytes(item, section) for item in run.items()])
        data = bytearray(run.data)
        put, unit = Struct(f"{run.order}I").pack_into, run.instruction_set.alignment
        base, bit = (section.address or 0), run.instruction_set.pointer_bit
        names = self._assembly.symbols.names(run.scope)
        for late in run.late:
            place, plan, word, name, _ = late
            waiting, symbol = plan.late, names.get(name)
            assert waiting is not None
            # A branch to a label of the section, which nobody can replace, is what most of them are.
            if (symbol is not None and symbol.section is section and symbol.mark is not None
                    and symbol.binding is Binding.LOCAL and symbol.local_entry is None
                    and waiting.is_relative and not waiting.part
                    and (not waiting.changes_set or symbol.code_bit in (None, bit))):
                try:
                    bits: int | None = waiting.bits(base + symbol.mark.offset, base + run.offset + place)
                except Misfit:
                    bits = None
            else:
                bits = self.late_bits(run, late, section)
            if bits is None:
                data[place : place + plan.size] = self.item_bytes(run.late_code(late), section)
            elif plan.size == 4 and unit == 4:
                put(data, place, word | bits)
            else:
                run.put(data, place, plan.size, word | bits)
        return bytes(data)

    def late_bits(self, run: CodeRun, late: LateCode, section: Section) -> int | None:
        """The bits of the operand that an instruction of a run waited for; None where it needs a closer look."""
        place, plan, _, name, _ = late
        waiting = plan.late
        symbol = self._assembly.symbols.names(run.scope).get(name)
        if waiting is None or waiting.part or symbol is None or symbol.section is None or symbol.mark is None:
            return None
        if symbol.section.address is None or symbol.local_entry is not None or symbol.pointer_bit:
            return None
        if waiting.changes_set and symbol.code_bit not in (None, run.instruction_set.pointer_bit):
            return None
        try:
            return waiting.bits(symbol.section.address + symbol.mark.offset,
                                (section.address or 0) + run.offset + place)
        except Misfit:
            return None

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
                value = pointer(assembly.symbols, item.expression, here)
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
