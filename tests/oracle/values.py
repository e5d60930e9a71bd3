"""Random register values that are often at an edge: integers, floating-point numbers, vectors."""

import random

from .qemu_user import MEMORY_ADDRESS, MEMORY_BYTES

_SINGLES = (
    *(0x00000000, 0x80000000, 0x7F800000, 0xFF800000, 0x3F800000, 0xBF800000, 0x7F7FFFFF, 0x00800000, 0x007FFFFF),
    *(0x00000001, 0x80000001, 0x7FC00000, 0x7F800001, 0xFFBFFFFF, 0x4F000000, 0xCF000000, 0x5F000000, 0x4F800000),
)
_DOUBLES = (
    *(0x0000000000000000, 0x8000000000000000, 0x7FF0000000000000, 0xFFF0000000000000, 0x3FF0000000000000),
    *(0xBFF0000000000000, 0x7FEFFFFFFFFFFFFF, 0x0010000000000000, 0x000FFFFFFFFFFFFF, 0x0000000000000001),
    *(0x8000000000000001, 0x7FF8000000000000, 0x7FF0000000000001, 0xFFF4000000000000, 0x41E0000000000000),
    *(0xC1E0000000000000, 0x43E0000000000000, 0xC3E0000000000000, 0x43F0000000000000, 0x3690000000000000),
    *(0x380FFFFFFFFFFFFF, 0x47EFFFFFE0000000, 0x47EFFFFFF0000000, 0x36A0000000000000, 0x3FE0000000000000),
)


def integer(draw: random.Random, width: int) -> int:
    """A value of `width` bits: an edge, a small one of either sign, an address in the memory, or any."""
    top, mask = 1 << (width - 1), (1 << width) - 1
    kind = draw.randrange(10)
    if kind < 3:
        return draw.choice((0, 1, mask, top, top - 1, 0x80000000, 0x7FFFFFFF, 0xFFFFFFFF, 0x100000000)) & mask
    if kind < 5:
        return draw.randint(-130, 130) & mask
    if kind < 6:
        return memory_address(draw) & mask
    if kind < 7:
        return 1 << draw.randrange(width)
    return draw.getrandbits(width)


def memory_address(draw: random.Random) -> int:
    """An address in the instances' memory, aligned more often than not."""
    return MEMORY_ADDRESS + (draw.randrange(MEMORY_BYTES - 16) & -draw.choice((1, 2, 4, 8, 16)))


def single(draw: random.Random) -> int:
    """The bits of a single-precision number: an edge, one of moderate size, or any."""
    kind = draw.randrange(4)
    if kind == 0:
        return draw.choice(_SINGLES)
    if kind == 1:
        return draw.getrandbits(32)
    return draw.getrandbits(1) << 31 | (draw.randint(-40, 70) + 127) << 23 | _fraction(draw, 23)


def double(draw: random.Random) -> int:
    """The bits of a double-precision number: an edge, a single's value, one of moderate size, or any."""
    kind = draw.randrange(5)
    if kind == 0:
        return draw.choice(_DOUBLES)
    if kind == 1:
        return draw.getrandbits(64)
    exponent = draw.randint(-1080, 1080) if kind == 2 else draw.randint(-60, 70)
    if not -1022 <= exponent <= 1023:
        exponent = -1023
    return draw.getrandbits(1) << 63 | (exponent + 1023) << 52 | _fraction(draw, 52)


def _fraction(draw: random.Random, width: int) -> int:
    """Few ones at the top, all ones but a few, or any: so that ties and exact results happen."""
    kind = draw.randrange(4)
    if kind == 0:
        return draw.getrandbits(width)
    if kind == 1:
        return (1 << width) - 1 - draw.getrandbits(3)
    high = draw.randint(0, width)
    return draw.getrandbits(high) << (width - high) if high else 0


def decimal(draw: random.Random, width: int) -> int:
    """The bits of a decimal number of 64 or 128 bits: few or many digits, exponents near each other or anywhere."""
    continuation, declets, bias = (8, 5, 398) if width == 64 else (12, 11, 6176)
    places = 3 * declets + 1
    if draw.randrange(12) == 0:
        return draw.getrandbits(width) | 0x1E << width - 6
    digits = draw.randrange(10 ** draw.choice((0, 1, 2, places // 2, places - 1, places, places)))
    if draw.randrange(3) == 0:
        digits = 10 ** draw.randrange(places) * draw.randrange(1, 10)
    if draw.randrange(6) == 0:
        digits = 10**places - 1 - draw.randrange(3)
    spread = draw.choice((2, 20, 60, bias))
    exponent = bias + draw.randint(-spread, spread)
    if draw.randrange(8) == 0:
        exponent = draw.choice((draw.randrange(30), 2 * bias - 28 - draw.randrange(30)))
    exponent = min(max(exponent, 0), (3 << continuation) - 1)
    first, rest = divmod(digits, 10 ** (places - 1))
    trailing = sum(_declet(rest // 1000**number % 1000) << 10 * number for number in range(declets))
    high = exponent >> continuation
    combination = (0b11 << 3 | high << 1 | first & 1) if first >= 8 else high << 3 | first
    low = exponent & ((1 << continuation) - 1)
    head = (draw.getrandbits(1) << 5 | combination) << continuation | low
    return int(head << 10 * declets | trailing)


def _declet(number: int) -> int:
    """Three digits, densely packed (Book I, B.1)."""
    a, b, c = number // 100, number // 10 % 10, number % 10
    large = (a >= 8) << 2 | (b >= 8) << 1 | (c >= 8)
    low = (a & 1) << 7 | (b & 1) << 4 | c & 1
    ab, bb, cb = a >> 1 & 3, b >> 1 & 3, c >> 1 & 3
    return {
        0: low | ab << 8 | bb << 5 | cb << 1,
        1: low | ab << 8 | bb << 5 | 0b1000,
        2: low | ab << 8 | cb << 5 | 0b1010,
        3: low | ab << 8 | 0b10 << 5 | 0b1110,
        4: low | cb << 8 | bb << 5 | 0b1100,
        5: low | bb << 8 | 0b01 << 5 | 0b1110,
        6: low | cb << 8 | 0b1110,
        7: low | 0b11 << 5 | 0b1110,
    }[large]


def vector(draw: random.Random) -> int:
    """128 bits: equal-sized integers or floating-point numbers."""
    width = draw.choice((8, 16, 32, 64, 128, 0))
    if width == 0:
        return sum(single(draw) << at for at in range(0, 128, 32))
    if width == 128:
        return draw.getrandbits(128)
    return sum(integer(draw, width) << at for at in range(0, 128, width))
