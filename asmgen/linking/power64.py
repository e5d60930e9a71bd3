"""Relocations of 64-bit Power, applied.  Source: 64-bit PowerPC ELF ABI supplement 1.9, 4.5.1; ELF V2 ABI, 3.5."""

from __future__ import annotations

from ..expressions.modifiers import PARTS
from ..relocatable.power64 import HALF_PIECES
from ..target.byte_order import byte_order
from .abi import Context
from .modules import InputRelocation, InputSection, InputSymbol, LinkError
from .patching import Patcher

PREFIX = "R_PPC64_"
TOC_BIAS = 0x8000
"""The TOC pointer stands this far behind the table's start."""
_IGNORED = ("NONE", "TOCSAVE", "ENTRY", "PLTSEQ", "PLTCALL")
_BRANCHES = ("REL24", "REL24_NOTOC", "REL24_P9NOTOC", "REL14", "REL14_BRTAKEN", "REL14_BRNTAKEN", "ADDR24", "ADDR14",
             "ADDR14_BRTAKEN", "ADDR14_BRNTAKEN")
_HALVES = ("ADDR16", "TOC16", "REL16", "GOT16")


class Power64Abi:
    """ELFv1 (functions are called through descriptors in .opd) and ELFv2 (functions have two entries)."""

    slot_size = 8

    def __init__(self, patcher: Patcher, big_endian: bool) -> None:
        self._patcher = patcher
        self._order = byte_order(big_endian)

    def needs_slot(self, name: str) -> bool:
        """See Abi."""
        return name.startswith(PREFIX + "GOT16")

    def apply(self, section: InputSection, one: InputRelocation, context: Context) -> None:
        """See Abi."""
        name = one.name.removeprefix(PREFIX)
        if name in _IGNORED:
            return
        meant, addend, place = context.meant(one.symbol), one.addend or 0, section.address + one.offset
        value = meant.address + addend
        if name in ("ADDR64", "UADDR64", "ADDR64_LOCAL"):
            self._write(section, one.offset, value, 8)
        elif name == "REL64":
            self._write(section, one.offset, value - place, 8)
        elif name in ("ADDR32", "UADDR32"):
            self._checked(section, one.offset, value, 4, name)
        elif name == "REL32":
            self._checked(section, one.offset, value - place, 4, name)
        elif name == "TOC":
            self._write(section, one.offset, context.table + addend, 8)
        elif name in _BRANCHES:
            opened = self._patcher.open(section.data, one.offset, "PPC", place)
            target = value if meant.definition is None else self.code_address(meant.definition, addend, context)
            if meant.definition is None and name.startswith("REL"):
                target = place + opened.size
            self._patcher.fill(section.data, one.offset, opened, target, False)
        else:
            self._half(section, one, name, value, place, context)

    def code_address(self, function: InputSymbol, addend: int, context: Context) -> int:
        """Where a call of `function` + `addend` goes: its code by the descriptor (ELFv1), its local entry (ELFv2)."""
        section = function.section
        if section is not None and section.name.startswith(".opd"):
            at = function.value + addend
            first = next((r for r in section.relocations if r.offset == at), None)
            if first is None:
                raise LinkError(f"'{function.name}' has no descriptor in .opd", "compile the file anew")
            return context.meant(first.symbol).address + (first.addend or 0)
        code = function.other >> 5
        return context.meant(function).address + addend + ((1 << code) if code > 1 else 0)

    def _half(self, section: InputSection, one: InputRelocation, name: str, value: int, place: int,
              context: Context) -> None:
        base = next((b for b in _HALVES if name == b or name.startswith(b + "_")), None)
        suffix = name.removeprefix(base or "").removesuffix("_DS")
        if base is None or suffix not in HALF_PIECES:
            raise LinkError(f"the relocation {one.name} is none that is taken here",
                            "compile without thread-local storage, prefixed instructions and inline PLT calls")
        if base == "TOC16":
            value -= context.table
        elif base == "REL16":
            value -= place
        elif base == "GOT16":
            value = context.slot(one) + (one.addend or 0) - context.table
        piece = HALF_PIECES[suffix]
        if not piece and not -0x8000 <= value < 0x10000:
            raise LinkError(f"{value:#x} does not fit 16 bits", "compile with -mcmodel=medium, or bring the two nearer")
        if piece in ("h", "ha") and not -(1 << 31) <= value < 1 << 31 and base != "ADDR16":
            raise LinkError(f"{value:#x} is more than 2 GiB away", "bring the two nearer")
        half = PARTS[piece](value & ((1 << 64) - 1)) if piece else value & 0xFFFF
        if name.endswith("_DS"):
            if half & 3:
                raise LinkError(f"{value:#x} is no multiple of 4, as this instruction needs it", "align the object")
            half |= int.from_bytes(section.data[one.offset : one.offset + 2], self._order) & 3
        self._write(section, one.offset, half, 2)

    def _checked(self, section: InputSection, offset: int, value: int, width: int, name: str) -> None:
        if not -(1 << (8 * width - 1)) <= value < 1 << 8 * width:
            raise LinkError(f"{value:#x} does not fit {width} bytes ({name})", "use a wider number")
        self._write(section, offset, value, width)

    def _write(self, section: InputSection, offset: int, value: int, width: int) -> None:
        section.data[offset : offset + width] = (value & ((1 << 8 * width) - 1)).to_bytes(width, self._order)
