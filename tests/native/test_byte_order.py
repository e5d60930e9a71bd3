"""Code is decoded in the byte order that is set when it is come to, also in a page that was decoded in the other."""

from __future__ import annotations

import random

import pytest

from trapline.isa.engine.native.tier.tiers import COPIED, INTERPRETER, Tiers

from .pair import CODE, Pair
from .test_differential import agree

RFID, NEVER = bytes.fromhex("4c000024"), bytes.fromhex("4bfffff8")
BOTH_WAYS = bytes.fromhex("01006038" "2400004c")
"""Little-endian: `li r3, 1` and `rfid`; big-endian no instruction."""


@pytest.mark.parametrize("tiers", [INTERPRETER, COPIED], ids=["interpreter", "units"])
def test_a_page_is_read_as_msr_le_says_when_it_changes_between_two_instructions(tiers: Tiers) -> None:
    """Power: `rfid` leads there and back within one page; the engine keeps translations and decoded pages meanwhile."""
    pair = Pair("power7", tiers)
    pair.prepare(random.Random(1), {}, RFID + NEVER + BOTH_WAYS)
    big = pair.sides[0].state.read("MSR")
    for little in (True, False, True):
        for side in pair.sides:
            side.state.write("SRR0", CODE + 8)
            side.state.write("SRR1", big | little)
            side.state.pc = CODE
        agree(pair, 2, f"little: {little}")
        if little:
            for side in pair.sides:
                side.state.write("SRR0", CODE)
                side.state.write("SRR1", big)
            agree(pair, 1, "back")
