"""Loops of floating-point instructions leave the same registers and flags compiled as in the reference engine."""

from __future__ import annotations

import functools
import random

import pytest

from trapline.isa.engine.native.building.compiler import host_has_fma
from trapline.isa.engine.native.running.engine import NativeEngine
from trapline.isa.engine.native.tier.tiers import EAGER

from .float_programs import BANK, SET, always, computing, prepare_numbers
from .loops import branch_back
from .pair import Pair
from .programs import decoders_of, word_of
from .test_differential import agree

_LOOPS = 24


@functools.cache
def pair_of(core: str) -> Pair:
    """The two machines of a core, made once."""
    return Pair(core, EAGER)


def _instructions(core: str, generator: random.Random, count: int) -> bytes:
    pair = pair_of(core)
    decoders = decoders_of(pair)
    found = [word_of(pair, generator.choice(computing(core)), generator, decoders) for _ in range(count)]
    return b"".join(always(core, word) for word in found if word is not None)


def _over(core: str, generator: random.Random, distance: int) -> bytes:
    """A branch over `distance` bytes that flags decide on."""
    if core == "power7":
        taken_if = generator.choice([0x40800000, 0x41800000])
        return (taken_if | generator.randrange(8) << 16 | distance + 4).to_bytes(4, "big")
    return (generator.randrange(14) << 28 | 0x0A000000 | (distance + 4 - 8 >> 2) & 0xFFFFFF).to_bytes(4, "little")


def _loop(core: str, generator: random.Random) -> bytes:
    """Instructions, a part of which may be branched over, and a branch back."""
    first, second, third = (_instructions(core, generator, generator.randrange(1, 6)) for _ in range(3))
    body = first + _over(core, generator, len(second)) + second + third
    return body + branch_back(SET[core], len(body))


@pytest.mark.parametrize("core", sorted(BANK))
def test_loops_of_floating_point_end_alike_after_any_budget(core: str) -> None:
    """With results that stay numbers for a while, in all roundings, flags set and clear before."""
    pair = pair_of(core)
    regions = 0
    for number in range(_LOOPS):
        generator = random.Random(number)
        words = _loop(core, generator)
        prepare_numbers(pair, core, generator, words)
        for part in range(6):
            agree(pair, generator.choice([1, 2, 3, 7, 19, 60]), f"loop {number}, part {part}, {words.hex()}")
            engine = pair.sides[1].engine
            assert isinstance(engine, NativeEngine)
            assert engine.regions is not None
            regions += len(engine.regions.present())
    # Without fused multiply-add regions have no floating point, and few of these loops anything else.
    assert regions > _LOOPS or not host_has_fma()
