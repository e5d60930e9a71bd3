"""What native code asks the engine for: numbered operations; arguments and results stand in the scratch places."""

from __future__ import annotations

import msgspec


class Operation(msgspec.Struct, frozen=True):
    """`name` is `load`, `store`, `load_device`, `store_device`, `read_physical`, `write_physical` or a built-in's name.

    `constants` are its sizes, kinds and widths; `order` the byte order of a physical access; `widths` its arguments'.
    """

    name: str
    constants: tuple[int, ...] = ()
    order: str = ""
    widths: tuple[int, ...] = ()


class Operations:
    """Numbers operations as they are needed."""

    def __init__(self) -> None:
        self._numbers: dict[Operation, int] = {}

    def number(self, operation: Operation) -> int:
        """The number of an operation."""
        return self._numbers.setdefault(operation, len(self._numbers))

    def all(self) -> tuple[Operation, ...]:
        """All operations by number."""
        return tuple(self._numbers)
