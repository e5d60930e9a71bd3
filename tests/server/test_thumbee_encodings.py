"""Claims: ThumbEE's own encodings stand where a code generator that was made for them puts them.

No assembler, disassembler or emulator that can be installed knows ThumbEE. The witness is the CLDC HotSpot VM,
which ran on processors that had it: `WITNESS` tells how its assembler makes each instruction (phoneME,
`src/vm/cpu/thumb2/Assembler_thumb2.hpp`, under ENABLE_ARM_V7). Every operand of each is executed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

import pytest

from trapline.server.boards.machine import Machine

from .guests import arm

TEEHBR, HERE, DATA = 0x4010_0000, 0x4002_0000, 0x4004_0000
WITNESS: Final[dict[str, Callable[[int, int, int], int]]] = {
    "hbp": lambda handler, parameter, _: 0xC000 | handler | parameter << 5,
    "hb": lambda handler, _, __: 0xC200 | handler,
    "hbl": lambda handler, _, __: 0xC300 | handler,
    "hblp": lambda handler, parameter, _: 0xC400 | handler | parameter << 5,
    "ldr_neg": lambda t, n, words: 0xC800 | words << 6 | n << 3 | t,
    "chka": lambda n, m, _: 0xCA00 | n & 7 | m << 3 | (n & 8) << 4,
    "ldr_r10": lambda t, words, _: 0xCB00 | words << 3 | t,
    "ldr_r9": lambda t, words, _: 0xCC00 | words << 3 | t,
    "str_r9": lambda t, words, _: 0xCE00 | words << 3 | t,
}


@cache
def machine() -> Machine:
    """A processor in Supervisor mode and Thumb state, with handlers."""
    made = arm("b .", "arm-virt")
    core = made.vcpus[0].core
    core.put("CPSR", 0x1F3)
    core.write("TEEHBR", TEEHBR)
    return made


def executed(half: int, **registers: int) -> tuple[int, dict[int, int]]:
    """Where one goes on from HERE, and which registers have changed; each holds what tells it from the others."""
    core = machine().vcpus[0].core
    values = {n: registers.get(f"r{n}", 0x1000 * (n + 1)) for n in range(15)}
    for n, value in values.items():
        core.write("R", value, n)
    machine().memory.write(HERE, half.to_bytes(2, "little"))
    core.pc = HERE
    core.call("execute_thumbee", HERE)
    return core.pc, {n: core.read("R", n) for n, value in values.items() if core.read("R", n) != value}


def handler(number: int) -> int:
    """Where it begins: 32 bytes each."""
    return TEEHBR + 32 * number


@pytest.mark.parametrize(("name", "parameters"), [("hbp", 8), ("hblp", 32)])
def test_branches_to_handlers_with_a_parameter(name: str, parameters: int) -> None:
    """32 handlers; the parameter in r8; HBLP links."""
    for number in range(32):
        for parameter in range(parameters):
            wanted = {8: parameter} | ({14: HERE + 2 | 1} if name == "hblp" else {})
            assert executed(WITNESS[name](number, parameter, 0)) == (handler(number), wanted), (number, parameter)


@pytest.mark.parametrize("name", ["hb", "hbl"])
def test_branches_to_handlers(name: str) -> None:
    """256 handlers; HBL links."""
    for number in range(256):
        wanted = {14: HERE + 2 | 1} if name == "hbl" else {}
        assert executed(WITNESS[name](number, 0, 0)) == (handler(number), wanted), number


def test_array_checks() -> None:
    """Of all registers but sp and pc: an index that is not below the size goes to the handler at TEEHBR - 8."""
    for n in range(15):
        for m in range(15):
            if 13 in (n, m):
                continue
            half = WITNESS["chka"](n, m, 0)
            # Registers hold numbers that grow with theirs: the size is above the index where its register is.
            wanted = (HERE + 2, {}) if n > m else (TEEHBR - 8, {14: HERE + 4 | 1})
            assert executed(half) == wanted, (n, m)


def test_loads_and_stores_of_the_handlers_bases() -> None:
    """r9 and r10 with offsets of words, upwards; low registers, downwards."""
    memory = machine().memory
    for at in range(-16, 64):
        memory.write(DATA + 4 * at, (0x5A00_0000 + at).to_bytes(4, "little"))
    for t in range(8):
        for words in range(32):
            assert executed(WITNESS["ldr_r10"](t, words, 0), r10=DATA) == (HERE + 2, {t: 0x5A00_0000 + words})
        for words in range(64):
            assert executed(WITNESS["ldr_r9"](t, words, 0), r9=DATA) == (HERE + 2, {t: 0x5A00_0000 + words})
        for n in range(8):
            for words in range(8):
                found = executed(WITNESS["ldr_neg"](t, n, words), **{f"r{n}": DATA})
                assert found == (HERE + 2, {t: 0x5A00_0000 - words}), (t, n, words)
    for t in range(8):
        for words in range(64):
            assert executed(WITNESS["str_r9"](t, words, 0), r9=DATA) == (HERE + 2, {})
            assert memory.read_int(DATA + 4 * words, 4, "little") == 0x1000 * (t + 1)


@pytest.mark.parametrize("name", ["ldr_r9", "ldr_r10", "str_r9", "ldr_neg"])
def test_their_bases_are_checked_for_null(name: str) -> None:
    """A zero leads to the handler at TEEHBR - 4, and nothing is loaded or stored."""
    base = {"ldr_r10": "r10", "ldr_neg": "r5"}.get(name, "r9")
    half = WITNESS[name](3, 5, 2)
    assert executed(half, **{base: 0}) == (TEEHBR - 4, {14: HERE + 4 | 1})
