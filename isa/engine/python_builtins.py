"""Calls of built-ins to Python source text."""

from __future__ import annotations

from collections.abc import Callable

from ..model import code
from .python_text import grouped

_WIDTH_AFTER = frozenset({"count_trailing_zeros", "bit_reverse", "byte_reverse", "add_with_carry"})
_FLOAT = {"fp_round": "fp_round_to_integral", "fp_compare": "fp_relation"}

Value = Callable[[code.Expression], str]
"""What writes an expression's exact value."""


def builtin(value: Value, name: str, arguments: tuple[code.Expression, ...], extra: tuple[int, ...]) -> str:
    """A built-in's value, or its results as a tuple."""
    width = arguments[0].width if arguments else 0
    constants = [str(constant) for constant in extra]
    if name in ("count_leading_zeros", "count_ones"):
        text = grouped(value(arguments[0]))
        text = f"({text})" if text[0].isdigit() else text
        return f"{width} - {text}.bit_length()" if name == "count_leading_zeros" else f"{text}.bit_count()"
    if name in ("rotate_left", "rotate_right"):
        return _rotate(value, name, arguments[0], arguments[1])
    if name == "replicate":
        return f"replicate({value(arguments[0])}, {width}, {extra[0]})"
    if name in _WIDTH_AFTER:
        return f"{name}({', '.join(map(value, arguments))}, {width})"
    if name in ("saturate_signed", "saturate_unsigned"):
        return f"{name}({value(arguments[0])}, {width}, {extra[0]})"
    if name.startswith("fp_"):
        return _float(value, name, arguments, extra)
    if name == "instructions_retired":
        return "cpu.instructions_retired()"
    if name in ("send", "set_signal", "receive", "available"):
        return f"cpu.{name}({', '.join([*constants, *(value(argument) for argument in arguments)])})"
    return f"cpu.{name}({', '.join([*(value(argument) for argument in arguments), *constants])})"


def _rotate(value: Value, name: str, operand: code.Expression, amount: code.Expression) -> str:
    width = operand.width
    if isinstance(amount, code.Const):
        left = amount.value % width if name == "rotate_left" else -amount.value % width
        return f"rotate_left({value(operand)}, {left}, {width})"
    text = value(amount) if name == "rotate_left" else f"-{grouped(value(amount))}"
    return f"rotate_left({value(operand)}, {text}, {width})"


def _float(value: Value, name: str, arguments: tuple[code.Expression, ...], extra: tuple[int, ...]) -> str:
    width = arguments[0].width
    if name.startswith("fp_to_"):
        operand, rounding = map(value, arguments)
        return f"fp_to_int({operand}, {width}, {extra[0]}, {name == 'fp_to_signed'}, {rounding})"
    if name.startswith("fp_from_"):
        operand, rounding = map(value, arguments)
        return f"fp_from_int({operand}, {width}, {name == 'fp_from_signed'}, {extra[0]}, {rounding})"
    if name == "fp_compare":
        return f"fp_relation({', '.join(map(value, arguments))}, {width})"
    values = [value(argument) for argument in arguments[:-1]]
    target = [str(extra[0])] if name == "fp_convert" else []
    return f"{_FLOAT.get(name, name)}({', '.join([*values, str(width), *target, value(arguments[-1])])})"
