"""Stage 2 aborts of a guest: memory that is not mapped yet, read-only memory, devices, and what cannot be.

Linux, arch/arm/kvm/mmu.c (kvm_handle_guest_abort, user_mem_abort), mmio.c (io_mem_abort, decode_hsr), fault.h. A load
or store of one register without writeback is emulated from its syndrome; any other one that no memory answers fails the
run with ENOSYS, as KVM's did.
"""

from __future__ import annotations

import errno
from typing import Final

from ...errors import KvmError
from ...exits import Exit, Mmio
from ..facts.pending_load import PendingLoad
from ..facts.trap import Trap
from ..guest import GuestVcpu
from .inject import inject_data_abort, inject_prefetch_abort

_PAGE: Final = 0xFFF
_PC: Final = 15
_RESERVED_SIZE: Final = 3


def resolve_page(vcpu: GuestVcpu, trap: Trap, address: int) -> bool:
    """Has HPFAR name the page of an abort at virtual `address`, while the guest's translation is still in force.

    After a permission fault that is not on a walk it is unknown: stage 1 tells the page, as KVM asks ATS1CPR. False:
    stage 1 has no translation any more, since somebody else changed the guest's tables: it just tries again.
    """
    core, parts = vcpu.core, vcpu.vm.kvm.syndromes
    kind = parts.kind(core, parts.data.get(trap.iss, "DFSC"))
    if kind != "permission" or parts.data.get(trap.iss, "S1PTW"):
        return True
    (found,) = core.call("translate_stage1", address, parts.load, 1)
    if parts.found.get(found, "FAULT"):
        return False
    core.state.write("HPFAR", parts.ipa.of(FIPA=parts.found.get(found, "PA") >> 12))
    return True


def handle_abort(vcpu: GuestVcpu, trap: Trap, address: int, data: bool) -> Exit | None:
    """Answers a stage 2 abort at virtual `address`. Raises KvmError: EFAULT for what the tables have no part in, and
    ENOSYS for an access to a device that HSR does not describe."""
    core, vm, parts = vcpu.core, vcpu.vm, vcpu.vm.kvm.syndromes
    kind = parts.kind(core, parts.data.get(trap.iss, "DFSC"))
    if kind not in ("translation", "access_flag", "permission"):
        raise KvmError(f"{trap} is no fault of the guest's second stage ({kind or 'unknown'})", errno=errno.EFAULT)
    page = parts.ipa.get(core.read("HPFAR"), "FIPA") << 12
    is_write = data and bool(parts.data.get(trap.iss, "WNR"))
    slot = vm.memory.slot_at(page)
    if slot is not None and not (slot.read_only and is_write):
        if kind == "access_flag":
            vm.tables.set_accessed(page, True)
        else:
            vm.tables.map(page, slot, vm.host_address(slot.base))
            vcpu.statistics.mapped += 1
        core.tlb_flush()
        return None
    if not data:
        inject_prefetch_abort(vcpu, address)
        return None
    interface = None if vm.irqchip is None else vm.irqchip.mapped_to(page)
    if interface is not None:
        vm.tables.map_device(page, interface)
        core.tlb_flush()
        return None
    return _device_access(vcpu, trap, page | address & _PAGE, address)


def _device_access(vcpu: GuestVcpu, trap: Trap, ipa: int, address: int) -> Exit | None:
    core, get = vcpu.core, vcpu.vm.kvm.syndromes.data.get
    iss = trap.iss
    if not get(iss, "ISV"):
        if get(iss, "CM") or get(iss, "S1PTW"):
            # Maintenance of a device's lines, or tables in a device: the guest is told so.
            inject_data_abort(vcpu, address)
            return None
        raise KvmError(
            f"the instruction at pc {core.pc:#x} accesses a device at {ipa:#x}, and HSR does not say how: "
            "KVM emulates loads and stores of one register without writeback only",
            errno=errno.ENOSYS,
        )
    size, register = get(iss, "SAS"), get(iss, "SRT")
    if get(iss, "EA") or size == _RESERVED_SIZE:
        inject_data_abort(vcpu, address)
        return None
    if register == _PC:
        inject_prefetch_abort(vcpu, address)
        return None
    size = 1 << size
    big_endian = bool(core.field("CPSR", "E"))
    irqchip = vcpu.vm.irqchip
    if irqchip is not None and irqchip.owns(ipa):
        vcpu.statistics.mmio_kernel += 1
    else:
        vcpu.statistics.mmio_exits += 1
        irqchip = None
    if get(iss, "WNR"):
        value = core.read("R", register) & ((1 << 8 * size) - 1)
        vcpu.skip(trap)
        if irqchip is not None:
            irqchip.access(ipa, size, value, vcpu.number)
            return None
        return Mmio(ipa, size, True, value.to_bytes(size, "big" if big_endian else "little"))
    load = PendingLoad(register, size, bool(get(iss, "SSE")) and size < 4, big_endian)
    vcpu.skip(trap)
    if irqchip is not None:
        load.complete(core, irqchip.access(ipa, size, None, vcpu.number).to_bytes(size, "little"))
        return None
    vcpu.load = load
    return Mmio(ipa, size, False)
