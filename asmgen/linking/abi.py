"""What the relocations of an ABI compute, seen from the linker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from .modules import InputRelocation, InputSection, InputSymbol


class Meant(Struct, frozen=True):
    """What a relocation's symbol stands for: an address (S), and the definition, if there is one."""

    address: int
    definition: InputSymbol | None


class Context(Struct):
    """What the whole program says: addresses of tables, and where a symbol lies."""

    meant: Callable[[InputSymbol | None], Meant]
    table: int = 0
    """The TOC base (Power), or the global offset table (Arm)."""
    slot: Callable[[InputRelocation], int] = lambda _: 0
    """The address of the table's entry for a relocation's symbol."""


class Abi(Protocol):
    """The relocations of one ABI."""

    slot_size: int

    def needs_slot(self, name: str) -> bool:
        """Whether the relocation speaks of an entry of the global offset table."""

    def apply(self, section: InputSection, one: InputRelocation, context: Context) -> None:
        """Fill in what `one` asks for.  Raises LinkError."""
