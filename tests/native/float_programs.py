"""Floating-point instructions with operands and settings that let them do what they are for."""

from __future__ import annotations

import functools
import random

from trapline.isa.engine.purity import calls, reachable, walk
from trapline.isa.lang.load import load_core
from trapline.isa.model import code
from trapline.isa.model.items import Form

from .pair import Pair
from .test_float_text import operand

BANK = {"power7": "FPR", "armv7ve": "D"}
SET = {"power7": "PPC", "armv7ve": "A32"}
STATUS = {
    "power7": [0, 0, 0x82000000, 0x82000000, 1, 2, 0x82000003, 0x8, 0xF8],
    "armv7ve": [0, 0, 0x10, 0x00400000, 0x00800010, 0x00C00000, 0x02000000],
}
"""FPSCR: clear, inexact already, other roundings, on Power enabled exceptions, on Arm default NaNs."""
SETTINGS = {"power7": {"MSR": 0x9000000002802000}, "armv7ve": {"CPSR": 0x113, "FPEXC": 0x40000000, "CPACR": 0xF00000}}


@functools.cache
def computing(core: str) -> list[Form]:
    """The forms that compute with floating-point numbers."""
    description = load_core(core)
    functions = description.functions

    def computes(form: Form) -> bool:
        bodies = [form.body, *(functions[name].body for name in reachable(functions, sorted(calls(form.body))))]
        built_in = (code.Builtin, code.BuiltinInto)
        return any(isinstance(node, built_in) and node.name.startswith("fp_") for node in walk(tuple(bodies)))

    return [form for form in description.forms.values() if form.instruction_set == SET[core] and computes(form)]


def always(core: str, word: bytes) -> bytes:
    """An instruction of Arm without its condition."""
    return word if core == "power7" else word[:3] + bytes([word[3] & 0x0F | 0xE0])


def prepare_numbers(pair: Pair, core: str, generator: random.Random, words: bytes) -> None:
    """Instructions to be run with random numbers in the registers, in one of the settings."""
    pair.prepare(generator, SETTINGS[core], words)
    bank, status = BANK[core], generator.choice(STATUS[core])
    values = [_number(generator, core) for _ in range(pair.description.registers[bank].count)]
    for side in pair.sides:
        side.state.write("FPSCR", status)
        for index, value in enumerate(values):
            side.state.write(bank, value, index)
        side.engine.state_changed()


def _number(generator: random.Random, core: str) -> int:
    """A double, or on Arm two singles."""
    if core == "armv7ve" and generator.randrange(2):
        return operand(generator, 32) << 32 | operand(generator, 32)
    if generator.randrange(3):
        return generator.getrandbits(1) << 63 | generator.randrange(1000, 1050) << 52 | generator.getrandbits(52)
    single = generator.getrandbits(1) << 63 | generator.randrange(1000, 1050) << 52 | generator.getrandbits(23) << 29
    return generator.choice([operand(generator, 64), single])
