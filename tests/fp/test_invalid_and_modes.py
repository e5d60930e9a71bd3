"""Reasons of invalid operations, flush to zero, enabled exceptions, rounding to another width."""

from collections.abc import Callable

import pytest

from trapline.isa.engine import fp

Operation = Callable[[], tuple[int, int]]

ONE, TWO, MINUS_ONE = 0x3FF0_0000_0000_0000, 0x4000_0000_0000_0000, 0xBFF0_0000_0000_0000
INFINITY, MINUS_INFINITY = 0x7FF0_0000_0000_0000, 0xFFF0_0000_0000_0000
ZERO, MINUS_ZERO = 0, 1 << 63
QUIET, SIGNALING = 0x7FF8_0000_0000_0001, 0x7FF0_0000_0000_0001
DEFAULT = 0x7FF8_0000_0000_0000
LARGEST, SMALLEST_NORMAL = INFINITY - 1, 0x0010_0000_0000_0000

INVALID_OPERATIONS: list[tuple[str, Operation, int]] = [
    ("inf - inf", lambda: fp.fp_sub(INFINITY, INFINITY, 64, 0), fp.VXISI),
    ("inf + -inf", lambda: fp.fp_add(INFINITY, MINUS_INFINITY, 64, 0), fp.VXISI),
    ("inf * 0", lambda: fp.fp_mul(INFINITY, MINUS_ZERO, 64, 0), fp.VXIMZ),
    ("0 * inf + qnan", lambda: fp.fp_fma(ZERO, INFINITY, QUIET, 64, 0), fp.VXIMZ),
    ("inf * 0 + snan", lambda: fp.fp_fma(INFINITY, ZERO, SIGNALING, 64, 0), fp.VXIMZ | fp.VXSNAN),
    ("inf * 1 - inf", lambda: fp.fp_fma(INFINITY, ONE, MINUS_INFINITY, 64, 0), fp.VXISI),
    ("inf / inf", lambda: fp.fp_div(INFINITY, MINUS_INFINITY, 64, 0), fp.VXIDI),
    ("0 / 0", lambda: fp.fp_div(ZERO, MINUS_ZERO, 64, 0), fp.VXZDZ),
    ("sqrt -1", lambda: fp.fp_sqrt(MINUS_ONE, 64, 0), fp.VXSQRT),
    ("sqrt -inf", lambda: fp.fp_sqrt(MINUS_INFINITY, 64, 0), fp.VXSQRT),
    ("snan + 1", lambda: fp.fp_add(SIGNALING, ONE, 64, 0), fp.VXSNAN),
    ("1 / snan", lambda: fp.fp_div(ONE, SIGNALING, 64, 0), fp.VXSNAN),
    ("sqrt snan", lambda: fp.fp_sqrt(SIGNALING, 64, 0), fp.VXSNAN),
    ("rint snan", lambda: fp.fp_round_to_integral(SIGNALING, 64, 0), fp.VXSNAN),
]


@pytest.mark.parametrize(
    ("operation", "reason"),
    [(operation, reason) for _, operation, reason in INVALID_OPERATIONS],
    ids=[name for name, _, _ in INVALID_OPERATIONS],
)
def test_an_invalid_operation_names_its_reason(operation: Operation, reason: int) -> None:
    """The result is the default NaN and the flags are INVALID and the reason, nothing else."""
    assert operation() == (DEFAULT, fp.INVALID | reason)


def test_a_quiet_nan_raises_nothing() -> None:
    """A quiet NaN operand gives the default NaN without flags; only a signaling comparison objects."""
    assert fp.fp_add(QUIET, ONE, 64, 0) == (DEFAULT, 0)
    assert fp.fp_fma(QUIET, INFINITY, ZERO, 64, 0) == (DEFAULT, 0)
    assert fp.fp_compare(QUIET, ONE, 64) == (fp.UNORDERED, 0)
    assert fp.fp_compare(QUIET, ONE, 64, signaling=True) == (fp.UNORDERED, fp.INVALID | fp.VXVC)
    assert fp.fp_compare(SIGNALING, ONE, 64) == (fp.UNORDERED, fp.INVALID | fp.VXSNAN)


def test_a_nan_is_not_an_integer() -> None:
    """Converting a NaN or an infinity to an integer is VXCVI; a signaling NaN is VXSNAN as well."""
    assert fp.fp_to_int(QUIET, 64, 32, True, 1) == (0, fp.INVALID | fp.VXCVI)
    assert fp.fp_to_int(SIGNALING, 64, 32, True, 1) == (0, fp.INVALID | fp.VXCVI | fp.VXSNAN)
    assert fp.fp_to_int(MINUS_INFINITY, 64, 32, True, 1) == (0x8000_0000, fp.INVALID | fp.VXCVI)
    assert fp.fp_to_int(MINUS_INFINITY, 64, 32, False, 1) == (0, fp.INVALID | fp.VXCVI)


def test_a_finite_number_divided_by_zero_is_infinite_and_not_invalid() -> None:
    """Only DIVIDE_BY_ZERO is raised, the sign is the quotient's; infinity by zero raises nothing."""
    assert fp.fp_div(ONE, MINUS_ZERO, 64, 0) == (MINUS_INFINITY, fp.DIVIDE_BY_ZERO)
    assert fp.fp_div(INFINITY, ZERO, 64, 0) == (INFINITY, 0)


def test_the_sign_of_a_zero_sum_depends_on_the_rounding() -> None:
    """x - x is plus zero, but minus zero toward minus infinity; equal zeros keep their sign."""
    for rounding in range(5):
        minus = MINUS_ZERO if rounding == fp.TOWARD_MINUS else ZERO
        assert fp.fp_sub(ONE, ONE, 64, rounding) == (minus, 0)
        assert fp.fp_add(ZERO, MINUS_ZERO, 64, rounding) == (minus, 0)
        assert fp.fp_add(MINUS_ZERO, MINUS_ZERO, 64, rounding) == (MINUS_ZERO, 0)
        assert fp.fp_fma(ONE, MINUS_ONE, ONE, 64, rounding) == (minus, 0)


