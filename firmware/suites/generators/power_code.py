"""Pieces of Power code that several generators use."""

from __future__ import annotations

import random
from typing import Final

from ....isa.model.items import Description
from ..making.case import Check

MASK: Final = (1 << 64) - 1
_EDGES: Final = (
    0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000,
    0x7FFFFFFFFFFFFFFF, 0x8000000000000000, MASK, MASK - 1, 0xFFFFFFFF80000000, 0x00000000FFFFFFFE,
)  # fmt: skip
_FLOATS: Final = (
    0x0000000000000000, 0x8000000000000000, 0x3FF0000000000000, 0xBFF0000000000000, 0x4000000000000000,
    0x7FF0000000000000, 0xFFF0000000000000, 0x7FF8000000000000, 0x7FF0000000000001, 0x0000000000000001,
    0x000FFFFFFFFFFFFF, 0x0010000000000000, 0x7FEFFFFFFFFFFFFF, 0x3FB999999999999A, 0x41DFFFFFFFC00000,
    0x43E0000000000000, 0x36A0000000000000, 0x47EFFFFFE0000000, 0x3FF0000000000001,
)  # fmt: skip


def reason(description: Description) -> Check:
    """What the interrupt of a step has put into SRR1 33:36 and 42:47 (Power ISA 2.06 Book III-S, 6.2.5)."""
    return Check("srr1", ~description.constants["SAVED_FROM_MSR"].value & MASK, "the interrupt's reason", (), 0)


def into_problem_state(description: Description) -> tuple[str, ...]:
    """Code that goes on in problem state; r14 is changed."""
    (bit,) = (1 << one.low for one in description.registers["MSR"].fields if one.name == "PR")
    return (
        "mfmsr   r14",
        f"ori     r14, r14, {bit:#x}        # MSR[PR]",
        "mtsrr1  r14",
        "load32  r14, 1f",
        "mtsrr0  r14",
        "rfid",
        "1:",
    )


def word(rng: random.Random) -> int:
    """64 bits, often at an edge."""
    kind = rng.randrange(4)
    if kind == 0:
        return rng.getrandbits(64)
    if kind == 1:
        return rng.getrandbits(rng.randint(1, 63))
    return rng.choice(_EDGES)


def double(rng: random.Random) -> int:
    """A double-precision number, often a special one."""
    return rng.choice(_FLOATS) if rng.random() < 0.6 else rng.getrandbits(64)
