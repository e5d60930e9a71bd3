"""The block tier of one engine: which places are hot, their regions, and what becomes of those that do not fit."""

from __future__ import annotations

import itertools
import logging
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ....model.decoder import Decoder
from ....model.items import Description
from ...errors import EngineError
from ..shared import CodePage, Host
from .compile import Batch
from .orders import Grown, Order
from .tiers import Tiers

if TYPE_CHECKING:
    from ..regions import Instruction, Page, Piece, Plan, Surroundings

_log = logging.getLogger(__name__)
_MOST_REGIONS = 4096
_LONG_LOOP = 24
"""Instructions of a loop that other regions go to, instead of containing it."""
_numbers = itertools.count()


class Region:
    """A region in place: dropping the last reference frees its batch, once no other region of the batch is left."""

    def __init__(self, plan: Plan, batch: Batch, page: CodePage) -> None:
        self.plan = plan
        self.batch = batch
        self.page = page
        start = plan.page.address
        self.offsets = frozenset(
            instruction.pc - start for block in plan.blocks.values() for instruction in block.instructions
        )
        self.header = plan.header.pc - start
        page.install(self.header, batch.address(plan.name), self)


@dataclass(frozen=True, slots=True)
class Place:
    """Where code is: its decoded page, the guest page's address, the instruction set's decoder."""

    page: CodePage
    address: int
    decoder: Decoder


class Owner(Protocol):
    """What the tier asks of its engine."""

    description: Description

    def place_of(self, pc: int) -> Place | None:
        """Where the code at `pc` is, if that page has been decoded."""

    def decode(self, pc: int) -> bool:
        """Decodes the instruction at `pc`; whether that could be done."""


class RegionTier:
    """Compiles what is hot."""

    def __init__(self, owner: Owner, host: Host, read: Callable[[str, int], int], tiers: Tiers) -> None:
        """`read` gives a register element's present value."""
        self._owner = owner
        self._host = host
        self._read = read
        self._tiers = tiers
        self._special = frozenset(host.special.values())
        self._pending: dict[tuple[CodePage, int], Place] = {}
        self._volatile: set[tuple[Piece, int]] = set()
        self._regions: weakref.WeakSet[Region] = weakref.WeakSet()
        self.order: Order | None = None
        """What is being compiled."""
        self._due = False
        self._told = False

    def present(self) -> list[Region]:
        """The regions that are in place."""
        return list(self._regions)

    def hot(self, pc: int) -> None:
        """The instruction at `pc` has been jumped to often."""
        place = self._owner.place_of(pc)
        if place is None:
            return
        offset = pc - place.address
        page = place.page
        if offset in page.regions or offset in page.refused or page.entry(offset)[0] in self._special:
            return
        page.rewind(offset)
        if self.order is not None and self.order.find(page, offset) is not None:
            return
        again = (page, offset) in self._pending
        self._pending[page, offset] = place
        self._due |= again or len(self._pending) >= self._tiers.batch
        self.go_on()

    def go_on(self) -> None:
        """Puts in place what has been compiled, and has compiled what is due."""
        if self.order is not None and self.order.ready:
            order, self.order = self.order, None
            self._install(order)
        if self._due and self.order is None:
            self._due = False
            self._compile()

    def stale(self, pc: int) -> None:
        """The region at `pc` has been entered with other modes than its own again and again."""
        place = self._owner.place_of(pc)
        region = place.page.regions.get(pc - place.address) if place is not None else None
        if place is None or not isinstance(region, Region):
            return
        moved = {
            (piece, mode) for piece, mode in region.plan.assumed.items()
            if self._read(piece.register, piece.element) >> piece.low & (1 << piece.width) - 1 != mode
        }  # fmt: skip
        if moved:
            self._volatile |= moved
            place.page.forget(pc - place.address)

    def _compile(self) -> None:
        pending, self._pending = self._pending, {}
        if len(self._regions) + len(pending) > _MOST_REGIONS:
            for page in {region.page for region in self._regions}:
                page.clear_regions()
        # What writes regions is imported once something is hot: it takes a tenth of a second, which a start would feel.
        from ..regions import surroundings_of

        surroundings = surroundings_of(self._owner.description, self._host)
        found: list[Grown] = []
        for (page, offset), place in pending.items():
            grown = self._grown(surroundings, place.address + offset, place)
            if grown is not None:
                found.append(Grown(*grown, page, page.changes))
            elif page.entry(offset)[0] not in self._special:
                page.refused.add(offset)
        if not found:
            return
        self.order = Order(found, self._tiers.background)
        if not self._tiers.background:
            self.go_on()

    def _install(self, order: Order) -> None:
        wanted = [grown for grown in order.grown if grown.stands]
        try:
            batch = order.batch()
        except EngineError as error:
            self._tell(error)
            for grown in wanted:
                grown.page.refused.add(grown.header)
            return
        for grown in wanted:
            self._regions.add(Region(grown.plan, batch, grown.page))

    def _grown(self, surroundings: Surroundings, pc: int, place: Place) -> tuple[Plan, str] | None:
        from ..regions import Modes, Page, grow

        page = Page(place.address, place.page.area.address, place.page.unit)
        modes = Modes(surroundings.pieces, self._read, self._volatile)
        name = f"region{next(_numbers)}"

        def source(at: int) -> Instruction | None:
            return self._instruction(place, page, at)

        def is_apart(at: int) -> bool:
            return page.entry(at) is not None and self._is_apart(place.page, at - place.address)

        return grow(surroundings, source, page, pc, name, self._volatile, modes, is_apart)

    def _is_apart(self, page: CodePage, offset: int) -> bool:
        """Whether there is a long loop, in which registers are dearer than the way in and out."""
        grown = self.order.find(page, offset) if self.order is not None else None
        region = page.regions.get(offset) if grown is None else grown
        if not isinstance(region, (Region, Grown)):
            return False
        return region.plan.loops and region.plan.length >= _LONG_LOOP

    def _instruction(self, place: Place, page: Page, pc: int) -> Instruction | None:
        from ..regions import Instruction

        entry = page.entry(pc)
        offset = pc - place.address
        if entry is None or offset in place.page.stops:
            return None
        handler, word, length = place.page.entry(offset)
        if handler == self._host.special["undecoded"] and self._tiers.ahead and self._owner.decode(pc):
            handler, word, length = place.page.entry(offset)
        if handler in self._special:
            return None
        form = place.decoder.decode(word, length * 8)
        return None if form is None else Instruction(form, pc, word, length, entry)

    def _tell(self, error: EngineError) -> None:
        if not self._told:
            self._told = True
            _log.warning("some hot code stays in the interpreter tier: %s", error)
