"""The hardware of one machine: cores, and the threads in them. Engines share what their threads share."""

from __future__ import annotations

from ...isa.engine.create import create_engine
from ...isa.engine.state import State
from ...isa.model.items import Description
from ..core import Core, CoreBus
from ..engine_choice import choose_engine
from ..machine.physical import PhysicalMemory


class Hardware:
    """Makes hardware threads: each has a thread block of its own, and the blocks of its core, partition and machine."""

    def __init__(self, description: Description, engine: str | None) -> None:
        """`engine`: see `choose_engine`."""
        self.description = description
        self._engine = choose_engine(description, engine)
        self._cores: dict[tuple[int, int], list[Core]] = {}

    def thread(self, partition: int, core: int, number: int, memory: PhysicalMemory, bus: CoreBus) -> Core:
        """The next thread of a partition's core, after reset; `number` is its vcpu's, by which devices know it.

        Raises EngineError for an engine that there is not.
        """
        siblings = self._cores.setdefault((partition, core), [])
        state = self._state(partition, siblings)
        engine = create_engine(self._engine, self.description, state, memory, bus, number)
        engine.reset()
        made = Core(engine)
        siblings.append(made)
        for one in siblings:
            one.has_siblings = len(siblings) > 1
        return made

    def _state(self, partition: int, siblings: list[Core]) -> State:
        if siblings:
            return siblings[0].state.sibling("core")
        in_partition = (core for (of, _), core in self._cores.items() if of == partition and core)
        anywhere = (core for core in self._cores.values() if core)
        if (found := next(in_partition, None)) is not None:
            return found[0].state.sibling("partition")
        if (found := next(anywhere, None)) is not None:
            return found[0].state.sibling("machine")
        return State(self.description)
