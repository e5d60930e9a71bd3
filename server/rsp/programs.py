"""What a breakpoint has evaluated when the guest comes to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .agent import Program


def _nobody(text: str) -> None:
    """For those who print nothing."""


@dataclass(frozen=True, slots=True)
class Programs:
    """What a breakpoint evaluates: it counts if one of `conditions` holds, or there are none.

    Where it counts `commands` are executed, if there are any, and nobody is told of the stop: the thread goes on.
    `tell` shows what they print.
    """

    conditions: tuple[Program, ...] = ()
    commands: tuple[Program, ...] = ()
    tell: Callable[[str], None] = _nobody
