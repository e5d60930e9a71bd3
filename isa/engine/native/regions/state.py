"""The values of guest registers and of a body's variables while one instruction is written."""

from __future__ import annotations

from dataclasses import dataclass, field

from .pieces import Piece
from .values import Before, Later, Scalar, Value
from .writer import Lines

Registers = dict[Piece, Scalar | Later]
"""Pieces that the guest block has changed so far."""


@dataclass(slots=True)
class Frame:
    """One body's variables, with their widths, and the places where it returned."""

    variables: dict[str, tuple[Value, int]] = field(default_factory=dict)
    returns: list[Point] = field(default_factory=list)


@dataclass(slots=True)
class Point:
    """The end of one way through a body: label, what holds there, what it returns, a hole for its last lines."""

    label: str
    registers: Registers
    following: Scalar | None
    variables: dict[str, tuple[Value, int]]
    results: list[Value]
    hole: Lines


@dataclass(frozen=True, slots=True)
class SideExit:
    """A way out before an instruction was done: `registers` are the changes that the block made until then."""

    label: str
    instruction: int
    registers: Registers


class Unsupported(Exception):
    """The instruction cannot be part of a region; nothing of it stays. Never leaves this package."""


__all__ = ["Before", "Frame", "Point", "Registers", "SideExit", "Unsupported"]
