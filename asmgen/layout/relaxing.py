"""Lengths of instructions that have several, in passes over a section.

An instruction starts short.  What grew before it has moved it, and what lies behind it is taken to move as far, less
what gaps for alignment on the way swallow: so a length may be too great for a while, and becomes less in the next pass.
A long one that has not moved forward since the pass before stays long, which ends it.  GNU as chooses so, and a program
is to have the same lengths whichever of both assembles it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

from msgspec import Struct

from ..expressions.tree import Expression
from ..target.seam import Evaluate, Pending
from .assembly import Assembly
from .sections import Code, Gap, Item, Leb128, Mark, Origin, Padding, Section

_AHEAD = 1 << 38
"""Added to the offsets of labels that a pass has not come to: no section is so long."""
Wrap = Callable[[Evaluate], Evaluate]
CodeSize = Callable[[Code, Pending, Section, Assembly, Wrap], int]
"""The size of an instruction of several, whose values are to be seen through `Wrap`."""


def relaxes(section: Section) -> bool:
    """Whether instructions, and gaps for alignment, are all that changes its size in a section."""
    return not any(isinstance(item, (Gap, Leb128, Origin)) for item in section.items)


def has_lengths(item: Item) -> bool:
    """Whether it is an instruction that has several."""
    return isinstance(item, Code) and not isinstance(item.content, bytes) and len(item.content.sizes) > 1


def padding_of(item: Padding) -> int:
    """The bytes that fill up to the alignment where the item stands."""
    need = -item.offset % item.alignment
    return need if need <= item.limit else 0


def relax(section: Section, assembly: Assembly, code_size: CodeSize, settled: set[int]) -> bool:
    """One pass; whether anything changed.  `settled` keeps the instructions (by identity) that stay as they are."""
    gaps = [item for item in section.items if isinstance(item, Padding) and item.alignment > 1]
    places = [gap.offset for gap in gaps]
    base, stretch, is_changed = section.address or 0, 0, False
    marks = [item for item in section.items if isinstance(item, Mark)]
    for mark in marks:
        mark.offset += _AHEAD
    for item in section.items:
        old = item.offset
        item.offset += stretch - _AHEAD if isinstance(item, Mark) else stretch
        size = item.size
        if isinstance(item, Padding):
            size = padding_of(item)
        elif isinstance(item, Code) and not isinstance(item.content, bytes) and len(item.content.sizes) > 1 \
                and id(item) not in settled:
            view = _View(base, old, stretch, places, gaps)
            size = code_size(item, item.content, section, assembly, view.over)
            if stretch <= 0 and size > item.content.sizes[0]:
                settled.add(id(item))
        if size != item.size:
            stretch += size - item.size
            item.size = size
            is_changed = True
    section.size += stretch
    return is_changed


class _View(Struct):
    """What an instruction at `old` sees of the section, when all before it has grown by `stretch`."""

    base: int
    old: int
    stretch: int
    places: Sequence[int]
    gaps: Sequence[Item]

    def over(self, values: Evaluate) -> Evaluate:
        """`values`, in which what is ahead has moved."""
        return _Moved(self, values)

    def seen(self, address: int) -> int:
        """Where an address is taken to come to lie."""
        if address - self.base < _AHEAD >> 1 or address - self.base > _AHEAD + (_AHEAD >> 1):
            return address
        target = address - _AHEAD
        stretch = self.stretch
        if stretch:
            first, last = bisect_right(self.places, self.old), bisect_right(self.places, target - self.base)
            for gap in self.gaps[first:last]:
                assert isinstance(gap, Padding)
                stretch = abs(stretch) // gap.alignment * gap.alignment * (1 if stretch > 0 else -1)
                if not stretch:
                    break
        return target + stretch


class _Moved(Struct):
    """Values (`Evaluate`) through a view."""

    view: _View
    values: Evaluate

    def number(self, expression: Expression) -> int:
        """See Evaluate."""
        return self.view.seen(self.values.number(expression))

    def pointer(self, expression: Expression) -> int:
        """See Evaluate."""
        return self.view.seen(self.values.pointer(expression))

    def instruction_set_bit(self, expression: Expression, is_function: bool) -> int | None:
        """See Evaluate."""
        return self.values.instruction_set_bit(expression, is_function)
