"""The host's floating point gives what the softfloat gives, flags included, wherever the quick way claims to apply."""

from __future__ import annotations

import ctypes
import random
from collections.abc import Callable

import pytest

from trapline.isa.engine.fp import fp_add, fp_convert, fp_div, fp_mul, fp_sqrt, fp_sub
from trapline.isa.engine.native.compiler import LoadedObject, compile_object, host_has_fma
from trapline.isa.engine.native.float_text import FLOAT_DECLARATIONS, quick_name, quick_texts, result_width
from trapline.isa.engine.python_helpers import fp_relation

_CASES = 6000
_EXACT: dict[str, Callable[..., tuple[int, int]]] = {
    "fp_add": fp_add,
    "fp_sub": fp_sub,
    "fp_mul": fp_mul,
    "fp_div": fp_div,
    "fp_sqrt": fp_sqrt,
    "fp_compare": fp_relation,
    "fp_convert": fp_convert,
}
_ONE_OPERAND = ("fp_sqrt", "fp_convert")


def wrapper(name: str, width: int) -> str:
    """`run.NAME.WIDTH(in, out)`: operands and rounding in 8 bytes each; (applies, result, flags) likewise."""
    operands = 1 if name in _ONE_OPERAND else 2
    lines = [f'define void @"run.{name}.{width}"(ptr %in, ptr %out) {{']
    passed = []
    for at in range(operands):
        lines += [f"  %p{at} = getelementptr i64, ptr %in, i64 {at}", f"  %a{at} = load i{width}, ptr %p{at}"]
        passed.append(f"i{width} %a{at}")
    if name != "fp_compare":
        lines += ["  %p = getelementptr i64, ptr %in, i64 2", "  %w = load i64, ptr %p", "  %r = trunc i64 %w to i3"]
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
    text = "\n".join([FLOAT_DECLARATIONS, *quick_texts(), *(wrapper(*name) for name in names)])
    image = compile_object(text, lambda what: None)
    return LoadedObject("quick-float", image, tuple(f"run.{name}.{width}" for name, width in names))


def operand(generator: random.Random, width: int) -> int:
    """Patterns of all kinds; many close to one another, or with few bits, where ties and exact results are."""
    fraction, bias = (52, 1023) if width == 64 else (23, 127)
    kind = generator.randrange(6)
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
    given, got = (ctypes.c_uint64 * 3)(), (ctypes.c_uint64 * 3)()
    generator = random.Random(f"{name} {width}")
    applied = 0
    for _ in range(_CASES):
        values = [operand(generator, width) for _ in range(1 if name in _ONE_OPERAND else 2)]
        rounding = generator.choice([0, 0, 0, 0, 1, 2, 3, 4])
        given[:] = [*values, *([0] * (2 - len(values))), rounding]
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
