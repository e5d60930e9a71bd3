"""A condition as a question that an engine may look at by itself: what has no loop, and reads no more than it knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ....isa.engine.questions import Question
from .opcodes import TAKES, Op
from .program import Program

_MOST_STEPS: Final = 400
_OPERATORS: Final = {
    Op.ADD: "add", Op.SUB: "subtract", Op.MUL: "multiply", Op.BIT_AND: "and", Op.BIT_OR: "or", Op.BIT_XOR: "xor",
    Op.EQUAL: "equal", Op.LESS_SIGNED: "less_signed", Op.LESS_UNSIGNED: "less", Op.LSH: "shift_left",
    Op.RSH_UNSIGNED: "shift_right", Op.RSH_SIGNED: "shift_right_signed", Op.LOG_NOT: "is_zero", Op.BIT_NOT: "invert",
}  # fmt: skip
_LOADS: Final = {Op.REF8: 1, Op.REF16: 2, Op.REF32: 4, Op.REF64: 8}
_CONSTANTS: Final = frozenset({Op.CONST8, Op.CONST16, Op.CONST32, Op.CONST64})


def question_of(program: Program, register: Callable[[int], Question | None]) -> Question | None:
    """The same, or None where it cannot be put so. `register` gives what stands for a number of gdb's."""
    return _Reader(program, register).at(0, ())


class _Reader:
    def __init__(self, program: Program, register: Callable[[int], Question | None]) -> None:
        self._program = program
        self._register = register
        self._left = _MOST_STEPS

    def at(self, place: int, stack: tuple[Question, ...]) -> Question | None:
        """The value that the expression has from a place on."""
        while self._left > 0:
            self._left -= 1
            one = self._program.places[place]
            opcode, operand = one.opcode, one.operand
            if opcode == Op.END:
                return stack[-1]
            if opcode == Op.GOTO:
                place = operand
                continue
            if opcode == Op.IF_GOTO:
                first, second = self.at(operand, stack[:-1]), self.at(one.next, stack[:-1])
                if first is None or second is None:
                    return None
                return Question("choose", (stack[-1], first, second))
            done = self._execute(opcode, operand, stack)
            if done is None:
                return None
            stack, place = done, one.next
        return None

    def _execute(self, opcode: int, operand: int, stack: tuple[Question, ...]) -> tuple[Question, ...] | None:
        if opcode == Op.PICK:
            return (*stack, stack[-1 - operand])
        if opcode in _CONSTANTS:
            return (*stack, Question("constant", number=operand))
        if opcode == Op.REG:
            found = self._register(operand)
            return None if found is None else (*stack, found)
        count = TAKES.get(opcode, 0)
        taken, rest = stack[len(stack) - count :], stack[: len(stack) - count]
        if opcode in _OPERATORS:
            return (*rest, Question(_OPERATORS[Op(opcode)], taken))
        if opcode in _LOADS:
            return (*rest, Question("load", taken, _LOADS[Op(opcode)]))
        if opcode in (Op.EXT, Op.ZERO_EXT) and 0 < operand <= 64:
            return (*rest, Question("sign_extend" if opcode == Op.EXT else "zero_extend", taken, operand))
        moved = {Op.DUP: taken * 2, Op.SWAP: taken[::-1], Op.ROT: (*taken[-1:], *taken[:-1]), Op.POP: ()}
        return (*rest, *moved[Op(opcode)]) if opcode in moved else None
