"""Loops of floating-point instructions leave the same registers and flags compiled as in the reference engine."""

from __future__ import annotations

import functools
import random

import pytest

from trapline.isa.engine.native.compiler import host_has_fma
from trapline.isa.engine.native.engine import NativeEngine
from trapline.isa.engine.native.regions.tiers import EAGER
from trapline.isa.engine.purity import calls, reachable, walk
from trapline.isa.model import code
from trapline.isa.model.items import Form

from .loops import branch_back
from .pair import Pair
from .programs import decoders_of, word_of
from .test_differential import agree
from .test_float_text import operand

_LOOPS = 24
_BANK = {"power7": "FPR", "armv7ve": "D"}
_SET = {"power7": "PPC", "armv7ve": "A32"}
_STATUS = {
    "power7": [0, 0, 0x82000000, 0x82000000, 1, 2, 0x82000003, 0x8, 0xF8],
    "armv7ve": [0, 0, 0x10, 0x00400000, 0x00800010, 0x00C00000, 0x02000000],
}
"""FPSCR: clear, inexact already, other roundings, on Power enabled exceptions, on Arm default NaNs."""
_SETTINGS = {"power7": {"MSR": 0x9000000002802000}, "armv7ve": {"CPSR": 0x113, "FPEXC": 0x40000000, "CPACR": 0xF00000}}


@functools.cache
def pair_of(core: str) -> Pair:
    """The two machines of a core, made once."""
    return Pair(core, EAGER)


@functools.cache
def computing(core: str) -> list[Form]:
    """The forms that compute with floating-point numbers."""
    description = pair_of(core).description
    functions = description.functions

    def computes(form: Form) -> bool:
        bodies = [form.body, *(functions[name].body for name in reachable(functions, sorted(calls(form.body))))]
        built_in = (code.Builtin, code.BuiltinInto)
        return any(isinstance(node, built_in) and node.name.startswith("fp_") for node in walk(tuple(bodies)))

    return [form for form in description.forms.values() if form.instruction_set == _SET[core] and computes(form)]


def _instructions(core: str, generator: random.Random, count: int) -> bytes:
    pair = pair_of(core)
    decoders = decoders_of(pair)
    found = [word_of(pair, generator.choice(computing(core)), generator, decoders) for _ in range(count)]
    return b"".join(_always(core, word) for word in found if word is not None)


def _always(core: str, word: bytes) -> bytes:
    """An instruction of Arm without its condition."""
    return word if core == "power7" else word[:3] + bytes([word[3] & 0x0F | 0xE0])


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
    return body + branch_back(_SET[core], len(body))


def _number(generator: random.Random, core: str) -> int:
    """A double, or on Arm two singles."""
    if core == "armv7ve" and generator.randrange(2):
        return operand(generator, 32) << 32 | operand(generator, 32)
    if generator.randrange(3):
        return generator.getrandbits(1) << 63 | generator.randrange(1000, 1050) << 52 | generator.getrandbits(52)
    single = generator.getrandbits(1) << 63 | generator.randrange(1000, 1050) << 52 | generator.getrandbits(23) << 29
    return generator.choice([operand(generator, 64), single])


@pytest.mark.parametrize("core", sorted(_BANK))
def test_loops_of_floating_point_end_alike_after_any_budget(core: str) -> None:
    """With results that stay numbers for a while, in all roundings, flags set and clear before."""
    pair = pair_of(core)
    regions = 0
    for number in range(_LOOPS):
        generator = random.Random(number)
        words = _loop(core, generator)
        pair.prepare(generator, _SETTINGS[core], words)
        bank, status = _BANK[core], generator.choice(_STATUS[core])
        values = [_number(generator, core) for _ in range(pair.description.registers[bank].count)]
        for side in pair.sides:
            side.state.write("FPSCR", status)
            for index, value in enumerate(values):
                side.state.write(bank, value, index)
            side.engine.state_changed()
        for part in range(6):
            agree(pair, generator.choice([1, 2, 3, 7, 19, 60]), f"loop {number}, part {part}, {words.hex()}")
            engine = pair.sides[1].engine
            assert isinstance(engine, NativeEngine)
            assert engine.regions is not None
            regions += len(engine.regions.present())
    # Without fused multiply-add regions have no floating point, and few of these loops anything else.
    assert regions > _LOOPS or not host_has_fma()
