"""The baseline tier of one engine: what has run some hundreds of times is put together from stencils.

That takes microseconds an instruction, here on the guest's thread. Stencils that are not there yet are asked for,
and the instructions wait in the interpreter tier; which are there has no influence on what the guest does.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from weakref import WeakSet, WeakValueDictionary

from ....model.items import Description
from ...errors import EngineError
from ...layout import layout_of
from ..shared import CodePage, Host, MadeOf
from ..shared import cpu_layout as cpu

if TYPE_CHECKING:
    from ..copies import Kit, Shelf, Wanted
    from ..units import Run, Unit, UnitMaker
    from .places import Place
    from .shelves import Shelves

_MOST_BEHIND = 8
"""Units that are made at once, behind instructions without stencils."""
_MOST_WANTED = 512
_AGAIN = 64
"""Arrivals after which a place is told again whose unit ended early."""


class Baseline:
    """Makes units for an engine."""

    def __init__(
        self,
        description: Description,
        host: Host,
        read: Callable[[str, int], int],
        shelves: Shelves,
        snapshot: Callable[[], bytes],
        limit: int,
    ) -> None:
        """`read` gives a register's present value, `snapshot` all (see `State.snapshot`), `shelves` are where stencils
        are; units are told as hot after `limit` instructions."""
        self._snapshot = snapshot
        self._description = description
        self._host = host
        self._read = read
        self._shelves = shelves
        self._limit = limit
        self._special = frozenset(host.special.values())
        self._maker: UnitMaker | None = None
        self._shelf: Shelf | None = None
        self._all: WeakSet[Unit] = WeakSet()
        self._waiting: dict[tuple[CodePage, int], tuple[Place, int]] = {}
        self._partial: WeakValueDictionary[tuple[CodePage, int], Unit] = WeakValueDictionary()
        """Units that end where a stencil was not there."""
        self._wanted: dict[Wanted, None] = {}
        self._refused: set[tuple[str, int, int]] = set()
        self._failed = os.uname().machine != "x86_64"
        self.made = 0
        """How many units there were."""

    @property
    def works(self) -> bool:
        """Whether it can make units, on this host."""
        return not self._failed

    @property
    def is_ready(self) -> bool:
        """Whether there are any stencils."""
        return self._maker is not None

    @property
    def earned(self) -> int:
        """Instructions that units have executed, about."""
        gone = 0 if self._maker is None else self._maker.ledger.instructions
        return gone + sum(unit.executed for unit in self._all)

    def unit(self, place: Place, offset: int) -> Unit | None:
        """A unit for the instruction at an offset, made now if that can be."""
        if self._failed or offset in place.page.unfit:
            return None
        try:
            return self._unit(place, offset)
        except EngineError as error:
            self._failed = True
            import logging

            logging.getLogger(__name__).warning("hot code stays in the interpreter tier for longer: %s", error)
            return None

    def _unit(self, place: Place, offset: int) -> Unit | None:
        maker = self._ready()
        if maker is None:
            self._note(place, offset)
            return None
        found = maker.run(place.page, place.address, offset)
        missing: list[Wanted] = []
        if found[1] is not None:
            wanted = maker.missing(place.page, place.address, found[1])
            missing = [one for one in wanted if _key(one) not in self._refused]
        if missing:
            self._want(missing)
            if self._shelves.at_once:
                self.arrived(*self._shelves.make(list(self._wanted), maker.modes()))
                found = maker.run(place.page, place.address, offset)
            else:
                self._note(place, offset)
                if missing[0].pc == place.address + offset:
                    return None
        return self._make(place, offset, found)

    def _make(self, of: Place, offset: int, found: Run) -> Unit | None:
        maker, page = self._ready(), of.page
        assert maker is not None
        made = MadeOf(of.address, of.set_name, self._snapshot())
        first: Unit | None = None
        places = [offset]
        for place in places:
            if len(places) > _MOST_BEHIND or place in page.units or place in page.regions or place >= _PAGE:
                continue
            if page.entry(place)[0] in self._special:
                continue
            unit = maker.make(page, place, self._limit, made, found if place == offset else None)
            if unit is None:
                page.unfit.add(place)
                continue
            self.made += 1
            self._all.add(unit)
            if unit.partial:
                self._partial[page, place] = unit
            if place == offset:
                first = unit
            if unit.behind is not None and unit.behind not in page.unfit:
                places.append(unit.behind)
        return first

    def _ready(self) -> UnitMaker | None:
        if self._maker is None:
            from ..copies import Shelf
            from ..units import Register, UnitMaker

            kit = self._shelves.kit()
            if kit is None:
                return None
            self._shelf = Shelf(self._description, kit)
            for more in self._shelves.others():
                self._shelf.add(more)
            slots = layout_of(self._description).blocks["thread"].slots
            registers = {
                name: Register(name, cpu.THREAD + slots[name].offset, 8 * slots[name].size)
                for name in self._shelf.registers
            }
            width = self._description.address_width
            self._maker = UnitMaker(self._host, self._shelf, registers, self._read, width)
        return self._maker

    # What is not there yet

    def _note(self, place: Place, offset: int) -> None:
        self._waiting[place.page, offset] = place, place.page.changes

    def _want(self, missing: list[Wanted]) -> None:
        for one in missing:
            if len(self._wanted) < _MOST_WANTED:
                self._wanted[one] = None

    @property
    def wants(self) -> bool:
        """Whether stencils should be made, or whoever makes the first ones may have done so."""
        return not self._failed and bool(self._wanted or self._waiting)

    def look(self) -> None:
        """Makes what waits for the first stencils, once they are there."""
        if self._maker is None and self._waiting and self._ready() is not None:
            self._make_waiting()

    def wanted(self) -> tuple[list[Wanted], dict[str, int]]:
        """What should be made, and the registers that hold modes."""
        maker = self._maker
        return ([], {}) if maker is None else (list(self._wanted), maker.modes())

    def known(self) -> Kit | None:
        """What is known without stencils."""
        return self._shelves.bare()

    def arrived(self, asked: Sequence[Wanted], kit: Kit | None) -> None:
        """What was asked for has come, or, with None, cannot be had."""
        self._refused |= {_key(one) for one in asked}
        for one in asked:
            self._wanted.pop(one, None)
        if kit is None:
            return
        self._shelves.note(kit)
        if self._shelf is not None:
            self._shelf.add(kit)
        self._make_waiting()

    def _make_waiting(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for (page, offset), (place, changes) in waiting.items():
            if page.changes == changes and offset not in page.regions:
                self._drop(page, offset)
                self.unit(place, offset)

    def _drop(self, page: CodePage, offset: int | None) -> None:
        """Units go that went as far as there were stencils."""
        while offset is not None and (unit := self._partial.pop((page, offset), None)) is not None:
            if page.units.get(offset) is unit:
                page.drop_unit(offset, _AGAIN)
            offset = unit.behind


_PAGE = 4096


def _key(one: Wanted) -> tuple[str, int, int]:
    return one.form, one.variant, one.word

