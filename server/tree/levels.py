"""Partitions, and the virtual cores in them.

A partition is what a hypervisor calls a virtual machine, or all of a machine without one. The threads of a virtual core
run together or not at all: those of POWER7 share translation state and the hypervisor's decrementer, and no core runs
threads of two partitions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from .vcpu import MachineVcpu

V = TypeVar("V", bound=MachineVcpu, covariant=True)


class Vcore(Generic[V]):
    """A virtual core: vcpus in the order of their threads. `may_run` says whether it can be given a core now."""

    def __init__(self, number: int, vcpus: Sequence[V], may_run: Callable[[], bool] | None = None) -> None:
        self.number = number
        self.vcpus = vcpus
        self.may_run = may_run
        """None: always, as where no hypervisor binds the threads together."""


class Partition(Generic[V]):
    """`number` counts from 0 in the machine. Its vcpus have numbers of their own, which need not be dense."""

    def __init__(self, number: int, vcores: Sequence[Vcore[V]]) -> None:
        self.number = number
        self.vcores = vcores

    @property
    def vcpus(self) -> list[V]:
        """All vcpus, vcore by vcore."""
        return [vcpu for vcore in self.vcores for vcpu in vcore.vcpus]

    def vcpu(self, number: int) -> V | None:
        """The vcpu with a number, or None."""
        return next((one for vcore in self.vcores for one in vcore.vcpus if one.number == number), None)


def one_partition(vcpus: Iterable[V], threads: int = 1) -> Partition[V]:
    """All of a machine without a hypervisor: threads in groups of so many a core."""
    members = list(vcpus)
    cores = [members[at : at + threads] for at in range(0, len(members), threads)]
    return Partition(0, [Vcore(number, core) for number, core in enumerate(cores)])
