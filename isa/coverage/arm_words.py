"""Words of A32 and T32 in which every combination of opcode bits occurs, the other bits drawn: the same ones each time.

DDI 0406C, A5 (A32: bits 27:20 and 7:4), A6 (T32: halfwords, bits 28:20 and 7:4 of 32-bit instructions), A7 (Advanced
SIMD and VFP, told apart by most bits: there more are drawn).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final

_ALWAYS: Final = 0xE
_UNCONDITIONAL: Final = 0xF
_FEW: Final = 24
_MANY: Final = 160
_IT_BLOCKS: Final = range(0xBF01, 0xC000)
"""Halfwords of IT, and the hints among them that have no mask."""


def a32_words() -> Iterator[int]:
    """Some two hundred thousand words, always executed and unconditional ones."""
    draw = random.Random(1)
    for condition in (_ALWAYS, _UNCONDITIONAL):
        for opcode in range(256):
            simd = condition == _UNCONDITIONAL and opcode < 0x50
            coprocessor = opcode >= 0xC0 and opcode < 0xF0
            for low in range(16):
                fixed = condition << 28 | opcode << 20 | low << 4
                for number in range(_MANY if simd or coprocessor else _FEW):
                    yield fixed | _drawn(draw, number, coprocessor)


def t32_words() -> Iterator[tuple[int, int]]:
    """(word, bits): all of 16 bits but IT, and some two hundred thousand of 32 bits, the first halfword above."""
    for word in range(0xE800):
        if word not in _IT_BLOCKS or word & 15 == 0:
            yield word, 16
    draw = random.Random(2)
    for opcode in range(0xE80, 0x1000):
        simd = opcode >> 4 in (0xEF, 0xFF, 0xF9)
        coprocessor = opcode >> 4 in (0xEC, 0xED, 0xEE, 0xFC, 0xFD, 0xFE)
        for low in range(16):
            for number in range(_MANY // 2 if simd or coprocessor else _FEW):
                drawn = _drawn(draw, number, coprocessor)
                yield opcode << 20 | drawn & 0xF_FF0F | low << 4, 32


def _drawn(draw: random.Random, number: int, coprocessor: bool) -> int:
    """Bits 19:8 and 3:0: zeros, ones with exceptions, registers that no rule is about; coprocessors 10 and 11 often."""
    usual = (0x0_0000, 0xF_FF0F, 0xF_F00F, 0x1_2003, 0x1_2103, 0xD_0000, 0x3_F00F, 0xF_1003)
    drawn = usual[number] if number < len(usual) else draw.getrandbits(20) & 0xF_FF0F
    if coprocessor and number % 4:
        return drawn & ~0xF00 | (0xA00, 0xB00, 0xE00)[number % 3]
    return drawn
