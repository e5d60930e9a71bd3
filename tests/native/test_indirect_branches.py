"""Indirect branches in regions: what they often led to is in the region, wherever else they lead is left to others."""

from __future__ import annotations

import random

import pytest

from trapline.asmgen import Source, assemble, target_for
from trapline.isa.engine.native.tier import landing
from trapline.isa.engine.native.tier.region import Region
from trapline.isa.engine.native.tier.tiers import Tiers

from .pair import CODE, Pair
from .test_differential import agree
from .test_regions_differential import budgets, regions_of, tier_of

TIERS = Tiers(threshold=40, units=2, later=6000, patience=1 << 20)
"""A region is made when its loop has gone round some hundred times."""
POWER = f"""
_start: mulli   %r4, %r4, 5
        addi    %r4, %r4, 3
        rlwinm  %r5, %r4, 8, 27, 28
        add     %r6, %r10, %r5
        mtctr   %r6
        bctr
        .p2align 6
table:  {"".join(f"addi %r3, %r3, {number + 1}; b _start; " for number in range(4))}
rare:   addi    %r3, %r3, 99
        addi    %r10, %r10, -32
        b       _start
"""
ARM = f"""
_start: add     r4, r4, r4, lsl #2
        add     r4, r4, #3
        ubfx    r5, r4, #24, #2
        add     r6, r10, r5, lsl #3
        bx      r6
        .p2align 6
table:  {"".join(f"add r3, r3, #{number + 1}; b _start; " for number in range(4))}
rare:   add     r3, r3, #99
        sub     r10, r10, #32
        b       _start
"""
CORES = [
    ("power7", POWER, {"MSR": 0x9000000002802000}, {("GPR", 4): 7}, ("GPR", 3), ("GPR", 10)),
    ("armv7ve", ARM, {"CPSR": 0x113}, {("R", 4): 7}, ("R", 3), ("R", 10)),
]


def _prepared(core: str, text: str, settings: dict[str, int], values: dict[tuple[str, int], int]) -> tuple[Pair, int]:
    """A pair with the program at CODE, and where its table is."""
    pair = Pair(core, TIERS)
    image = assemble([Source("indirect.s", text)], target_for(pair.description))
    words = b"".join(section.data for section in image.sections)
    pair.prepare(random.Random(1), settings, words)
    table = CODE + 64
    for side in pair.sides:
        for (name, index), value in values.items():
            side.state.write(name, value, index)
        side.engine.state_changed()
    return pair, table


@pytest.mark.parametrize(("core", "text", "settings", "values", "sums", "base"), CORES, ids=["power7", "armv7ve"])
def test_a_region_contains_what_its_indirect_branch_leads_to(
    core: str,
    text: str,
    settings: dict[str, int],
    values: dict[tuple[str, int], int],
    sums: tuple[str, int],
    base: tuple[str, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All four targets of a table, so that such a loop stays within; ends alike after any budget, also where a fifth
    target comes that nobody had seen, and where the table moves."""
    monkeypatch.setattr(landing, "_FEW_ARRIVALS", 4)
    pair, table = _prepared(core, text, settings, values)
    for side in pair.sides:
        side.state.write(*sums[:1], 0, sums[1])
        side.state.write(*base[:1], table, base[1])
        side.engine.state_changed()
    agree(pair, 40_000, "the table")
    assert regions_of(pair) > 0
    covered = {offset for region in tier_of(pair).present() if isinstance(region, Region) for offset in region.offsets}
    head = CODE & 4095
    assert set(range(head, head + 16, 4)) <= covered
    targets = {(table + 8 * number) & 4095 for number in range(4)}
    whole = [region for region in tier_of(pair).present() if targets <= region.offsets and head in region.offsets]
    assert whole
    generator = random.Random(core)
    for number, budget in enumerate(budgets(generator, 30)):
        agree(pair, budget, f"cut {number}")
    for place in (table + 32, table + 8, table - 64):
        for side in pair.sides:
            side.state.write(*base[:1], place, base[1])
            side.engine.state_changed()
        for number, budget in enumerate(budgets(generator, 8)):
            agree(pair, budget, f"at {place:#x}, cut {number}")
