"""Units: stencils copied one behind the other for a run of instructions, in the place of the first one's handler.

A unit goes on where a branch is not taken, and leaves where one is. It counts all its instructions where it is
entered, and whoever leaves it earlier gives the rest back; so a cut falls where it does in the interpreter tier.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ...errors import EngineError
from ..copies import INDIRECT, MISS, NEXT, OWN, Copy, Shelf, Wanted, way_number
from ..shared import CodePage, Host
from ..shared import cpu_layout as cpu
from .arena import Arena, Chunk

_PAGE = 4096
_LONGEST = 200
"""Instructions of a unit."""
_DISTANCE = struct.Struct("<i")
_ALIGNMENT = 32
"""Of constants."""
_SLACK = 64


@dataclass(slots=True, eq=False, weakref_slot=True)
class Unit:
    """One of them; `offsets` are those of its instructions, `behind` that of what follows: the next
    instruction, or one behind another that has no stencil. `arrivals` were counted until the counter was last set."""

    offsets: frozenset[int]
    length: int
    behind: int | None
    chunk: Chunk
    counter: int
    limit: int
    arrivals: int = 0

    @property
    def heat(self) -> int:
        """How often it has been arrived at."""
        return self.arrivals + self.limit - self.chunk.count(self.counter)

    def rewind(self, limit: int) -> None:
        """Has it told as hot after so many more arrivals."""
        self.arrivals = self.heat
        self.limit = limit
        self.chunk.set_count(self.counter, limit)


@dataclass(frozen=True, slots=True)
class Register:
    """One that holds modes: where it is behind `cpu`, and its bits."""

    name: str
    place: int
    bits: int


class UnitMaker:
    """Makes the units of one engine."""

    def __init__(
        self,
        host: Host,
        shelf: Shelf,
        registers: Mapping[str, Register],
        read: Callable[[str, int], int],
        address_width: int,
    ) -> None:
        """`registers` hold modes; `read` gives the present value of one."""
        self._host = host
        self._shelf = shelf
        self._registers = registers
        self._read = read
        self._mask = (1 << address_width) - 1
        self._arena = Arena()
        self._variants = host.variants()
        self._handlers = host.handlers()
        self._special = frozenset(host.special.values())

    def modes(self) -> dict[str, int]:
        """The registers that hold modes, as they are now."""
        return {name: self._read(name, 0) for name in self._registers}

    def make(self, page: CodePage, address: int, first: int, limit: int) -> Unit | None:
        """The unit of the instructions from an offset on, in place, which is told as hot after `limit` arrivals; None
        where the first has no stencil. `address` is the guest page's. Raises EngineError without memory."""
        modes = self.modes()
        copies: list[tuple[int, Copy]] = []
        offset, ends = first, True
        stop = 0
        for at, copy in self._run(page, address, first, modes):
            if copy is None:
                stop, ends = at, False
                break
            copies.append((at, copy))
            offset = at + page.entry(at)[2]
        if not copies:
            return None
        text = _Text(self, page, address, first, copies, modes)
        goes_on = copies[-1][1].goes_on
        if goes_on and not ends:
            text.leave(stop, page.entry(stop)[0], 0)
        elif goes_on:
            text.go_on(offset)
        behind = None if not goes_on else offset if ends else stop + page.entry(stop)[2]
        return text.installed(self._arena, limit, behind)

    def _run(
        self, page: CodePage, address: int, offset: int, modes: Mapping[str, int]
    ) -> Iterator[tuple[int, Copy | None]]:
        """Instructions with their copies, as far as they follow each other; None for one that has no stencil."""
        first = offset
        for _ in range(_LONGEST):
            if offset >= _PAGE or (offset != first and (offset in page.regions or offset in page.units)):
                return
            handler, word, length = page.entry(offset)
            if handler in self._special or offset in page.stops:
                return
            known = page.handler_behind(offset, handler)
            copy = self.copy(known, word, length, address + offset, modes)
            yield offset, copy
            if copy is None or not copy.goes_on:
                return
            offset += length

    def copy(self, handler: int, word: int, length: int, pc: int, modes: Mapping[str, int]) -> Copy | None:
        """The copy for an entry."""
        form, variant = self._variants.get(handler, ("", -1))
        return None if variant < 0 else self._shelf.copy(form, variant, word, length, pc, modes)

    def missing(self, page: CodePage, address: int, first: int) -> list[Wanted]:
        """What has no stencil yet among the instructions from an offset on."""
        modes = self.modes()
        found = []
        offset = first
        for _ in range(_LONGEST):
            if offset >= _PAGE or offset in page.stops:
                break
            handler, word, length = page.entry(offset)
            if handler in self._special:
                break
            form, variant = self._variants.get(page.handler_behind(offset, handler), ("", -1))
            pc = address + offset
            copy = None
            if variant >= 0:
                copy = self._shelf.copy(form, variant, word, length, pc, modes)
                if copy is None:
                    found.append(Wanted(form, variant, word, length, pc))
            if copy is not None and not copy.goes_on:
                break
            offset += length
        return found

    # What the text of a unit needs

    def own(self, handler: int) -> int:
        """The handler of the whole form, for that of a variant."""
        return self._handlers[self._variants[handler][0]]

    def special(self, name: str) -> int:
        """The address of a special handler."""
        return self._host.special[name]

    def piece(self, name: str, numbers: Mapping[str, int]) -> bytearray:
        """A piece with its numbers."""
        return self._shelf.pieces[name].filled(numbers)

    def piece_jumps(self, name: str) -> tuple[tuple[int, str], ...]:
        """Where a piece goes: (place, way out)."""
        return tuple((jump.at, jump.to) for jump in self._shelf.pieces[name].jumps)

    def register(self, name: str) -> Register:
        """One that holds modes."""
        return self._registers[name]

    def wrapped(self, address: int) -> int:
        """Within what addresses have."""
        return address & self._mask


class _Text:
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
