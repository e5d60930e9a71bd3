"""The code of a unit while it is put together."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ...errors import EngineError
from ..copies import INDIRECT, MISS, NEXT, OWN, Copy, way_number
from ..shared import CodePage
from ..shared import cpu_layout as cpu
from .arena import Arena
from .unit import Unit

if TYPE_CHECKING:
    from .units import UnitMaker

_PAGE = 4096
_DISTANCE = struct.Struct("<i")
_ALIGNMENT = 32
"""Of constants."""
_SLACK = 64


class UnitText:
    """The code of one unit while it is put together: instructions first, ways out behind them, then constants."""

    def __init__(
        self,
        maker: UnitMaker,
        page: CodePage,
        address: int,
        first: int,
        copies: list[tuple[int, Copy]],
        modes: Mapping[str, int],
    ) -> None:
        self._maker = maker
        self._page = page
        self._address = address
        self._first = first
        self._copies = copies
        self._code = bytearray()
        self._open: list[tuple[int, int, str]] = []
        """(place, number of the instruction, way out) of distances that are not known yet."""
        self._uses: list[tuple[int, int, int]] = []
        """(place, number of the instruction, place in its constants less what is added)."""
        self._begin = 0
        self._check(modes)
        self._begun()
        for number, (_, copy) in enumerate(copies):
            self._add(number, copy)

    def _check(self, modes: Mapping[str, int]) -> None:
        masks: dict[str, int] = {}
        for _, copy in self._copies:
            for name, mask, _ in copy.stencil.modes:
                masks[name] = masks.get(name, 0) | mask
        for name, mask in masks.items():
            register = self._maker.register(name)
            numbers = {"place": register.place, "mask": mask, "wanted": modes[name] & mask}
            self._piece(f"check{register.bits}", numbers, -1)

    def _begun(self) -> None:
        """The piece that begins it is filled when its counter is known."""
        self._begin = len(self._code)
        self._piece("begin", {"pc": self._pc(self._first), "counter": 0, "count": len(self._copies)}, -1)

    def _piece(self, name: str, numbers: Mapping[str, int], number: int) -> None:
        start = len(self._code)
        self._code += self._maker.piece(name, numbers)
        for at, to in self._maker.piece_jumps(name):
            if to == NEXT:
                self._settle(start + at, len(self._code))
            else:
                self._open.append((start + at, number, to))

    def _add(self, number: int, copy: Copy) -> None:
        start = len(self._code)
        self._code += copy.code
        end = len(self._code)
        for jump in copy.jumps:
            if jump.to == NEXT:
                self._settle(start + jump.at, end)
            else:
                self._open.append((start + jump.at, number, jump.to))
        for use in copy.stencil.uses:
            self._uses.append((start + use.at, number, use.place + use.more))

    def _settle(self, place: int, target: int) -> None:
        _DISTANCE.pack_into(self._code, place, target - place - 4)

    def _pc(self, offset: int) -> int:
        return self._maker.wrapped(self._address + offset)

    def _entry(self, offset: int) -> int:
        return self._page.area.address + offset // self._page.unit * cpu.CODE_ENTRY

    # Ways out

    def leave(self, offset: int, handler: int, rest: int) -> None:
        """To the handler of an instruction."""
        handler = self._page.handler_behind(offset, handler)
        numbers = {"entry": self._entry(offset), "pc": self._pc(offset), "rest": rest, "handler": handler}
        self._code += self._maker.piece("leave", numbers)

    def go_on(self, offset: int) -> None:
        """To the entry of what follows, or of the next page."""
        numbers = {"entry": self._entry(offset), "pc": self._pc(offset), "rest": 0}
        self._code += self._maker.piece("go", numbers)

    def _way_out(self, number: int, to: str) -> None:
        if to == MISS:
            entry = self._page.entry(self._first)
            handler = self._page.handler_behind(self._first, entry[0])
            self._code += self._maker.piece("handler", {"handler": handler})
            return
        offset, copy = self._copies[number]
        rest = len(self._copies) - number
        if to == OWN:
            handler = self._page.handler_behind(offset, self._page.entry(offset)[0])
            self.leave_for_own(offset, self._maker.own(handler), rest)
            return
        far = self._maker.special("jump")
        if to == INDIRECT:
            unit = self._page.unit
            numbers = {
                "rest": rest - 1, "pc": self._pc(offset), "outside": ~(_PAGE - unit), "scale": cpu.CODE_ENTRY // unit,
                "entry": self._entry(0), "handler": far,
            }  # fmt: skip
            self._code += self._maker.piece("indirect", numbers)
            return
        way = way_number(to)
        assert way is not None
        target = copy.ways[way]
        place = target - self._address
        if not 0 <= place < _PAGE or place % self._page.unit:
            numbers = {"entry": self._entry(offset), "pc": target, "rest": rest - 1, "handler": far}
            self._code += self._maker.piece("leave", numbers)
            return
        counted = place != self._first and place not in self._page.units
        numbers = {"entry": self._entry(place), "pc": target, "rest": rest - 1}
        self._code += self._maker.piece("arrive" if counted else "go", numbers)

    def leave_for_own(self, offset: int, handler: int, rest: int) -> None:
        """To the form's own handler."""
        numbers = {"entry": self._entry(offset), "pc": self._pc(offset), "rest": rest, "handler": handler}
        self._code += self._maker.piece("leave", numbers)

    def installed(self, arena: Arena, limit: int, behind: int | None) -> Unit:
        """The unit, in its place."""
        made: dict[tuple[int, str], int] = {}
        for place, number, to in self._open:
            if (number, to) not in made:
                made[number, to] = len(self._code)
                self._way_out(number, to)
            self._settle(place, made[number, to])
        self._put_constants()
        chunk = arena.chunk(len(self._code) + _SLACK)
        counter = chunk.counter()
        if counter is None:
            raise EngineError("there is no room for a counter")
        chunk.set_count(counter, limit)
        numbers = {
            "pc": self._pc(self._first), "counter": chunk.counter_address(counter), "count": len(self._copies),
        }  # fmt: skip
        begin = self._maker.piece("begin", numbers)
        for at, _ in self._maker.piece_jumps("begin"):
            begin[at : at + 4] = self._code[self._begin + at : self._begin + at + 4]
        self._code[self._begin : self._begin + len(begin)] = begin
        offsets = frozenset(offset for offset, _ in self._copies)
        unit = Unit(offsets, len(self._copies), behind, chunk, counter, limit)
        self._page.install_unit(self._first, chunk.put(self._code), unit)
        return unit

    def _put_constants(self) -> None:
        places: dict[bytes, int] = {}
        for place, number, within in self._uses:
            constants = self._copies[number][1].stencil.constants
            if constants not in places:
                self._code += bytes(-len(self._code) % _ALIGNMENT)
                places[constants] = len(self._code)
                self._code += constants
            self._settle(place, places[constants] + within)
