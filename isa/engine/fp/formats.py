"""Interchange formats of IEEE 754-2008 (section 3.4) as masks and limits over plain ints.

A floating-point number is passed around as the int of its bit pattern. `format_of`
gives the layout of a width; the `is_*` functions and `classify` look at a pattern
without raising anything, which is how a description picks its own NaN propagation.
"""

from enum import Enum

import msgspec


class Format(msgspec.Struct, frozen=True):
    """Layout of one binary interchange format; every mask is in place, for the bit pattern."""

    width: int
    fraction_bits: int
    sign_bit: int
    magnitude_mask: int
    fraction_mask: int
    hidden_bit: int
    infinity: int
    """Pattern of plus infinity; also the mask of the exponent field."""
    quiet_bit: int
    default_nan: int
    """Positive quiet NaN with an empty payload: the default NaN of Power and of Arm."""
    minimum_exponent: int
    """Unbiased exponent of the smallest normal number (emin)."""
    lowest_exponent: int
    """Unbiased exponent of the least significant bit of a denormal number."""
    wrap: int
    """Exponent adjustment of an enabled overflow or underflow (Power ISA Book I, 4.4.3, 4.4.4)."""


def _format(width: int, fraction_bits: int) -> Format:
    exponent_bits = width - 1 - fraction_bits
    infinity = ((1 << exponent_bits) - 1) << fraction_bits
    quiet_bit = 1 << (fraction_bits - 1)
    minimum_exponent = 2 - (1 << (exponent_bits - 1))
    return Format(
        width=width,
        fraction_bits=fraction_bits,
        sign_bit=1 << (width - 1),
        magnitude_mask=(1 << (width - 1)) - 1,
        fraction_mask=(1 << fraction_bits) - 1,
        hidden_bit=1 << fraction_bits,
        infinity=infinity,
        quiet_bit=quiet_bit,
        default_nan=infinity | quiet_bit,
        minimum_exponent=minimum_exponent,
        lowest_exponent=minimum_exponent - fraction_bits,
        wrap=3 << (exponent_bits - 2),
    )


_FORMATS = {16: _format(16, 10), 32: _format(32, 23), 64: _format(64, 52)}


def format_of(width: int) -> Format:
    """The format that is `width` bits wide: 16, 32 or 64. Raises ValueError for any other width."""
    found = _FORMATS.get(width)
    if found is None:
        known = ", ".join(str(one) for one in _FORMATS)
        raise ValueError(f"no binary floating-point format is {width} bits wide; choose one of {known}")
    return found


class FpClass(Enum):
    """What a bit pattern stands for, sign apart."""

    ZERO = "zero"
    DENORMAL = "denormal"
    NORMAL = "normal"
    INFINITY = "infinity"
    QUIET_NAN = "quiet NaN"
    SIGNALING_NAN = "signaling NaN"


def classify(bits: int, width: int) -> FpClass:
    """The class of `bits`, a pattern of `width` bits; the sign does not matter."""
    fmt = format_of(width)
    magnitude = bits & fmt.magnitude_mask
    if magnitude > fmt.infinity:
        return FpClass.QUIET_NAN if bits & fmt.quiet_bit else FpClass.SIGNALING_NAN
    if magnitude == fmt.infinity:
        return FpClass.INFINITY
    if magnitude >= fmt.hidden_bit:
        return FpClass.NORMAL
    return FpClass.DENORMAL if magnitude else FpClass.ZERO


def is_nan(bits: int, width: int) -> bool:
    """Whether `bits` is a NaN of either kind."""
    fmt = format_of(width)
    return bits & fmt.magnitude_mask > fmt.infinity


def is_snan(bits: int, width: int) -> bool:
    """Whether `bits` is a signaling NaN (most significant fraction bit clear)."""
    fmt = format_of(width)
    return bits & fmt.magnitude_mask > fmt.infinity and not bits & fmt.quiet_bit


def is_infinity(bits: int, width: int) -> bool:
    """Whether `bits` is plus or minus infinity."""
    fmt = format_of(width)
    return bits & fmt.magnitude_mask == fmt.infinity


def is_zero(bits: int, width: int) -> bool:
    """Whether `bits` is plus or minus zero."""
    return not bits & format_of(width).magnitude_mask


def is_denormal(bits: int, width: int) -> bool:
    """Whether `bits` is a denormal number; zero is none."""
    fmt = format_of(width)
    return 0 < bits & fmt.magnitude_mask < fmt.hidden_bit


def quiet(bits: int, width: int) -> int:
    """`bits`, a NaN, with its quiet bit set and sign and payload kept."""
    return bits | format_of(width).quiet_bit


def default_nan(width: int) -> int:
    """The default quiet NaN of a width: positive, empty payload."""
    return format_of(width).default_nan