def test_tininess_is_seen_before_rounding_unless_asked_otherwise() -> None:
    """A product just below the smallest normal number that rounds up to it underflows only 'before'."""
    a, b = SMALLEST_NORMAL | 1, ONE - 2  # the product is the smallest normal number times 1 - 2**-104
    inexact = fp.INEXACT | fp.ROUNDED_UP
    assert fp.fp_mul(a, b, 64, 0) == (SMALLEST_NORMAL, inexact | fp.UNDERFLOW)
    assert fp.fp_mul(a, b, 64, 0, 0, fp.TINY_AFTER_ROUNDING) == (SMALLEST_NORMAL, inexact)
    assert fp.fp_mul(a, b, 64, fp.TOWARD_ZERO, 0, fp.TINY_AFTER_ROUNDING)[1] & fp.UNDERFLOW


def test_flush_to_zero_replaces_denormal_operands_and_results() -> None:
    """Arm's FZ: a denormal operand counts as zero (IDC), a tiny result becomes zero with UNDERFLOW alone."""
    flush = fp.FLUSH_TO_ZERO
    denormal = (1 << 63) | 5
    assert fp.fp_add(denormal, ONE, 64, 0, 0, flush) == (ONE, fp.INPUT_DENORMAL)
    assert fp.fp_mul(denormal, INFINITY, 64, 0, 0, flush) == (
        DEFAULT,
        fp.INVALID | fp.VXIMZ | fp.INPUT_DENORMAL,
    )
    assert fp.fp_div(ONE, denormal, 64, 0, 0, flush) == (
        MINUS_INFINITY,
        fp.DIVIDE_BY_ZERO | fp.INPUT_DENORMAL,
    )
    assert fp.fp_div(SMALLEST_NORMAL, TWO, 64, 0, 0, flush) == (ZERO, fp.UNDERFLOW)
    assert fp.fp_compare(denormal, ZERO, 64, False, flush) == (fp.EQUAL, fp.INPUT_DENORMAL)
    assert fp.fp_sqrt(denormal, 64, 0, 0, flush) == (MINUS_ZERO, fp.INPUT_DENORMAL)
    assert fp.fp_round_to_integral(5, 64, fp.TOWARD_PLUS, flush) == (ZERO, fp.INPUT_DENORMAL)


def test_an_enabled_exception_delivers_a_wrapped_exponent() -> None:
    """Power's OE and UE: the exponent is wrapped by 1536 (192 for 32 bits) and the result is not infinite."""
    largest_times_two, flags = fp.fp_mul(LARGEST, TWO, 64, 0, 0, fp.TRAP_OVERFLOW)
    assert (largest_times_two, flags) == (LARGEST + ((1 - 1536) << 52), fp.OVERFLOW)
    half, flags = fp.fp_div(SMALLEST_NORMAL, TWO, 64, 0, 0, fp.TRAP_UNDERFLOW)
    assert (half, flags) == ((1536 << 52), fp.UNDERFLOW)
    assert fp.fp_mul(0x7F7F_FFFF, 0x4000_0000, 32, 0, 0, fp.TRAP_OVERFLOW)[0] == 0x7F7F_FFFF + ((1 - 192) << 23)


def test_rounding_to_a_narrower_result_happens_once() -> None:
    """1 + 2**-24 + 2**-54 to 32 bits is above the midpoint; rounding to 64 bits first would lose that."""
    addend = ((0x3FF - 24) << 52) + (1 << 22)
    assert fp.fp_add(ONE, addend, 64, 0, 32) == (0x3F80_0001, fp.INEXACT | fp.ROUNDED_UP)
    twice = fp.fp_convert(fp.fp_add(ONE, addend, 64, 0)[0], 64, 32, 0)
    assert twice[0] == 0x3F80_0000


def test_a_width_or_rounding_that_does_not_exist_is_named() -> None:
    """The error says what was given and what there is."""
    with pytest.raises(ValueError, match="24 bits wide; choose one of 16, 32, 64"):
        fp.fp_add(0, 0, 24, 0)
    with pytest.raises(ValueError, match="no rounding has the number 7"):
        fp.fp_div(ONE, 0x4008_0000_0000_0000, 64, 7)


def test_classes_tell_every_kind_of_number_apart() -> None:
    """Each class has its own member, and the predicates agree with it."""
    samples = {
        fp.FpClass.ZERO: MINUS_ZERO,
        fp.FpClass.DENORMAL: 7,
        fp.FpClass.NORMAL: MINUS_ONE,
        fp.FpClass.INFINITY: MINUS_INFINITY,
        fp.FpClass.QUIET_NAN: QUIET,
        fp.FpClass.SIGNALING_NAN: SIGNALING,
    }
    assert set(samples) == set(fp.FpClass)
    for kind, bits in samples.items():
        assert fp.classify(bits, 64) is kind
        assert fp.is_zero(bits, 64) == (kind is fp.FpClass.ZERO)
        assert fp.is_denormal(bits, 64) == (kind is fp.FpClass.DENORMAL)
        assert fp.is_infinity(bits, 64) == (kind is fp.FpClass.INFINITY)
        assert fp.is_nan(bits, 64) == kind.value.endswith("NaN")
        assert fp.is_snan(bits, 64) == (kind is fp.FpClass.SIGNALING_NAN)
    assert fp.quiet(SIGNALING, 64) == SIGNALING | 1 << 51
