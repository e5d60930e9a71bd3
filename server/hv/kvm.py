"""The face that both hypervisor models show to user space: KVM's.

Linux, Documentation/virtual/kvm/api.txt (3.1 to 3.12). `Kvm` makes VMs, a `Vm` has memory regions and vcpus,
`Vcpu.run` gives an exit. Every refusal is a `KvmError` with the errno that the ioctl would fail with, and nothing
else is ever raised. No board is needed: `open_kvm("power7")` is a host by itself. How to use it: docs/guide/kvm.md.

A `Vcpu` never blocks: what would sleep in the kernel comes back as a `Halt`, so that one scheduler decides whose
turn it is. What only Book3S HV has (sregs with SLB, page tables, RMAs, TCE tables) stands at `hv.book3s`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, Protocol, overload

from ..machine.physical import MemorySlot
from .errors import KvmError as KvmError
from .exits import INTERRUPTED as INTERRUPTED
from .exits import OF_USER_SPACE as OF_USER_SPACE
from .exits import DebugStop as DebugStop
from .exits import Exit as Exit
from .exits import Halt as Halt
from .exits import InternalError as InternalError
from .exits import Interrupted as Interrupted
from .exits import Mmio as Mmio
from .exits import MpState as MpState
from .exits import OnExit as OnExit
from .exits import PaprHcall as PaprHcall
from .exits import RanWild as RanWild
from .exits import SystemEvent as SystemEvent
from .exits import SystemEventKind as SystemEventKind
from .exits import Unknown as Unknown
from .terms import Capability as Capability
from .terms import Interrupt as Interrupt

if TYPE_CHECKING:
    from .arm.kvm import ArmKvm
    from .book3s.kvm import Book3sKvm


class Vcpu(Protocol):
    """A virtual CPU."""

    @property
    def number(self) -> int:
        """KVM's vcpu id."""

    mp_state: MpState

    def run(self, instructions: int) -> Exit:
        """Runs the guest for at most `instructions`. An unanswered exit is answered with zeros first."""

    def complete_mmio(self, data: bytes) -> None:
        """Answers a load. Raises KvmError when none is waiting, or the length is not the load's."""

    def get_one_reg(self, name: str) -> int:
        """A register by its name in the description (`GPR[3]`), or one of the model's own. Raises KvmError."""

    def set_one_reg(self, name: str, value: int) -> None:
        """Sets a register as the guest would see it set. Raises KvmError."""

    def sregs(self) -> Mapping[str, int]:
        """What the vcpu's translation rests on, by the description's names."""


class Vm(Protocol):
    """A virtual machine."""

    def check_extension(self, capability: Capability) -> int:
        """KVM_CHECK_EXTENSION."""

    def set_user_memory_region(self, slot: MemorySlot) -> None:
        """KVM_SET_USER_MEMORY_REGION: adds a slot of guest memory. Raises KvmError."""


@overload
def open_kvm(
    core: Literal["power7", "ppc970"] = ..., engine: str | None = ..., threads: int | None = ...
) -> Book3sKvm: ...


@overload
def open_kvm(core: Literal["armv7ve", "armv7ve_novfp"], engine: str | None = ...) -> ArmKvm: ...


@overload
def open_kvm(core: str, engine: str | None = ..., threads: int | None = ...) -> Book3sKvm | ArmKvm: ...


def open_kvm(core: str = "power7", engine: str | None = None, threads: int | None = None) -> Book3sKvm | ArmKvm:
    """Opens /dev/kvm of a host whose cores are `core` (power7, ppc970, armv7ve, armv7ve_novfp).

    `engine`: native, reference, or None for the usual one; `threads` of a core: its usual number, or up to 4 of a
    POWER7's. Raises TraplineError for a core that there is not, KvmError (EINVAL) for threads that it does not have.
    """
    from ...isa.lang.load import load_core

    description = load_core(core)
    if description.name == "arm":
        from .arm.kvm import ArmKvm

        if threads not in (None, 1):
            raise KvmError(f"{core} has no cores of {threads} threads", "it has one")
        return ArmKvm(description, engine=engine)
    from .book3s.kvm import Book3sKvm

    return Book3sKvm(description, engine=engine, threads=threads)
