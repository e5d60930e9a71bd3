"""Generated Python computes what the typed form says, whatever is nested in what."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trapline.isa.engine.python_cache import load_generated
from trapline.isa.engine.python_source import functions_source
from trapline.isa.lang.names import fold
from trapline.isa.model import code

from .evaluator import binary, evaluate

WIDTHS = (1, 2, 5, 8, 32, 64, 128)
ARITHMETIC = ("+", "-", "*", "&", "|", "^", "/", "%", "/s", "%s")
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=", "<s", "<=s", ">s", ">=s")
COUNTS = ("count_leading_zeros", "count_trailing_zeros", "count_ones", "bit_reverse")


def _leaf(draw: st.DrawFn, width: int, names: dict[str, int]) -> code.Expression:
    if draw(st.booleans()):
        return code.Const(draw(_numbers(width)), width)
    name = f"v{len(names)}"
    names[name] = width
    return code.Local(name, width)


def _numbers(width: int) -> st.SearchStrategy[int]:
    top = (1 << width) - 1
    special = sorted({0, 1, top, top >> 1, (top >> 1) + 1 & top, min(width, top)})
    return st.sampled_from(special) | st.integers(0, top)


def _expression(draw: st.DrawFn, width: int, depth: int, names: dict[str, int]) -> code.Expression:
    def below(other: int) -> code.Expression:
        return _expression(draw, other, depth - 1, names)

    if depth == 0:
        return _leaf(draw, width, names)
    choice = draw(st.integers(0, 11))
    any_width = draw(st.sampled_from(WIDTHS))
    if choice <= 2:
        return code.Binary(draw(st.sampled_from(ARITHMETIC)), below(width), below(width), width)
    if choice == 3:
        return code.Binary(draw(st.sampled_from(("<<", ">>", ">>s"))), below(width), below(any_width), width)
    if choice == 4:
        return code.Unary(draw(st.sampled_from("-~")), below(width), width)
    if choice == 5:
        return code.Select(below(1), below(width), below(width), width)
    if choice == 6 and any_width < width:
        return code.Extend(below(any_width), draw(st.booleans()), width)
    if choice == 7 and any_width > width:
        return code.Slice(below(any_width), draw(st.integers(0, any_width - width)), width)
    if choice == 8 and any_width >= width:
        return code.DynamicSlice(below(any_width), below(draw(st.sampled_from(WIDTHS[:5]))), width)
    if choice == 9 and any_width <= width:
        return code.Insert(below(width), below(draw(st.sampled_from(WIDTHS[:5]))), below(any_width), width)
    if choice == 10 and width > 1:
        first = draw(st.integers(1, width - 1))
        return code.Concat((below(first), below(width - first)), width)
    if width == 1:
        if draw(st.booleans()):
            operator = draw(st.sampled_from(("&&", "||")))
            return code.Binary(operator, below(1), code.Unary("!", below(1), 1), 1)
        return code.Binary(draw(st.sampled_from(COMPARISONS)), below(any_width), below(any_width), 1)
    if draw(st.booleans()):
        return code.Builtin(draw(st.sampled_from(COUNTS)), (below(width),), (), width)
    name = draw(st.sampled_from(("rotate_left", "rotate_right")))
    return code.Builtin(name, (below(width), below(any_width)), (), width)


@st.composite
def cases(draw: st.DrawFn) -> tuple[code.Expression, dict[str, int], dict[str, int]]:
    """An expression, its locals' widths, and values for them."""
    names: dict[str, int] = {}
    expression = _expression(draw, draw(st.sampled_from(WIDTHS)), draw(st.integers(1, 4)), names)
    return expression, names, {name: draw(_numbers(width)) for name, width in names.items()}


