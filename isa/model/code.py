"""Typed statements and expressions: what a body becomes once it has been checked.

Every expression is one bit vector of a known width (1 to 128); tuples exist only where a statement binds several
results. Bits are counted from the least significant here, whatever numbering the description's book uses. Value
blocks (`if` and `match` used as values) have become statements that assign a variable, so that an expression has no
control flow but `Select` and the short-circuit operators. Expressions are evaluated from left to right.

`line` is a packed place: `file << 20 | line`, where `file` indexes `Description.files`.
"""

import msgspec

from .expressions import (
    Binary,
    Builtin,
    Call,
    Concat,
    Const,
    DynamicSlice,
    Expression,
    Extend,
    Insert,
    Local,
    ReadMemory,
    ReadPhysical,
    ReadRegister,
    Select,
    Slice,
    Special,
    Unary,
)
from .statements import (
    Body,
    BuiltinInto,
    CallInto,
    Do,
    For,
    If,
    Leave,
    Let,
    Raise,
    Return,
    Set,
    SetMemory,
    SetNext,
    SetPhysical,
    SetRegister,
    Statement,
    Switch,
    SwitchCase,
)

__all__ = [
    "Binary",
    "Body",
    "Builtin",
    "BuiltinInto",
    "Call",
    "CallInto",
    "Concat",
    "Const",
    "Do",
    "DynamicSlice",
    "Expression",
    "Extend",
    "For",
    "Function",
    "If",
    "Insert",
    "Leave",
    "Let",
    "Local",
    "Parameter",
    "Raise",
    "ReadMemory",
    "ReadPhysical",
    "ReadRegister",
    "Return",
    "Select",
    "Set",
    "SetMemory",
    "SetNext",
    "SetPhysical",
    "SetRegister",
    "Slice",
    "Special",
    "Statement",
    "Switch",
    "SwitchCase",
    "Unary",
]


class Parameter(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A typed name; `type_name` is an enum's, bit field's or class's name where it has one."""

    name: str
    width: int
    type_name: str = ""


class Function(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A described function, or one made by the loader (`SPR.read`, `CONTROL.write`, `papr.real_mode`).

    `results` are widths. `may_raise` is transitive; `writes`/`reads` name the registers that it, or what it calls,
    touches, so that an engine knows what a call can observe.
    """

    name: str
    title: str
    parameters: tuple[Parameter, ...]
    results: tuple[int, ...]
    body: Body
    may_raise: bool
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    line: int
