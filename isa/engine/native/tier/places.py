"""Regions in their places: what is put there, of what was compiled now or in an earlier run, and what fits no more."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol

import msgspec

from ....model.decoder import Decoder
from ....model.items import Description
from ...errors import EngineError
from ..shared import CodePage, Host
from .candidates import Candidate
from .kept import Kept
from .tiers import Tiers

if TYPE_CHECKING:
    from .region import Outside, Region
    from .requests import Facts, Made, Mode

_MOST_REGIONS = 4096
_PAGE = 4096


class Place(msgspec.Struct, frozen=True):
    """Where code is: its decoded page, the guest page's address, the instruction set's decoder."""

    page: CodePage
    address: int
    decoder: Decoder

    @property
    def set_name(self) -> str:
        """The instruction set's name."""
        return self.decoder.instruction_set.name


class Owner(Protocol):
    """What the tier asks of its engine."""

    description: Description
    retired: int

    def code_pages(self) -> Iterable[CodePage]:
        """All decoded pages."""

    def place_of(self, pc: int) -> Place | None:
        """Where the code at `pc` is, if that page has been decoded."""

    def decode(self, pc: int) -> bool:
        """Decodes the instruction at `pc`; whether that could be done."""


class Places:
    """The regions of one engine."""

    def __init__(
        self, owner: Owner, host: Host, read: Callable[[str, int], int], tiers: Tiers, kept: Kept | None
    ) -> None:
        self._owner = owner
        self._host = host
        self._read = read
        self._tiers = tiers
        self._special = frozenset(host.special.values())
        self._kept = kept
        self._volatile: set[Mode] = set()
        self._regions: weakref.WeakSet[Region] = weakref.WeakSet()
        self._told = False
        self.made = self.found = 0
        """Regions that were compiled for this engine, and those of earlier runs."""

    def present(self) -> list[Region]:
        """The regions that are in place."""
        return list(self._regions)

    @functools.cached_property
    def _outside(self) -> Outside:
        from .region import Outside

        return Outside(self._host)

    def _holds(self, mode: Mode) -> bool:
        register, element, low, width, held = mode
        return self._read(register, element) >> low & (1 << width) - 1 == held

    def _decoded(self, place: Place, offset: int) -> tuple[int, int, int] | None:
        page = place.page
        if offset in page.stops:
            return None
        entry = page.entry(offset)
        if entry[0] == self._host.special["undecoded"] and self._tiers.ahead:
            entry = page.entry(offset) if self._owner.decode(place.address + offset) else entry
        return None if entry[0] in self._special else entry

    def decode_ahead(self, place: Place, offset: int) -> None:
        """Decodes what follows a place, though it has not run yet."""
        entry = self._decoded(place, offset)
        while entry is not None and offset + entry[2] < _PAGE:
            offset += entry[2]
            entry = self._decoded(place, offset)

    def _install(self, made: Made | None, error: EngineError | None, chosen: Candidate) -> None:
        """What has come of a request."""
        page = chosen.page
        if error is not None:
            self._tell(error)
        if page.changes != chosen.changes:
            return
        if made is None:
            page.refused.add(chosen.offset)
            return
        self._volatile |= set(made.facts.volatile)
        if self._put(made, page, chosen.address):
            self.made += 1
            if self._kept is not None:
                self._kept.note(made.facts)

    def _install_kept(self, kept: Kept, place: Place, pc: int) -> bool:
        """Puts a region of an earlier run in place, if one fits."""
        for made in kept.find(place.set_name, pc):
            if self._fits(made.facts, place) and self._put(made, place.page, place.address):
                self.found += 1
                return True
        return False

    def _fits(self, facts: Facts, place: Place) -> bool:
        """Whether a region is what would be made of the code that is there now."""
        if not all(self._holds(mode) for mode in facts.assumed):
            return False
        page = place.page
        undecoded = self._host.special["undecoded"]
        for offset, word, length in facts.instructions:
            if offset in page.stops:
                return False
            entry = page.entry(offset)
            if entry[0] == undecoded:
                if not self._owner.decode(place.address + offset):
                    return False
                entry = page.entry(offset)
            if entry[0] in self._special or entry[1:] != (word, length):
                return False
        return True

    def stale(self, pc: int) -> None:
        """The region at `pc` has been entered with other modes than its own again and again."""
        from .region import Region

        place = self._owner.place_of(pc)
        region = place.page.regions.get(pc - place.address) if place is not None else None
        if place is None or not isinstance(region, Region):
            return
        moved = {mode for mode in region.facts.assumed if not self._holds(mode)}
        if moved:
            self._volatile |= moved
            if self._kept is not None:
                self._kept.remove(region.facts)
            place.page.forget(pc - place.address)

    def _put(self, made: Made, page: CodePage, address: int) -> bool:
        # What loads regions is not loaded where nothing is hot: a start would feel it.
        from .region import Region

        if len(self._regions) >= _MOST_REGIONS:
            for other in {region.page for region in self._regions}:
                other.clear_regions()
        try:
            self._regions.add(Region(made, page, address, self._outside))
        except EngineError as error:
            self._tell(error)
            page.refused.add(made.facts.pc - address)
            return False
        return True

    def _tell(self, error: EngineError) -> None:
        if not self._told:
            self._told = True
            import logging

            logging.getLogger(__name__).warning("some hot code stays in the interpreter tier: %s", error)
