"""The host's floating point gives what the softfloat gives, flags included, wherever the quick way claims to apply."""

from __future__ import annotations

import ctypes
import random
from collections.abc import Callable

import pytest

from trapline.isa.engine.fp import fp_add, fp_convert, fp_div, fp_fma, fp_from_int, fp_mul, fp_sqrt, fp_sub, fp_to_int
from trapline.isa.engine.native.compiler import LoadedObject, compile_object, host_has_fma
from trapline.isa.engine.native.float_integer_text import FROM_INTEGER, TO_INTEGER
from trapline.isa.engine.native.float_text import FLOAT_DECLARATIONS, quick_name, quick_texts, result_width
from trapline.isa.engine.python_helpers import fp_relation

_CASES = 6000
_EXACT: dict[str, Callable[..., tuple[int, int]]] = {
    "fp_add": fp_add,
    "fp_sub": fp_sub,
    "fp_mul": fp_mul,
    "fp_fma": fp_fma,
    "fp_div": fp_div,
    "fp_sqrt": fp_sqrt,
    "fp_compare": fp_relation,
    "fp_convert": fp_convert,
}
_CONVERSIONS = [(name, width, to) for name in (*TO_INTEGER, *FROM_INTEGER) for width in (32, 64) for to in (32, 64)]
_OPERANDS = {"fp_sqrt": 1, "fp_convert": 1, "fp_fma": 3}
"""Two where nothing is said."""


def wrapper(name: str, width: int) -> str:
    """`run.NAME.WIDTH(in, out)`: operands and rounding in 8 bytes each; (applies, result, flags) likewise."""
    operands = _OPERANDS.get(name, 2)
    lines = [f'define void @"run.{name}.{width}"(ptr %in, ptr %out) {{']
    passed = []
    for at in range(operands):
        lines += [f"  %p{at} = getelementptr i64, ptr %in, i64 {at}", f"  %a{at} = load i{width}, ptr %p{at}"]
        passed.append(f"i{width} %a{at}")
    if name != "fp_compare":
        lines += ["  %p = getelementptr i64, ptr %in, i64 3", "  %w = load i64, ptr %p", "  %r = trunc i64 %w to i3"]
        passed.append("i3 %r")
    result = f"i{result_width(name, width)}"
    lines.append(f"  %all = call fastcc {{i1, {result}, i16}} {quick_name(name, width)}({', '.join(passed)})")
    for at, type_ in enumerate(("i1", result, "i16")):
        lines += [f"  %x{at} = extractvalue {{i1, {result}, i16}} %all, {at}"]
        wide = f"%x{at}" if type_ == "i64" else f"%w{at}"
        if type_ != "i64":
            lines.append(f"  %w{at} = zext {type_} %x{at} to i64")
        lines += [f"  %o{at} = getelementptr i64, ptr %out, i64 {at}", f"  store i64 {wide}, ptr %o{at}"]
    return "\n".join([*lines, "  ret void", "}"])


@pytest.fixture(scope="module")
def loaded() -> LoadedObject:
    """All quick functions behind their wrappers."""
    if not host_has_fma():
        pytest.skip("this processor has no fused multiply-add, so there is no quick way")
    names = [(name, width) for name in _EXACT for width in (32, 64)]
    wrappers = [*(wrapper(*name) for name in names), *(integer_wrapper(*name) for name in _CONVERSIONS)]
    image = compile_object("\n".join([FLOAT_DECLARATIONS, *quick_texts(), *wrappers]), lambda what: None)
    exported = [".".join(map(str, name)) for name in (*names, *_CONVERSIONS)]
    return LoadedObject("quick-float", image, tuple(f"run.{name}" for name in exported))


