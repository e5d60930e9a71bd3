"""Questions about a vcpu at an instruction, such as a breakpoint's condition: in a form that an engine can compile."""

from __future__ import annotations

import msgspec


class Question(msgspec.Struct, frozen=True):
    """An expression of 64-bit values. `operator` with its `operands`:

    constant (`number`); pc; register (`name`, element `number`, -1 if it is no array); load of `number` bytes;
    sign_extend and zero_extend of the low `number` bits; is_zero, invert; add, subtract, multiply, and, or, xor, equal,
    less, less_signed, shift_left, shift_right, shift_right_signed; choose (condition, then, else).
    """

    operator: str
    operands: tuple[Question, ...] = ()
    number: int = 0
    name: str = ""
