"""Copying stencils: which one fits an instruction, with its numbers put in."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping

import msgspec

from ....model import code
from ....model.decoder import field_value
from ....model.items import Description, Form
from .numbers import Given, Settled, TooMuchError
from .quick import Instruction, quick
from .records import NEXT, Cell, Hole, Jump, Kit, Piece, Stencil

_MOST_KEPT = 1 << 15
"""Copies that are remembered."""
_FORMATS = {(1, False): "<B", (2, False): "<H", (4, False): "<I", (4, True): "<i", (8, False): "<Q"}
_JUMP = b"\xe9"
_JUMP_SIZE = 5
_CUT = 5
"""Bytes that an operand in memory has more than one in a register: SIB and displacement."""
_NOTHING = b"\x0f\x1f\x44\x00\x00"
"""An instruction of so many bytes that does nothing."""


class Copy(msgspec.Struct, frozen=True):
    """An instruction's code: `jumps` are yet to be told where to, of `ways` by the addresses that stand there. `cells`
    are registers in memory for which the host's may stand, by their places behind `cpu`; those in `kept` are accessed
    in memory."""

    stencil: Stencil
    code: bytes
    jumps: tuple[Jump, ...]
    ways: tuple[int, ...]
    goes_on: bool
    cells: tuple[tuple[int, Cell], ...]
    kept: frozenset[int]

    def with_hosts(self, hosts: Mapping[int, int]) -> tuple[bytearray, Callable[[int], int]]:
        """The code with some of the host's registers in place of cells, and where places in it are now."""
        code = bytearray(self.code)
        cuts: list[tuple[int, int]] = []
        for place, cell in self.cells:
            host = hosts.get(place)
            if host is None:
                continue
            at = self.stencil.fixes[cell.fix].at
            if cell.is_vex:
                code[cell.extension] = code[cell.extension] & ~0x20 | (~host >> 3 & 1) << 5
            else:
                code[cell.extension] = code[cell.extension] & ~1 | host >> 3
            code[at - 2] = code[at - 2] & 0x38 | 0xC0 | host & 7
            cuts.append((at - 1, cell.end))
        made = bytearray()
        last = 0
        for at, end in cuts:
            made += code[last:at] + code[at + _CUT : end]
            last = end
            if self.stencil.rigid:
                made += _NOTHING
        made += code[last:]
        rigid = self.stencil.rigid

        def moved(place: int) -> int:
            shorter = sum(at < place and not (rigid and place >= end) for at, end in cuts)
            return place - _CUT * shorter

        return made, moved


class Shelf:
    """A description's stencils."""

    def __init__(self, description: Description, kit: Kit) -> None:
        self._description = description
        self._settled = Settled(description.functions, kit.modes)
        self.pieces = {
            (name, falls): _Filler(piece, falls) for name, piece in kit.pieces.items() for falls in (True, False)
        }
        """By name, and whether what they go on with stands behind them."""
        self.registers = tuple(dict.fromkeys(mode.register for mode in kit.modes))
        """Those that hold modes."""
        self._kits: list[Kit] = []
        self._stencils: dict[tuple[str, int], list[_Prepared]] = {}
        self._known: dict[tuple[str, int, int, int, tuple[int, ...]], Copy | None] = {}
        self.add(kit)

    def add(self, kit: Kit) -> None:
        """More of them."""
        self._kits.append(kit)
        self._stencils.clear()
        self._known.clear()

    def refuses(self, form: str, variant: int) -> bool:
        """Whether there can be no stencil of a form's variant."""
        return any(kit.refuses(form, variant) for kit in self._kits)

    def _of(self, form: str, variant: int) -> list[_Prepared]:
        """Those of a form's variant."""
        key = form, variant
        if key not in self._stencils:
            known = self._description.forms[form]
            self._stencils[key] = [
                _Prepared(self._settled, known, one) for kit in self._kits for one in kit.of_variant(form, variant)
            ]
        return self._stencils[key]

    def copy(
        self, form: str, variant: int, word: int, length: int, pc: int, registers: Mapping[str, int]
    ) -> Copy | None:
        """The code of an instruction at an address, by its form's variant and the modes that `registers` hold; None
        where there is no stencil that fits."""
        modes = tuple(registers.values())
        key = form, variant, word, -1, modes
        if key not in self._known:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            made = self._copy(form, variant, word, length, pc, registers)
            if made is not None and (made.stencil.near or made.ways):
                key = form, variant, word, pc, modes
                self._known[form, variant, word, -1, modes] = _NEAR
            self._known[key] = made
            return made
        found = self._known[key]
        if found is _NEAR:
            key = form, variant, word, pc, modes
            if key not in self._known:
                self._known[key] = self._copy(form, variant, word, length, pc, registers)
            found = self._known[key]
        return found

    def _copy(
        self, form: str, variant: int, word: int, length: int, pc: int, registers: Mapping[str, int]
    ) -> Copy | None:
        one = Instruction(self._description.forms[form], word, length, pc, registers)
        for prepared in self._of(form, variant):
            try:
                if prepared.fits(one):
                    return prepared.filled(one)
            except TooMuchError:
                return None
        return None

    def number_of(
        self, form: str, word: int, length: int, pc: int, registers: Mapping[str, int]
    ) -> Callable[[code.Expression], int]:
        """What gives the numbers that an instruction settles."""
        fields = {field.name: field_value(field, word) for field in self._description.forms[form].fields}

        def choose(e: code.Expression) -> int:
            given = Given(fields, {"cia": pc, "word": word, "length": length}, registers)
            return self._settled.number(e, given)

        return choose


