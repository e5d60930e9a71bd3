"""Arguments of interrupts in words: members of the description's enums, and fields of its bit fields."""

from __future__ import annotations

from collections.abc import Iterator

from ...isa.model.code import Parameter
from ...isa.model.items import Description
from ...isa.model.state import BitField, Enum


def shown_argument(description: Description, parameter: Parameter, value: int) -> str:
    """`illegal`, `KIND=alignment LEVEL=1`, or the number where the parameter's type has no names for it."""
    enum = description.enums.get(parameter.type_name)
    if enum is not None:
        return _member(enum, value)
    fields = description.bitfields.get(parameter.type_name)
    parts = [] if fields is None else list(_parts(description, fields, value))
    return " ".join(parts) if parts else f"{value:#x}"


def _parts(description: Description, fields: BitField, value: int) -> Iterator[str]:
    """Fields that are not 0; one whose title is an enum's name has that enum's members."""
    for field in fields.fields:
        number = value >> field.low & (1 << field.width) - 1
        if number:
            enum = description.enums.get(field.title)
            yield f"{field.name}={f'{number:#x}' if enum is None else _member(enum, number)}"


def _member(enum: Enum, value: int) -> str:
    return next((name for name, number in enum.members.items() if number == value), f"{value:#x}")
