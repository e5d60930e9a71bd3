"""Random expressions of all widths, as native code, against plain evaluation bit by bit."""

from __future__ import annotations

import ctypes
import itertools

import msgspec
from hypothesis import given, settings

from trapline.isa.engine.native.bodies.unit import Unit
from trapline.isa.engine.native.building.compiler import LoadedObject, compile_object
from trapline.isa.engine.native.handlers.handlers import function_text
from trapline.isa.engine.native.shared.area import Area
from trapline.isa.engine.native.text.declarations import declarations
from trapline.isa.engine.native.text.operators import WIDE_DIVISION
from trapline.isa.model import code

from ..engine.evaluator import binary, evaluate
from ..engine.test_generated_expressions import cases
from ..engine.toy import toy

_numbers = itertools.count()
_DIVISIONS = ("/", "%", "/s", "%s")


def computed(expressions: list[code.Expression], values: dict[str, tuple[int, int]]) -> list[int]:
    """The values of expressions over locals given as (value, width)."""
    parameters = tuple(code.Parameter(name, width) for name, (_, width) in values.items())
    texts, calls = [WIDE_DIVISION], []
    for at, expression in enumerate(expressions):
        body = (code.Return(0, (expression,)),)
        function = code.Function(f"f{at}", "", parameters, (expression.width,), body, False, (), (), 0)
        described = msgspec.structs.replace(toy(), functions={**toy().functions, function.name: function})
        texts.append(function_text(Unit(described, False), function))
        passed = "".join(f", i{width} %a{place}" for place, (_, width) in enumerate(values.values()))
        calls += [
            f'  %r{at} = call fastcc i{expression.width} @"f.f{at}"(ptr null{passed})',
            f"  %o{at} = getelementptr i8, ptr %out, i64 {16 * at}",
            f"  store i{expression.width} %r{at}, ptr %o{at}",
        ]
    loads = []
    for place, (_, width) in enumerate(values.values()):
        loads.append(f"  %p{place} = getelementptr i8, ptr %in, i64 {16 * place}")
        loads.append(f"  %a{place} = load i{width}, ptr %p{place}")
    texts.append("\n".join(["define void @run(ptr %in, ptr %out) {", *loads, *calls, "  ret void", "}"]))
    whole = "\n".join(texts)
    image = compile_object("\n".join([whole, declarations(whole)]))
    loaded = LoadedObject(f"expressions-{next(_numbers)}", [image], ("run",))
    given, got = Area(16 * max(1, len(values))), Area(16 * len(expressions))
    for place, (value, _) in enumerate(values.values()):
        given.set_wide(16 * place, value)
    ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(loaded.address("run"))(given.address, got.address)
    return [got.wide(16 * at) & ((1 << expression.width) - 1) for at, expression in enumerate(expressions)]


@settings(max_examples=150)
@given(cases())
def test_native_code_agrees_with_plain_evaluation(
    case: tuple[code.Expression, dict[str, int], dict[str, int]],
) -> None:
    """All operators, slices, insertions and built-ins without effect."""
    expression, widths, values = case
    given = {name: (values[name], width) for name, width in widths.items()}
    assert computed([expression], given) == [evaluate(expression, values)]


def test_division_is_total_at_every_width() -> None:
    """By zero, of the smallest number by -1, and of numbers too long for one machine word."""
    for width in (1, 5, 8, 31, 32, 33, 64, 65, 100, 128):
        mask, top = (1 << width) - 1, 1 << (width - 1)
        numbers = [0, 1, mask, top, top - 1, 0x123456789ABCDEF0123456789ABCDEF & mask, 0xFEDCBA9876543210F & mask, 10]
        pairs = [(left & mask, right & mask) for left in numbers for right in numbers]
        sides = {f"n{at}": (number & mask, width) for at, number in enumerate(numbers)}
        names = [(f"n{i}", f"n{j}") for i in range(len(numbers)) for j in range(len(numbers))]
        for operator in _DIVISIONS:
            expressions: list[code.Expression] = [
                code.Binary(operator, code.Local(left, width), code.Local(right, width), width) for left, right in names
            ]
            expected = [binary(operator, left, right, width) for left, right in pairs]
            assert computed(expressions, sides) == expected, (operator, width)
