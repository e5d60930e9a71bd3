"""Addition, multiplication, fused multiply-add, division and square root (IEEE 754-2008, 5.4.1).

Common to all: operands are patterns of `width` bits; the exact result is rounded once to
`to_width` bits (0: the operands' width; Power's single-precision instructions compute from
64-bit operands to 32 bits). They return (pattern, flags). A NaN operand or an invalid operation
gives the default quiet NaN; which NaN an architecture really delivers is for its description.
"""

from math import isqrt

from . import flags as f
from .formats import Format, format_of
from .rounding import round_and_pack, unpack


def nan_flags(fmt: Format, *operands: int) -> int:
    """Flags of an operation that has a NaN among its operands: signaling ones make it invalid."""
    flags = 0
    for bits in operands:
        magnitude = bits & fmt.magnitude_mask
        if magnitude > fmt.infinity:
            if not bits & fmt.quiet_bit:
                flags |= f.INVALID | f.VXSNAN
        elif 0 < magnitude < fmt.hidden_bit:
            flags |= f.INPUT_DENORMAL
    return flags


def fp_add(a: int, b: int, width: int, rounding: int, to_width: int = 0, mode: int = 0) -> tuple[int, int]:
    """a + b. Invalid: infinities of opposite signs (VXISI)."""
    fmt = format_of(width)
    target = format_of(to_width) if to_width else fmt
    if a & fmt.magnitude_mask >= fmt.infinity or b & fmt.magnitude_mask >= fmt.infinity:
        return _add_special(a, b, fmt, target)
    mantissa_a, exponent_a, flags_a = unpack(a, fmt, mode)
    mantissa_b, exponent_b, flags_b = unpack(b, fmt, mode)
    return _signed_sum(
        -mantissa_a if a & fmt.sign_bit else mantissa_a,
        exponent_a,
        -mantissa_b if b & fmt.sign_bit else mantissa_b,
        exponent_b,
        (a & b & fmt.sign_bit, (a ^ b) & fmt.sign_bit),
        flags_a | flags_b,
        target,
        rounding,
        mode,
    )


def _signed_sum(
    left: int,
    exponent_left: int,
    right: int,
    exponent_right: int,
    signs: tuple[int, int],
    flags: int,
    target: Format,
    rounding: int,
    mode: int,
) -> tuple[int, int]:
    """Rounds left * 2**exponent_left + right * 2**exponent_right.

    `signs` says of the two terms (both negative, of opposite signs), which a zero needs: a sum of
    zeros of one sign keeps it, any other zero is plus, or minus when rounding toward minus.
    """
    if exponent_left > exponent_right:
        total = (left << (exponent_left - exponent_right)) + right
        exponent = exponent_right
    else:
        total = left + (right << (exponent_right - exponent_left))
        exponent = exponent_left
    if total == 0:
        both_negative, opposite = signs
        negative = rounding == f.TOWARD_MINUS if opposite else bool(both_negative)
        return (target.sign_bit if negative else 0), flags
    bits, more = round_and_pack(int(total < 0), abs(total), exponent, target, rounding, mode)
    return bits, flags | more


def _add_special(a: int, b: int, fmt: Format, target: Format) -> tuple[int, int]:
    """a + b where one of them is an infinity or a NaN."""
    flags = nan_flags(fmt, a, b)
    size_a, size_b = a & fmt.magnitude_mask, b & fmt.magnitude_mask
    if size_a > fmt.infinity or size_b > fmt.infinity:
        return target.default_nan, flags
    if size_a == size_b and (a ^ b) & fmt.sign_bit:
        return target.default_nan, flags | f.INVALID | f.VXISI
    negative = (a if size_a == fmt.infinity else b) & fmt.sign_bit
    return target.infinity | (target.sign_bit if negative else 0), flags


def fp_sub(a: int, b: int, width: int, rounding: int, to_width: int = 0, mode: int = 0) -> tuple[int, int]:
    """a - b. Invalid: infinities of the same sign (VXISI)."""
    return fp_add(a, b ^ format_of(width).sign_bit, width, rounding, to_width, mode)


def fp_mul(a: int, b: int, width: int, rounding: int, to_width: int = 0, mode: int = 0) -> tuple[int, int]:
    """a * b. Invalid: infinity times zero (VXIMZ)."""
    fmt = format_of(width)
    target = format_of(to_width) if to_width else fmt
    negative = (a ^ b) & fmt.sign_bit
    sign_bit = target.sign_bit if negative else 0
    if a & fmt.magnitude_mask >= fmt.infinity or b & fmt.magnitude_mask >= fmt.infinity:
        flags = nan_flags(fmt, a, b) | product_flags(a, b, fmt, mode)
        if flags & f.VXIMZ or _any_nan(fmt, a, b):
            return target.default_nan, flags
        return target.infinity | sign_bit, flags
    mantissa_a, exponent_a, flags_a = unpack(a, fmt, mode)
    mantissa_b, exponent_b, flags_b = unpack(b, fmt, mode)
    product = mantissa_a * mantissa_b
    if product == 0:
        return sign_bit, flags_a | flags_b
    bits, flags = round_and_pack(int(negative != 0), product, exponent_a + exponent_b, target, rounding, mode)
    return bits, flags | flags_a | flags_b


def _any_nan(fmt: Format, *operands: int) -> bool:
    return any(bits & fmt.magnitude_mask > fmt.infinity for bits in operands)


