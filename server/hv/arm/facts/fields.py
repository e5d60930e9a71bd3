"""Fields of syndromes, descriptors and registers by their names in the description."""

from __future__ import annotations

from typing import Final

from .....isa.model.items import Description


class Fields:
    """What a described register or bitfield has: where each of its fields lies."""

    def __init__(self, description: Description, name: str) -> None:
        """`name`: of a bitfield, or of a register with fields. Raises KeyError."""
        if name in description.bitfields:
            fields = description.bitfields[name].fields
        else:
            register = description.registers[name]
            fields = register.fields or description.bitfields[register.type_name].fields
        self.name: Final = name
        self._places: Final = {one.name: (one.low, (1 << one.width) - 1) for one in fields}

    def get(self, value: int, field: str) -> int:
        """A field of a value. Raises KeyError."""
        low, mask = self._places[field]
        return value >> low & mask

    def mask(self, field: str) -> int:
        """The field's bits, all ones, in their place."""
        low, mask = self._places[field]
        return mask << low

    def of(self, **values: int) -> int:
        """A value made of fields, the others 0. Raises ValueError for what does not fit."""
        result = 0
        for field, value in values.items():
            low, mask = self._places[field]
            if value & ~mask:
                raise ValueError(f"{value:#x} does not fit {self.name}.{field}")
            result |= value << low
        return result

    def address(self, value: int, field: str) -> int:
        """A field that holds the upper bits of an address at their own places."""
        return value & self.mask(field)
