"""Parts of a value: what `@ha`, `@l`, `:lower16:` and their like take of it."""

from __future__ import annotations

from collections.abc import Callable

PARTS: dict[str, Callable[[int], int]] = {
    "l": lambda v: v & 0xFFFF,
    "h": lambda v: (v >> 16) & 0xFFFF,
    "ha": lambda v: ((v + 0x8000) >> 16) & 0xFFFF,
    "high": lambda v: (v >> 16) & 0xFFFF,
    "higha": lambda v: ((v + 0x8000) >> 16) & 0xFFFF,
    "higher": lambda v: (v >> 32) & 0xFFFF,
    "highera": lambda v: ((v + 0x8000) >> 32) & 0xFFFF,
    "highest": lambda v: (v >> 48) & 0xFFFF,
    "highesta": lambda v: ((v + 0x8000) >> 48) & 0xFFFF,
    "lower16": lambda v: v & 0xFFFF,
    "upper16": lambda v: (v >> 16) & 0xFFFF,
}
"""The 16-bit parts of an address.  Source: 64-bit PowerPC ELF ABI supplement, 4.5.1 (`#lo`, `#hi`,
`#ha` …); ELF for the Arm Architecture, MOVW/MOVT relocations."""

_TABLES = ("toc", "got", "plt", "sectoff")
_PIECES = ("l", "h", "ha", "high", "higha")
LINKER_PARTS = frozenset(
    {table + piece for table in _TABLES for piece in ("", *(f"@{piece}" for piece in _PIECES))}
    | {"tocbase", "local", "notoc"}
)
"""What only a linker can take of a symbol: its place in a table that the linker makes.  Source: 64-bit PowerPC
ELF ABI supplement, 4.5.1; Power Architecture 64-Bit ELF V2 ABI, 3.5.3."""

LINKER_FUNCTIONS = frozenset(
    {"got", "gotoff", "got_prel", "plt", "prel31", "target1", "target2", "sbrel", "none"})
"""The same as Arm's assemblers write it: `symbol(GOT)`.  Source: ELF for the Arm Architecture, 5.6.1."""

THREAD_LOCAL = frozenset({"tprel", "dtprel", "dtpmod", "tls", "tlsgd", "tlsld", "gottpoff", "tpoff", "tlsldo", "tlsdesc"})
"""Parts of thread-local symbols, which are refused by name: firmware has no thread-local storage."""
