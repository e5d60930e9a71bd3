"""Makes the cores of one machine: engines that share what a partition's vcpus share."""

from __future__ import annotations

from fractions import Fraction

from ...isa.engine.create import create_engine
from ...isa.engine.state import State
from ...isa.model.items import Description
from ..core import Core, CoreBus
from ..engine_choice import choose_engine
from ..guest_time import TIMEBASE_HZ
from ..machine.physical import PhysicalMemory


class CoreMaker:
    """Each core has a thread and a core block of its own; partition and machine blocks are common."""

    def __init__(self, description: Description, engine: str | None) -> None:
        """`engine`: see `choose_engine`."""
        self._description = description
        self._engine = choose_engine(description, engine)
        self._first: State | None = None

    def core(self, number: int, memory: PhysicalMemory, bus: CoreBus) -> Core:
        """The core of vcpu `number`, after reset. Raises EngineError for an engine that there is not."""
        if self._first is None:
            self._first = state = State(self._description)
        else:
            state = self._first.sibling("partition")
        engine = create_engine(self._engine, self._description, state, memory, bus, number)
        engine.reset()
        return Core(engine)


def power_rate(description: Description) -> tuple[Fraction, int]:
    """Instructions per tick of the time base, and ticks per second."""
    return Fraction(1 << description.registers["TIME_BASE_SHIFT"].reset), TIMEBASE_HZ


def arm_rate(description: Description) -> tuple[Fraction, int]:
    """Instructions per tick of the generic timer, and ticks per second (CNTFRQ)."""
    return Fraction(1 << description.registers["COUNTER_SHIFT"].reset), description.registers["CNTFRQ"].reset
