"""Puts sections of one name together; what has no place in a program is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .modules import InputSection, LinkError, Module, OutputSection

SHF_WRITE, SHF_ALLOC, SHF_EXECINSTR, SHF_LINK_ORDER, SHF_TLS = 1, 2, 4, 0x80, 0x400
SHT_NOBITS = 8
_JOINED = (".text", ".rodata", ".data", ".bss", ".init_array", ".fini_array", ".preinit_array", ".ARM.exidx",
           ".ARM.extab", ".toc", ".got", ".opd", ".sdata", ".sbss")
"""`NAME.anything` goes into NAME, as linkers' own scripts have it."""
_KEPT = (".debug_", ".comment", ".stab")
"""Sections outside of memory that a program keeps."""


def output_name(name: str, placed: Mapping[str, object]) -> str:
    """The section that `name` goes into; one that has a place of its own stays by itself."""
    if name in placed:
        return name
    return next((joined for joined in _JOINED if name == joined or name.startswith(joined + ".")), name)


def merge(modules: Iterable[Module], placed: Mapping[str, object]) -> dict[str, OutputSection]:
    """The output sections by name, with every input section's offset.  Raises LinkError for thread-local storage."""
    outputs: dict[str, OutputSection] = {}
    for module in modules:
        for section in module.sections:
            is_in_memory = bool(section.flags & SHF_ALLOC)
            if section.is_dropped or not (is_in_memory or section.name.startswith(_KEPT)):
                continue
            if section.flags & SHF_TLS and section.size:
                raise LinkError(f"{module.name} has thread-local storage ({section.name})",
                                "compile it without: there is nobody here who would set it up")
            name = output_name(section.name, placed) if is_in_memory else section.name
            _append(outputs, name, section)
    return outputs


def _append(outputs: dict[str, OutputSection], name: str, section: InputSection) -> None:
    nobits = section.kind == SHT_NOBITS
    output = outputs.get(name)
    if output is None:
        output = outputs[name] = OutputSection(name, "", nobits)
    letters = {"a": SHF_ALLOC, "w": SHF_WRITE, "x": SHF_EXECINSTR, "o": SHF_LINK_ORDER}
    output.flags = "".join(c for c, bit in letters.items() if c in output.flags or section.flags & bit)
    output.nobits = output.nobits and nobits
    output.alignment = max(output.alignment, section.alignment)
    output.size += -output.size % section.alignment
    section.output, section.offset = output, output.size
    output.size += section.size
    output.parts.append(section)


def section_kind(output: OutputSection) -> str:
    """The type of a section as a number, if all that is in it has one that is not plain contents."""
    kinds = {part.kind for part in output.parts if part.size}
    return str(kinds.pop()) if len(kinds) == 1 and not output.nobits else ""


def contents(output: OutputSection) -> bytes:
    """The bytes of a section, gaps as zeros."""
    if output.nobits:
        return b""
    out = bytearray(output.size)
    for part in output.parts:
        out[part.offset : part.offset + len(part.data)] = part.data
    return bytes(out)
