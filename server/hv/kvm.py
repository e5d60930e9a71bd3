"""The face that both hypervisor models show to user space: KVM's, as far as a machine needs it.

Linux, Documentation/virtual/kvm/api.txt (3.1 to 3.12): VM, vcpu, memory regions, `run` and its exits, one-reg,
capabilities. Registers go by their names in the description, not by KVM's numbers. A `Vcpu` never blocks: what would
sleep in the kernel comes back as a `Halt`, so that one scheduler decides whose turn it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import NamedTuple, Protocol

import msgspec

from ...isa.errors import TraplineError
from ..machine.physical import MemorySlot


class KvmError(TraplineError):
    """What an ioctl would refuse: a slot, a vcpu number or a register that does not exist or does not fit."""


class Mmio(NamedTuple):
    """KVM_EXIT_MMIO: an access to guest physical `address` that no slot holds; `data` is what a store stores.

    A load is answered with `Vcpu.complete_mmio` before the next `run`. The byte at the lowest address comes first.
    """

    address: int
    size: int
    is_write: bool
    data: bytes = b""


class PaprHcall(NamedTuple):
    """KVM_EXIT_PAPR_HCALL: the call's number and its nine arguments; answered with `Vcpu.complete_hcall`."""

    number: int
    arguments: tuple[int, ...]


class Interrupted(msgspec.Struct, frozen=True):
    """KVM_EXIT_INTR: the budget of the run is used up, or (`yielded`) the guest gave its turn to another vcpu."""

    yielded: bool = False


INTERRUPTED = Interrupted()
"""The usual end of a run."""


class Halt(msgspec.Struct, frozen=True):
    """KVM_EXIT_HLT: nothing to do until an interrupt, a prod or a timer comes."""


class SystemEventKind(Enum):
    """What the guest asks of the whole machine."""

    SHUTDOWN = "shutdown"
    RESET = "reset"


class SystemEvent(msgspec.Struct, frozen=True):
    """KVM_EXIT_SYSTEM_EVENT, or KVM_EXIT_SHUTDOWN: the guest switches the machine off, or resets it."""

    kind: SystemEventKind


class InternalError(msgspec.Struct, frozen=True):
    """KVM_EXIT_INTERNAL_ERROR: the model cannot go on with this vcpu; `reason` says why."""

    reason: str


class DebugStop(msgspec.Struct, frozen=True):
    """KVM_EXIT_DEBUG: a breakpoint at pc, or a watchpoint (`address` is then the data address)."""

    address: int
    is_watchpoint: bool = False
    is_write: bool = False


class RanWild(msgspec.Struct, frozen=True):
    """No exit of KVM's: the vcpu would go on for ever, but nothing that it does leads anywhere.

    `row`: the row of interrupts that the engine's log tells of; 0: it fetches from where no memory is.
    """

    row: int = 0


Exit = Mmio | PaprHcall | Interrupted | Halt | SystemEvent | InternalError | DebugStop | RanWild

OF_USER_SPACE = (Mmio, PaprHcall)
"""Exits that user space answers."""
OnExit = Callable[[Exit], bool]
"""Answers an exit for user space while the vcpu runs, and says whether it runs on; else `run` returns the exit."""


class Capability(Enum):
    """Extensions that `Vm.check_extension` knows; the answer is 0 for "no", else how many or how much."""

    USER_MEMORY = "KVM_CAP_USER_MEMORY"
    NR_MEMSLOTS = "KVM_CAP_NR_MEMSLOTS"
    NR_VCPUS = "KVM_CAP_NR_VCPUS"
    MAX_VCPUS = "KVM_CAP_MAX_VCPUS"
    MP_STATE = "KVM_CAP_MP_STATE"
    ONE_REG = "KVM_CAP_ONE_REG"
    PPC_PAPR = "KVM_CAP_PPC_PAPR"
    PPC_HIOR = "KVM_CAP_PPC_HIOR"
    PPC_ALLOC_HTAB = "KVM_CAP_PPC_ALLOC_HTAB"
    ARM_PSCI = "KVM_CAP_ARM_PSCI"


class MpState(Enum):
    """KVM_GET_MP_STATE: what a vcpu is doing between two runs."""

    RUNNABLE = "runnable"
    HALTED = "halted"
    """Ceded, or in WFI: an event makes it runnable again."""
    STOPPED = "stopped"
    """Not started yet, or stopped by the guest: another vcpu starts it."""


class Vcpu(Protocol):
    """A virtual CPU. `number` counts from 0 in its VM."""

    @property
    def number(self) -> int:
        """KVM's vcpu id."""

    mp_state: MpState

    def run(self, instructions: int) -> Exit:
        """Runs the guest for at most `instructions`. An unanswered exit is answered with zeros first."""

    def complete_mmio(self, data: bytes) -> None:
        """Answers a load. Raises KvmError when none is waiting, or the length is not the load's."""

    def get_one_reg(self, name: str) -> int:
        """A register by its name in the description, or one of the model's own. Raises KvmError."""

    def set_one_reg(self, name: str, value: int) -> None:
        """Sets a register as the guest would see it set. Raises KvmError."""

    def sregs(self) -> Mapping[str, int]:
        """KVM_GET_SREGS: what the vcpu's translation rests on."""


class Vm(Protocol):
    """A virtual machine."""

    def check_extension(self, capability: Capability) -> int:
        """KVM_CHECK_EXTENSION."""

    def set_user_memory_region(self, slot: MemorySlot) -> None:
        """KVM_SET_USER_MEMORY_REGION: adds a slot of guest memory. Raises KvmError or SlotError."""
