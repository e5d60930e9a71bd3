"""What a machine asks of the things that it schedules: vcpus of a hypervisor model, or bare cores."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from ..core import Core, FaultIn
from ..hv.exits import Exit, MpState, OnExit


class MachineVcpu(Protocol):
    """One thread of execution. `run` never blocks; a vcpu with nothing to do is HALTED until `wakes`."""

    @property
    def number(self) -> int:
        """Counts from 0 in the machine."""

    @property
    def core(self) -> Core:
        """The core it runs on; none other runs on it."""

    mp_state: MpState
    on_exit: OnExit | None
    """Told of an exit in the middle of a run, says whether the run goes on, the exit being answered. None: runs end."""

    def run(self, instructions: int) -> Exit:
        """Executes at most so many instructions."""

    def step(self, start: int, end: int, most: int) -> Exit | None:
        """Executes an instruction, and more, at most `most`, while `start` <= pc < `end`.

        None: they are executed, and that is all; `Interrupted` is what `run` gives for one instruction.
        """

    def wakes(self) -> bool:
        """Whether a HALTED vcpu has a reason to go on now; it then does."""

    def debugging(self) -> AbstractContextManager[FaultIn]:
        """While the debugger looks at memory: what fills in translations that the model makes as they are needed."""

    def wake_time(self) -> int | None:
        """Completed instructions of its core at which a timer may wake it; None: none will, or it is due already."""


def is_runnable(vcpu: MachineVcpu) -> bool:
    """Whether the scheduler gives a vcpu its turn."""
    return vcpu.mp_state is MpState.RUNNABLE
