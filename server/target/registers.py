"""What gdb is shown of a core's registers: the description's `@gdb` annotations, and every numbered register besides.

Registers that gdb knows keep its numbers, names and plain types; all others stand in features of Trapline's own, those
with bit fields as a union of value and fields.

When a person calls a function of the guest (`print f(3, 4)`) gdb saves all registers that it may, and writes them back
behind the call. It may do so with those of its own features that can be written: a write to another can be refused, or
do more than change a value (start a timer, drop translations).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ...isa.errors import TraplineError
from ...isa.model.items import BitRange, Description, Register
from ..rsp.registers import BitField, ByteOrder, Feature, TargetDescription, UnionType, VectorType
from ..rsp.registers import Register as GdbRegister

_OWN: Final = "org.trapline."
_FIRST_FREE_NUMBER: Final = 256
"""Behind all numbers that gdb gives to registers of either architecture."""

_TYPES: Final[dict[str, tuple[VectorType | UnionType, ...]]] = {
    "vec128": (
        VectorType("v4f", "ieee_single", 4),
        VectorType("v4i32", "int32", 4),
        VectorType("v8i16", "int16", 8),
        VectorType("v16i8", "int8", 16),
        UnionType(
            "vec128",
            (
                ("uint128", "uint128"),
                ("v4_float", "v4f"),
                ("v4_int32", "v4i32"),
                ("v8_int16", "v8i16"),
                ("v16_int8", "v16i8"),
            ),
        ),
    ),
    "neon_q": (
        VectorType("v16u8", "uint8", 16),
        VectorType("v8u16", "uint16", 8),
        VectorType("v4u32", "uint32", 4),
        VectorType("v2u64", "uint64", 2),
        VectorType("v4f32", "ieee_single", 4),
        UnionType(
            "neon_q",
            (("u8", "v16u8"), ("u16", "v8u16"), ("u32", "v4u32"), ("u64", "v2u64"), ("f32", "v4f32")),
        ),
    ),
}
"""Types that annotations name and gdb does not have by itself, with what they are made of."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A register element of the description behind a number of gdb's. `register` "" is the program counter."""

    register: str
    index: int | None
    width: int
    writable: bool


@dataclass(frozen=True)
class RegisterMap:
    """gdb's description of a core, and what stands behind its numbers."""

    description: TargetDescription
    shown: dict[int, Shown]
    pc: int
    """gdb's number of the program counter."""


@dataclass(slots=True)
class _Entry:
    feature: str
    name: str
    number: int | None
    type: str
    group: str | None
    fields: tuple[BitRange, ...]
    shown: Shown


def register_map(description: Description, byte_order: ByteOrder) -> RegisterMap:
    """Everything gdb is to see of a core."""
    notes = description.annotations.get("gdb", {})
    for needed in ("architecture", "program_counter"):
        if needed not in notes:
            raise TraplineError(
                f"the architecture '{description.name}' does not tell gdb its {needed}",
                '@gdb(architecture = "one that gdb knows", feature = "...", program_counter = "pc", number = N) '
                "behind its name",
            )
    program_counter = Shown("", None, description.address_width, True)
    pointer = "code_ptr" if description.address_width >= 32 else f"uint{description.address_width}"
    pc = int(notes["number"]) if "number" in notes else 15
    feature = str(notes.get("feature", f"org.gnu.gdb.{description.name}.core"))
    entries = [_Entry(feature, str(notes["program_counter"]), pc, pointer, None, (), program_counter)]
    entries += _annotated(description)
    taken = {entry.name for entry in entries}
    entries += [entry for entry in _numbered(description) if entry.name not in taken]
    free = _FIRST_FREE_NUMBER
    for entry in entries:
        if entry.number is None:
            entry.number, free = free, free + 1
    # A stable order of features: gdb's own first, as its documentation lists them.
    names = list(dict.fromkeys(entry.feature for entry in entries))
    names.sort(key=lambda name: name.startswith(_OWN))
    features = tuple(_feature(name, [one for one in entries if one.feature == name]) for name in names)
    by_name = {entry.name: entry.number for entry in entries}
    stack = by_name.get(str(notes.get("stack_pointer", "sp")))
    expedited = [pc] if stack is None else [pc, stack]
    last = max(e.number for e in entries if e.number is not None and e.feature == feature)
    return RegisterMap(
        TargetDescription(str(notes["architecture"]), byte_order, features, tuple(expedited), last),
        {entry.number: entry.shown for entry in entries if entry.number is not None},
        pc,
    )


def _annotated(description: Description) -> Iterator[_Entry]:
    for register in description.registers.values():
        notes = register.annotations.get("gdb")
        if notes is None:
            continue
        number = None if "number" not in notes else int(notes["number"])
        feature = str(notes.get("feature", f"{_OWN}{description.name}"))
        fields = _fields(description, register) if feature.startswith(_OWN) else ()
        own_group = feature.rpartition(".")[2] if feature.startswith(_OWN) else None
        group = notes.get("group", own_group)
        for index in range(int(notes.get("count", register.count or 1))):
            yield _Entry(
                feature,
                str(notes["name"]).replace("{}", str(index)),
                None if number is None else number + index,
                str(notes.get("type", f"uint{_bits(register.width)}")),
                None if group is None else str(group),
                fields,
                Shown(register.name, index if register.count else None, register.width, _writable(register)),
            )


def _numbered(description: Description) -> Iterator[_Entry]:
    """Registers of numbered spaces that have no annotation, but not other views of those that have."""
    for register in description.registers.values():
        if "gdb" in register.annotations or not register.accesses or register.count:
            continue
        if register.kind == "view" and not any(access.read for access in register.accesses):
            continue  # an operation: something to do, nothing to show
        if register.name.rpartition("_")[0] in description.registers:
            continue
        space = register.accesses[0].space.lower()
        yield _Entry(
            f"{_OWN}{description.name}.{space}",
            register.name.lower(),
            None,
            f"uint{_bits(register.width)}",
            space,
            _fields(description, register),
            Shown(register.name, None, register.width, _writable(register)),
        )


def _feature(name: str, entries: list[_Entry]) -> Feature:
    types: list[VectorType | UnionType] = []
    for used in dict.fromkeys(entry.type for entry in entries):
        types += _TYPES.get(used, ())
    registers = tuple(
        GdbRegister(
            name=entry.name,
            bits=_bits(entry.shown.width),
            number=entry.number if entry.number is not None else 0,
            type=entry.type,
            group=entry.group,
            fields=tuple(BitField(one.name, one.low, one.low + one.width - 1) for one in entry.fields),
            save_restore=entry.shown.writable and not name.startswith(_OWN),
        )
        for entry in entries
    )
    return Feature(name, registers, tuple(types))


def _fields(description: Description, register: Register) -> tuple[BitRange, ...]:
    if register.fields:
        return register.fields
    bits = description.bitfields.get(register.type_name)
    return () if bits is None else bits.fields


def _writable(register: Register) -> bool:
    """Storage without a numbered place is writable unless its annotation says `access = "read"`."""
    if register.write_function:
        return True
    if register.kind != "storage" or register.annotations.get("gdb", {}).get("access") == "read":
        return False
    return not register.accesses or any(access.write for access in register.accesses)


def _bits(width: int) -> int:
    return next(bits for bits in (8, 16, 32, 64, 128) if width <= bits)
