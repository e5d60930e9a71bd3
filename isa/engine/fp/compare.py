"""Comparison (IEEE 754-2008, 5.11)."""

from . import flags as f
from .arithmetic import nan_flags
from .formats import format_of


def fp_compare(a: int, b: int, width: int, signaling: bool = False, mode: int = 0) -> tuple[int, int]:
    """How a stands to b: (LESS, GREATER, EQUAL or UNORDERED; flags). Zeros of either sign are equal.

    A signaling NaN is always invalid (VXSNAN). With `signaling` (Power fcmpo, Arm VCMPE) any NaN is,
    with VXVC; that Power sets VXVC beside VXSNAN only while VE is 0 is for its description.
    """
    fmt = format_of(width)
    size_a, size_b = a & fmt.magnitude_mask, b & fmt.magnitude_mask
    flags = 0
    if size_a > fmt.infinity or size_b > fmt.infinity:
        flags = nan_flags(fmt, a, b)
        if signaling:
            flags |= f.INVALID | f.VXVC
        return f.UNORDERED, flags
    if 0 < size_a < fmt.hidden_bit:
        flags |= f.INPUT_DENORMAL
        if mode & f.FLUSH_TO_ZERO:
            size_a = 0
    if 0 < size_b < fmt.hidden_bit:
        flags |= f.INPUT_DENORMAL
        if mode & f.FLUSH_TO_ZERO:
            size_b = 0
    # Sign and magnitude order like signed ints, and both zeros become 0.
    left = -size_a if a & fmt.sign_bit else size_a
    right = -size_b if b & fmt.sign_bit else size_b
    if left == right:
        return f.EQUAL, flags
    return (f.LESS if left < right else f.GREATER), flags
