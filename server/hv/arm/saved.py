"""A VM as a file: everything that a guest could tell the difference by, in a format with a version.

Between two runs all state of a VM is declared: registers in the description, the model's own in the structures below. A
VM may be saved with an access that user space has not answered, with vcpus that wait or are switched off, with
interrupts in list registers, and taken up in another process (`restore`). Stage 2 is not saved, as it is not when a
guest moves to another host: it fills again as the guest faults. The VMID is the new host's.
"""

from __future__ import annotations

import errno
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from ....isa.errors import TraplineError
from ....isa.model.items import Description
from ...machine.physical import MemorySlot
from ...machine.ram import GuestRam
from ..errors import KvmError
from ..exits import MpState
from ..regions import RegionFlags
from ..saved_file import Format, dirty_pages_of, fill_pages, mark_dirty, pages_of, read_file, write_file
from .facts.pending_load import PendingLoad
from .facts.statistics import ArmStatistics
from .interrupts.vgic import SavedVgic
from .vcpu import ArmVcpu
from .vm import ArmOptions, ArmVm

FORMAT: Final = Format(b"trapline arm vm\n", 2)


class SavedVcpu(msgspec.Struct):
    """One vcpu: its registers, and what the model knows of it."""

    number: int
    registers: bytes
    initialized: bool
    mp_state: str
    lines: int
    identity: int
    affinity: int
    original_r0: int
    waits_for_event: bool
    has_vfp: bool
    load: tuple[int, int, bool, bool] | None
    traps: dict[str, int]
    injected: dict[str, int]
    counts: dict[str, int]


class SavedSlot(msgspec.Struct):
    """One memory slot: pages that are not zero by their numbers, and which are dirty."""

    number: int
    base: int
    size: int
    flags: int
    pages: dict[int, bytes]
    dirty: tuple[int, ...]


class SavedVm(msgspec.Struct):
    """All of a VM. `fingerprint` is the description's: another one lays its registers out differently."""

    core: str
    fingerprint: str
    trap_wfe: bool
    failures_are_exits: bool
    counter_offset: int
    slots: list[SavedSlot]
    irqchip: SavedVgic | None
    vcpus: list[SavedVcpu]


def save(vm: ArmVm, path: Path) -> None:
    """Writes a VM to a file. Raises KvmError: EBUSY while a vcpu runs, EIO where the file cannot be written."""
    if any(vcpu.world.is_entered for vcpu in vm.vcpus):
        raise KvmError("a vcpu runs", "save the VM between two runs", errno=errno.EBUSY)
    saved = SavedVm(
        core=vm.description.core,
        fingerprint=vm.description.fingerprint,
        trap_wfe=vm.options.trap_wfe,
        failures_are_exits=vm.options.failures_are_exits,
        counter_offset=vm.counter_offset,
        slots=[_slot(vm, slot) for slot in vm.memory.slots],
        irqchip=None if vm.irqchip is None else vm.irqchip.save(),
        vcpus=[_vcpu(vcpu) for vcpu in vm.vcpus],
    )
    write_file(path, FORMAT, saved)


def _slot(vm: ArmVm, slot: MemorySlot) -> SavedSlot:
    where = slot.ram, slot.offset, slot.size
    pages, dirty = pages_of(*where), dirty_pages_of(*where)
    return SavedSlot(slot.number, slot.base, slot.size, int(vm.region_flags(slot.number)), pages, dirty)


def _vcpu(vcpu: ArmVcpu) -> SavedVcpu:
    load, counted = vcpu.load, vcpu.statistics
    return SavedVcpu(
        number=vcpu.number,
        registers=vcpu.core.snapshot(),
        initialized=vcpu.initialized,
        mp_state=vcpu.mp_state.value,
        lines=vcpu.lines,
        identity=vcpu.identity,
        affinity=vcpu.affinity,
        original_r0=vcpu.original_r0,
        waits_for_event=vcpu.waits_for_event,
        has_vfp=vcpu.world.is_about_to_use_vfp(),
        load=None if load is None else (load.register, load.size, load.sign_extended, load.big_endian),
        traps=dict(counted.traps),
        injected=dict(counted.injected),
        counts=counted.plain(),
    )


def restore(description: Description, create: Callable[[ArmOptions], ArmVm], path: Path) -> ArmVm:
    """A VM as `save` has left it, of a host with that description, which creates VMs.

    Raises KvmError: what `read_file` raises; EINVAL for another core or description; ENOMEM.
    """
    saved = read_file(path, FORMAT, SavedVm)
    if saved.core != description.core:
        raise KvmError(f"{path} is for cores {saved.core}, and this host has {description.core}")
    if saved.fingerprint != description.fingerprint:
        raise KvmError(f"{path} was saved with another description of {saved.core}", "restore it with that one")
    vm = create(ArmOptions(saved.trap_wfe, saved.failures_are_exits))
    try:
        _restore(vm, saved)
    except (TraplineError, KeyError, ValueError) as error:
        vm.close()
        if isinstance(error, KvmError):
            raise
        raise KvmError(f"{path} does not fit together: {error}", "save the VM again") from error
    return vm


def _restore(vm: ArmVm, saved: SavedVm) -> None:
    for slot in saved.slots:
        ram = GuestRam(slot.size)
        fill_pages(ram, slot.pages)
        vm.set_user_memory_region(MemorySlot(slot.number, slot.base, slot.size, ram), RegionFlags(slot.flags))
        mark_dirty(ram, slot.dirty)
    vm.counter_offset = saved.counter_offset
    if saved.irqchip is not None:
        vm.create_irqchip()
    vcpus = [(vm.create_vcpu(one.number), one) for one in saved.vcpus]
    for vcpu, one in vcpus:
        _restore_vcpu(vcpu, one)
    if vm.irqchip is not None and saved.irqchip is not None:
        vm.irqchip.restore(saved.irqchip)
    for vcpu, one in vcpus:
        if one.initialized:
            vcpu.world.restored(one.has_vfp)


def _restore_vcpu(vcpu: ArmVcpu, saved: SavedVcpu) -> None:
    vcpu.core.restore(saved.registers)
    vcpu.initialized = saved.initialized
    vcpu.mp_state = MpState(saved.mp_state)
    vcpu.lines, vcpu.identity, vcpu.affinity = saved.lines, saved.identity, saved.affinity
    vcpu.original_r0, vcpu.waits_for_event = saved.original_r0, saved.waits_for_event
    vcpu.load = None if saved.load is None else PendingLoad(*saved.load)
    vcpu.statistics = ArmStatistics(traps=Counter(saved.traps), injected=Counter(saved.injected), **saved.counts)
