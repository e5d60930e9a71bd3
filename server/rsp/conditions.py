"""Evaluates breakpoint conditions on the target's side: GDB's agent expressions.

GDB compiles ``break … if …`` to bytecode and sends it with ``Z0``/``Z1``. Evaluated here, a condition
that is false costs no round trip. Only what conditions consist of is accepted: no tracing of data, no
state variables, no strings.

Source: Debugging with GDB, appendix "The GDB Agent Expression Mechanism". The stack holds 64-bit values.
"""

from __future__ import annotations

import enum
from collections.abc import Callable

from .errors import EINVAL, RspError

ReadRegister = Callable[[int], int]
ReadMemory = Callable[[int, int], int]

_MASK = (1 << 64) - 1
_MAX_STEPS = 10_000
_MAX_STACK = 256


class Op(enum.IntEnum):
    """The opcodes that conditions consist of, by the manual's names."""

    ADD = 0x02
    SUB = 0x03
    MUL = 0x04
    DIV_SIGNED = 0x05
    DIV_UNSIGNED = 0x06
    REM_SIGNED = 0x07
    REM_UNSIGNED = 0x08
    LSH = 0x09
    RSH_SIGNED = 0x0A
    RSH_UNSIGNED = 0x0B
    LOG_NOT = 0x0E
    BIT_AND = 0x0F
    BIT_OR = 0x10
    BIT_XOR = 0x11
    BIT_NOT = 0x12
    EQUAL = 0x13
    LESS_SIGNED = 0x14
    LESS_UNSIGNED = 0x15
    EXT = 0x16
    REF8 = 0x17
    REF16 = 0x18
    REF32 = 0x19
    REF64 = 0x1A
    IF_GOTO = 0x20
    GOTO = 0x21
    CONST8 = 0x22
    CONST16 = 0x23
    CONST32 = 0x24
    CONST64 = 0x25
    REG = 0x26
    END = 0x27
    DUP = 0x28
    POP = 0x29
    ZERO_EXT = 0x2A
    SWAP = 0x2B
    PICK = 0x32
    ROT = 0x33


_REFERENCES: dict[int, int] = {Op.REF8: 1, Op.REF16: 2, Op.REF32: 4, Op.REF64: 8}
_CONSTANTS: dict[int, int] = {Op.CONST8: 1, Op.CONST16: 2, Op.CONST32: 4, Op.CONST64: 8}
_OPERANDS: dict[int, int] = {
    **_CONSTANTS, Op.EXT: 1, Op.ZERO_EXT: 1, Op.PICK: 1, Op.REG: 2, Op.IF_GOTO: 2, Op.GOTO: 2,
}  # fmt: skip


class ConditionError(RspError):
    """An agent expression is malformed, divides by zero, or uses what is not supported."""

    errno = EINVAL


def _signed(value: int, bits: int = 64) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def _divide(a: int, b: int) -> int:
    """Quotient rounded towards zero, as in C."""
    if b == 0:
        raise ConditionError("the condition divides by zero")
    quotient = abs(a) // abs(b)
    return -quotient if (a < 0) != (b < 0) else quotient


def _shift_left(a: int, b: int) -> int:
    return a << b if b < 64 else 0


_BINARY: dict[int, Callable[[int, int], int]] = {
    Op.ADD: lambda a, b: a + b,
    Op.SUB: lambda a, b: a - b,
    Op.MUL: lambda a, b: a * b,
    Op.DIV_SIGNED: lambda a, b: _divide(_signed(a), _signed(b)),
    Op.DIV_UNSIGNED: _divide,
    Op.REM_SIGNED: lambda a, b: _signed(a) - _signed(b) * _divide(_signed(a), _signed(b)),
    Op.REM_UNSIGNED: lambda a, b: a - b * _divide(a, b),
    Op.LSH: _shift_left,
    Op.RSH_SIGNED: lambda a, b: _signed(a) >> min(b, 63),
    Op.RSH_UNSIGNED: lambda a, b: a >> min(b, 64),
    Op.BIT_AND: lambda a, b: a & b,
    Op.BIT_OR: lambda a, b: a | b,
    Op.BIT_XOR: lambda a, b: a ^ b,
    Op.EQUAL: lambda a, b: int(a == b),
    Op.LESS_SIGNED: lambda a, b: int(_signed(a) < _signed(b)),
    Op.LESS_UNSIGNED: lambda a, b: int(a < b),
}


