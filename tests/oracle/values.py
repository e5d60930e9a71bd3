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


def vector(draw: random.Random) -> int:
    """128 bits: equal-sized integers or floating-point numbers."""
    width = draw.choice((8, 16, 32, 64, 128, 0))
    if width == 0:
        return sum(single(draw) << at for at in range(0, 128, 32))
    if width == 128:
        return draw.getrandbits(128)
    return sum(integer(draw, width) << at for at in range(0, 128, width))
