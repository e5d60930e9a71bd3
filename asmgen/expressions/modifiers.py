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