def integer_wrapper(name: str, width: int, to: int) -> str:
    """`run.NAME.WIDTH.TO(in, out)`, likewise."""
    answer = f"{{i1, i{to}, i16}}"
    lines = [f'define void @"run.{name}.{width}.{to}"(ptr %in, ptr %out) {{', f"  %a = load i{width}, ptr %in"]
    lines += ["  %p = getelementptr i64, ptr %in, i64 1", "  %w = load i64, ptr %p", "  %r = trunc i64 %w to i3"]
    lines.append(f"  %all = call fastcc {answer} {quick_name(name, width, (to,))}(i{width} %a, i3 %r)")
    for at, type_ in enumerate(("i1", f"i{to}", "i16")):
        lines += [f"  %x{at} = extractvalue {answer} %all, {at}", f"  %o{at} = getelementptr i64, ptr %out, i64 {at}"]
        lines += [f"  store i64 0, ptr %o{at}", f"  store {type_} %x{at}, ptr %o{at}"]
    return "\n".join([*lines, "  ret void", "}"])


def operand(generator: random.Random, width: int) -> int:
    """Patterns of all kinds; many close to one another, or with few bits, where ties and exact results are."""
    fraction, bias = (52, 1023) if width == 64 else (23, 127)
    kind = generator.randrange(7)
    if kind == 6:
        return generator.getrandbits(1) << (width - 1)
    if kind == 0:
        return generator.getrandbits(width)
    exponent = bias + generator.randrange(-3, 4) if kind < 4 else generator.randrange(0, 2 * bias + 2)
    bits = generator.getrandbits(fraction)
    if kind in (2, 4):
        bits &= -1 << generator.randrange(fraction)
    if kind == 3:
        bits |= (1 << generator.randrange(fraction)) - 1
    return generator.getrandbits(1) << (width - 1) | exponent << fraction | bits


@pytest.mark.parametrize("width", [32, 64])
@pytest.mark.parametrize("name", _EXACT)
def test_quick_results_and_flags_are_exact(loaded: LoadedObject, name: str, width: int) -> None:
    """Against the softfloat; and the quick way does apply to a good part of the operands."""
    run = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(loaded.address(f"run.{name}.{width}"))
    given, got = (ctypes.c_uint64 * 4)(), (ctypes.c_uint64 * 3)()
    generator = random.Random(f"{name} {width}")
    applied = 0
    for _ in range(_CASES):
        values = [operand(generator, width) for _ in range(_OPERANDS.get(name, 2))]
        rounding = generator.choice([0, 0, 0, 0, 1, 2, 3, 4])
        given[:] = [*values, *([0] * (3 - len(values))), rounding]
        run(ctypes.addressof(given), ctypes.addressof(got))
        if not got[0]:
            continue
        applied += 1
        tail = [] if name == "fp_compare" else [rounding]
        target = [96 - width] if name == "fp_convert" else []
        expected = _EXACT[name](*values, width, *target, *tail)
        assert (got[1], got[2]) == expected, [hex(value) for value in values]
        assert rounding == 0 or name == "fp_compare"
    assert applied > _CASES // 12


@pytest.mark.parametrize(("name", "width", "to"), _CONVERSIONS)
def test_quick_conversions_of_integers_are_exact(loaded: LoadedObject, name: str, width: int, to: int) -> None:
    """Against the softfloat, likewise."""
    run = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(loaded.address(f"run.{name}.{width}.{to}"))
    given, got = (ctypes.c_uint64 * 2)(), (ctypes.c_uint64 * 3)()
    generator = random.Random(f"{name} {width} {to}")
    applied = 0
    for _ in range(_CASES):
        value = operand(generator, width)
        if name in FROM_INTEGER:
            value = generator.getrandbits(generator.randrange(width + 1))
        if name == "fp_from_signed" and generator.randrange(2):
            value = -value & (1 << width) - 1
        rounding = generator.choice([0, 0, 1, 1, 2, 3, 4])
        given[:] = [value, rounding]
        run(ctypes.addressof(given), ctypes.addressof(got))
        if not got[0]:
            continue
        applied += 1
        is_signed = name.endswith("_signed")
        if name in TO_INTEGER:
            expected = fp_to_int(value, width, to, is_signed, rounding)
        else:
            expected = fp_from_int(value, width, is_signed, to, rounding)
        assert (got[1], got[2]) == expected, (hex(value), rounding)
    assert applied > _CASES // 12
