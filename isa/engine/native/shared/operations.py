"""What native code asks the engine for: numbered operations; arguments and results stand in the scratch places."""

from __future__ import annotations

import hashlib

import msgspec


class Operation(msgspec.Struct, frozen=True):
    """`name` is `load`, `store`, `load_device`, `store_device`, `read_physical`, `write_physical` or a built-in's name.

    `constants` are its sizes, kinds and widths; `order` the byte order of a physical access; `widths` its arguments'.
    """

    name: str
    constants: tuple[int, ...] = ()
    order: str = ""
    widths: tuple[int, ...] = ()

    @property
    def number(self) -> int:
        """63 bits: the same in all code that asks for it, whatever else there is."""
        # Only where code is written: a start would feel it.
        import json

        what = json.dumps([self.name, self.constants, self.order, self.widths])
        return int.from_bytes(hashlib.sha256(what.encode()).digest()[:8], "big") >> 1


class Operations:
    """Remembers the operations that were written."""

    def __init__(self) -> None:
        self._known: dict[int, Operation] = {}

    def number(self, operation: Operation) -> int:
        """The number of an operation."""
        number = operation.number
        self._known[number] = operation
        return number

    def by_number(self) -> dict[int, Operation]:
        """All of them."""
        return self._known
