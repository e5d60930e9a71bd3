"""Native floating point gives what the reference's softfloat gives, flags included, on hosts with and without FMA."""

from __future__ import annotations

import ctypes
import random
from collections.abc import Callable

import pytest

from trapline.isa.engine.fp import (
    fp_add,
    fp_convert,
    fp_div,
    fp_fma,
    fp_from_int,
    fp_mul,
    fp_round_to_integral,
    fp_sqrt,
    fp_sub,
    fp_to_int,
)
from trapline.isa.engine.native.building.compiler import LoadedObject, compile_object, host_has_fma
from trapline.isa.engine.native.floats.float_text import QUICKS, quick_of, quick_texts
from trapline.isa.engine.native.floats.quick import Quick
from trapline.isa.engine.native.text.declarations import declarations
from trapline.isa.engine.native.text.operators import WIDE_DIVISION
from trapline.isa.engine.native.text.text import BRANCH_WEIGHTS
from trapline.isa.engine.python_helpers import fp_relation

_CASES = 6000
_ARITHMETIC: dict[str, Callable[..., tuple[int, int]]] = {
    "fp_add": fp_add,
    "fp_sub": fp_sub,
    "fp_mul": fp_mul,
    "fp_div": fp_div,
    "fp_sqrt": fp_sqrt,
    "fp_fma": fp_fma,
    "fp_round": fp_round_to_integral,
}
_OPERANDS = {"fp_add": 2, "fp_sub": 2, "fp_mul": 2, "fp_div": 2, "fp_fma": 3, "fp_compare": 2}


def exact(quick: Quick, values: list[int], rounding: int) -> tuple[int, int]:
    """What the softfloat makes of the operands."""
    if quick.name == "fp_compare":
        return fp_relation(values[0], values[1], quick.width)
    if quick.name == "fp_convert":
        return fp_convert(values[0], quick.width, quick.to, rounding)
    if quick.name.startswith("fp_to_"):
        return fp_to_int(values[0], quick.width, quick.to, quick.name == "fp_to_signed", rounding)
    if quick.name.startswith("fp_from_"):
        return fp_from_int(values[0], quick.width, quick.name == "fp_from_signed", quick.to, rounding)
    return _ARITHMETIC[quick.name](*values, quick.width, rounding)


def wrapper(quick: Quick) -> str:
    """`run.NUMBER(in, out)`: operands and rounding in 8 bytes each; (applies, result, flags) likewise."""
    lines = [f"define void @run.{QUICKS.index(quick)}(ptr %in, ptr %out) {{"]
    passed = []
    for at in range(_OPERANDS.get(quick.name, 1)):
        lines += [f"  %p{at} = getelementptr i64, ptr %in, i64 {at}", f"  %a{at} = load i{quick.width}, ptr %p{at}"]
        passed.append(f"i{quick.width} %a{at}")
    if quick.name != "fp_compare":
        lines += ["  %p = getelementptr i64, ptr %in, i64 3", "  %w = load i64, ptr %p", "  %r = trunc i64 %w to i3"]
        passed.append("i3 %r")
    lines.append(f"  %all = call fastcc {quick.type} {quick.symbol}({', '.join(passed)})")
    for at, type_ in enumerate(("i1", f"i{quick.to}", "i16")):
        lines += [f"  %x{at} = extractvalue {quick.type} %all, {at}"]
        wide = f"%x{at}" if type_ == "i64" else f"%w{at}"
        if type_ != "i64":
            lines.append(f"  %w{at} = zext {type_} %x{at} to i64")
        lines += [f"  %o{at} = getelementptr i64, ptr %out, i64 {at}", f"  store i64 {wide}, ptr %o{at}"]
    return "\n".join([*lines, "  ret void", "}"])


@pytest.fixture(scope="module", params=[True, False] if host_has_fma() else [False])
def loaded(request: pytest.FixtureRequest) -> LoadedObject:
    """All quick functions behind their wrappers."""
    functions = "\n".join([WIDE_DIVISION, *quick_texts(request.param)])
    text = "\n".join([declarations(functions), BRANCH_WEIGHTS, functions, *map(wrapper, QUICKS)])
    image = compile_object(text)
    return LoadedObject(f"quick-float-{request.param}", [image], tuple(f"run.{at}" for at in range(len(QUICKS))))


def operand(generator: random.Random, width: int) -> int:
    """Patterns of all kinds: zeros, many close to one another, near the ends of the format, or with few bits.

    The last are where ties and exact results are.
    """
    fraction, bias = (52, 1023) if width == 64 else (23, 127)
    kind = generator.randrange(8)
    if kind == 0:
        return generator.getrandbits(width)
    if kind == 6:
        return generator.getrandbits(1) << (width - 1)
    exponent = bias + generator.randrange(-3, 4) if kind < 4 else generator.randrange(0, 2 * bias + 2)
    if kind == 7:
        exponent = generator.choice([0, 1, 2, 3, fraction, 2 * fraction, *range(2 * bias - 2, 2 * bias + 2)])
    bits = generator.getrandbits(fraction)
    if kind in (2, 4):
        bits &= -1 << generator.randrange(fraction)
    if kind == 3:
        bits |= (1 << generator.randrange(fraction)) - 1
    return generator.getrandbits(1) << (width - 1) | exponent << fraction | bits


def integer(generator: random.Random, width: int) -> int:
    """Numbers of all sizes, with runs of equal bits at the end, where ties are."""
    number = generator.getrandbits(generator.randrange(1, width + 1))
    if generator.randrange(2):
        low = generator.randrange(width)
        number = number >> low << low | generator.choice([0, (1 << low) - 1])
    return generator.choice([number, -number]) & (1 << width) - 1


@pytest.mark.parametrize("quick", QUICKS, ids=lambda quick: quick.symbol)
def test_quick_results_and_flags_are_exact(loaded: LoadedObject, quick: Quick) -> None:
    """Against the softfloat, in all roundings; what is no rounding is left to the engine."""
    run = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(loaded.address(f"run.{QUICKS.index(quick)}"))
    given, got = (ctypes.c_uint64 * 4)(), (ctypes.c_uint64 * 3)()
    generator = random.Random(quick.symbol)
    count = _OPERANDS.get(quick.name, 1)
    draw = integer if quick.name.startswith("fp_from_") else operand
    for _ in range(_CASES):
        values = [draw(generator, quick.width) for _ in range(count)]
        rounding = generator.choice([0, 0, 0, 0, 1, 2, 3, 4])
        given[:] = [*values, *([0] * (3 - count)), rounding]
        run(ctypes.addressof(given), ctypes.addressof(got))
        assert got[0]
        assert (got[1], got[2]) == exact(quick, values, rounding), ([hex(value) for value in values], rounding)
    if quick.name != "fp_compare":
        given[3] = 5
        run(ctypes.addressof(given), ctypes.addressof(got))
        assert not got[0] or (got[1], got[2]) == exact(quick, values, 5)


def test_a_built_in_without_a_quick_way_is_left_to_the_engine() -> None:
    """Sixteen-bit formats."""
    assert quick_of("fp_add", (16, 16, 3), ()) is None
    assert quick_of("fp_convert", (16, 3), (32,)) is None
    assert quick_of("fp_to_signed", (64, 3), (32,)) == Quick("fp_to_signed", 64, 32)
