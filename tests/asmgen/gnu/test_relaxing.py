"""Claims about instructions of two lengths: T32 code has those of GNU as, whatever lies before their targets."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ...oracle.objects.compare import differences
from ...oracle.objects.flavours import FLAVOURS
from ...oracle.objects.gnu import assemble_by_gnu
from ...oracle.objects.ours import assemble_by_us
from ...oracle.slices import soak_seeds

pytestmark = pytest.mark.oracle
LABELS = 40
_WORDS = (("beq {}", 9), ("b {}", 9), ("bne {}", 4), ("bls {}", 2), ("beq.n . + 8", 1), ("adr r1, {}", 2),
          ("ldr r2, {}", 2), ("b {} + 2", 9))
"""Statements, and how many labels away their targets may be."""


def _program(seed: int) -> str:
    """Branches, addresses and loads around labels with alignment and gaps between, at distances near the limits."""
    draw = random.Random(seed)
    density, gap = draw.choice((0.2, 0.4, 0.7)), draw.choice((20, 60, 120))
    lines = [".syntax unified", ".thumb"]
    for number in range(LABELS):
        if draw.random() < 0.4:
            lines.append(f".p2align {draw.choice((1, 2, 2, 3, 4, 4, 5))}{draw.choice(('', '', ',,6'))}")
        lines.append(f"l{number}:")
        for _ in range(draw.randint(1, gap)):
            if draw.random() > density:
                lines.append(draw.choice(("nop", "nop.w", "adds r0, r1, #1", "mov.w r8, #1", "nop")))
                continue
            word, reach = draw.choice(_WORDS)
            target = f"l{min(LABELS - 1, max(0, number + draw.randint(-reach, reach)))}"
            lines.append(word.format(target))
    return "\n".join([*lines, ""])


def _check(seeds: range, folder: Path) -> None:
    source = folder / "relaxed.s"
    for seed in seeds:
        source.write_text(_program(seed))
        flavour = FLAVOURS["arm"]
        assert differences(assemble_by_gnu(source, flavour), assemble_by_us(source, flavour)) == [], seed


def test_lengths_are_those_of_gnu_as(tmp_path: Path) -> None:
    """Ten programs of some hundred branches."""
    _check(range(10), tmp_path)


@pytest.mark.soak
def test_soak(tmp_path: Path) -> None:
    """The same of many."""
    for seed in soak_seeds():
        _check(range(1_000 * seed, 1_000 * seed + 100), tmp_path)
