"""Relocations of 64-bit Power.  Source: 64-bit PowerPC ELF ABI supplement 1.9, 4.5.1; ELF V2 ABI, 3.5."""

from __future__ import annotations

from collections.abc import Mapping

from ..layout.symbol import Symbol
from ..target.seam import OpenInstruction
from .styles import Wanted, no_relocation, relocation_numbers

_PIECES = {"": "", "l": "_LO", "h": "_HI", "ha": "_HA", "high": "_HIGH", "higha": "_HIGHA", "higher": "_HIGHER",
           "highera": "_HIGHERA", "highest": "_HIGHEST", "highesta": "_HIGHESTA"}
HALF_PIECES = {suffix: piece for piece, suffix in _PIECES.items()}
"""Pieces of an address by the ends of relocations' names."""
_TABLES = {"toc": "TOC16", "got": "GOT16", "plt": "PLT16", "sectoff": "SECTOFF"}
_WITH_DS = ("", "_LO")
"""Pieces that a displacement whose two low bits belong to the opcode can hold."""


class Power64:
    """ELFv1 and ELFv2 share their relocations."""

    prefix = "R_PPC64_"
    has_addends = True
    aligns_code = False
    number_is_distance = True

    def __init__(self) -> None:
        self.numbers: Mapping[str, int] = relocation_numbers("ENUM_RELOC_TYPE_PPC64")

    def data(self, width: int, modifier: str, is_relative: bool, symbol: str) -> Wanted:
        """See Style."""
        if modifier == "tocbase" and width == 8:
            return Wanted("TOC", has_symbol=False)
        if width == 2:
            return self._half(modifier, is_relative, False)
        if width in (4, 8) and modifier in ("", "local"):
            return Wanted(f"{'REL' if is_relative else 'ADDR'}{width * 8}")
        raise no_relocation(f"{width} bytes of data" + f" of '{modifier}'" * bool(modifier), modifier)

    def operand(self, field: str, instruction: OpenInstruction, modifier: str, is_relative: bool,
                big_endian: bool) -> Wanted:
        """See Style."""
        if not field.startswith("half16"):
            if modifier not in ("", "local", "notoc", "plt"):
                raise no_relocation(f"'{modifier}' of a branch's target", modifier)
            return Wanted(field + "_P9NOTOC" * (modifier == "notoc"))
        half = self._half(modifier, is_relative, field == "half16ds")
        return Wanted(half.name, 2 if big_endian else 0, half.has_symbol)

    def keeps_symbol(self, symbol: Symbol, name: str) -> bool:
        """See Style."""
        return name.startswith(("GOT16", "PLT16")) or (name.startswith("REL24") and symbol.local_entry is not None)

    def _half(self, modifier: str, is_relative: bool, is_ds: bool) -> Wanted:
        table, _, piece = modifier.partition("@")
        if table not in _TABLES:
            table, piece = "", modifier
        if piece not in _PIECES:
            raise no_relocation(f"'{modifier}' in 16 bits", modifier)
        base = _TABLES[table] if table else "REL16" if is_relative else "ADDR16"
        name = base + _PIECES[piece] + "_DS" * (is_ds and _PIECES[piece] in _WITH_DS and base != "REL16")
        if self.prefix + name not in self.numbers:
            raise no_relocation(f"'{modifier}' in 16 bits", modifier)
        return Wanted(name)
