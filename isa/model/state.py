"""Registers, numbered spaces, types and constants of a description, in typed form."""

from .base import Annotations, Item
from .code import Parameter


class BitRange(Item, frozen=True):
    """A named part; `low` counts from the least significant bit, `book` is the range as the book writes it."""

    name: str
    low: int
    width: int
    book: str
    title: str = ""


class Access(Item, frozen=True):
    """Where a register stands in a numbered space, and the rights (function names, "" = not allowed)."""

    space: str
    keys: tuple[int, ...]
    read: str
    write: str


class Register(Item, frozen=True):
    """A register or, with `count` > 0, an array of them. `scope`: thread, core, partition, machine.

    `kind` is `storage`, or `view` (no storage; `read_function`/`write_function` do the work, with the index as first
    argument where count > 0). Outside reads and writes go through those functions where they are named.
    `bank_of` names the array whose banked copy this is.
    """

    name: str
    title: str
    kind: str
    width: int
    count: int
    scope: str
    reset: int
    fields: tuple[BitRange, ...]
    accesses: tuple[Access, ...]
    read_function: str
    write_function: str
    annotations: Annotations
    type_name: str
    bank_of: str
    line: int


class Space(Item, frozen=True):
    """A numbered space; its accesses are the functions `NAME.read` (keys → value) and `NAME.write` (keys, value)."""

    name: str
    title: str
    keys: tuple[Parameter, ...]
    width: int


class Enum(Item, frozen=True):
    name: str
    title: str
    width: int
    members: dict[str, int]


class BitField(Item, frozen=True):
    name: str
    title: str
    width: int
    fields: tuple[BitRange, ...]


class Constant(Item, frozen=True):
    """`kind`: const, parameter or choice."""

    name: str
    title: str
    kind: str
    width: int
    value: int
    line: int
