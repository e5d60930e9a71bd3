"""The region tier of one engine: which places are hot, their regions, and what becomes of those that do not fit.

What is here runs on the guest's thread, and is little: a place that is hot is noted, the hottest that waits is asked
for where nothing else is under way, and what has come is put in place.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ....cache_files import cache_directory
from ...errors import EngineError
from ..shared import CodePage, Host
from .begun import stencils_folder
from .candidates import Candidate, Candidates
from .credit import Purse
from .kept import Kept, kept_folder
from .orders import Orders
from .places import Owner, Place, Places
from .tiers import MOST_ARRIVALS, Tiers

if TYPE_CHECKING:
    from ....model.decoder import Decoder
    from .baseline import Baseline
    from .later import Left
    from .requests import Request
    from .worker import Worker

_HOT = 1 << 21
"""Instructions that a place without a region has executed for which it has one in the next run."""
_PAUSE = 1 << 22
"""Instructions until it is asked again what cannot be had, or paid, yet."""
_NEVER = 1 << 64
_SOON = 32
"""Arrivals after which a place in a page with kept regions is looked up."""


class RegionTier(Places):
    """Has compiled what is hot."""

    def __init__(
        self,
        owner: Owner,
        host: Host,
        snapshot: Callable[[], bytes],
        read: Callable[[str, int], int],
        tiers: Tiers,
        native: str,
    ) -> None:
        """`snapshot` gives the registers (see `State.snapshot`), `read` one element's present value; `native` is the
        key of the native code."""
        super().__init__(
            owner, host, read, tiers, Kept(kept_folder(cache_directory(), native)) if tiers.kept else None
        )
        self._snapshot = snapshot
        self._native = native
        self._candidates = Candidates()
        self._decoders: dict[str, Decoder] = {}
        self._orders = Orders(self._worker)
        self.due = _NEVER
        """The count of the guest's instructions from which on `go_on` has something to do."""
        self._look_at = 0
        """The count of the guest's instructions from which on it is worth looking again whether to compile."""
        self._asked_at = 0
        """The same of what waits for somebody to have time."""

    @property
    def _waits(self) -> bool:
        """Whether something could be compiled."""
        if len(self._candidates) > 0:
            return True
        # A guest that nothing of is hot has none, and is not to wait for it.
        return "_baseline" in vars(self) and self._baseline is not None and self._baseline.wants

    @property
    def compiling(self) -> bool:
        """Whether something is compiled."""
        return self._orders.under_way is not None

    def threshold(self, set_name: str, pc: int) -> int:
        """After how many arrivals places in the page of an address are to be told as hot."""
        soon = self._kept is not None and self._kept.has_some(set_name, pc)
        return min(_SOON, self._tiers.first) if soon else self._tiers.first

    def hot(self, pc: int) -> None:
        """The instruction at `pc` has been jumped to often."""
        if self._owner.retired < self._tiers.copying and not (self._kept is not None and self._kept.has_any()):
            # To load what copies takes as long as so short a run; its counter goes on from 0.
            return
        place = self._owner.place_of(pc)
        if place is None:
            return
        self._decoders[place.set_name] = place.decoder
        offset = pc - place.address
        page = place.page
        if offset in page.regions or page.entry(offset)[0] in self._special:
            return
        page.rewind(offset, MOST_ARRIVALS)
        unit = page.units.get(offset)
        if unit is not None:
            if not unit.is_told:
                # Who came to its entry from outside has counted that, too.
                return
            unit.rewind(max(1, self._tiers.later // unit.length))
        if self._kept is not None and self._install_kept(self._kept, place, pc):
            return
        if unit is None and self._stays(place, offset):
            return
        if offset in page.refused:
            return
        for region in page.regions.values():
            if offset in region.offsets:
                region.hot[offset] += 1
        if not self._is_due(page, offset):
            return
        if not self._tiers.background:
            self._compile_now(place, offset)
            return
        self._candidates.note(self._candidate(place, offset))
        self.go_on()

    def _stays(self, place: Place, offset: int) -> bool:
        """Whether a place that is hot has no need of a region yet: stencils are copied first."""
        page = place.page
        if page.threshold < self._tiers.first and page.first_time(offset):
            # It was told early, for the sake of what might have been kept.
            page.rewind(offset, self._tiers.first - page.threshold)
            return True
        if self._owner.retired < self._tiers.copying:
            return True
        baseline = self._baseline
        if baseline is None or not baseline.works or offset in page.unfit:
            return False
        if self._tiers.ahead:
            self.decode_ahead(place, offset)
        unit = baseline.unit(place, offset)
        if unit is None and not baseline.is_ready and not page.first_time(offset):
            # The first stencils take a while, and it goes on to be hot meanwhile.
            return False
        self.go_on()
        return True

    def go_on(self) -> None:
        """Puts in place what has been compiled, and has more compiled."""
        self._go_on()
        later = max(self._tiers.warm, self._look_at) if self._waits else _NEVER
        self.due = 0 if self.compiling else later

    def _go_on(self) -> None:
        if self.compiling and not self._taken():
            return
        if self._owner.retired < max(self._tiers.warm, self._look_at) or not self._waits:
            return
        if self._can_pay():
            if not self._orders.worker.free:
                self._look_at = self._owner.retired + (_PAUSE >> 6)
                return
            if not self._ask_for_stencils():
                self._ask_for_region()
        if not self.compiling and self._waits:
            self._look_at = self._owner.retired + _PAUSE

    def _can_pay(self) -> bool:
        """Whether anything may be compiled; who may not does not even load what compiles."""
        baseline = self._copying
        if baseline is None:
            return True
        baseline.look()
        if len(self._candidates) and self._purse is not None:
            return True
        return baseline.wants and self._orders.credit.stencils(self._owner.retired, baseline.earned)[1] > 0

    @property
    def _copying(self) -> Baseline | None:
        """What makes units, where it can."""
        baseline = self._baseline
        return baseline if baseline is not None and baseline.works else None

    @property
    def _purse(self) -> Purse | None:
        """What pays for one more region."""
        baseline = self._copying
        if baseline is None:
            return Purse.SAVED
        return self._orders.credit.region(self._owner.retired, baseline.earned)

    def _taken(self) -> bool:
        """Takes what has come; whether nothing is under way any more."""
        found = self._orders.taken()
        if found is None:
            return self._is_given_up()
        order = found.order
        if found.place is not None:
            self._install(order.made, order.error, found.place)
            return True
        if order.error is not None:
            self._tell(order.error)
        if self._baseline is not None:
            self._baseline.arrived(found.stencils, order.kit)
        return True

    def _is_given_up(self) -> bool:
        """Whether something was under way that waits in vain for a processor to spare, and is paid for otherwise."""
        if self._owner.retired < self._asked_at or not self._orders.starves:
            return False
        if self._purse is not Purse.SAVED:
            self._asked_at = self._owner.retired + _PAUSE
            return False
        place = self._orders.give_up().place
        if place is not None:
            self._candidates.note(place)
        return True

    def _ask_for_stencils(self) -> bool:
        from .requests import StencilRequest

        baseline = self._baseline
        if baseline is None or not baseline.wants:
            return False
        wanted, registers = baseline.wanted()
        purse, count = self._orders.credit.stencils(self._owner.retired, baseline.earned)
        wanted = wanted[:count]
        if not wanted:
            return False
        self._orders.stencils(StencilRequest(tuple(wanted), registers, self._folder, baseline.known()), purse)
        return True

    def _ask_for_region(self) -> None:
        purse = self._purse
        if not len(self._candidates) or purse is None:
            return
        chosen = self._candidates.take(self._owner.retired)
        if chosen is not None and self._is_due(chosen.page, chosen.offset):
            self._orders.region(self._request(chosen), chosen, purse)

    def left(self) -> Left | None:
        """What is worth being compiled for the next run of this guest; None if that is little."""
        from .later import MOST_PLACES, Left, is_worth
        from .requests import StencilRequest

        kept, baseline = self._kept, self._baseline
        if kept is None or baseline is None:
            return None
        found: list[tuple[int, Candidate]] = []
        for page in self._owner.code_pages():
            for offset, unit in page.units.items():
                made = unit.made
                if unit.executed > _HOT and made.set_name in self._decoders and self._is_due(page, offset):
                    candidate = Candidate(page, offset, made.address, made.set_name, made.state, 0, 0, 0, page.changes)
                    found.append((unit.executed, candidate))
        if not is_worth(executed for executed, _ in found):
            return None
        found.sort(key=lambda one: one[0], reverse=True)
        regions = tuple(self._request(candidate) for _, candidate in found[:MOST_PLACES])
        wanted, registers = baseline.wanted()
        stencils = StencilRequest(tuple(wanted), registers, self._folder, baseline.known()) if wanted else None
        return Left(self._owner.description, kept, regions, stencils, self._decoders)

    def wait(self) -> None:
        """Until what is under way is ready: for tests."""
        self._orders.worker.wait()

    def _is_due(self, page: CodePage, offset: int) -> bool:
        """Whether a place is to have a region: not one that has it, nor lightly one that lies in another's."""
        if offset in page.regions or offset in page.refused:
            return False
        for region in page.regions.values():
            if offset in region.offsets and region.hot[offset] <= self._tiers.patience:
                return False
        return True

    @functools.cached_property
    def _folder(self) -> Path | None:
        return stencils_folder(cache_directory(), self._native) if self._tiers.kept else None

    @functools.cached_property
    def _baseline(self) -> Baseline | None:
        # Only once something is hot: a start would feel it.
        if not self._tiers.units:
            return None
        from .baseline import Baseline
        from .begun import begin_kit
        from .later import leaves_behind
        from .shelves import Shelves

        if self._folder is not None and self._tiers.background:
            begin_kit(self._owner.description, self._folder)
            leaves_behind(self)
        shelves = Shelves(self._owner.description, self._folder, not self._tiers.background)
        return Baseline(self._owner.description, self._host, self._read, shelves, self._snapshot, self._tiers.later)

    def _worker(self) -> Worker:
        from .worker import worker_of

        return worker_of(self._owner.description, self._kept)

    def _request(self, chosen: Candidate) -> Request:
        from .landing import landed
        from .requests import Request

        page = chosen.page
        apart = frozenset(
            region.header for region in self._regions
            if region.page is page and region.facts.is_long_loop
        )  # fmt: skip
        return Request(
            chosen.set_name,
            chosen.address,
            chosen.address + chosen.offset,
            page.unit,
            page.whole(),
            self._special,
            chosen.state,
            page.stops,
            apart,
            frozenset(self._volatile),
            landed(page, chosen.address, chosen.offset),
        )

    def _candidate(self, place: Place, offset: int) -> Candidate:
        page = place.page
        names = page, offset, place.address, place.set_name
        return Candidate(*names, self._snapshot(), self._tiers.threshold, 0, self._owner.retired, page.changes)

    def _compile_now(self, place: Place, offset: int) -> None:
        from ..regions import surroundings_of
        from .compile import compile_region
        from .requests import Made, write

        page = place.page
        chosen = self._candidate(place, offset)

        def source(at: int) -> tuple[int, int, int] | None:
            return self._decoded(place, at)

        try:
            written = write(surroundings_of(self._owner.description), place.decoder, self._request(chosen), source)
            made = None if written is None else Made(written[0], compile_region(written[1]))
            if made is not None and self._kept is not None:
                self._kept.put(made)
        except EngineError as error:
            self._install(None, error, chosen)
            return
        # What was decoded ahead is no change of the code.
        chosen.changes = page.changes
        self._install(made, None, chosen)
