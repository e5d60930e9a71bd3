"""A checkpoint: all of a machine's state at one moment, to which the same machine can be put back."""

from __future__ import annotations

from dataclasses import dataclass

from ..boards.machine import Machine
from ..machine.ram import PAGE_SIZE, GuestRam
from .objects import Found
from .pages import Contents, PageKeeper


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """State of a machine. `steps`: instructions that it had executed; `inputs`: how much had come in from outside."""

    steps: int
    inputs: int
    found: Found
    contents: tuple[tuple[GuestRam, Contents], ...]
    logs: tuple[bytes, ...]
    """The interrupt log of each engine."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A checkpoint and its place: so many steps of operation `index` were done."""

    index: int
    done: int
    state: Checkpoint

    @property
    def steps(self) -> int:
        """Instructions that the machine had executed."""
        return self.state.steps


class Keeper:
    """Makes checkpoints of one machine, and puts it back to them."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._pages: dict[int, PageKeeper] = {}

    def keep(self) -> Checkpoint:
        """The state now; the machine must not run. Raises CaptureError."""
        found = Found(self._machine)
        contents = tuple((ram, self._of(ram).keep()) for ram in found.rams)
        logs = tuple(engine.interrupts.save() for engine in found.engines)
        return Checkpoint(self._machine.steps, len(self._machine.door.record), found, contents, logs)

    def put(self, checkpoint: Checkpoint) -> None:
        """Puts the machine back to a checkpoint; what comes in from outside is what came in then."""
        machine = self._machine
        changed: list[tuple[GuestRam, list[int]]] = []
        for ram, contents in checkpoint.contents:
            changed.append((ram, self._of(ram).put(contents)))
        checkpoint.found.restore()
        for engine, log in zip(checkpoint.found.engines, checkpoint.logs, strict=True):
            engine.interrupts.load(log)
        engines = checkpoint.found.engines
        for ram, pages in changed:
            self._forget_code(ram, pages)
        engines[0].flush_tlb()
        for engine in engines:
            engine.state_changed()
            engine.forget_stop()
        machine.door.rewind(checkpoint.inputs)
        # Somebody may listen now who did not then.
        machine.events.tell_watchers()

    def _of(self, ram: GuestRam) -> PageKeeper:
        keeper = self._pages.get(id(ram))
        if keeper is None:
            keeper = self._pages[id(ram)] = PageKeeper(ram)
        return keeper

    def _forget_code(self, ram: GuestRam, pages: list[int]) -> None:
        """What was decoded or compiled from pages that changed is void."""
        engine, changed = self._machine.vcpus[0].core.engine, set(pages)
        for page in sorted(engine.state.peers.code_pages):
            slot = engine.memory.slot_at(page * PAGE_SIZE)
            if slot is None or slot.ram is not ram:
                continue
            if page - (slot.base - slot.offset) // PAGE_SIZE in changed:
                engine.invalidate_code(page * PAGE_SIZE, PAGE_SIZE)
