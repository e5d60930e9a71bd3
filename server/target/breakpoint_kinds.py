"""Which kinds of breakpoints gdb may ask for, by the description."""

from __future__ import annotations

from ...isa.model.items import Description


def kinds_of(description: Description) -> dict[int, int]:
    """The kinds of breakpoints that gdb may ask for, each with the alignment of its place, in bytes.

    Where there are several instruction sets a kind is a unit of one of them, or 3 for long T32 instructions. With one
    set of units of 16 bits it is the length of what gdb itself would write there, which says nothing: for RISC-V 2 or
    4, for a core that gdb takes for another architecture whatever that one has.
    """
    units = sorted({one.unit // 8 for one in description.instruction_sets.values()})
    if units == [2]:
        return dict.fromkeys((1, 2, 3, 4), 2)
    return {unit: unit for unit in units} | ({3: 1} if 2 in units else {})
