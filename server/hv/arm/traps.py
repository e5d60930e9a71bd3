"""What a guest's traps to Hyp mode mean, read from HSR: aborts of stage 2, HVC, SMC, WFI, CP15, VFP.

Linux, arch/arm/kvm/handle_exit.c, mmio.c, mmu.c (kvm_handle_guest_abort), coproc.c; ARM DDI 0406C, section B3.13.6.
Classes and fault kinds go by the description's names. When a handler runs, pc and CPSR are the guest's again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ....isa.engine.errors import GuestFault
from ....isa.model.items import RegisterRef
from ...core import Core
from ..kvm import Exit, Halt, InternalError, Interrupted, Mmio, MpState
from .coprocessor import emulate_coprocessor

if TYPE_CHECKING:
    from .vcpu import ArmVcpu

ISV, SAS, _SSE, _SRT, _WNR = 24, 22, 21, 16, 6
_STATUS: Final = 0x3C


@dataclass(frozen=True, slots=True)
class PendingLoad:
    """A load from a device on its way: what becomes of its data."""

    register: int
    size: int
    sign_extended: bool
    big_endian: bool

    def complete(self, core: Core, data: bytes) -> None:
        """Writes the register; the guest goes on behind the load."""
        order = "big" if self.big_endian else "little"
        value = int.from_bytes(data, "big" if order == "big" else "little", signed=self.sign_extended)
        core.write_ref(RegisterRef("R", self.register), value)


class Traps:
    """What the description's names stand for on one core, looked up once."""

    def __init__(self, core: Core) -> None:
        self.handlers = {core.constant(name): handler for name, handler in _HANDLERS.items()}
        self.exception_class, _ = core.bits("HSR", "EC")
        self.long_instruction, _ = core.bits("HSR", "IL")
        self.translation = _fault_status(core, "translation")
        self.permission = _fault_status(core, "permission")


def handle_trap(vcpu: ArmVcpu) -> Exit | None:
    """Answers the trap that HSR tells of. None: the guest goes on; Halt: it waits."""
    core = vcpu.core
    syndrome = core.read("HSR")
    trapped = syndrome >> vcpu.traps.exception_class
    handler = vcpu.traps.handlers.get(trapped)
    if handler is None:
        return InternalError(f"trap with exception class {trapped:#x} (HSR {syndrome:#x}) at pc {core.pc:#x}")
    return handler(vcpu, syndrome)


def skip_instruction(vcpu: ArmVcpu, syndrome: int) -> None:
    """The trapped instruction counts as executed."""
    core = vcpu.core
    core.pc = (core.pc + _length(vcpu, syndrome)) & 0xFFFF_FFFF
    if core.ask("in_it_block")[0]:
        core.call("it_advance")


def inject_undefined(core: Core) -> None:
    """The guest takes an undefined instruction exception for the instruction at pc."""
    core.enter("undefined_instruction")


def _length(vcpu: ArmVcpu, syndrome: int) -> int:
    return 4 if syndrome >> vcpu.traps.long_instruction & 1 else 2


def _wait(vcpu: ArmVcpu, syndrome: int) -> Exit | None:
    skip_instruction(vcpu, syndrome)
    return Halt()


def _hypervisor_call(vcpu: ArmVcpu, syndrome: int) -> Exit | None:
    known, left = vcpu.vm.psci.call(vcpu)
    if not known:
        # The preferred return address is behind the HVC; as an undefined instruction it is the HVC's own.
        vcpu.core.pc = (vcpu.core.pc - _length(vcpu, syndrome)) & 0xFFFF_FFFF
        inject_undefined(vcpu.core)
    if left is None and vcpu.mp_state is not MpState.RUNNABLE:
        return Interrupted(yielded=True)  # it has switched itself off, or suspended itself
    return left


def _undefined(vcpu: ArmVcpu, syndrome: int) -> Exit | None:
    inject_undefined(vcpu.core)
    return None


def _lazy_vfp(vcpu: ArmVcpu, syndrome: int) -> Exit | None:
    # The first use of VFP or Advanced SIMD: from now on it belongs to the guest.
    vcpu.core.put_fields("HCPTR", TCP10=0, TCP11=0)
    return None


def _coprocessor(vcpu: ArmVcpu, syndrome: int) -> Exit | None:
    if emulate_coprocessor(vcpu.core, syndrome):
        skip_instruction(vcpu, syndrome)
    else:
        inject_undefined(vcpu.core)
    return None


# Aborts


def _fault_status(core: Core, kind: str) -> int:
    """HSR's status for a kind of fault, without its level."""
    (what,) = core.call("fault_of", core.description.enums["fault_kind"].members[kind])
    (status,) = core.call("long_status", what)
    return status & _STATUS


