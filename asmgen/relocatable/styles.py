"""How an ABI says what a linker has to do: the names of relocations, and where their addends stand.

Numbers of relocations are pyelftools'; fields of operands are the description's (`@relocations`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

import msgspec
from msgspec import Struct

from ...isa.cache_files import cache_directory, kept
from ..layout.symbol import Symbol
from ..target.seam import OpenInstruction
from ..text.diagnostics import SourceError


class Wanted(Struct, frozen=True):
    """A relocation by its name without the prefix; `at` is added to the place, in bytes."""

    name: str
    at: int = 0
    has_symbol: bool = True


class Style(Protocol):
    """The relocations of one ABI."""

    prefix: str
    has_addends: bool
    """Whether addends stand in the relocation (RELA), not at its place (REL)."""
    numbers: Mapping[str, int]
    number_is_distance: bool
    """Whether a plain number as the target of something relative is the distance to it, as other assemblers for the
    ABI read it; else it is an address, which a linker relates to its place."""
    aligns_code: bool
    """Whether instructions make their section aligned, as other assemblers for the ABI do it."""

    def data(self, width: int, modifier: str, is_relative: bool, symbol: str) -> Wanted:
        """For `width` bytes of data about `symbol`.  Raises SourceError where there is none."""

    def operand(self, field: str, instruction: OpenInstruction, modifier: str, is_relative: bool,
                big_endian: bool) -> Wanted:
        """For the operand that `field` (a value of `@relocations`) stands for.  Raises SourceError."""

    def keeps_symbol(self, symbol: Symbol, name: str) -> bool:
        """Whether the relocation `name` names a local symbol instead of the section that it stands in."""


_THREAD_LOCAL = ("tprel", "dtprel", "dtpmod", "tls", "tpoff", "gottpoff")
"""How modifiers of thread-local storage begin, of either ABI."""


def no_relocation(what: str, modifier: str = "") -> SourceError:
    """The error where an ABI cannot say it, or where the modifier is one of thread-local storage."""
    if any(piece.startswith(_THREAD_LOCAL) for piece in modifier.split("@")):
        return SourceError(f"'{modifier}' asks for thread-local storage, which nothing here sets up", 0,
                           "make the variable a plain one (without __thread or _Thread_local)")
    return SourceError(f"there is no relocation for {what}", 0, "load the address in a form that has one")


_NEWER: Final = {"ENUM_RELOC_TYPE_PPC64": {"R_PPC64_REL24_P9NOTOC": 124}}
"""Relocations that pyelftools' tables lack: REL24_NOTOC for processors without prefixed instructions, as GNU as has
it (include/elf/ppc64.h of binutils)."""


def relocation_numbers(table: str) -> Mapping[str, int]:
    """The numbers of relocations by name, of one of pyelftools' tables.

    They are kept in the cache directory: the library takes longer to load than a small file to assemble.
    """
    import elftools

    def make() -> bytes:
        from elftools.elf import enums

        return msgspec.json.encode({name: number for name, number in getattr(enums, table).items()
                                    if isinstance(number, int)})

    path = cache_directory() / f"{table.lower()}-{elftools.__version__}.relocations"
    return msgspec.json.decode(kept(path, make), type=dict[str, int]) | _NEWER.get(table, {})
