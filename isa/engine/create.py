"""Makes an engine by its name. An engine that cannot be had is an error, never another engine in its place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from ..model.items import Description
from .errors import EngineError
from .interface import Bus, Engine, PhysicalMemory
from .reference import ReferenceEngine
from .state import State


class EngineMaker(Protocol):
    """What an engine's class is, or a function in front of it."""

    def __call__(
        self, description: Description, state: State, memory: PhysicalMemory, bus: Bus, vcpu: int
    ) -> Engine: ...


def _reference(description: Description, state: State, memory: PhysicalMemory, bus: Bus, vcpu: int) -> Engine:
    return ReferenceEngine(description, state, memory, bus, vcpu)


def _native(description: Description, state: State, memory: PhysicalMemory, bus: Bus, vcpu: int) -> Engine:
    from .native.running.engine import NativeEngine

    return NativeEngine(description, state, memory, bus, vcpu)


def _interpreter(description: Description, state: State, memory: PhysicalMemory, bus: Bus, vcpu: int) -> Engine:
    """The native engine without its block tier: to measure the one without the other."""
    from .native.running.engine import NativeEngine
    from .native.tier.tiers import INTERPRETER

    return NativeEngine(description, state, memory, bus, vcpu, tiers=INTERPRETER)


ENGINES: dict[str, EngineMaker] = {"reference": _reference, "native": _native, "interpreter": _interpreter}
"""The engines that there are, by name; the native one's modules are not loaded for nothing."""


@contextmanager
def covering_engine(seen: set[int]) -> Iterator[str]:
    """While the context lasts there is an engine of that name: the reference engine, which puts the packed lines of
    statements that run into `seen` (coverage.py)."""

    def made(description: Description, state: State, memory: PhysicalMemory, bus: Bus, vcpu: int) -> Engine:
        return ReferenceEngine(description, state, memory, bus, vcpu, seen)

    name = "covering"
    ENGINES[name] = made
    try:
        yield name
    finally:
        del ENGINES[name]


def create_engine(
    kind: str, description: Description, state: State, memory: PhysicalMemory, bus: Bus, vcpu: int = 0
) -> Engine:
    """The engine `kind` for one vcpu. Raises EngineError for a name that is no engine's."""
    maker = ENGINES.get(kind)
    if maker is None:
        raise EngineError(f"there is no engine '{kind}'", hint=f"there are: {', '.join(ENGINES)}")
    return maker(description, state, memory, bus, vcpu)
