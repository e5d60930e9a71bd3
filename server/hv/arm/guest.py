"""What the rooms of the model see of a vcpu, of its VM and of its host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ...core import Core
from ...machine.events import EventStream
from ...machine.physical import PhysicalMemory
from ..exits import MpState
from .facts.pending_load import PendingLoad
from .facts.statistics import ArmStatistics
from .facts.syndromes import Syndromes
from .facts.trap import Trap
from .interrupts.vgic import Vgic
from .memory.stage2 import Stage2Tables
from .psci import Psci


class GuestHost(Protocol):
    """The host: see `ArmKvm`."""

    @property
    def events(self) -> EventStream:
        """Who listens."""

    @property
    def now(self) -> Callable[[], int]:
        """Guest time."""

    @property
    def syndromes(self) -> Syndromes:
        """What aborts are made of."""


class Guest(Protocol):
    """A VM: see `ArmVm`."""

    @property
    def kvm(self) -> GuestHost:
        """Its host."""

    @property
    def memory(self) -> PhysicalMemory:
        """What intermediate physical addresses reach."""

    @property
    def tables(self) -> Stage2Tables:
        """Its stage 2 tables."""

    @property
    def irqchip(self) -> Vgic | None:
        """Its interrupt controller in the kernel."""

    @property
    def psci(self) -> Psci:
        """Its PSCI."""

    @property
    def vmid(self) -> int:
        """The present VMID; 0 until a vcpu has run."""

    @property
    def controls(self) -> int:
        """Bits of HCR beyond those of every guest."""

    @property
    def counter_offset(self) -> int:
        """CNTVOFF."""

    def take_vmid(self) -> int:
        """The VMID, of the present generation."""

    def host_address(self, ipa: int) -> int:
        """Where an intermediate physical address lies in the host. Raises KvmError."""


class GuestVcpu(Protocol):
    """A vcpu: see `ArmVcpu`."""

    load: PendingLoad | None
    mp_state: MpState

    @property
    def number(self) -> int:
        """KVM's vcpu id."""

    @property
    def core(self) -> Core:
        """Its core."""

    @property
    def vm(self) -> Guest:
        """Its VM."""

    @property
    def statistics(self) -> ArmStatistics:
        """What is counted."""

    @property
    def lines(self) -> int:
        """Interrupt lines as user space drives them: bit 0 FIQ, bit 1 IRQ."""

    @property
    def identity(self) -> int:
        """MIDR for the guest."""

    @property
    def affinity(self) -> int:
        """MPIDR for the guest."""

    def start(self, entry: int, context: int) -> None:
        """PSCI starts it."""

    def skip(self, trap: Trap) -> None:
        """The trapped instruction counts as executed."""

    def give_vfp(self) -> None:
        """VFP and Advanced SIMD are the guest's from the next entry to the next exit."""
