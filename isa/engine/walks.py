"""Walks of the translation: what is read from tables for an access, in order, and where that leads.

An engine that notes them is the reference engine; nothing about a guest changes. Architectures need no word here: what
the `translate` hook reads is the walk.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import msgspec

from ..model.items import Description
from .create import ENGINES
from .errors import Interrupt
from .interface import Bus, ByteOrder, Engine, PhysicalMemory
from .reference import ReferenceEngine
from .state import State

KINDS: Final = ("load", "store", "fetch")


class Read(msgspec.Struct, frozen=True):
    """`size` bytes of a table at a physical address, as a number."""

    address: int
    size: int
    value: int


class Walk(msgspec.Struct, frozen=True):
    """Of the access of a kind to an effective address by the instruction at `pc`; `time` is in instructions that the
    core has completed. `physical` is None for a fault, which `fault` names."""

    time: int
    pc: int
    address: int
    kind: str
    reads: tuple[Read, ...]
    physical: int | None
    fault: str = ""


class _WalkingEngine(ReferenceEngine):
    """Notes the walks of its translations."""

    found: list[Walk]
    _reads: list[Read]

    def translated(self, address: int, kind: int) -> tuple[int, int, int]:
        """See `Access`."""
        self._reads = []
        time, pc = self.retired, self.pc
        try:
            answer = super().translated(address, kind)
        except Interrupt as raised:
            self._note(Walk(time, pc, address, KINDS[kind], tuple(self._reads), None, raised.name))
            raise
        self._note(Walk(time, pc, address, KINDS[kind], tuple(self._reads), answer[0]))
        return answer

    def read_physical(self, pa: int, size: int, order: ByteOrder) -> int:
        """See `Physical`."""
        value = super().read_physical(pa, size, order)
        if self.walking:
            self._reads.append(Read(pa, size, value))
        return value

    def _note(self, walk: Walk) -> None:
        if walk.reads or walk.fault:
            self.found.append(walk)


@contextmanager
def walking_engine(found: list[Walk]) -> Iterator[str]:
    """While the context lasts there is an engine of that name, which puts walks into `found`."""

    def made(description: Description, state: State, memory: PhysicalMemory, bus: Bus, vcpu: int) -> Engine:
        engine = _WalkingEngine(description, state, memory, bus, vcpu)
        engine.found = found
        return engine

    name = "walking"
    ENGINES[name] = made
    try:
        yield name
    finally:
        del ENGINES[name]
