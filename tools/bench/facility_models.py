"""What the kernels of a processor's own facilities give, worked out in Python."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from fractions import Fraction
from functools import cache

_WORD = 0xFFFFFFFF


def _folded(words: Iterable[int]) -> int:
    total = 0
    for word in words:
        total = (total << 5 | total >> 27) & _WORD ^ word
    return total


def _words(*numbers: float) -> tuple[int, ...]:
    """The words of doubles, as big-endian memory has them."""
    return struct.unpack(f">{2 * len(numbers)}I", struct.pack(f">{len(numbers)}d", *numbers))


def _fused(a: float, b: float, c: float) -> float:
    """a * b + c, rounded once."""
    return float(Fraction(a) * Fraction(b) + Fraction(c))


@cache
def fused() -> int:
    """Four chains of fused multiply-adds, 2048 steps."""
    first, second, third, fourth = 0.7, -0.3, 1.1, 0.9
    f1, f2, f3, f4 = first, second, third, fourth
    for _ in range(2048):
        f1 = _fused(f1, first, third)
        f2 = -_fused(f2, second, -fourth)
        f3 = _fused(f3, first, -f1)
        f4 = f4 * second
        f4 = f4 + f2
        f3 = f3 - f4
    return _folded(_words(f1, f2, f3, f4))


@cache
def vmx() -> int:
    """Bytes and words of four vector registers, 4096 steps."""
    v1 = list(range(16))
    words, v4, v6 = [0] * 4, [0] * 16, [0] * 16
    for _ in range(4096):
        v1 = [(byte + 7) & 0xFF for byte in v1]
        for n in range(4):
            words[n] += sum(v1[k] * v4[k] for k in range(4 * n, 4 * n + 4))
        v4 = [(a + b + 1) >> 1 for a, b in zip(v4, v1, strict=True)]
        v6 = [a ^ b for a, b in zip(v6, (v4 + v1)[3:19], strict=True)]
        least = [min(a, b) for a, b in zip(v6, v1, strict=True)]
        added = struct.unpack(">4I", bytes(least))
        words = [(a + b) & _WORD for a, b in zip(words, added, strict=True)]
    return _folded((*words, *struct.unpack(">4I", bytes(v6))))


@cache
def vsx() -> int:
    """512 doubles, sixteen times y = a * x + y; all of it is exact."""
    return _folded(_words(sum(0.5 * n + 16 * 0.25 * n for n in range(512))))
