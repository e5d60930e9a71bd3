"""Register descriptions: what a target tells GDB about its registers, as frozen dataclasses.

Source: Debugging with GDB, "Target Description Format" and "Standard Target Features".

Register numbers are GDB's. The ``g`` packet is packed in the order of these numbers, without padding
for the gaps between them, and may end early only after a whole register; `TargetDescription.general`
is exactly that list. The byte order of the values is the target's, and no XML can carry it: GDB learns
it from the program (see `ExecFiles` in `target.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from .errors import DescriptionError

ByteOrder = Literal["big", "little"]
FieldsLayout = Literal["struct", "flags"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")


@dataclass(frozen=True, slots=True)
class BitField:
    """Bits `low`..`high` of a register, both inclusive, bit 0 the least significant one."""

    name: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class VectorType:
    """``<vector>``: `count` elements of `element`, a GDB type or a type declared before this one."""

    name: str
    element: str
    count: int


@dataclass(frozen=True, slots=True)
class UnionType:
    """``<union>``: the same bits seen as several types, given as (member name, type name) pairs."""

    name: str
    members: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Register:
    """One register as GDB sees it.

    `number` is GDB's register number, `bits` the size (a multiple of 8), `type` a predefined GDB type
    (``uint64``, ``code_ptr``, ``ieee_double`` …) or one declared by the feature. `group` is "general",
    "float", "vector", or a name of the target's own.

    With `fields` the register's type becomes a union {value, fields}: `value` has the plain type and can
    be set, `fields` shows names. A plain flags or struct type could not be set at all ("Invalid cast").
    `layout` "struct" shows ``{EE = 1, IR = 0}`` and its members can be set; "flags" shows ``[ EE ]``.
    """

    name: str
    bits: int
    number: int
    type: str
    group: str | None = None
    fields: tuple[BitField, ...] = ()
    layout: FieldsLayout = "struct"
    save_restore: bool = True

    @property
    def size(self) -> int:
        """Bytes in a ``p``, ``P`` or ``g`` packet."""
        return self.bits // 8


@dataclass(frozen=True, slots=True)
class Feature:
    """A ``<feature>``: a named set of registers, with the types that they use."""

    name: str
    registers: tuple[Register, ...]
    types: tuple[VectorType | UnionType, ...] = ()


@dataclass(frozen=True)
class TargetDescription:
    """All registers of a target, checked when it is built.

    `architecture` is a BFD name ("powerpc:common64", "arm"). `expedited` are the numbers of the registers
    that go with each stop reply (usually pc and sp), to save GDB a round trip. `last_general` is the
    number of the last register in ``g``; the rest are read one by one with ``p``, on demand. None puts
    all of them into ``g``.

    Raises DescriptionError for two registers of one name or one number, a size that is not whole bytes,
    fields outside the register, and names that GDB cannot parse.
    """

    architecture: str
    byte_order: ByteOrder
    features: tuple[Feature, ...]
    expedited: tuple[int, ...] = ()
    last_general: int | None = None

    def __post_init__(self) -> None:
        _check_unique(((f.name, "the target description") for f in self.features), "feature", "name")
        _check_unique(((r.name, f.name) for f, r in self._pairs()), "register", "name")
        _check_unique(((r.number, f.name) for f, r in self._pairs()), "register", "number")
        for feature, register in self._pairs():
            _check_register(feature, register)
        unknown = sorted(set(self.expedited) - set(self.by_number))
        if unknown:
            raise DescriptionError(f"expedited registers {unknown} are not described by any feature")
        if self.last_general is not None and self.last_general not in self.by_number:
            raise DescriptionError(
                f"last_general is {self.last_general}, which is no register: `g` may end only after a whole register"
            )

    def _pairs(self) -> Iterator[tuple[Feature, Register]]:
        return ((feature, register) for feature in self.features for register in feature.registers)

    @cached_property
    def by_number(self) -> dict[int, Register]:
        """Registers keyed by GDB's number, in ascending order."""
        registers = [register for _, register in self._pairs()]
        return {r.number: r for r in sorted(registers, key=lambda register: register.number)}

    @cached_property
    def by_name(self) -> dict[str, Register]:
        """Registers keyed by name."""
        return {register.name: register for _, register in self._pairs()}

    @cached_property
    def general(self) -> tuple[Register, ...]:
        """The registers in a ``g`` packet, in their order there."""
        last = self.last_general
        return tuple(r for r in self.by_number.values() if last is None or r.number <= last)

    @cached_property
    def general_size(self) -> int:
        """Bytes in a ``g`` packet, before they become hex digits."""
        return sum(register.size for register in self.general)


def _check_unique(items: Iterable[tuple[str | int, str]], what: str, by: str) -> None:
    """Raise DescriptionError at the second item with one key; both places are named."""
    seen: dict[str | int, str] = {}
    for key, place in items:
        if key in seen:
            raise DescriptionError(
                f"two {what}s have the {by} {key!r}: one in {seen[key]}, one in {place}; "
                f"GDB would keep one of them silently, so give each {what} its own {by}"
            )
        seen[key] = place


def _check_register(feature: Feature, register: Register) -> None:
    """Raise DescriptionError for what GDB would misread in one register."""
    where = f"register {register.name!r} of {feature.name}"
    if not _NAME.match(register.name):
        raise DescriptionError(f"{where}: a name is a letter or _ and then letters, digits, _ . -")
    if register.bits <= 0 or register.bits % 8:
        raise DescriptionError(f"{where}: {register.bits} bits are not a whole number of bytes")
    if register.number < 0:
        raise DescriptionError(f"{where}: the register number {register.number} is negative")
    _check_unique(((field.name, where) for field in register.fields), "field", "name")
    for field in register.fields:
        if not 0 <= field.low <= field.high < register.bits:
            raise DescriptionError(
                f"{where}: field {field.name} is bits {field.low}..{field.high}, "
                f"and the register has bits 0..{register.bits - 1}"
            )