def run(body: code.Body, widths: dict[str, int], values: dict[str, int]) -> object:
    """Generates, compiles and calls one function."""
    parameters = tuple(code.Parameter(name, width) for name, width in widths.items())
    function = code.Function("f", "", parameters, (1,), body, False, (), (), 0)
    functions = load_generated("test", "", lambda: functions_source([function], ()), {})["FUNCTIONS"]
    assert isinstance(functions, dict)
    result: object = functions["f"](**{f"{name}": values[name] for name in widths})
    return result


@settings(max_examples=500)
@given(cases())
def test_generated_code_agrees_with_plain_evaluation(
    case: tuple[code.Expression, dict[str, int], dict[str, int]],
) -> None:
    """As a value and as a condition, which are written differently."""
    expression, widths, values = case
    expected = evaluate(expression, values)
    result = run((code.Return(0, (expression,)),), widths, values)
    assert result == expected
    assert type(result) is int
    if expression.width == 1:
        yes, no = (code.Return(0, (code.Const(number, 8),)) for number in (1, 0))
        assert run((code.If(0, expression, (yes,), (no,)),), widths, values) == expected


@given(st.data())
def test_the_loader_folds_constants_as_generated_code_computes_them(data: st.DataObject) -> None:
    """Constants are computed by one rule, wherever that happens."""
    width = data.draw(st.sampled_from(WIDTHS))
    operator = data.draw(st.sampled_from((*ARITHMETIC, *COMPARISONS, "<<", ">>", ">>s")))
    left, right = data.draw(_numbers(width)), data.draw(_numbers(width))
    assert fold.compute(operator, left, right, width) == binary(operator, left, right, width)


@pytest.mark.parametrize("arms", [3, 7, 8, 9, 40])
def test_a_match_takes_the_first_arm_that_holds_the_value(arms: int) -> None:
    """Whether it is written as comparisons or as a table; ranges may overlap; the rest is the default's."""
    ranges = [((3 * arm, 3 * arm), (3 * arm + 1, 3 * arm + 4)) for arm in range(arms)]
    switch = code.Switch(
        0,
        code.Binary("+", code.Local("v", 8), code.Const(0, 8), 8),
        tuple(code.SwitchCase(own, (code.Return(0, (code.Const(arm, 8),)),)) for arm, own in enumerate(ranges)),
        (code.Return(0, (code.Const(255, 8),)),),
    )
    for value in range(256):
        expected = next((arm for arm, own in enumerate(ranges) if any(a <= value <= b for a, b in own)), 255)
        assert run((switch,), {"v": 8}, {"v": value}) == expected


def test_a_loop_includes_both_ends_and_an_empty_one_does_not_run() -> None:
    """first .. last; not at all if first > last; all values of the type if need be."""
    more = code.Binary("+", code.Local("sum", 32), code.Extend(code.Local("i", 8), False, 32), 32)
    body: code.Body = (
        code.Let(0, "sum", 32, code.Const(0, 32)),
        code.For(0, "i", 8, code.Local("first", 8), code.Local("last", 8), (code.Set(0, "sum", more),)),
        code.Return(0, (code.Local("sum", 32),)),
    )
    for first, last in ((2, 4), (4, 4), (5, 4), (0, 255)):
        assert run(body, {"first": 8, "last": 8}, {"first": first, "last": last}) == sum(range(first, last + 1))


def test_names_that_python_uses_itself_can_be_names_of_a_description() -> None:
    """Keywords, Python's built-ins, and names that only differ in what Python does not allow."""
    names = ("class", "range", "rotate_left", "cpu", "a.b", "a_b", "x|0")
    parameters = tuple(code.Parameter(name, 8) for name in names)
    parts = tuple(code.Local(name, 8) for name in names)
    body = (code.Return(0, (code.Builtin("rotate_left", (code.Concat(parts, 56), code.Const(8, 8)), (), 56),)),)
    function = code.Function("if", "", parameters, (56,), body, False, (), (), 0)
    functions = load_generated("test", "", lambda: functions_source([function], ()), {})["FUNCTIONS"]
    assert isinstance(functions, dict)
    assert functions["if"](*range(1, 8)) == 0x02030405060701
