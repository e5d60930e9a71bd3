"""Relocations of 32-bit Arm.  Source: ELF for the Arm Architecture, 5.6.1 "Relocation codes"."""

from __future__ import annotations

from collections.abc import Mapping

from ..layout.symbol import Symbol
from ..target.seam import OpenInstruction
from .styles import Wanted, no_relocation, relocation_numbers

_DATA = {"got": "GOT_BREL", "gotoff": "GOTOFF32", "got_prel": "GOT_PREL", "plt": "PLT32", "prel31": "PREL31",
         "target1": "TARGET1", "target2": "TARGET2", "sbrel": "SBREL32", "none": "NONE"}
_WORDS = {4: "32", 2: "16", 1: "8"}
GLOBAL_OFFSET_TABLE = "_GLOBAL_OFFSET_TABLE_"
_ALWAYS = 14
"""The condition of an instruction without one (A8.3)."""


class Arm:
    """AAELF32: addends stand at the places themselves."""

    prefix = "R_ARM_"
    has_addends = False
    aligns_code = True
    number_is_distance = False

    def __init__(self) -> None:
        self.numbers: Mapping[str, int] = relocation_numbers("ENUM_RELOC_TYPE_ARM")

    def data(self, width: int, modifier: str, is_relative: bool, symbol: str) -> Wanted:
        """See Style."""
        if symbol == GLOBAL_OFFSET_TABLE and is_relative and width == 4:
            return Wanted("BASE_PREL")
        if (width == 4 and modifier in _DATA) or (not width and modifier == "none"):
            return Wanted(_DATA[modifier])
        if modifier or width not in _WORDS or (is_relative and width != 4):
            raise no_relocation(f"{width} bytes of data" + f" of '{modifier}'" * bool(modifier), modifier)
        return Wanted("REL32" if is_relative else f"ABS{_WORDS[width]}")

    def operand(self, field: str, instruction: OpenInstruction, modifier: str, is_relative: bool,
                big_endian: bool) -> Wanted:
        """See Style."""
        if "MOV" in field:
            if modifier != ("lower16" if "MOVW" in field else "upper16"):
                raise no_relocation("a whole address in 16 bits")
            return Wanted(field.replace("_ABS", "_PREL") if is_relative else field)
        if modifier not in ("", "plt"):
            raise no_relocation(f"'{modifier}' of a branch's target", modifier)
        if field == "CALL" and instruction.fields.get("cond", _ALWAYS) != _ALWAYS:
            # Only an unconditional BL can become BLX, which is what R_ARM_CALL allows.
            return Wanted("JUMP24")
        return Wanted(field)

    def keeps_symbol(self, symbol: Symbol, name: str) -> bool:
        """See Style."""
        return symbol.kind == "function" or bool(symbol.pointer_bit) or "MOV" in name or "GOT_" in name
