"""The one place where an exact number becomes a bit pattern.

Every operation computes its exact result as `mantissa * 2**exponent` with Python ints
and hands it to `round_and_pack`, so rounding, overflow and underflow are decided once.
"""

from . import flags as f
from .formats import Format


def unpack(bits: int, fmt: Format, mode: int) -> tuple[int, int, int]:
    """Splits a finite number into (mantissa, exponent, flags): magnitude = mantissa * 2**exponent.

    The flags hold INPUT_DENORMAL for a denormal number, whose mantissa is 0 under FLUSH_TO_ZERO.
    """
    magnitude = bits & fmt.magnitude_mask
    if magnitude >= fmt.hidden_bit:
        biased = magnitude >> fmt.fraction_bits
        return (magnitude & fmt.fraction_mask) | fmt.hidden_bit, fmt.lowest_exponent - 1 + biased, 0
    if magnitude == 0:
        return 0, fmt.lowest_exponent, 0
    if mode & f.FLUSH_TO_ZERO:
        return 0, fmt.lowest_exponent, f.INPUT_DENORMAL
    return magnitude, fmt.lowest_exponent, f.INPUT_DENORMAL


def rounds_up(sign: int, odd: int, remainder: int, half: int, rounding: int) -> bool:
    """Whether a truncated magnitude grows by one unit.

    `remainder` is what was cut off, `half` is half a unit in the same scale, `odd` the last bit kept.
    Raises ValueError for a rounding that is none of 0 to 4.
    """
    if rounding == f.NEAREST_EVEN:
        return remainder > half or (remainder == half and bool(odd))
    if rounding == f.TOWARD_ZERO:
        return False
    if rounding == f.TOWARD_PLUS:
        return remainder > 0 and not sign
    if rounding == f.TOWARD_MINUS:
        return remainder > 0 and bool(sign)
    if rounding == f.NEAREST_AWAY:
        return remainder >= half
    raise ValueError(
        f"no rounding has the number {rounding}; choose 0 nearest even, 1 toward zero, "
        "2 toward plus infinity, 3 toward minus infinity or 4 nearest away"
    )


def truncate(mantissa: int, shift: int, sign: int, rounding: int) -> tuple[int, int]:
    """`mantissa * 2**-shift` rounded to an int, and the INEXACT and ROUNDED_UP flags of that."""
    if shift <= 0:
        return mantissa << -shift, 0
    kept = mantissa >> shift
    remainder = mantissa - (kept << shift)
    if remainder == 0:
        return kept, 0
    if rounds_up(sign, kept & 1, remainder, 1 << (shift - 1), rounding):
        return kept + 1, f.INEXACT | f.ROUNDED_UP
    return kept, f.INEXACT


def round_and_pack(
    sign: int, mantissa: int, exponent: int, fmt: Format, rounding: int, mode: int
) -> tuple[int, int]:
    """Rounds the number `±mantissa * 2**exponent` (mantissa > 0) to `fmt`: (pattern, flags).

    A mantissa that stands for an infinite expansion (a quotient, a root) must be at least two
    bits longer than the format's precision, with its last bit set when anything was cut off.
    """
    sign_bit = fmt.sign_bit if sign else 0
    leading = exponent + mantissa.bit_length() - 1
    if leading < fmt.minimum_exponent:
        return _pack_tiny(sign, mantissa, exponent, fmt, rounding, mode)
    kept, flags = truncate(mantissa, leading - fmt.fraction_bits - exponent, sign, rounding)
    # The hidden bit of `kept` adds the one that the exponent field starts from, and a carry out
    # of the fraction moves the exponent on by itself.
    magnitude = ((leading - fmt.minimum_exponent) << fmt.fraction_bits) + kept
    if magnitude < fmt.infinity:
        return sign_bit | magnitude, flags
    if mode & f.TRAP_OVERFLOW:
        magnitude -= fmt.wrap << fmt.fraction_bits
        if magnitude < fmt.infinity:
            return sign_bit | magnitude, flags | f.OVERFLOW
    away = rounding in (f.NEAREST_EVEN, f.NEAREST_AWAY) or rounding == (
        f.TOWARD_MINUS if sign else f.TOWARD_PLUS
    )
    if away:
        return sign_bit | fmt.infinity, f.OVERFLOW | f.INEXACT | f.ROUNDED_UP
    return sign_bit | (fmt.infinity - 1), f.OVERFLOW | f.INEXACT


def _pack_tiny(
    sign: int, mantissa: int, exponent: int, fmt: Format, rounding: int, mode: int
) -> tuple[int, int]:
    """`round_and_pack` for a number that is below the smallest normal one before rounding."""
    sign_bit = fmt.sign_bit if sign else 0
    if mode & f.FLUSH_TO_ZERO:
        return sign_bit, f.UNDERFLOW
    leading = exponent + mantissa.bit_length() - 1
    normal_shift = leading - fmt.fraction_bits - exponent
    if mode & f.TRAP_UNDERFLOW and leading + fmt.wrap >= fmt.minimum_exponent:
        kept, flags = truncate(mantissa, normal_shift, sign, rounding)
        biased = leading + fmt.wrap - fmt.minimum_exponent
        return sign_bit | ((biased << fmt.fraction_bits) + kept), flags | f.UNDERFLOW
    magnitude, flags = truncate(mantissa, fmt.lowest_exponent - exponent, sign, rounding)
    if flags:
        tiny = True
        if mode & f.TINY_AFTER_ROUNDING and leading == fmt.minimum_exponent - 1:
            # With an unbounded exponent the rounding step would be half as wide.
            unbounded, _ = truncate(mantissa, normal_shift, sign, rounding)
            tiny = unbounded < fmt.hidden_bit << 1
        if tiny:
            flags |= f.UNDERFLOW
    elif mode & f.TRAP_UNDERFLOW:
        flags = f.UNDERFLOW
    return sign_bit | magnitude, flags
