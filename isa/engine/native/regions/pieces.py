"""Which bits of a register are kept apart in a region: those that the description reads, writes or names apart.

A flag that is overwritten before anything reads it costs nothing then, and a mode bit that nothing in the region writes
can be taken as the constant that it was when the region was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from ....model import code
from ....model.items import Description
from ...layout import StateLayout
from ...purity import walk

_WIDEST_CUT = 64
"""Bits of the widest register that is cut."""
_WIDEST_MODE = 8
"""Bits of the widest piece that may be taken as constant."""


class Piece(NamedTuple):
    """`width` bits from `low` of a register's element (0 where it is no array)."""

    register: str
    element: int
    low: int
    width: int


def cuts_of(description: Description, layout: StateLayout) -> dict[str, list[int]]:
    """Where registers are cut, by their names. Looks through all bodies, which takes tenths of a second."""
    found: dict[str, set[int]] = {}
    bodies = [function.body for function in description.functions.values()]
    bodies += [form.body for form in description.forms.values()]
    for node in walk(tuple(bodies)):
        if isinstance(node, code.Slice):
            _cut(found, layout, node.operand, (node.low, node.low + node.width))
        elif isinstance(node, code.DynamicSlice):
            _cut(found, layout, node.operand, range(0, _WIDEST_CUT, node.width))
        elif isinstance(node, code.Insert):
            low = node.low.value if isinstance(node.low, code.Const) else None
            width = node.value.width
            _cut(found, layout, node.base, range(0, _WIDEST_CUT, width) if low is None else (low, low + width))
    for name, cuts in found.items():
        width = layout.slot(name).width
        for field in description.registers[name].fields if name in description.registers else ():
            cuts.update(place for place in (field.low, field.low + field.width) if 0 < place < width)
    return {name: sorted(cuts) for name, cuts in found.items()}


def _cut(
    found: dict[str, set[int]], layout: StateLayout, operand: code.Expression, places: Iterable[int]
) -> None:
    if not isinstance(operand, code.ReadRegister):
        return
    slot = layout.slot(operand.register)
    if not slot.count and slot.width <= _WIDEST_CUT:
        found.setdefault(slot.name, set()).update(place for place in places if 0 < place < slot.width)


class Pieces:
    """The pieces of every register of a description."""

    def __init__(self, cuts: Mapping[str, Sequence[int]], layout: StateLayout) -> None:
        """`cuts` is what `cuts_of` gives."""
        self._layout = layout
        self._cuts = cuts
        self._known: dict[tuple[str, int], tuple[Piece, ...]] = {}

    def of(self, register: str, index: int) -> tuple[Piece, ...]:
        """The pieces of an element, from the lowest bit on."""
        found = self._known.get((register, index))
        if found is None:
            bounds = [0, *self._cuts.get(register, ()), self._layout.slot(register).width]
            found = tuple(Piece(register, index, low, high - low) for low, high in pairwise(bounds))
            self._known[register, index] = found
        return found

    def may_be_mode(self, piece: Piece) -> bool:
        """Whether a piece is of the kind that selects modes: a few bits of a register that is cut."""
        return piece.width <= _WIDEST_MODE and piece.register in self._cuts
