"""Results and exceptions agree with the host's floating-point unit, operation by operation."""

import itertools
from collections.abc import Callable, Iterator

import pytest

from trapline.isa.engine import fp
from trapline.isa.engine.fp.formats import format_of

from .host_fpu import HOST_FPU
from .samples import edges, random_patterns

pytestmark = pytest.mark.skipif(HOST_FPU is None, reason="the host oracle knows x86-64 Linux only")

FIVE_FLAGS = fp.INEXACT | fp.UNDERFLOW | fp.OVERFLOW | fp.DIVIDE_BY_ZERO | fp.INVALID
AFTER = fp.TINY_AFTER_ROUNDING  # the host detects tininess after rounding

Operation = Callable[..., tuple[int, int]]
BINARY: list[tuple[str, Operation]] = [
    ("fadd", fp.fp_add),
    ("fsub", fp.fp_sub),
    ("fmul", fp.fp_mul),
    ("fdiv", fp.fp_div),
]


def check(name: str, width: int, operands: tuple[int, ...], rounding: int, ours: tuple[int, int]) -> None:
    """Compares with the host; a NaN result counts as the default NaN, whichever NaN the host picks."""
    assert HOST_FPU is not None
    bits, flags = HOST_FPU.run(name, operands, rounding)
    if fp.is_nan(bits, width):
        bits = fp.default_nan(width)
    shown = ", ".join(f"{operand:#x}" for operand in operands)
    assert (ours[0], ours[1] & FIVE_FLAGS) == (bits, flags), f"{name}({shown}), rounding {rounding}"


def pairs(width: int, count: int, seed: int) -> Iterator[tuple[int, int]]:
    """Every pair of edges, then `count` random pairs, some of them close to each other."""
    yield from itertools.product(edges(width), edges(width))
    patterns = random_patterns(width, 2 * count, seed)
    yield from zip(patterns[::2], patterns[1::2], strict=True)
    yield from ((one, one ^ (index % 7)) for index, one in enumerate(patterns[: count // 4]))


@pytest.mark.parametrize("width", [32, 64])
@pytest.mark.parametrize(("name", "operation"), BINARY, ids=[name for name, _ in BINARY])
def test_binary_operations_match_the_host(name: str, operation: Operation, width: int) -> None:
    """Sum, difference, product and quotient have the host's bits and exceptions in four roundings."""
    for (a, b), rounding in itertools.product(pairs(width, 1500, seed=width), range(4)):
        check(f"{name}{width}", width, (a, b), rounding, operation(a, b, width, rounding, 0, AFTER))


@pytest.mark.parametrize("width", [32, 64])
def test_fused_multiply_add_matches_the_host(width: int) -> None:
    """The fused multiply-add rounds once; cancelling addends would show a second rounding.

    Infinity times zero plus a NaN is left out: IEEE lets the implementation choose its exceptions there.
    """
    patterns = random_patterns(width, 3 * 2500, seed=3)
    triples = list(zip(patterns[::3], patterns[1::3], patterns[2::3], strict=True))
    sign = format_of(width).sign_bit
    triples += [(a, b, fp.fp_mul(a, b, width, 0)[0] ^ sign) for a, b, _ in triples[:800]]
    few = edges(width)[::3]
    triples += list(itertools.product(few, few, few))
    for (a, b, c), rounding in itertools.product(triples, range(4)):
        ours = fp.fp_fma(a, b, c, width, rounding, 0, AFTER)
        if ours[1] & fp.VXIMZ and fp.is_nan(c, width):
            continue
        check(f"fma{width}", width, (a, b, c), rounding, ours)


@pytest.mark.parametrize("width", [32, 64])
def test_square_root_and_round_to_integral_match_the_host(width: int) -> None:
    """Square root and rounding to an integral value match the host in four roundings."""
    for a, rounding in itertools.product(edges(width) + random_patterns(width, 3000, 5), range(4)):
        check(f"sqrt{width}", width, (a,), rounding, fp.fp_sqrt(a, width, rounding, 0, AFTER))
        check(f"rint{width}", width, (a,), rounding, fp.fp_round_to_integral(a, width, rounding))


def test_conversion_between_formats_matches_the_host() -> None:
    """Narrowing rounds like the host, widening is exact, and both carry a NaN's sign and payload."""
    assert HOST_FPU is not None
    doubles = edges(64) + random_patterns(64, 4000, 7)
    doubles += [fp.fp_convert(one, 32, 64, 0)[0] ^ (1 << 28) for one in edges(32) + random_patterns(32, 2000, 8)]
    for a, rounding in itertools.product(doubles, range(4)):
        bits, flags = fp.fp_convert(a, 64, 32, rounding, AFTER)
        assert (bits, flags & FIVE_FLAGS) == HOST_FPU.run("narrow", (a,), rounding), hex(a)
    for a in edges(32) + random_patterns(32, 3000, 9):
        bits, flags = fp.fp_convert(a, 32, 64, 0)
        assert (bits, flags & FIVE_FLAGS) == HOST_FPU.run("widen", (a,)), hex(a)


@pytest.mark.parametrize("int_width", [32, 64])
@pytest.mark.parametrize("width", [32, 64])
def test_integer_conversions_match_the_host(width: int, int_width: int) -> None:
    """Signed integers convert like the host's; beyond the range only INVALID is compared."""
    assert HOST_FPU is not None
    values = [0, 1, (1 << int_width) - 1, 1 << (int_width - 1), (1 << (int_width - 1)) - 1]
    values += [one & ((1 << int_width) - 1) for one in random_patterns(64, 2000, 11)]
    for value, rounding in itertools.product(values, range(4)):
        ours = fp.fp_from_int(value, int_width, True, width, rounding)
        check(f"from_i{int_width}_{width}", width, (value,), rounding, ours)
    for a in edges(width) + random_patterns(width, 4000, 13):
        bits, flags = fp.fp_to_int(a, width, int_width, True, fp.TOWARD_ZERO)
        host_bits, host_flags = HOST_FPU.run(f"to_i{int_width}_{width}", (a,))
        assert flags & FIVE_FLAGS == host_flags, hex(a)
        if not flags & fp.INVALID:
            assert bits == host_bits, hex(a)


@pytest.mark.parametrize("width", [32, 64])
def test_comparison_matches_the_host(width: int) -> None:
    """Less-than and its exceptions match the host's quiet and signaling comparisons."""
    assert HOST_FPU is not None
    for a, b in pairs(width, 2000, seed=17):
        for name, signaling in (("olt", True), ("quiet_olt", False)):
            relation, flags = fp.fp_compare(a, b, width, signaling)
            expected = HOST_FPU.run(f"{name}{width}", (a, b))
            assert (int(relation == fp.LESS), flags & FIVE_FLAGS) == expected, (hex(a), hex(b))
