"""A test in a machine, about to run; and its run to the end, of which everything is kept that a guest could see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from ....isa.lang.load import load_core
from ....isa.model.items import Description
from ....server.boards.machine import Machine, MachineOptions
from ....server.boards.registry import MACHINES
from ....server.engine_choice import choose_engine
from ....server.tree.ends import Idle, Stopped, Strayed
from ..definition import Limits, MachineNeeds
from .program import Program
from .seen import END, Seen, digests

_LAST: Final = 400


@dataclass
class Stage:
    """A machine with a test in it. `moved_by` is where its memory begins in the machine's, of a partition of code."""

    program: Program
    machine: Machine
    limits: Limits
    moved_by: int = 0
    knows_all: bool = True
    """Whether memory and guest time are the test's alone."""

    console: bytearray = field(default_factory=bytearray)
    """What has been printed."""

    def begin(self) -> None:
        """The test records and compares nothing, and stops where it would end."""
        self.machine.console.add_sink(self.console.extend)
        place = self.program.symbol("suite_recording") + self.moved_by
        self.machine.memory.write(place, b"\1\1\1\1")
        self.watch()

    def watch(self) -> None:
        """Has the end of the test stop the machine."""
        for vcpu in self.machine.vcpus:
            vcpu.core.engine.set_breakpoints(frozenset({self.program.symbol("suite_end")}))

    def run(self, most: int | None = None) -> str | None:
        """Runs for `most` instructions, or to the end: then in words how that came."""
        machine = self.machine
        budget = self.limits.instructions - machine.steps
        if budget <= 0:
            return f"it is not over after {self.limits.instructions} instructions"
        end = machine.run_slice(budget if most is None else min(most, budget))
        if isinstance(end, Stopped):
            return END
        if isinstance(end, Strayed):
            machine.end_wild()
        elif isinstance(end, Idle):
            machine.end_idle()
        if machine.verdict is not None:
            said = bytes(self.console[-_LAST:]).decode("utf-8", "replace").strip().splitlines()
            last = f"; it said last: {said[-1]}" if said else ""
            return f"{machine.verdict.outcome.name.lower()}: {machine.verdict.reason}{last}"
        if most is None:
            return f"it is not over after {self.limits.instructions} instructions"
        return None

    def seen(self, how: str, ending: str) -> Seen:
        """What there is to see now."""
        memory, program = self.machine.memory, self.program
        blocks = program.blocks_of(memory.read(program.symbol("suite_blocks") + self.moved_by, program.blocks_size))
        if not self.knows_all:
            return Seen(how, ending, blocks)
        start, size = program.extent
        return Seen(how, ending, blocks, digests(start, memory.read(start, size)), self.machine.clock.now)

    def close(self) -> None:
        """Gives the machine's memory back."""
        for vcpu in self.machine.vcpus:
            vcpu.core.engine.close()


@dataclass(frozen=True)
class Staging:
    """How a suite's tests are staged: `engine` is what `--target` would say, "" the usual one."""

    needs: MachineNeeds
    limits: Limits
    changes: tuple[str, ...] = ()
    engine: str = ""

    @cached_property
    def description(self) -> Description:
        """The core's."""
        return load_core(self.needs.core, None, tuple(Path(one) for one in self.changes))

    def options(self, engine: str | None = None) -> MachineOptions:
        """Of the suite's machine."""
        needs = self.needs
        return MachineOptions(
            vcpus=needs.vcpus,
            threads=needs.threads,
            ram_size=needs.memory << 20,
            core=needs.core,
            engine=choose_engine(self.description, (engine or self.engine) or None),
            clock_shift=needs.clock_shift,
        )

    def stage(self, program: Program, *, engine: str | None = None, quantum: int | None = None) -> Stage:
        """The test in the suite's own machine."""
        options = self.options(engine)
        if quantum is not None:
            options = replace(options, quantum=quantum)
        stage = Stage(program, MACHINES[self.needs.name](self.description, program.elf, options), self.limits)
        stage.begin()
        return stage


def ran(stage: Stage, how: str, run: Callable[[Stage], str | None] = Stage.run) -> Seen:
    """Runs a stage to its end, and closes it."""
    try:
        ending = run(stage)
        assert ending is not None
        return stage.seen(how, ending)
    finally:
        stage.close()
