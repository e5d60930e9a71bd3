"""Relocations of 32-bit Arm, applied.  Source: ELF for the Arm Architecture, 5.6.1 "Relocation codes"."""

from __future__ import annotations

from ..target.byte_order import byte_order
from .abi import Context
from .modules import InputRelocation, InputSection, LinkError
from .patching import Patcher

PREFIX = "R_ARM_"
_IGNORED = ("NONE", "V4BX")
_ABSOLUTE = {"ABS32": 4, "TARGET1": 4, "ABS16": 2, "ABS8": 1}
_RELATIVE = ("REL32", "TARGET2")
_CALLS = ("CALL", "PLT32", "PC24", "JUMP24", "THM_CALL", "THM_JUMP24", "THM_JUMP19", "THM_JUMP11", "THM_JUMP8")
_HALVES = ("MOVW_ABS_NC", "MOVT_ABS", "MOVW_PREL_NC", "MOVT_PREL",
           "THM_MOVW_ABS_NC", "THM_MOVT_ABS", "THM_MOVW_PREL_NC", "THM_MOVT_PREL")


class ArmAbi:
    """AAELF32. (S + A) | T: the lowest bit of a function of T32 belongs to its value."""

    slot_size = 4

    def __init__(self, patcher: Patcher, big_endian: bool) -> None:
        self._patcher = patcher
        self._order = byte_order(big_endian)

    def needs_slot(self, name: str) -> bool:
        """See Abi."""
        return name in (PREFIX + "GOT_BREL", PREFIX + "GOT_PREL")

    def apply(self, section: InputSection, one: InputRelocation, context: Context) -> None:
        """See Abi."""
        name = one.name.removeprefix(PREFIX)
        if name in _IGNORED:
            return
        meant, place, offset = context.meant(one.symbol), section.address + one.offset, one.offset
        if name in _CALLS:
            self._call(section, one, name, context)
        elif name in _HALVES:
            self._half(section, one, name, context)
        elif name in _ABSOLUTE:
            width = _ABSOLUTE[name]
            self._write(section, offset, meant.address + self._addend(section, one, width), width)
        elif name in _RELATIVE:
            self._write(section, offset, meant.address + self._addend(section, one, 4) - place, 4)
        elif name == "PREL31":
            word = int.from_bytes(section.data[offset : offset + 4], self._order)
            addend = one.addend if one.addend is not None else _signed(word & 0x7FFFFFFF, 31)
            self._write(section, offset, word & 0x80000000 | (meant.address + addend - place) & 0x7FFFFFFF, 4)
        elif name == "GOTOFF32":
            self._write(section, offset, meant.address + self._addend(section, one, 4) - context.table, 4)
        elif name == "BASE_PREL":
            self._write(section, offset, context.table + self._addend(section, one, 4) - place, 4)
        elif name in ("GOT_BREL", "GOT_PREL"):
            base = context.table if name == "GOT_BREL" else place
            self._write(section, offset, context.slot(one) + self._addend(section, one, 4) - base, 4)
        else:
            raise LinkError(f"the relocation {one.name} is none that is taken here",
                            "compile without thread-local storage and position-independent tables")

    def _call(self, section: InputSection, one: InputRelocation, name: str, context: Context) -> None:
        place = section.address + one.offset
        instruction_set = "T32" if name.startswith("THM_") else "A32"
        opened = self._patcher.open(section.data, one.offset, instruction_set, place)
        addend = one.addend if one.addend is not None else _signed(opened.number - place & 0xFFFFFFFF, 32)
        meant = context.meant(one.symbol)
        if meant.definition is None and one.symbol is not None:
            # A weak function that is not there: the call goes on behind itself.
            self._patcher.fill(section.data, one.offset, opened, place + opened.size, False)
            return
        is_function = meant.definition is not None and meant.definition.kind == "function"
        if is_function and addend & 1:
            addend -= 1
        self._patcher.fill(section.data, one.offset, opened, meant.address + addend & 0xFFFFFFFF, is_function)

    def _half(self, section: InputSection, one: InputRelocation, name: str, context: Context) -> None:
        place = section.address + one.offset
        instruction_set = "T32" if name.startswith("THM_") else "A32"
        opened = self._patcher.open(section.data, one.offset, instruction_set, place)
        addend = one.addend if one.addend is not None else _signed(opened.number, 16)
        value = context.meant(one.symbol).address + addend
        if "PREL" in name:
            value -= place
        part = value >> 16 if "MOVT" in name else value
        self._patcher.fill_number(section.data, one.offset, opened, part & 0xFFFF)

    def _addend(self, section: InputSection, one: InputRelocation, width: int) -> int:
        if one.addend is not None:
            return one.addend
        return _signed(int.from_bytes(section.data[one.offset : one.offset + width], self._order), 8 * width)

    def _write(self, section: InputSection, offset: int, value: int, width: int) -> None:
        section.data[offset : offset + width] = (value & ((1 << 8 * width) - 1)).to_bytes(width, self._order)


def _signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) & 1 else value