class _Prepared:
    """A stencil, and how its numbers are found."""

    def __init__(self, settled: Settled, form: Form, stencil: Stencil) -> None:
        self._stencil = stencil
        self._chosen = [(quick(settled, form, e), number) for e, number in stencil.chosen]
        self._holes = [(quick(settled, form, hole.value), hole, _sign(hole)) for hole in stencil.holes]
        self._fixes = [(fix.at, fix.size, fix.signed, fix.hole, fix.more) for fix in stencil.fixes]
        self._ways = [quick(settled, form, way) for way in stencil.ways]
        code, jumps = stencil.code, stencil.jumps
        if code[-_JUMP_SIZE:-4] == _JUMP and jumps and jumps[-1] == Jump(len(code) - 4, NEXT):
            self._length, self._jumps, self._goes_on = len(code) - _JUMP_SIZE, jumps[:-1], True
        else:
            self._length, self._jumps = len(code), jumps
            self._goes_on = any(jump.to == NEXT for jump in jumps)
        self._cells = [(stencil.fixes[cell.fix].hole, cell) for cell in stencil.cells]
        fit = {cell.fix for cell in stencil.cells}
        self._kept = [
            fix.hole for number, fix in enumerate(stencil.fixes)
            if number not in fit and stencil.holes[fix.hole].elements
        ]  # fmt: skip

    def fits(self, one: Instruction) -> bool:
        """Whether it is one for an instruction. Raises TooMuchError."""
        for name, mask, wanted in self._stencil.modes:
            if one.registers[name] & mask != wanted:
                return False
        return all(number_of(one) == number for number_of, number in self._chosen)

    def filled(self, one: Instruction) -> Copy | None:
        """The code with an instruction's numbers; None where one does not fit. Raises TooMuchError."""
        numbers = []
        for number_of, hole, sign in self._holes:
            number = number_of(one)
            if number & sign:
                number -= 2 * sign
            if hole.elements:
                number %= hole.elements
            number = number * hole.scale + hole.base
            if not hole.low <= number <= hole.last:
                return None
            numbers.append(number)
        code = bytearray(self._stencil.code)
        for at, size, signed, hole_number, more in self._fixes:
            if not _put(code, at, size, signed, numbers[hole_number] + more):
                return None
        del code[self._length :]
        ways = tuple([way(one) for way in self._ways])
        cells = tuple([(numbers[number], cell) for number, cell in self._cells])
        kept = frozenset([numbers[number] for number in self._kept]) if self._kept else _NONE
        return Copy(self._stencil, bytes(code), self._jumps, ways, self._goes_on, cells, kept)


def _sign(hole: Hole) -> int:
    """The sign's bit of a number that has one, else 0."""
    return 1 << hole.value.width - 1 if hole.low < 0 else 0


_NONE: frozenset[int] = frozenset()
_NOWHERE = Stencil("", 0, (), (), (), (), b"", (), (), b"", (), (), False, (), False)
_NEAR = Copy(_NOWHERE, b"", (), (), False, (), frozenset())
"""Stands where copies differ from address to address."""


class _Filler:
    """Puts numbers into a piece."""

    def __init__(self, piece: Piece, falls: bool) -> None:
        code, jumps = piece.code, piece.jumps
        last = max(jumps, key=lambda jump: jump.at, default=None)
        if falls and last is not None and last == Jump(len(code) - 4, NEXT) and code[-_JUMP_SIZE:-4] == _JUMP:
            code, jumps = code[:-_JUMP_SIZE], tuple(jump for jump in jumps if jump != last)
        self._code = code
        self.jumps = jumps
        self._fixes = piece.fixes

    def filled(self, numbers: Mapping[str, int]) -> bytearray:
        """The code. Raises ValueError for a number that does not fit."""
        code = bytearray(self._code)
        for at, size, signed, name, more in self._fixes:
            if not _put(code, at, size, signed, numbers[name] + more):
                raise ValueError(f"{name} does not fit")
        return code


def _put(code: bytearray, at: int, size: int, signed: bool, number: int) -> bool:
    """Puts a number in; whether it fits."""
    bits = 8 * size
    if size == 8:
        number &= (1 << bits) - 1
    elif not signed and number < 0:
        # A negative number of 32 bits, in code that has no more of it.
        if number < -(1 << bits - 1):
            return False
        number &= (1 << bits) - 1
    low, high = (-(1 << bits - 1), 1 << bits - 1) if signed else (0, 1 << bits)
    if not low <= number < high:
        return False
    struct.pack_into(_FORMATS[size, signed], code, at, number)
    return True

