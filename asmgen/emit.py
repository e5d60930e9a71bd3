"""The last pass: items become bytes, symbols get values, frames get addresses."""

from __future__ import annotations

from .assembly import Assembly
from .byte_order import byte_order
from .diagnostics import Diagnostic, SourceError
from .directives_data import check_width
from .expressions import Expression, evaluate_number, is_pointer
from .frames import FrameFunction
from .image import FrameEntry, FrameStep, ImageSection, ImageSymbol, LineRow
from .sections import Code, Datum, Gap, Item, Origin, Padding, Raw, Section
from .symbols import Binding, Symbol


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
            mapped = ""
            base = section.address or 0
            for item in section.items:
                if item.size:
                    mapped = self._map(item, section, base, mapped)
                    out += self._bytes(item, base)
        return ImageSection(section.name, section.address or 0, bytes(out), section.size, section.alignment,
                            section.flags, section.nobits)

    def _map(self, item: Item, section: Section, base: int, mapped: str) -> str:
        """Add a mapping symbol if code turns into data, or into code of another kind."""
        if not section.executable:
            return mapped
        if isinstance(item, Code):
            wanted = item.instruction_set.mapping_symbol
            line = item.statement.line
            if line.debug_file:
                file = self.files.setdefault(line.debug_file, len(self.files))
                self.lines.append(LineRow(base + item.offset, item.size, file, line.debug_line))
        elif isinstance(item, Padding):
            return mapped
        else:
            wanted = self._assembly.target.data_mapping_symbol
        if wanted and wanted != mapped:
            self.mapping.append(ImageSymbol(wanted, base + item.offset, 0, "local", "mapping", section.name))
        return wanted

    def _bytes(self, item: Item, base: int) -> bytes | bytearray:
        assembly = self._assembly
        if isinstance(item, Code) and isinstance(item.content, bytes):
            return item.content
        if isinstance(item, Raw):
            return item.data
        if isinstance(item, Padding):
            return _repeat(item.fill, item.size)
        if isinstance(item, Origin):
            return bytes([item.fill]) * item.size
        if isinstance(item, Gap):
            return _repeat(item.fill, item.size)
        here = base + item.offset
        try:
            if isinstance(item, Datum):
                symbols = assembly.symbols
                lookup = symbols.pointer if is_pointer(item.expression) else symbols.address
                value = evaluate_number(item.expression, lookup, here)
                order = byte_order(assembly.big_endian)
                return check_width(value, item.width, item.column).to_bytes(item.width, order)
            if isinstance(item, Code) and not isinstance(item.content, bytes):

                def value_of(expression: Expression) -> int:
                    return evaluate_number(expression, assembly.symbols.address, here)

                return item.content.encode(here, value_of, item.size)
        except SourceError as error:
            if isinstance(item, (Code, Datum)):
                assembly.report(item.statement.place(error.offset), error)
        return bytes(item.size)


def _repeat(unit: bytes, size: int) -> bytes:
    """`size` bytes of the repeated `unit`; a fraction of one in front is zeros, so that units stay aligned."""
    return bytes(size % len(unit)) + unit * (size // len(unit))


def image_symbols(assembly: Assembly) -> list[ImageSymbol]:
    """The symbols that the ELF file shows.  Errors go to the reporter."""
    found: list[ImageSymbol] = []
    for _, symbol in assembly.symbols.files():
        is_shared = symbol.binding is not Binding.LOCAL
        if symbol.is_temporary or (is_shared and assembly.symbols.shared(symbol.name) is not symbol):
            continue
        try:
            value = assembly.symbols.value_of(symbol)
            size = 0
            if symbol.size is not None:
                size = evaluate_number(symbol.size, assembly.symbols.address, None)
        except SourceError as error:
            if symbol.place is not None:
                assembly.report(symbol.place, error)
            continue
        if not isinstance(value, int):
            continue
        if symbol.section is not None and not symbol.section.allocated:
            continue
        found.append(_symbol(symbol, value, size, assembly.target.elf.bits))
    return found


def _symbol(symbol: Symbol, value: int, size: int, bits: int) -> ImageSymbol:
    section = symbol.section.name if symbol.section is not None else ""
    value = (value | symbol.pointer_bit) & ((1 << bits) - 1)
    return ImageSymbol(symbol.name, value, max(0, size), symbol.binding.value, symbol.kind, section)


def frame_entries(assembly: Assembly, sections: list[Section], symbols: list[ImageSymbol],
                  entry: int) -> list[FrameEntry]:
    """Call-frame information: what `.cfi_*` said, and a default for all other code.

    The default says that the caller's pc is in the link register and the stack pointer has not moved,
    which holds at the start of a function; the entry point has no caller.
    """
    if assembly.target.dwarf is None:
        return []
    column = assembly.target.dwarf.return_column
    entries = [_frame_entry(function, column) for function in assembly.frames]
    starts = {s.value & ~1 for s in symbols if s.kind == "function" or s.binding == "global"}
    for section in sections:
        if not section.executable or not section.size:
            continue
        base = section.address or 0
        told = sorted((e.start, e.end) for e in entries if base <= e.start < base + section.size)
        for start, end in _gaps(base, base + section.size, told):
            cuts = sorted({start, *(s for s in starts if start < s < end)})
            for first, last in zip(cuts, [*cuts[1:], end], strict=True):
                steps = (FrameStep(first, "undefined", column, 0),) if first == entry & ~1 else ()
                entries.append(FrameEntry(first, last, column, steps))
    return sorted((e for e in entries if e.end > e.start), key=lambda e: e.start)


def _gaps(start: int, end: int, told: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The parts of start..end that the sorted ranges `told` leave free."""
    free: list[tuple[int, int]] = []
    for first, last in told:
        if first > start:
            free.append((start, first))
        start = max(start, last)
    if start < end:
        free.append((start, end))
    return free


def _frame_entry(function: FrameFunction, default_column: int) -> FrameEntry:
    base = function.section.address or 0
    end = function.end.offset if function.end is not None else function.section.size
    steps = tuple(FrameStep(base + rule.mark.offset, rule.operation, rule.register, rule.value)
                  for rule in function.rules)
    column = default_column if function.return_column is None else function.return_column
    return FrameEntry(base + function.start.offset, base + end, column, steps, function.is_signal_frame)


def entry_address(assembly: Assembly, name: str, sections: list[Section]) -> int:
    """The value of the entry symbol; without one, the start of the first code."""
    symbol = assembly.symbols.shared(name)
    if symbol is None:
        own = [s for _, s in assembly.symbols.files() if s.name == name]
        symbol = own[0] if own else None
    if symbol is None:
        code = [s.address or 0 for s in sections if s.executable]
        return code[0] if code else 0
    value = assembly.symbols.value_of(symbol)
    if isinstance(value, int):
        return value | symbol.pointer_bit
    assembly.reporter.add(Diagnostic(f"the entry symbol '{name}' has no address", symbol.place))
    return 0