def product_flags(a: int, b: int, fmt: Format, mode: int) -> int:
    """INVALID and VXIMZ when the product a * b is infinity times zero, else 0."""
    smaller, larger = sorted((a & fmt.magnitude_mask, b & fmt.magnitude_mask))
    limit = fmt.hidden_bit if mode & f.FLUSH_TO_ZERO else 1
    if larger == fmt.infinity and smaller < limit:
        return f.INVALID | f.VXIMZ
    return 0


def fp_fma(
    a: int, b: int, c: int, width: int, rounding: int, to_width: int = 0, mode: int = 0
) -> tuple[int, int]:
    """a * b + c, rounded once.

    Invalid: infinity times zero (VXIMZ, reported also when c is a NaN, as Power and Arm do);
    an infinite product and the opposite infinity c (VXISI).
    """
    fmt = format_of(width)
    target = format_of(to_width) if to_width else fmt
    product_negative = (a ^ b) & fmt.sign_bit
    if max(a & fmt.magnitude_mask, b & fmt.magnitude_mask, c & fmt.magnitude_mask) >= fmt.infinity:
        flags = nan_flags(fmt, a, b, c) | product_flags(a, b, fmt, mode)
        if flags & f.VXIMZ or _any_nan(fmt, a, b, c):
            return target.default_nan, flags
        addend_infinite = c & fmt.magnitude_mask == fmt.infinity
        factor_infinite = max(a & fmt.magnitude_mask, b & fmt.magnitude_mask) == fmt.infinity
        if addend_infinite and factor_infinite and (product_negative ^ c) & fmt.sign_bit:
            return target.default_nan, flags | f.INVALID | f.VXISI
        negative = c & fmt.sign_bit if addend_infinite else product_negative
        return target.infinity | (target.sign_bit if negative else 0), flags
    mantissa_a, exponent_a, flags_a = unpack(a, fmt, mode)
    mantissa_b, exponent_b, flags_b = unpack(b, fmt, mode)
    mantissa_c, exponent_c, flags_c = unpack(c, fmt, mode)
    product = mantissa_a * mantissa_b
    return _signed_sum(
        -product if product_negative else product,
        exponent_a + exponent_b,
        -mantissa_c if c & fmt.sign_bit else mantissa_c,
        exponent_c,
        (product_negative & c, (product_negative ^ c) & fmt.sign_bit),
        flags_a | flags_b | flags_c,
        target,
        rounding,
        mode,
    )


def fp_div(a: int, b: int, width: int, rounding: int, to_width: int = 0, mode: int = 0) -> tuple[int, int]:
    """a / b. Invalid: infinity by infinity (VXIDI), zero by zero (VXZDZ). Finite by zero divides by zero."""
    fmt = format_of(width)
    target = format_of(to_width) if to_width else fmt
    negative = (a ^ b) & fmt.sign_bit
    sign_bit = target.sign_bit if negative else 0
    size_a, size_b = a & fmt.magnitude_mask, b & fmt.magnitude_mask
    if size_a >= fmt.infinity or size_b >= fmt.infinity:
        flags = nan_flags(fmt, a, b)
        if _any_nan(fmt, a, b):
            return target.default_nan, flags
        if size_a == size_b:
            return target.default_nan, flags | f.INVALID | f.VXIDI
        return sign_bit | (target.infinity if size_a == fmt.infinity else 0), flags
    mantissa_a, exponent_a, flags_a = unpack(a, fmt, mode)
    mantissa_b, exponent_b, flags_b = unpack(b, fmt, mode)
    flags = flags_a | flags_b
    if mantissa_b == 0:
        if mantissa_a == 0:
            return target.default_nan, flags | f.INVALID | f.VXZDZ
        return sign_bit | target.infinity, flags | f.DIVIDE_BY_ZERO
    if mantissa_a == 0:
        return sign_bit, flags
    # Enough bits that the quotient has two more than the target's precision.
    shift = max(0, target.fraction_bits + 4 + mantissa_b.bit_length() - mantissa_a.bit_length())
    quotient, remainder = divmod(mantissa_a << shift, mantissa_b)
    if remainder:
        quotient |= 1
    bits, more = round_and_pack(
        int(negative != 0), quotient, exponent_a - exponent_b - shift, target, rounding, mode
    )
    return bits, flags | more


def fp_sqrt(a: int, width: int, rounding: int, to_width: int = 0, mode: int = 0) -> tuple[int, int]:
    """The square root of a; of minus zero, minus zero. Invalid: a below zero (VXSQRT)."""
    fmt = format_of(width)
    target = format_of(to_width) if to_width else fmt
    size = a & fmt.magnitude_mask
    negative = a & fmt.sign_bit
    if size > fmt.infinity:
        return target.default_nan, nan_flags(fmt, a)
    if size == fmt.infinity:
        if negative:
            return target.default_nan, f.INVALID | f.VXSQRT
        return target.infinity, 0
    mantissa, exponent, flags = unpack(a, fmt, mode)
    if mantissa == 0:
        return (target.sign_bit if negative else 0), flags
    if negative:
        return target.default_nan, flags | f.INVALID | f.VXSQRT
    # The root has half as many bits: two more than twice the precision, and an even exponent.
    shift = max(0, 2 * (target.fraction_bits + 4) - mantissa.bit_length())
    if (exponent - shift) & 1:
        shift += 1
    radicand = mantissa << shift
    root = isqrt(radicand)
    if root * root != radicand:
        root |= 1
    bits, more = round_and_pack(0, root, (exponent - shift) >> 1, target, rounding, mode)
    return bits, flags | more
