"""Where in a page indirect branches lead: places that are often jumped to, though no branch says so itself."""

from __future__ import annotations

from ..shared import CodePage

_FEW_ARRIVALS = 1 << 10
_OFTEN = 64
"""A place is one where indirect branches of a region lead if it has been arrived at so often, and not so many times
less often than the region's first one."""
_MOST_LANDED = 32


def landed(page: CodePage, address: int, offset: int) -> tuple[int, ...]:
    """Addresses in a page at `address` to which indirect branches led about as often as anything led to an offset of
    it, the most often first."""
    units = page.units
    own = units.get(offset)
    least = max(_FEW_ARRIVALS, 0 if own is None else own.heat // _OFTEN)
    # What is behind an instruction without a stencil was not jumped to either.
    otherwise = frozenset().union(*(unit.ways for unit in units.values()))
    otherwise |= {address + unit.behind for unit in units.values() if unit.behind is not None}
    heats = [(unit.heat, address + place) for place, unit in units.items() if place != offset]
    found = [pc for heat, pc in sorted(heats, reverse=True) if heat >= least and pc not in otherwise]
    return tuple(found[:_MOST_LANDED])
