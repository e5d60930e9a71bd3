"""The code of a unit while it is put together: instructions first, ways out behind them, then constants.

The registers of the guest that its instructions use most are in registers of the host: loaded where it begins, stored
where it is left. A way back to its beginning leaves them where they are.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Mapping
from typing import Protocol

from ..copies import HOSTS, HOT, INDIRECT, MISS, NEXT, OWN, Copy, way_number
from ..shared import CodePage, MadeOf
from ..shared import cpu_layout as cpu
from .arena import Chunk
from .unit import Ledger, Unit

_PAGE = 4096
_DISTANCE = struct.Struct("<i")
_ALIGNMENT = 32
"""Of constants."""
_SLACK = 2048
_A_WAY_OUT = 640
"""Bytes of the longest one, with what it leads to."""
_OFTEN = 3
"""Uses of a register for which it is loaded and stored; where a unit goes back to its beginning one less."""
_NONE: frozenset[int] = frozenset()
_OUTSIDE, _INSIDE = -1, -2
"""In place of an instruction's number: before anything was loaded, and where all is in the host's registers."""


def most_bytes(copies: list[tuple[int, Copy]]) -> int:
    """How long the code of a unit can be."""
    return _SLACK + sum(
        len(copy.code) + len(copy.stencil.constants) + _A_WAY_OUT * (len(copy.jumps) + 1) for _, copy in copies
    )


class Register(Protocol):
    """One that holds modes: where it is behind `cpu`, and its bits."""

    @property
    def place(self) -> int:
        """Bytes."""

    @property
    def bits(self) -> int:
        """How many."""


class Parts(Protocol):
    """What the text of a unit is put together from; see `UnitMaker`."""

    def own(self, handler: int) -> int:
        """The handler of the whole form, for that of a variant."""

    def special(self, name: str) -> int:
        """The address of a special handler."""

    def piece(self, name: str, numbers: Mapping[str, int], falls: bool = True) -> bytearray:
        """A piece with its numbers; `falls`: what it goes on with stands behind it."""

    def piece_jumps(self, name: str, falls: bool = True) -> tuple[tuple[int, str], ...]:
        """Where a piece goes: (place, way out)."""

    def register(self, name: str) -> Register:
        """One that holds modes."""

    def wrapped(self, address: int) -> int:
        """Within what addresses have."""


class UnitText:
    """Writes one."""

    def __init__(
        self,
        maker: Parts,
        place: tuple[CodePage, int, int],
        copies: list[tuple[int, Copy]],
        modes: Mapping[str, int],
        chunk: Chunk,
    ) -> None:
        """`place` is the page, its guest's address and the first instruction's offset."""
        self._maker = maker
        self._page, self._address, self._first = place
        self._copies = copies
        self._chunk = chunk
        self._counter = chunk.counter()
        self._code = bytearray()
        self._open: list[tuple[int, int, str]] = []
        """(place, number of the instruction, way out) of distances that are not known yet."""
        self._uses: list[tuple[int, int, int]] = []
        """(place, number of the instruction, place in its constants less what is added)."""
        self._hosts: dict[int, int] = {}
        """By place behind `cpu`, the host's register that stands for it."""
        self._sizes: dict[int, int] = {}
        self._written: set[int] = set()
        self._apart: dict[int, frozenset[int]] = {}
        """By instruction, the places that it accesses in memory."""
        self._choose_hosts()
        self._check(modes)
        self._piece("begin", {"pc": self._pc(self._first), **self._counting()}, _OUTSIDE)
        self._load(self._hosts)
        self._body = len(self._code)
        for number, (_, copy) in enumerate(copies):
            self._add(number, copy)

    # Registers

    def _choose_hosts(self) -> None:
        uses: Counter[int] = Counter()
        written: set[int] = set()
        for _, copy in self._copies:
            for place, cell in copy.cells:
                uses[place] += 1
                self._sizes[place] = copy.stencil.holes[copy.stencil.fixes[cell.fix].hole].scale
                if cell.writes:
                    written.add(place)
        again = any(target - self._address == self._first for _, copy in self._copies for target in copy.ways)
        for _, copy in self._copies:
            for place in copy.kept:
                uses[place] -= 2
        often = [place for place, count in uses.most_common() if count >= _OFTEN - again]
        self._hosts = dict(zip(often, HOSTS, strict=False))
        self._written = written & self._hosts.keys()
        for number, (_, copy) in enumerate(self._copies):
            ranges = copy.stencil.apart
            if not ranges and not copy.kept:
                continue
            apart = {place for place in self._hosts if any(low <= place < end for low, end in ranges)}
            if apart or copy.kept & self._hosts.keys():
                self._apart[number] = frozenset(apart | copy.kept & self._hosts.keys())

    def _move(self, opcode: int, place: int) -> None:
        """Between a register and its place in memory (behind r12, which `cpu` is in)."""
        host = self._hosts[place]
        prefix = 0x41 | host >> 3 << 2 | (8 if self._sizes[place] == 8 else 0)
        self._code += bytes((prefix, opcode, 0x84 | (host & 7) << 3, 0x24))
        self._code += place.to_bytes(4, "little")

    def _load(self, places: Mapping[int, int] | frozenset[int]) -> None:
        for place in places:
            self._move(0x8B, place)

    def _store(self, number: int) -> None:
        """Where an instruction leaves the unit."""
        if number != _OUTSIDE:
            for place in sorted(self._written - self._apart.get(number, frozenset())):
                self._move(0x89, place)

    # Code

    def _counting(self) -> dict[str, int]:
        return {"counter": self._chunk.counter_address(self._counter), "count": len(self._copies)}

    def _check(self, modes: Mapping[str, int]) -> None:
        masks: dict[str, int] = {}
        for _, copy in self._copies:
            for name, mask, _ in copy.stencil.modes:
                masks[name] = masks.get(name, 0) | mask
        for name, mask in masks.items():
            register = self._maker.register(name)
            numbers = {"place": register.place, "mask": mask, "wanted": modes[name] & mask}
            self._piece(f"check{register.bits}", numbers, _OUTSIDE)

    def _piece(self, name: str, numbers: Mapping[str, int], number: int, following: int | None = None) -> None:
        """`following` is where the piece goes on, if not behind it."""
        start = len(self._code)
        self._code += self._maker.piece(name, numbers, following is None)
        for at, to in self._maker.piece_jumps(name, following is None):
            if to == NEXT:
                self._settle(start + at, len(self._code) if following is None else following)
            else:
                self._open.append((start + at, number, to))

    def _add(self, number: int, copy: Copy) -> None:
        apart = self._apart.get(number, _NONE)
        hosts = self._hosts
        if apart:
            for place in sorted(apart & self._written):
                self._move(0x89, place)
            hosts = {place: host for place, host in hosts.items() if place not in apart}
        start = len(self._code)
        made, moved = copy.with_hosts(hosts)
        self._code += made
        end = len(self._code)
        for jump in copy.jumps:
            if jump.to == NEXT:
                self._settle(start + moved(jump.at), end)
            else:
                self._open.append((start + moved(jump.at), number, jump.to))
        for use in copy.stencil.uses:
            self._uses.append((start + moved(use.at), number, use.place + use.more))
        self._load(apart)

    def _settle(self, place: int, target: int) -> None:
        _DISTANCE.pack_into(self._code, place, target - place - 4)

    def _pc(self, offset: int) -> int:
        return self._maker.wrapped(self._address + offset)

    def _entry(self, offset: int) -> int:
        return self._page.area.address + offset // self._page.unit * cpu.CODE_ENTRY

    # Ways out

    def leave(self, offset: int, rest: int = 0, number: int = _INSIDE, own: bool = False) -> None:
        """To the handler of an instruction, or (`own`) of its whole form."""
        handler = self._page.handler_behind(offset, self._page.entry(offset)[0])
        handler = self._maker.own(handler) if own else handler
        self._store(number)
        numbers = {"entry": self._entry(offset), "pc": self._pc(offset), "rest": rest, "handler": handler}
        self._code += self._maker.piece("leave", numbers)

    def go_on(self, offset: int) -> None:
        """To the entry of what follows, or of the next page."""
        self._store(_INSIDE)
        numbers = {"entry": self._entry(offset), "pc": self._pc(offset), "rest": 0}
        self._code += self._maker.piece("go", numbers)

    def _way_out(self, number: int, to: str) -> None:
        if number == _OUTSIDE:
            handler = self._page.handler_behind(self._first, self._page.entry(self._first)[0])
            self._code += self._maker.piece("handler", {"handler": handler})
        elif to == MISS:
            self.leave(self._first)
        elif to == HOT:
            self._store(number)
            self._code += self._maker.piece("hot", {"pc": self._pc(self._first)})
        else:
            self._way_from(number, to)

    def _way_from(self, number: int, to: str) -> None:
        """Out of an instruction."""
        offset, copy = self._copies[number]
        rest = len(self._copies) - number
        if to == OWN:
            self.leave(offset, rest, number, True)
            return
        far, unit = self._maker.special("jump"), self._page.unit
        if to == INDIRECT:
            self._store(number)
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
        if place == self._first:
            self._load(self._apart.get(number, frozenset()))
            self._piece("again", {"rest": rest - 1, **self._counting()}, _INSIDE, self._body)
            return
        self._store(number)
        if not 0 <= place < _PAGE or place % unit:
            numbers = {"entry": self._entry(offset), "pc": target, "rest": rest - 1, "handler": far}
            self._code += self._maker.piece("leave", numbers)
            return
        numbers = {"entry": self._entry(place), "pc": target, "rest": rest - 1}
        self._code += self._maker.piece("go" if place in self._page.units else "arrive", numbers)

    def installed(self, limit: int, behind: int | None, ledger: Ledger, partial: bool, made: MadeOf) -> Unit:
        """The unit, in its place, which is told as hot after `limit` instructions."""
        limit = max(1, limit // len(self._copies))
        ways: dict[tuple[int, str], int] = {}
        # Ways out may lead to others.
        for place, number, to in self._open:
            if (number, to) not in ways:
                ways[number, to] = len(self._code)
                self._way_out(number, to)
            self._settle(place, ways[number, to])
        self._put_constants()
        self._chunk.set_count(self._counter, limit)
        offsets = frozenset(offset for offset, _ in self._copies)
        targets = frozenset(target for _, copy in self._copies for target in copy.ways)
        counted = self._chunk, self._counter, limit, ledger
        unit = Unit(offsets, len(self._copies), behind, *counted, partial, made, targets)
        self._page.install_unit(self._first, self._chunk.put(self._code), unit)
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
