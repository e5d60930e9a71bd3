"""The opcodes of agent expressions, by the manual's names, and what follows each in the bytecode."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final


class Op(enum.IntEnum):
    """All that gdb's `ax.def` has."""

    FLOAT = 0x01
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
    TRACE = 0x0C
    TRACE_QUICK = 0x0D
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
    REF_FLOAT = 0x1B
    REF_DOUBLE = 0x1C
    REF_LONG_DOUBLE = 0x1D
    L_TO_D = 0x1E
    D_TO_L = 0x1F
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
    GETV = 0x2C
    SETV = 0x2D
    TRACEV = 0x2E
    TRACENZ = 0x2F
    TRACE16 = 0x30
    PICK = 0x32
    ROT = 0x33
    PRINTF = 0x34


OPERANDS: Final[Mapping[int, int]] = MappingProxyType({
    Op.CONST8: 1, Op.CONST16: 2, Op.CONST32: 4, Op.CONST64: 8, Op.EXT: 1, Op.ZERO_EXT: 1, Op.PICK: 1,
    Op.REG: 2, Op.IF_GOTO: 2, Op.GOTO: 2, Op.TRACE_QUICK: 1, Op.TRACE16: 2, Op.GETV: 2, Op.SETV: 2, Op.TRACEV: 2,
})  # fmt: skip
"""Bytes of a number behind the opcode; a format string follows PRINTF besides."""
TAKES: Final[Mapping[int, int]] = MappingProxyType({
    **dict.fromkeys((Op.ADD, Op.SUB, Op.MUL, Op.DIV_SIGNED, Op.DIV_UNSIGNED, Op.REM_SIGNED, Op.REM_UNSIGNED, Op.LSH,
                     Op.RSH_SIGNED, Op.RSH_UNSIGNED, Op.BIT_AND, Op.BIT_OR, Op.BIT_XOR, Op.EQUAL, Op.LESS_SIGNED,
                     Op.LESS_UNSIGNED, Op.SWAP, Op.TRACE, Op.TRACENZ), 2),
    **dict.fromkeys((Op.LOG_NOT, Op.BIT_NOT, Op.EXT, Op.ZERO_EXT, Op.REF8, Op.REF16, Op.REF32, Op.REF64, Op.REF_FLOAT,
                     Op.REF_DOUBLE, Op.REF_LONG_DOUBLE, Op.L_TO_D, Op.D_TO_L, Op.IF_GOTO, Op.DUP, Op.POP, Op.SETV,
                     Op.TRACE_QUICK, Op.TRACE16), 1),
    Op.ROT: 3,
})  # fmt: skip
"""Entries that an opcode finds on the stack; PICK and PRINTF by their operands, all others none."""