def _abort(vcpu: ArmVcpu, syndrome: int, address: int, data: bool) -> Exit | None:
    core, vm = vcpu.core, vcpu.vm
    status = syndrome & _STATUS
    if status == vcpu.traps.permission:
        return _permission(vcpu, syndrome, address, data)
    if status != vcpu.traps.translation:
        return InternalError(f"a stage 2 abort that is no fault of the tables (HSR {syndrome:#x}) at pc {core.pc:#x}")
    ipa = core.read("HPFAR") >> 4 << 12 | address & 0xFFF
    slot = vm.memory.slot_at(ipa)
    if slot is not None:
        vm.tables.map(ipa, slot, vm.host_address(slot.base))
        core.tlb_flush()
        return None
    if not data:
        _inject_external(core, "prefetch_abort", address)
        return None
    return _device_access(vcpu, syndrome, ipa)


def stage2_fault_address(core: Core, fault: GuestFault) -> int | None:
    """The intermediate physical address that an access found no stage 2 translation for; None for other faults."""
    if fault.interrupt not in ("data_abort", "prefetch_abort"):
        return None
    bits = {one.name: one for one in core.description.bitfields["fault"].fields}
    found = {name: fault.arguments[0] >> one.low & ((1 << one.width) - 1) for name, one in bits.items()}
    missing = core.description.enums["fault_kind"].members["translation"]
    return found["IPA"] if found["STAGE2"] and found["KIND"] == missing else None


def _permission(vcpu: ArmVcpu, syndrome: int, address: int, data: bool) -> Exit | None:
    """A store to a read-only slot. HPFAR is unknown: stage 1 tells the address, as KVM asks ATS1CPR."""
    core = vcpu.core
    load = core.description.enums["access"].members["load"]
    (found,) = core.call("translate_stage1", address, load, 1)
    fault_low = next(f.low for f in core.description.bitfields["translation"].fields if f.name == "FAULT")
    if found >> fault_low:
        return None  # somebody else changed the tables meanwhile: the guest tries again
    return _device_access(vcpu, syndrome, found & ((1 << 40) - 1)) if data else None


def _device_access(vcpu: ArmVcpu, syndrome: int, ipa: int) -> Exit | None:
    core = vcpu.core
    if not syndrome >> ISV & 1:
        return InternalError(
            f"the instruction at pc {core.pc:#x} accesses a device at {ipa:#x}, and HSR does not say how: "
            "KVM emulates loads and stores of one register without writeback only"
        )
    size = 1 << (syndrome >> SAS & 3)
    register = syndrome >> _SRT & 0xF
    big_endian = bool(core.field("CPSR", "E"))
    if syndrome >> _WNR & 1:
        value = core.read("R", register) & ((1 << 8 * size) - 1)
        skip_instruction(vcpu, syndrome)
        return Mmio(ipa, size, True, value.to_bytes(size, "big" if big_endian else "little"))
    vcpu.load = PendingLoad(register, size, bool(syndrome >> _SSE & 1) and size < 4, big_endian)
    skip_instruction(vcpu, syndrome)
    return Mmio(ipa, size, False)


def inject_data_abort(core: Core, address: int, is_write: bool) -> None:
    """The guest takes an external abort for its access: no device is there."""
    (what,) = core.call("fault_of", core.description.enums["fault_kind"].members["external"])
    core.enter("data_abort", what, address, int(is_write))


def _inject_external(core: Core, interrupt: str, address: int) -> None:
    (what,) = core.call("fault_of", core.description.enums["fault_kind"].members["external"])
    core.enter(interrupt, what, address)


def _data_abort(vcpu: ArmVcpu, syndrome: int) -> Exit | None:
    return _abort(vcpu, syndrome, vcpu.core.read("HDFAR"), data=True)


def _prefetch_abort(vcpu: ArmVcpu, syndrome: int) -> Exit | None:
    return _abort(vcpu, syndrome, vcpu.core.read("HIFAR"), data=False)


_HANDLERS: Final[dict[str, Callable[[ArmVcpu, int], Exit | None]]] = {
    "EC_DATA_ABORT_LOWER": _data_abort,
    "EC_PREFETCH_ABORT_LOWER": _prefetch_abort,
    "EC_HVC": _hypervisor_call,
    "EC_SMC": _undefined,
    "EC_WFI_WFE": _wait,
    "EC_CP15_MCR_MRC": _coprocessor,
    "EC_CP15_MCRR_MRRC": _coprocessor,
    "EC_CP14_MCR_MRC": _coprocessor,
    "EC_CP14_MRRC": _coprocessor,
    "EC_CP14_LDC_STC": _undefined,
    "EC_HCPTR": _lazy_vfp,
    "EC_CP10_ID": _undefined,
    "EC_BXJ": _undefined,
}
