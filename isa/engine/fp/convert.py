"""Conversions between formats, to and from integers, and to integral values (IEEE 754-2008, 5.4, 5.8)."""

from . import flags as f
from .arithmetic import nan_flags
from .formats import format_of
from .rounding import round_and_pack, truncate, unpack


def fp_convert(a: int, width: int, to_width: int, rounding: int, mode: int = 0) -> tuple[int, int]:
    """a, of `width` bits, as the nearest number of `to_width` bits: (pattern, flags).

    A NaN keeps its sign and the upper bits of its payload and becomes quiet, as on Power (frsp) and
    Arm (FPConvertNaN); a signaling one is invalid (VXSNAN).
    """
    fmt, target = format_of(width), format_of(to_width)
    size = a & fmt.magnitude_mask
    sign_bit = target.sign_bit if a & fmt.sign_bit else 0
    if size > fmt.infinity:
        move = target.fraction_bits - fmt.fraction_bits
        payload = a & fmt.fraction_mask
        payload = payload << move if move >= 0 else payload >> -move
        return sign_bit | target.default_nan | payload, nan_flags(fmt, a)
    if size == fmt.infinity:
        return sign_bit | target.infinity, 0
    mantissa, exponent, flags = unpack(a, fmt, mode)
    if mantissa == 0:
        return sign_bit, flags
    bits, more = round_and_pack(int(sign_bit != 0), mantissa, exponent, target, rounding, mode)
    return bits, flags | more


def fp_to_int(
    a: int,
    width: int,
    int_width: int,
    signed: bool,
    rounding: int,
    fraction_bits: int = 0,
    mode: int = 0,
) -> tuple[int, int]:
    """a as an integer of `int_width` bits, two's complement if `signed`: (pattern, flags).

    `fraction_bits` makes it fixed-point: the integer stands for pattern * 2**-fraction_bits.
    Out of range is invalid (VXCVI) and saturates, which both Power and Arm ask for. A NaN is
    invalid too and gives 0; an architecture that wants another pattern tests for it beforehand.
    """
    fmt = format_of(width)
    negative = bool(a & fmt.sign_bit)
    size = a & fmt.magnitude_mask
    if size > fmt.infinity:
        return 0, nan_flags(fmt, a) | f.INVALID | f.VXCVI
    largest = (1 << (int_width - 1)) - 1 if signed else (1 << int_width) - 1
    smallest = -(1 << (int_width - 1)) if signed else 0
    saturated = (smallest if negative else largest) & ((1 << int_width) - 1)
    if size == fmt.infinity:
        return saturated, f.INVALID | f.VXCVI
    mantissa, exponent, flags = unpack(a, fmt, mode)
    magnitude, more = truncate(mantissa, -exponent - fraction_bits, int(negative), rounding)
    value = -magnitude if negative else magnitude
    if not smallest <= value <= largest:
        return saturated, flags | f.INVALID | f.VXCVI
    return value & ((1 << int_width) - 1), flags | more


def fp_from_int(
    value: int, int_width: int, signed: bool, width: int, rounding: int, fraction_bits: int = 0
) -> tuple[int, int]:
    """The integer pattern `value` of `int_width` bits as a number of `width` bits: (pattern, flags).

    The integer stands for value * 2**-fraction_bits. Zero gives plus zero.
    """
    fmt = format_of(width)
    number = value & ((1 << int_width) - 1)
    if signed and number >> (int_width - 1):
        number -= 1 << int_width
    if number == 0:
        return 0, 0
    return round_and_pack(int(number < 0), abs(number), -fraction_bits, fmt, rounding, 0)


def fp_round_to_integral(a: int, width: int, rounding: int, mode: int = 0) -> tuple[int, int]:
    """a rounded to an integral number of the same format: (pattern, flags).

    The sign is kept, also of a zero result. INEXACT and ROUNDED_UP tell what was cut off; an
    instruction that must not report that (Power frin and its like) masks them. A NaN gives the
    default NaN.
    """
    fmt = format_of(width)
    size = a & fmt.magnitude_mask
    if size > fmt.infinity:
        return fmt.default_nan, nan_flags(fmt, a)
    if size == fmt.infinity:
        return a, 0
    sign_bit = a & fmt.sign_bit
    mantissa, exponent, flags = unpack(a, fmt, mode)
    magnitude, more = truncate(mantissa, -exponent, int(sign_bit != 0), rounding)
    if magnitude == 0:
        return sign_bit, flags | more
    bits, _ = round_and_pack(int(sign_bit != 0), magnitude, 0, fmt, rounding, mode)
    return bits, flags | more
