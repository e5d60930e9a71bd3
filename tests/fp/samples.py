"""Operands worth trying: edges of a format, and seeded random patterns that reach them often."""

import random

from trapline.isa.engine.fp.formats import format_of


def edges(width: int) -> list[int]:
    """Patterns at every limit of the format, in both signs, NaNs included."""
    fmt = format_of(width)
    one = ((1 << (width - 2 - fmt.fraction_bits)) - 1) << fmt.fraction_bits
    positive = [
        0,
        1,
        2,
        3,
        fmt.hidden_bit - 1,
        fmt.hidden_bit,
        fmt.hidden_bit + 1,
        fmt.hidden_bit << 1,
        one - 1,
        one,
        one + 1,
        one + (fmt.hidden_bit >> 1),
        one + fmt.hidden_bit,
        one + fmt.fraction_bits * fmt.hidden_bit + 1,
        fmt.infinity - 1,
        fmt.infinity,
        fmt.infinity + 1,
        fmt.default_nan,
        fmt.default_nan | 0x55,
    ]
    return [bits | sign for bits in positive for sign in (0, fmt.sign_bit)]


def random_patterns(width: int, count: int, seed: int) -> list[int]:
    """`count` patterns: uniform ones, near exponents that interact, and fractions of few bits."""
    fmt = format_of(width)
    source = random.Random(seed)
    bias = (fmt.infinity >> fmt.fraction_bits) >> 1
    found = []
    for _ in range(count):
        fraction = source.getrandbits(fmt.fraction_bits)
        if source.random() < 0.4:
            fraction &= fraction << source.randrange(fmt.fraction_bits) & fmt.fraction_mask
        kind = source.randrange(4)
        if kind == 0:
            found.append(source.getrandbits(width))
            continue
        center = (0, bias, source.choice((0, 2 * bias, bias // 2, bias + bias // 2)))[kind - 1]
        exponent = min(max(center + source.randint(-60, 60) // (3 - kind % 3), 0), 2 * bias)
        found.append(source.getrandbits(1) << (width - 1) | exponent << fmt.fraction_bits | fraction)
    return found
