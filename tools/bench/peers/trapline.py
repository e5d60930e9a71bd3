"""Trapline's own engines, in a whole machine, in this process."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext

from msgspec.structs import replace

from ....server.boards.machine import MachineOptions
from ....server.boards.registry import board_named
from ....server.verdict import Outcome
from ..architectures import Architecture
from ..programs import Counts, Program, description_of
from ..timing import Marks, PeerError, Round

_STRETCH = 10_000_000
"""Instructions between two looks at the time."""


class Trapline:
    """A machine as `trapline run` makes it."""

    def __init__(self, name: str, title: str, options: MachineOptions, scaled: bool = False) -> None:
        self.name = name
        self.title = title
        self.scaled = scaled
        self._options = options

    def missing(self, arch: Architecture) -> str | None:
        """Ours are always there."""
        return None

    def takes(self, program: Program) -> bool:
        """20,000 blocks, 50 times each, would take the reference engine a minute and tell nothing."""
        return not (self.scaled and program.kernel.once)

    def run(
        self, program: Program, counts: Counts, seconds: float, watcher: AbstractContextManager[object] | None = None
    ) -> list[Round]:
        """See `Peer`. The machine runs inside `watcher`, which may be a profiler."""
        marks = Marks(time.process_time)
        self._run(program, counts, seconds, marks, watcher or nullcontext())
        return marks.rounds(counts.rounds)

    def instructions(self, program: Program, seconds: float) -> int:
        """How many instructions one run of the kernel has: what a second run adds. Raises PeerError."""
        before = 1 if program.kernel.once else 0
        one, two = (self._run(program, Counts(n + before, 0, 0), seconds, None, nullcontext()) for n in (1, 2))
        return two - one

    def _run(
        self,
        program: Program,
        counts: Counts,
        seconds: float,
        marks: Marks | None,
        watcher: AbstractContextManager[object],
    ) -> int:
        """Runs to the end; the instructions executed."""
        board = board_named(program.machine)
        vcpus = program.kernel.vcpus
        options = replace(self._options, vcpus=vcpus, threads=vcpus)
        machine = board(description_of(program.arch), program.loaded(counts), options)
        if marks is not None:
            machine.console.add_sink(marks.feed)
        end = time.monotonic() + seconds
        with watcher:
            while machine.verdict is None:
                if time.monotonic() > end:
                    raise PeerError(f"it had not ended after {seconds:.0f} s")
                machine.run(_STRETCH)
        if machine.verdict.outcome is not Outcome.PASSED:
            raise PeerError(str(machine.verdict))
        return machine.statistics().instructions
