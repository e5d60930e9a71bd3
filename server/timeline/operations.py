"""What was done to a machine, so that it can be done again: a run is a function of its inputs."""

from __future__ import annotations

from dataclasses import dataclass

from ..tree.vcpu import MachineVcpu
from .changes import Change


@dataclass(slots=True)
class Ran:
    """Executed `steps` instructions of these vcpus (None: of all), cut as it may have been."""

    only: frozenset[MachineVcpu] | None
    steps: int = 0
    end: tuple[MachineVcpu, int, int] | None = None
    """Where it stopped before an instruction: the vcpu, its pc, and guest time, which may have gone on without one."""


@dataclass(slots=True)
class Stepped:
    """Executed `steps` instructions of one vcpu, out of its turn."""

    vcpu: MachineVcpu
    steps: int = 0


@dataclass(frozen=True, slots=True)
class Did:
    """Changed the machine from outside."""

    change: Change
    steps: int = 0


Operation = Ran | Stepped | Did
