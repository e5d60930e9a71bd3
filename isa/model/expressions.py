"""Typed expressions: each is one bit vector of a known width (1 to 128); see `code` for the whole."""

import msgspec


class Node(msgspec.Struct, frozen=True, tag=True, array_like=True, gc=False):
    """Base of the nodes: immutable, cheap to store, told apart by the class name."""


class Const(Node, frozen=True):
    """An unsigned number of `width` bits."""

    value: int
    width: int


class Local(Node, frozen=True):
    """A variable of this function, a parameter, or a field of the form being executed (fields come first)."""

    name: str
    width: int


class Special(Node, frozen=True):
    """`cia`, `nia` (address width), `word` (32), `length` (8, bytes), `retired` (64)."""

    name: str
    width: int


class ReadRegister(Node, frozen=True):
    """A register's storage; `index` where it is an array (an index beyond its end reads element index modulo size)."""

    register: str
    index: "Expression | None"
    width: int


class ReadMemory(Node, frozen=True):
    """Translated read of `size` bytes (1, 2, 4, 8, 16) with access kind `kind`."""

    address: "Expression"
    size: int
    kind: int
    width: int


class ReadPhysical(Node, frozen=True):
    """Untranslated read; `order` is `big` or `little`."""

    address: "Expression"
    size: int
    order: str
    width: int


class Unary(Node, frozen=True):
    """`-` and `~` keep the width; `!` is on u1."""

    operator: str
    operand: "Expression"
    width: int


class Binary(Node, frozen=True):
    """Both sides have one width, but for shifts, whose amount may have any.

    `+ - * / % /s %s & | ^ << >> >>s` give that width; `== != < <= > >= <s <=s >s >=s && ||` give 1. All are total
    (docs/reference/language.md, section 6).
    """

    operator: str
    left: "Expression"
    right: "Expression"
    width: int


class Select(Node, frozen=True):
    """`if` without statements: only the chosen side is evaluated."""

    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"
    width: int


class Extend(Node, frozen=True):
    """Zero or sign extension to `width`; the operand is narrower or equal."""

    operand: "Expression"
    signed: bool
    width: int


class Slice(Node, frozen=True):
    """`width` bits from bit `low` (constant) upwards; also what truncation becomes."""

    operand: "Expression"
    low: int
    width: int


class DynamicSlice(Node, frozen=True):
    """`width` bits from a computed bit upwards; bits beyond the operand's end are 0."""

    operand: "Expression"
    low: "Expression"
    width: int


class Insert(Node, frozen=True):
    """`base` with `value` in place of its bits from `low` upwards (bits beyond the end are dropped)."""

    base: "Expression"
    low: "Expression"
    value: "Expression"
    width: int


class Concat(Node, frozen=True):
    """Parts from the most significant on."""

    parts: "tuple[Expression, ...]"
    width: int


class Call(Node, frozen=True):
    """A described function with one result (or none: width 0, only in `Do`)."""

    function: str
    arguments: "tuple[Expression, ...]"
    width: int


class Builtin(Node, frozen=True):
    """A built-in with one result, or none (width 0, only in `Do`); `extra` holds its constants (widths, kinds)."""

    name: str
    arguments: "tuple[Expression, ...]"
    extra: tuple[int, ...]
    width: int


Expression = (
    Const
    | Local
    | Special
    | ReadRegister
    | ReadMemory
    | ReadPhysical
    | Unary
    | Binary
    | Select
    | Extend
    | Slice
    | DynamicSlice
    | Insert
    | Concat
    | Call
    | Builtin
)