def check(code: bytes) -> None:
    """Raise ConditionError for a condition that `holds` could not evaluate to its end."""
    position = 0
    known = {Op.LOG_NOT, Op.BIT_NOT, Op.END, Op.DUP, Op.POP, Op.SWAP, Op.ROT, *_BINARY, *_REFERENCES, *_OPERANDS}
    while position < len(code):
        opcode = code[position]
        if opcode not in known:
            raise ConditionError(f"the condition uses agent opcode {opcode:#04x}, unsupported here")
        position += 1 + _OPERANDS.get(opcode, 0)
    if position != len(code) or not code:
        raise ConditionError("the condition ends in the middle of an instruction")


def holds(code: bytes, read_register: ReadRegister, read_memory: ReadMemory) -> bool:
    """Whether the condition is true now.

    `read_register(number)` and `read_memory(address, size)` give unsigned values; what they raise passes
    through. Raises ConditionError; a condition that loops is cut off.
    """
    stack: list[int] = []
    position = 0
    for _ in range(_MAX_STEPS):
        if position >= len(code):
            raise ConditionError("the condition runs off its end")
        opcode = code[position]
        size = _OPERANDS.get(opcode, 0)
        operand = int.from_bytes(code[position + 1 : position + 1 + size], "big")
        position += 1 + size
        try:
            if opcode == Op.END:
                return stack[-1] != 0
            if opcode == Op.GOTO or (opcode == Op.IF_GOTO and stack.pop()):
                position = operand
            elif opcode != Op.IF_GOTO:
                _execute(opcode, operand, stack, read_register, read_memory)
        except IndexError:
            raise ConditionError("the condition takes more from the stack than is there") from None
        if len(stack) > _MAX_STACK:
            raise ConditionError(f"the condition needs more than {_MAX_STACK} stack entries")
    raise ConditionError(f"the condition has not ended after {_MAX_STEPS} steps")


def _execute(opcode: int, operand: int, stack: list[int], read_register: ReadRegister, read_memory: ReadMemory) -> None:
    """One instruction that does not jump. Raises IndexError for a stack too short."""
    if opcode in _BINARY:
        b, a = stack.pop(), stack.pop()
        stack.append(_BINARY[opcode](a, b) & _MASK)
    elif opcode in _CONSTANTS:
        stack.append(operand)
    elif opcode in _REFERENCES:
        stack.append(read_memory(stack.pop(), _REFERENCES[opcode]))
    elif opcode == Op.REG:
        stack.append(read_register(operand) & _MASK)
    elif opcode == Op.EXT:
        stack.append(_signed(stack.pop(), operand or 64) & _MASK)
    elif opcode == Op.ZERO_EXT:
        stack.append(stack.pop() & ((1 << operand) - 1))
    elif opcode == Op.LOG_NOT:
        stack.append(int(not stack.pop()))
    elif opcode == Op.BIT_NOT:
        stack.append(stack.pop() ^ _MASK)
    elif opcode == Op.DUP:
        stack.append(stack[-1])
    elif opcode == Op.POP:
        stack.pop()
    elif opcode == Op.SWAP:
        stack[-1], stack[-2] = stack[-2], stack[-1]
    elif opcode == Op.PICK:
        stack.append(stack[-1 - operand])
    elif opcode == Op.ROT:
        stack[-3:] = [stack[-1], stack[-3], stack[-2]]
    else:
        raise ConditionError(f"the condition uses agent opcode {opcode:#04x}, unsupported here")
