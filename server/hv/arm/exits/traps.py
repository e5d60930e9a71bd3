"""What a guest's traps to Hyp mode mean, read from HSR: aborts of stage 2, HVC, SMC, WFI, CP15, VFP.

Linux, arch/arm/kvm/handle_exit.c, emulate.c (kvm_condition_valid, kvm_skip_instr); ARM DDI 0406C, section B3.13.6.
Classes go by the description's names, syndromes by its bitfields. When a handler runs, pc and CPSR are the guest's
again, and Hyp mode's registers the host's.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Final

from .....isa.model.items import Description
from ...errors import KvmError
from ...exits import Exit, Halt, Interrupted, MpState
from ..facts.fields import Fields
from ..facts.trap import Trap
from ..guest import GuestVcpu
from .aborts import handle_abort
from .coprocessor import Coprocessor
from .inject import inject_undefined

Handler = Callable[["Exits", GuestVcpu, Trap], Exit | None]


class Exits:
    """The exception classes of one description: what each is called, and what answers it."""

    def __init__(self, description: Description) -> None:
        self._hsr = Fields(description, "HSR")
        self._condition = {
            description.constants[name].value: Fields(description, "iss_mcr_mrc") for name in _CONDITIONAL
        }
        self._rows = {description.constants[name].value: row for name, row in _ROWS.items()}
        self.coprocessor: Final = Coprocessor(description)
        self.wait: Final = Fields(description, "iss_wfx")
        self._hcptr = Fields(description, "iss_hcptr")

    def trap(self, hsr: int) -> Trap:
        """What HSR tells of."""
        number = self._hsr.get(hsr, "EC")
        name, _ = self._rows.get(number, ("unknown", None))
        length = 4 if self._hsr.get(hsr, "IL") else 2
        return Trap(name, hsr, number, self._hsr.get(hsr, "ISS"), length)

    def condition(self, trap: Trap) -> int | None:
        """The condition under which the trapped instruction executes; None: its syndrome has none."""
        fields = self._condition.get(trap.exception_class)
        if fields is None or not fields.get(trap.iss, "CV"):
            return None
        return fields.get(trap.iss, "COND")

    def is_vfp(self, trap: Trap) -> bool:
        """Whether an access that HCPTR trapped was to VFP or Advanced SIMD."""
        return self._hcptr.get(trap.iss, "COPROC") in (10, 11)

    def handle(self, vcpu: GuestVcpu, trap: Trap) -> Exit | None:
        """Answers a trap. None: the guest goes on; Halt: it waits. Raises KvmError where KVM_RUN would fail."""
        condition = self.condition(trap)
        if condition is not None and not vcpu.core.ask("condition_passed", condition)[0]:
            vcpu.skip(trap)
            return None
        _, handler = self._rows.get(trap.exception_class, ("", None))
        if handler is None:
            raise KvmError(f"KVM does not know {trap} at pc {vcpu.core.pc:#x}", errno=errno.EINVAL)
        return handler(self, vcpu, trap)


def _wait(exits: Exits, vcpu: GuestVcpu, trap: Trap) -> Exit | None:
    vcpu.skip(trap)
    if exits.wait.get(trap.iss, "IS_WFE"):
        return Interrupted(yielded=True)  # kvm_vcpu_on_spin: another one may have what it waits for
    return Halt()


def _hypervisor_call(exits: Exits, vcpu: GuestVcpu, trap: Trap) -> Exit | None:
    known, left = vcpu.vm.psci.call(vcpu)
    if not known:
        # The preferred return address is behind the HVC; as an undefined instruction it is the HVC's own.
        vcpu.core.pc = (vcpu.core.pc - trap.length) & 0xFFFF_FFFF
        inject_undefined(vcpu)
    if left is None and vcpu.mp_state is not MpState.RUNNABLE:
        return Interrupted(yielded=True)  # it has switched itself off, or suspended itself
    return left


def _undefined(exits: Exits, vcpu: GuestVcpu, trap: Trap) -> Exit | None:
    inject_undefined(vcpu)
    return None


def _coprocessor_access(exits: Exits, vcpu: GuestVcpu, trap: Trap) -> Exit | None:
    """HCPTR: the first use of VFP or Advanced SIMD gives both to the guest; other coprocessors are not there."""
    if exits.is_vfp(trap):
        vcpu.give_vfp()
    else:
        inject_undefined(vcpu)
    return None


def _cp15(exits: Exits, vcpu: GuestVcpu, trap: Trap) -> Exit | None:
    if exits.coprocessor.emulate(vcpu, trap.iss):
        vcpu.skip(trap)
    else:
        inject_undefined(vcpu)
    return None


def _data_abort(exits: Exits, vcpu: GuestVcpu, trap: Trap) -> Exit | None:
    return handle_abort(vcpu, trap, vcpu.core.read("HDFAR"), data=True)


def _prefetch_abort(exits: Exits, vcpu: GuestVcpu, trap: Trap) -> Exit | None:
    return handle_abort(vcpu, trap, vcpu.core.read("HIFAR"), data=False)


_ROWS: Final[dict[str, tuple[str, Handler]]] = {
    "EC_WFI_WFE": ("wfi", _wait),
    "EC_CP15_MCR_MRC": ("cp15_32", _cp15),
    "EC_CP15_MCRR_MRRC": ("cp15_64", _undefined),
    "EC_CP14_MCR_MRC": ("cp14_mr", _undefined),
    "EC_CP14_LDC_STC": ("cp14_ls", _undefined),
    "EC_HCPTR": ("vfp", _coprocessor_access),
    "EC_CP10_ID": ("cp10_id", _undefined),
    "EC_BXJ": ("bxj", _undefined),
    "EC_CP14_MRRC": ("cp14_64", _undefined),
    "EC_HVC": ("hvc", _hypervisor_call),
    "EC_SMC": ("smc", _undefined),
    "EC_PREFETCH_ABORT_LOWER": ("prefetch_abort", _prefetch_abort),
    "EC_DATA_ABORT_LOWER": ("data_abort", _data_abort),
}
_CONDITIONAL: Final = (
    "EC_WFI_WFE",
    "EC_CP15_MCR_MRC",
    "EC_CP15_MCRR_MRRC",
    "EC_CP14_MCR_MRC",
    "EC_CP14_LDC_STC",
    "EC_HCPTR",
    "EC_CP14_MRRC",
)
"""Classes whose syndrome has CV and COND, all in the same place."""
