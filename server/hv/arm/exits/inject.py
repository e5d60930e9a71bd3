"""Exceptions that the model gives to a guest, as if the instruction at pc had raised them.

Linux, arch/arm/kvm/emulate.c (kvm_inject_undefined, kvm_inject_dabt, kvm_inject_pabt): aborts tell of a debug event,
"should give guest a clue", in the format that TTBCR.EAE wants, and of no write. The return addresses are the
architecture's. `inject_external` is what user space gives to a guest whose access nobody answers.
"""

from __future__ import annotations

from ..guest import GuestVcpu


def inject_undefined(vcpu: GuestVcpu) -> None:
    """An undefined instruction exception."""
    _inject(vcpu, "undefined_instruction")


def inject_data_abort(vcpu: GuestVcpu, address: int) -> None:
    """A data abort for an access to `address`."""
    _inject(vcpu, "data_abort", _fault(vcpu, "debug"), address, 0)


def inject_prefetch_abort(vcpu: GuestVcpu, address: int) -> None:
    """A prefetch abort for a fetch from `address`."""
    _inject(vcpu, "prefetch_abort", _fault(vcpu, "debug"), address)


def inject_external(vcpu: GuestVcpu, address: int, is_write: bool) -> None:
    """A synchronous external abort for an access to `address`: no device is there."""
    _inject(vcpu, "data_abort", _fault(vcpu, "external"), address, int(is_write))


def _fault(vcpu: GuestVcpu, kind: str) -> int:
    """The record of a fault that no table walk has found."""
    core = vcpu.core
    (what,) = core.call("fault_of", core.description.enums["fault_kind"].members[kind])
    return what


def _inject(vcpu: GuestVcpu, interrupt: str, *arguments: int) -> None:
    vcpu.statistics.injected[interrupt] += 1
    vcpu.core.enter(interrupt, *arguments)
