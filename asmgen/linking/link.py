"""Links modules into a program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from ..instructions.described import DescribedTarget
from ..layout.options import Layout
from ..objects.program import ImageSection, ImageSymbol, Program
from ..text.diagnostics import AssemblyErrors, Diagnostic, Place
from .abi import Abi, Context, Meant
from .arm import ArmAbi
from .merging import SHF_ALLOC, SHF_WRITE, contents, merge, section_kind
from .modules import InputRelocation, InputSection, InputSymbol, LinkError, Module, OutputSection
from .patching import Patcher
from .places import boundary_symbols, linker_module, made_section, place
from .power64 import TOC_BIAS, Power64Abi
from .resolution import Symbols

MAX_ERRORS = 20
_TABLES = (".got", ".toc")


class Inputs(Struct):
    """What is linked: modules that are taken, archives' members that may be, and what the sources say of places."""

    modules: list[Module] = field(default_factory=list)
    archives: list[list[Module]] = field(default_factory=list)
    placements: dict[str, tuple[int, Place]] = field(default_factory=dict)
    memory: list[tuple[int, int]] = field(default_factory=list)


class Linker:
    """One link."""

    def __init__(self, target: DescribedTarget, big_endian: bool, layout: Layout) -> None:
        self._target, self._big, self._layout = target, big_endian, layout
        patcher = Patcher(target, big_endian)
        self._is_power = target.elf.bits == 64
        self._abi: Abi = Power64Abi(patcher, big_endian) if self._is_power else ArmAbi(patcher, big_endian)
        self._symbols = Symbols()
        self._own = linker_module()
        self._slots: dict[int, int] = {}
        self._outputs: dict[str, OutputSection] = {}
        self._errors: list[Diagnostic] = []
        self._undefined: set[str] = set()

    def run(self, inputs: Inputs) -> Program:
        """The program.  Raises AssemblyErrors with everything that is wrong."""
        try:
            self._take(inputs)
            placed: dict[str, object] = {**self._layout.placements, **inputs.placements}
            self._outputs = merge(self._symbols.modules, placed)
        except LinkError as error:
            self._error(error)
        self._stop_if_wrong()
        place(self._outputs, self._target, self._big, self._layout, inputs.placements, inputs.memory)
        for symbol in boundary_symbols(self._outputs, self._own):
            self._symbols.define(symbol, self._own)
        self._relocate()
        self._stop_if_wrong()
        return self._program()

    def _take(self, inputs: Inputs) -> None:
        symbols = self._symbols
        for module in inputs.modules:
            symbols.add(module)
        for _ in range(1 + len(inputs.archives)):
            # A member of one archive may ask for one of another.
            before = len(symbols.modules)
            for archive in inputs.archives:
                symbols.take_members(m for m in archive if m not in symbols.modules)
            if len(symbols.modules) == before:
                break
        for error in symbols.errors:
            self._error(error)
        self._reserve_commons()
        self._reserve_slots()
        symbols.modules.insert(0, self._own)

    def _reserve_commons(self) -> None:
        for symbol in self._symbols.commons():
            section = made_section(self._own, ".bss", SHF_ALLOC | SHF_WRITE, symbol.size, symbol.common, True)
            self._symbols.define(InputSymbol(symbol.name, 0, symbol.size, "global", "object", section, True), self._own)

    def _reserve_slots(self) -> None:
        """Room for the global offset table: one entry for each symbol that a relocation wants one of."""
        keys = []
        for module in self._symbols.modules:
            for section in module.sections:
                for one in section.relocations:
                    if one.symbol is not None and self._abi.needs_slot(one.name):
                        keys.append(self._key(one.symbol))
        width = self._abi.slot_size
        for key in dict.fromkeys(keys):
            self._slots[key] = len(self._slots) * width
        is_named = any(s.name == "_GLOBAL_OFFSET_TABLE_" for m in self._symbols.modules for s in m.symbols)
        if self._slots or is_named:
            self._got = made_section(self._own, ".got", SHF_ALLOC | SHF_WRITE, max(width, len(self._slots) * width),
                                     width, False)

    def _key(self, symbol: InputSymbol) -> int:
        return id(self._symbols.find(symbol) or symbol)

    def _relocate(self) -> None:
        tables = [self._outputs[n].address for n in _TABLES if n in self._outputs and self._outputs[n].size]
        writable = [o.address for o in self._outputs.values() if "w" in o.flags and o.size]
        table = min(tables or writable or [0])
        context = Context(self._meant, table + (TOC_BIAS if self._is_power else 0), self._slot_address)
        self._symbols.define(InputSymbol(".TOC.", context.table, 0, "global", "", None, True), self._own)
        self._symbols.define(InputSymbol("_GLOBAL_OFFSET_TABLE_", table, 0, "global", "", None, True), self._own)
        for output in self._outputs.values():
            for part in output.parts:
                for one in part.relocations:
                    self._apply(part, one, context)

    def _apply(self, part: InputSection, one: InputRelocation, context: Context) -> None:
        if not 0 <= one.offset < max(1, part.size):
            self._error(LinkError(f"a relocation of {part.describe(one.offset)} lies behind the section's end",
                                  "make the file anew"))
            return
        try:
            if one.symbol is not None and self._abi.needs_slot(one.name):
                self._fill_slot(one.symbol)
            self._abi.apply(part, one, context)
        except LinkError as error:
            name = one.symbol.name if one.symbol is not None else ""
            about = f" (to '{name}')" if name and name not in error.message else ""
            self._error(LinkError(f"{part.describe(one.offset)}: {error.message}{about}", error.hint))

    def _fill_slot(self, symbol: InputSymbol) -> None:
        offset, width = self._slots[self._key(symbol)], self._abi.slot_size
        value = self._meant(symbol).address & ((1 << 8 * width) - 1)
        self._got.data[offset : offset + width] = value.to_bytes(width, "big" if self._big else "little")

    def _slot_address(self, one: InputRelocation) -> int:
        assert one.symbol is not None
        return self._got.address + self._slots[self._key(one.symbol)]

    def _meant(self, symbol: InputSymbol | None) -> Meant:
        """What a symbol stands for.  Raises LinkError, once a name, if nothing defines it."""
        if symbol is None:
            return Meant(0, None)
        found = self._symbols.find(symbol)
        if found is None:
            if symbol.binding != "weak" and symbol.name not in self._undefined:
                self._undefined.add(symbol.name)
                raise LinkError(f"nothing defines '{symbol.name}'", "link the object or the archive that does")
            return Meant(0, None)
        section = found.section
        if section is None:
            return Meant(found.value, found)
        if section.output is None:
            # Debug information may speak of a copy that was dropped.
            return Meant(0, found)
        return Meant(section.address + found.value, found)

    def _error(self, error: LinkError) -> None:
        if len(self._errors) < MAX_ERRORS:
            self._errors.append(Diagnostic(error.message, None, error.hint))

    def _stop_if_wrong(self) -> None:
        if self._errors:
            raise AssemblyErrors(self._errors, len(self._errors) >= MAX_ERRORS)

    def _program(self) -> Program:
        made = {name: ImageSection(name, o.address, contents(o), o.size, o.alignment, o.flags, o.nobits,
                                   section_kind(o), ".text" if "o" in o.flags else "")
                for name, o in self._outputs.items() if o.size}
        inside = sorted((s for s in made.values() if "a" in s.flags), key=lambda s: s.address)
        outside = [s for s in made.values() if "a" not in s.flags]
        flags = max((m.flags for m in self._symbols.modules), default=0) if self._is_power else 0
        return Program(tuple(inside), tuple(outside), tuple(self._image_symbols()), (), (), (), self._entry(inside),
                       self._big, flags)

    def _image_symbols(self) -> list[ImageSymbol]:
        found: list[ImageSymbol] = []
        for module in self._symbols.modules:
            for symbol in module.symbols:
                is_kept = symbol.binding == "local" or self._symbols.shared(symbol.name) is symbol
                output = symbol.section.output if symbol.section is not None else None
                if symbol.kind in ("section", "file") or not symbol.name or not symbol.is_defined or not is_kept:
                    continue
                if symbol.section is not None and (output is None or "a" not in output.flags):
                    continue
                kind = "mapping" if symbol.name.startswith("$") and symbol.binding == "local" else symbol.kind
                found.append(ImageSymbol(symbol.name, self._meant(symbol).address, symbol.size, symbol.binding, kind,
                                         output.name if output is not None else ""))
        return found

    def _entry(self, sections: Sequence[ImageSection]) -> int:
        """The entry symbol's value (of ELFv1 that of a descriptor, if it is one), else the start of the first code."""
        symbol = self._symbols.shared(self._layout.entry)
        if symbol is None:
            every = (s for m in self._symbols.modules for s in m.symbols)
            symbol = next((s for s in every if s.name == self._layout.entry and s.is_defined), None)
        if symbol is None:
            return next((s.address for s in sections if "x" in s.flags), 0)
        return self._meant(symbol).address


def relocation_names(numbers: Mapping[str, int]) -> dict[int, str]:
    """The ABI's relocations by number."""
    return {number: name for name, number in numbers.items()}
