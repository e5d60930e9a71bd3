"""Addresses of a program's sections, and the symbols that tell them to the program."""

from __future__ import annotations

from collections.abc import Mapping

from ..layout.assembly import Assembly
from ..layout.options import Layout
from ..layout.placing import lay_out
from ..layout.sections import Section
from ..target.seam import Target
from ..text.diagnostics import Place
from .modules import InputSection, InputSymbol, Module, OutputSection

_ENDS = {"__bss_start": (".bss", False), "__bss_end": (".bss", True), "__bss_end__": (".bss", True),
         "_edata": (".data", True), "edata": (".data", True), "_etext": (".text", True), "etext": (".text", True),
         "__exidx_start": (".ARM.exidx", False), "__exidx_end": (".ARM.exidx", True)}
_ARRAYS = ("preinit_array", "init_array", "fini_array")


def place(outputs: Mapping[str, OutputSection], target: Target, big_endian: bool, layout: Layout,
          placements: Mapping[str, tuple[int, Place]], memory: list[tuple[int, int]]) -> None:
    """Give every section in memory its address, as `layout.placing` does it for sources.

    Raises AssemblyErrors for sections that overlap or find no room.
    """
    assembly = Assembly(target, big_endian)
    assembly.sections.clear()
    assembly.placements.update(placements)
    assembly.memory.extend(memory)
    stand_ins: dict[str, Section] = {}
    for order, output in enumerate(outputs.values()):
        section = Section(output.name, output.flags, output.nobits, alignment=output.alignment, size=output.size)
        section.order = order
        stand_ins[output.name] = section
        if output.size:
            assembly.sections[output.name] = section
    lay_out(assembly, layout)
    assembly.reporter.raise_if_any()
    for name, section in stand_ins.items():
        outputs[name].address = section.address or 0


def boundary_symbols(outputs: Mapping[str, OutputSection], module: Module) -> list[InputSymbol]:
    """What a linker tells a program of its own sections: `__bss_start`, `_end`, `__start_NAME` …

    Source: System V ABI, chapter 4 "Special Sections"; the linkers' own scripts.
    """
    found: list[InputSymbol] = []

    def put(name: str, output: OutputSection | None, at_end: bool) -> None:
        address = 0 if output is None else output.address + (output.size if at_end else 0)
        found.append(InputSymbol(name, address, 0, "global", "", None, True))

    for name, (section, at_end) in _ENDS.items():
        put(name, outputs.get(section), at_end)
    for array in _ARRAYS:
        put(f"__{array}_start", outputs.get(f".{array}"), False)
        put(f"__{array}_end", outputs.get(f".{array}"), True)
    last = max((o for o in outputs.values() if "a" in o.flags), key=lambda o: o.address + o.size, default=None)
    for name in ("_end", "end"):
        put(name, last, True)
    for output in outputs.values():
        if output.name.isidentifier():
            put(f"__start_{output.name}", output, False)
            put(f"__stop_{output.name}", output, True)
    return found


def linker_module() -> Module:
    """A file of the linker's own, for what it makes."""
    return Module("linker")


def made_section(module: Module, name: str, flags: int, size: int, alignment: int, nobits: bool) -> InputSection:
    """A section of the linker's own."""
    section = InputSection(module, name, 8 if nobits else 1, flags, alignment, size,
                           bytearray() if nobits else bytearray(size))
    module.sections.append(section)
    return section
