"""Rounding agrees with a definition in rational numbers, in the modes that no host offers."""

import random
from fractions import Fraction
from itertools import product
from math import floor

import pytest

from trapline.isa.engine import fp
from trapline.isa.engine.fp.formats import format_of

from .samples import edges, random_patterns


def value_of(bits: int, width: int) -> Fraction:
    """The number that a finite pattern stands for, straight from IEEE 754-2008, 3.4."""
    fmt = format_of(width)
    biased = (bits & fmt.infinity) >> fmt.fraction_bits
    fraction = Fraction(bits & fmt.fraction_mask, 1 << fmt.fraction_bits)
    significand = fraction + (1 if biased else 0)
    magnitude = significand * Fraction(2) ** (max(biased, 1) - 1 + fmt.minimum_exponent)
    return -magnitude if bits & fmt.sign_bit else magnitude


def nearest_patterns(exact: Fraction, width: int) -> tuple[int, int]:
    """The magnitudes (patterns, infinity included) just below or at, and just above, |exact|."""
    fmt = format_of(width)
    low, high = 0, fmt.infinity
    while high - low > 1:
        middle = (low + high) // 2
        if value_of(middle, width) <= abs(exact):
            low = middle
        else:
            high = middle
    return low, high


def expected(exact: Fraction, width: int, rounding: int) -> tuple[int, int]:
    """Pattern and flags of a nonzero exact result; infinity counts as the next number after the largest."""
    fmt = format_of(width)
    low, high = nearest_patterns(exact, width)
    magnitude, sign_bit = abs(exact), fmt.sign_bit if exact < 0 else 0
    tiny = magnitude < value_of(fmt.hidden_bit, width)
    if value_of(low, width) == magnitude:
        return sign_bit | low, 0
    above = Fraction(2) ** (1 - fmt.minimum_exponent + 1) if high == fmt.infinity else value_of(high, width)
    middle = (value_of(low, width) + above) / 2
    up = {
        fp.NEAREST_EVEN: magnitude > middle or (magnitude == middle and high % 2 == 0),
        fp.TOWARD_ZERO: False,
        fp.TOWARD_PLUS: exact > 0,
        fp.TOWARD_MINUS: exact < 0,
        fp.NEAREST_AWAY: magnitude >= middle,
    }[rounding]
    flags = fp.INEXACT | (fp.ROUNDED_UP if up else 0) | (fp.UNDERFLOW if tiny else 0)
    if (up and high == fmt.infinity) or magnitude >= above:
        flags |= fp.OVERFLOW
    return sign_bit | (high if up else low), flags


def finite_pairs(width: int, count: int) -> list[tuple[int, int]]:
    """Pairs of finite numbers: some edges crossed, then random ones."""
    few = [one for one in edges(width) if not fp.is_nan(one, width) and not fp.is_infinity(one, width)][::2]
    many = [
        one
        for one in random_patterns(width, 3 * count, 23)
        if one & format_of(width).infinity != format_of(width).infinity
    ]
    return [*product(few, few), *zip(many[:count], many[count : 2 * count], strict=True)]


@pytest.mark.parametrize("width", [16, 32, 64])
def test_results_and_flags_follow_the_rational_definition(width: int) -> None:
    """Sum, product, quotient and fused sum round as defined, in five roundings, tininess before rounding."""
    for (a, b), rounding in product(finite_pairs(width, 120), range(5)):
        left, right = value_of(a, width), value_of(b, width)
        cases = [
            (fp.fp_add(a, b, width, rounding), left + right),
            (fp.fp_mul(a, b, width, rounding), left * right),
        ]
        cases.append((fp.fp_fma(a, b, a, width, rounding), left * right + left))
        if right:
            cases.append((fp.fp_div(a, b, width, rounding), left / right))
        for (bits, flags), exact in cases:
            if exact:
                assert (bits, flags & ~fp.INPUT_DENORMAL) == expected(exact, width, rounding), (
                    hex(a),
                    hex(b),
                    rounding,
                )


def test_every_half_precision_number_converts_exactly_and_back() -> None:
    """Widening a 16-bit number and narrowing it again gives the same pattern, for all of them."""
    for bits in range(1 << 16):
        wide, flags = fp.fp_convert(bits, 16, 64, fp.NEAREST_EVEN)
        back, _ = fp.fp_convert(wide, 64, 16, fp.NEAREST_EVEN)
        assert flags & ~fp.INPUT_DENORMAL == (fp.INVALID | fp.VXSNAN if fp.is_snan(bits, 16) else 0)
        assert back == (fp.quiet(bits, 16) if fp.is_nan(bits, 16) else bits)


@pytest.mark.parametrize("rounding", range(5))
@pytest.mark.parametrize("signed", [False, True])
def test_conversion_to_integers_follows_the_rational_definition(signed: bool, rounding: int) -> None:
    """To integers of 16, 32 and 64 bits, also fixed-point: rounded, and saturated with VXCVI out of range."""
    source = random.Random(29)
    finite = [one for one in edges(32) + random_patterns(32, 600, 31) if one & 0x7F800000 != 0x7F800000]
    finite += [
        source.getrandbits(1) << 31 | source.randrange(120, 195) << 23 | source.getrandbits(23) for _ in range(400)
    ]
    for bits, int_width, fraction_bits in product(finite, (16, 32, 64), (0, 7)):
        exact = value_of(bits, 32) * (1 << fraction_bits)
        below = floor(exact)
        rest = exact - below
        chosen = {
            0: below + (rest > Fraction(1, 2) or (rest == Fraction(1, 2) and below % 2)),
            1: below + (exact < 0 and rest > 0),
            2: below + (rest > 0),
            3: below,
            4: below + (rest > Fraction(1, 2) or (rest == Fraction(1, 2) and exact > 0)),
        }[rounding]
        lowest = -(1 << (int_width - 1)) if signed else 0
        highest = (1 << (int_width - 1 if signed else int_width)) - 1
        result, flags = fp.fp_to_int(bits, 32, int_width, signed, rounding, fraction_bits)
        limited = min(max(chosen, lowest), highest)
        assert result == limited % (1 << int_width), (hex(bits), int_width, fraction_bits)
        if limited != chosen:
            assert flags & ~fp.INPUT_DENORMAL == fp.INVALID | fp.VXCVI
        else:
            up = fp.ROUNDED_UP if abs(chosen) > abs(exact) else 0
            assert flags & ~fp.INPUT_DENORMAL == (fp.INEXACT | up if rest else 0)


def test_unsigned_and_fixed_point_integers_convert_with_one_rounding() -> None:
    """From unsigned 64-bit and fixed-point integers the nearest number comes out, in five roundings."""
    source = random.Random(37)
    for _ in range(1500):
        value, fraction_bits, rounding = (
            source.getrandbits(64),
            source.choice((0, 0, 5, 31)),
            source.randrange(5),
        )
        for signed in (False, True):
            number = value - (1 << 64) if signed and value >> 63 else value
            ours = fp.fp_from_int(value, 64, signed, 32, rounding, fraction_bits)
            assert ours == expected(Fraction(number, 1 << fraction_bits), 32, rounding)
