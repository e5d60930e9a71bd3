"""Built-in functions: which arguments they take and how wide their results are.

What they do is in docs/reference/language.md, section 6; the engines carry it out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """How a built-in is typed.

    `widths`: for each argument its width, 0 where it may have any, -1 where it has the first argument's.
    `constants`: how many constant numbers follow the arguments. `results` gives the results' widths from the first
    argument's width and the constants. `effect`: it does something beyond its value, or reads what others write.
    """

    widths: tuple[int, ...]
    constants: int
    results: Callable[[int, tuple[int, ...]], tuple[int, ...]]
    effect: bool = False
    float_width: bool = False


def _same(width: int, _: tuple[int, ...]) -> tuple[int, ...]:
    return (width,)


def _none(_: int, __: tuple[int, ...]) -> tuple[int, ...]:
    return ()


def _fixed(*widths: int) -> Callable[[int, tuple[int, ...]], tuple[int, ...]]:
    return lambda _, __: widths


def _flags(width: int, _: tuple[int, ...]) -> tuple[int, ...]:
    return (width, 16)


def _converted(_: int, constants: tuple[int, ...]) -> tuple[int, ...]:
    return (constants[0], 16)


ADDRESS = -2
"""In `widths`: the architecture's address width."""

BUILTINS: dict[str, Shape] = {
    "replicate": Shape((0,), 1, lambda width, constants: (width * constants[0],)),
    "rotate_left": Shape((0, 0), 0, _same),
    "rotate_right": Shape((0, 0), 0, _same),
    "count_leading_zeros": Shape((0,), 0, _same),
    "count_trailing_zeros": Shape((0,), 0, _same),
    "count_ones": Shape((0,), 0, _same),
    "bit_reverse": Shape((0,), 0, _same),
    "byte_reverse": Shape((0,), 0, _same),
    "add_with_carry": Shape((0, -1, 1), 0, lambda width, _: (width, 1, 1)),
    "saturate_signed": Shape((0,), 1, lambda _, constants: (constants[0], 1)),
    "saturate_unsigned": Shape((0,), 1, lambda _, constants: (constants[0], 1)),
    "is_ram": Shape((64, 0), 0, _fixed(1), effect=True),
    "translated": Shape((ADDRESS,), 1, _fixed(64, 8, 3), effect=True),
    "instructions_retired": Shape((), 0, _fixed(64), effect=True),
    "set_timer": Shape((0, 64), 0, _none, effect=True),
    "cancel_timer": Shape((0,), 0, _none, effect=True),
    "request_poll": Shape((), 0, _none, effect=True),
    "context_changed": Shape((), 0, _none, effect=True),
    "tlb_flush": Shape((), 0, _none, effect=True),
    "tlb_flush_page": Shape((ADDRESS,), 0, _none, effect=True),
    "tlb_flush_context": Shape((64, 64), 0, _none, effect=True),
    "code_changed": Shape((64, 64), 0, _none, effect=True),
    "fp_add": Shape((0, -1, 3), 0, _flags, float_width=True),
    "fp_sub": Shape((0, -1, 3), 0, _flags, float_width=True),
    "fp_mul": Shape((0, -1, 3), 0, _flags, float_width=True),
    "fp_div": Shape((0, -1, 3), 0, _flags, float_width=True),
    "fp_fma": Shape((0, -1, -1, 3), 0, _flags, float_width=True),
    "fp_sqrt": Shape((0, 3), 0, _flags, float_width=True),
    "fp_round": Shape((0, 3), 0, _flags, float_width=True),
    "fp_compare": Shape((0, -1), 0, _fixed(2, 16), float_width=True),
    "fp_convert": Shape((0, 3), 1, _converted, float_width=True),
    "fp_to_signed": Shape((0, 3), 1, _converted, float_width=True),
    "fp_to_unsigned": Shape((0, 3), 1, _converted, float_width=True),
    "fp_from_signed": Shape((0, 3), 1, _converted),
    "fp_from_unsigned": Shape((0, 3), 1, _converted),
    "accessing_vcpu": Shape((), 0, _fixed(8), effect=True),
    "send": Shape((0,), 0, _none, effect=True),
    "receive": Shape((), 0, _same, effect=True),
    "available": Shape((), 0, _fixed(1), effect=True),
    "set_signal": Shape((1,), 0, _none, effect=True),
}

CONSTANT_LAST = {"replicate", "saturate_signed", "saturate_unsigned"}
"""Their constant is the last argument; the conversions' constant is the second, before the rounding mode."""

SPECIAL = {
    "zero_extend",
    "sign_extend",
    "truncate",
    "feature",
    "hypercall",
    "switch_bank",
    "instruction_word",
    "instruction_length",
}
"""Typed by the place where they stand, or turned into something else when loaded."""

ALL_BUILTINS = frozenset(BUILTINS) | SPECIAL
