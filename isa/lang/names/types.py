"""Types of values in bodies: bit vectors, some with names for their parts or values."""

from __future__ import annotations

from dataclasses import dataclass

MAX_WIDTH = 128
MAX_STRUCTURE = 8192
"""Bits of the widest bit field: one beyond MAX_WIDTH lies in memory, and no value has it as its type."""


@dataclass(frozen=True, slots=True)
class Type:
    """A bit vector of `width` bits; `name` is the enum or bit field that names its values or parts, else ""."""

    width: int
    name: str = ""

    def __str__(self) -> str:
        return self.name or f"u{self.width}"


BOOL = Type(1)


def bits(name: str) -> int:
    """The width that `u1` … `u128` or `bool` stands for; 0 if `name` is none of them."""
    if name == "bool":
        return 1
    if name.startswith("u") and name[1:].isdigit() and not name.startswith("u0"):
        width = int(name[1:])
        return width if width <= MAX_WIDTH else 0
    return 0


def structure_bits(name: str) -> int:
    """The same for a bit field, which may be a structure in memory: `u1` … `u8192`."""
    if bits(name) or not name.startswith("u") or not name[1:].isdigit() or name.startswith("u0"):
        return bits(name)
    return int(name[1:]) if len(name) <= len(f"u{MAX_STRUCTURE}") and int(name[1:]) <= MAX_STRUCTURE else 0


def fits(value: int, width: int) -> bool:
    """Whether a literal can stand for `width` bits: unsigned, or negative in two's complement."""
    return -(1 << (width - 1)) <= value < (1 << width)


def wrap(value: int, width: int) -> int:
    """The bit pattern of `value` in `width` bits."""
    return value & ((1 << width) - 1)
