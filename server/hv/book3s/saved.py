"""A VM as a file: everything that a partition could tell the difference by, in a format with a version.

Between two runs all state of a VM is declared: registers in the description, the model's own in the structures
below. A VM may be saved in the middle of a call or an access that user space has not answered, with threads that
nap, and taken up in another process (`restore`), also under another partition number: what names the host's real
addresses is then told anew.
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Final, Protocol

import msgspec

from ....isa.errors import TraplineError
from ....isa.model.items import Description
from ...machine.physical import MemorySlot
from ...machine.ram import GuestRam
from ..errors import KvmError
from ..exits import Mmio, MpState, PaprHcall
from ..regions import RegionFlags
from ..saved_file import Format, dirty_pages_of, fill_pages, mark_dirty, pages_of, read_file, write_file
from ..terms import Interrupt
from .thread.statistics import KVM_STATISTICS
from .thread.vpa import Area
from .vcore import Book3sVcore, ThreadState, VcoreState
from .vcpu import Book3sVcpu
from .vm import Book3sOptions, Book3sVm

MAGIC: Final = b"trapline book3s vm\n"
VERSION: Final = 2


class SavedVcpu(msgspec.Struct):
    """One vcpu: its registers (the thread's block and those that it shares), and what the model knows of it."""

    number: int
    registers: bytes
    mp_state: str
    thread_state: str
    ceded: bool
    external: int
    host_pending: bool
    statistics: dict[str, int]
    areas: dict[str, tuple[int, int, bool, int]]
    log_index: int
    running: bool
    hcall: tuple[int, tuple[int, ...]] | None
    device_entry: int | None
    """The index of the device's entry in the page table."""
    answered: list[tuple[int, int, bool, bytes]]
    waiting: tuple[int, int, bool, bytes] | None


class SavedVcore(msgspec.Struct):
    """One virtual core; threads by their ids."""

    number: int
    state: str
    runnable: list[int]
    runner: int | None
    entry_exit_count: int
    napping_threads: int
    n_woken: int
    nap_count: int


class SavedSlot(msgspec.Struct):
    """One memory slot: pages that are not zero by their numbers, and which are dirty."""

    number: int
    base: int
    size: int
    flags: int
    is_rma: bool
    pages: dict[int, bytes]
    dirty: tuple[int, ...]


class SavedTable(msgspec.Struct):
    """A table of translation control entries."""

    liobn: int
    window_size: int
    pages: dict[int, bytes]


class SavedVm(msgspec.Struct):
    """All of a VM. `fingerprint` is the description's: another one lays its registers out differently."""

    core: str
    fingerprint: str
    threads: int
    lpid: int
    hpt_order: int
    prod_tests_caller: bool
    is_set_up: bool
    page_table: dict[int, bytes]
    slots: list[SavedSlot]
    tables: list[SavedTable]
    calls: dict[int, int]
    vcpus: list[SavedVcpu]
    vcores: list[SavedVcore]


# Saving -------------------------------------------------------------------------------------------------------------


def save(vm: Book3sVm, path: Path) -> None:
    """Writes a VM to a file. Raises KvmError: EBUSY while a vcpu runs, EIO where the file cannot be written."""
    if any(vcpu.is_running for vcpu in vm.vcpus):
        raise KvmError("a vcpu runs", "save the VM between two runs", errno=errno.EBUSY)
    table = vm.page_table
    saved = SavedVm(
        core=vm.description.core,
        fingerprint=vm.description.fingerprint,
        threads=vm.kvm.threads,
        lpid=vm.lpid,
        hpt_order=table.order,
        prod_tests_caller=vm.options.prod_tests_caller,
        is_set_up=vm.has_real_mode,
        page_table=pages_of(table.ram, 0, table.ram.size),
        slots=[_slot(vm, slot) for slot in vm.memory.slots],
        tables=[SavedTable(one.liobn, one.window_size, pages_of(one.ram, 0, one.ram.size)) for one in vm.tce_tables],
        calls=dict(vm.kernel_calls),
        vcpus=[_vcpu(vcpu) for vcpu in vm.vcpus],
        vcores=[_vcore(vcore) for vcore in vm.vcores],
    )
    write_file(path, Format(MAGIC, VERSION), saved)


def _slot(vm: Book3sVm, slot: MemorySlot) -> SavedSlot:
    dirty = dirty_pages_of(slot.ram, slot.offset, slot.size)
    pages = pages_of(slot.ram, slot.offset, slot.size)
    flags = int(vm.region_flags(slot.number))
    return SavedSlot(slot.number, slot.base, slot.size, flags, vm.kvm.is_rma(slot.ram), pages, dirty)


def _vcpu(vcpu: Book3sVcpu) -> SavedVcpu:
    areas, window = vcpu.areas, vcpu.window
    names = ("vpa", "slb_shadow", "dispatch_log")
    hcall = vcpu.waiting_hcall
    entry = vcpu.device_entry
    return SavedVcpu(
        number=vcpu.number,
        registers=vcpu.core.snapshot(),
        mp_state=vcpu.mp_state.value,
        thread_state=vcpu.thread_state.value,
        ceded=vcpu.ceded,
        external=vcpu.external.value,
        host_pending=vcpu.host_pending,
        statistics={name: getattr(vcpu.counted, name) for name in KVM_STATISTICS},
        areas={name: _area(areas.by_name(name)) for name in names},
        log_index=areas.log_index,
        running=areas.running,
        hcall=None if hcall is None else (hcall.number, hcall.arguments),
        device_entry=None if entry is None else (entry - vcpu.vm.hpt_base) // 16,
        answered=[_access(one) for one in window.answered],
        waiting=None if window.waiting is None else _access(window.waiting),
    )


def _access(access: Mmio) -> tuple[int, int, bool, bytes]:
    return access.address, access.size, access.is_write, access.data


def _area(area: Area) -> tuple[int, int, bool, int]:
    return area.address, area.length, area.pending, area.used


def _vcore(vcore: Book3sVcore) -> SavedVcore:
    return SavedVcore(
        vcore.number,
        vcore.state.value,
        [vcpu.number for vcpu in vcore.runnable],
        None if vcore.runner is None else vcore.runner.number,
        vcore.entry_exit_count,
        vcore.napping_threads,
        vcore.n_woken,
        vcore.nap_count,
    )


class RestoringHost(Protocol):
    """The host that a VM comes to."""

    description: Description
    threads: int
    vms: dict[int, Book3sVm]

    def create_vm(self, options: Book3sOptions | None = None) -> Book3sVm:
        """KVM_CREATE_VM. Raises KvmError."""


# Restoring ----------------------------------------------------------------------------------------------------------


def read_saved(path: Path) -> SavedVm:
    """What a file holds. Raises KvmError: ENOENT or EIO where it cannot be read, EINVAL for what is no VM of this
    version."""
    return read_file(path, Format(MAGIC, VERSION), SavedVm)


def restore(kvm: RestoringHost, path: Path) -> Book3sVm:
    """A VM of this host's as `save` has left it; under its partition number if that is free, else another.

    Raises KvmError: what `read_saved` raises; EINVAL for another core, description or number of threads; ENOMEM.
    """
    saved = read_saved(path)
    description = kvm.description
    if (saved.core, saved.threads) != (description.core, kvm.threads):
        raise KvmError(
            f"{path} is for cores {saved.core} of {saved.threads} threads, and this host has {description.core} "
            f"of {kvm.threads}"
        )
    if saved.fingerprint != description.fingerprint:
        raise KvmError(f"{path} was saved with another description of {saved.core}", "restore it with that one")
    lpid = None if saved.lpid in kvm.vms else saved.lpid
    vm = kvm.create_vm(Book3sOptions(saved.hpt_order, lpid, saved.prod_tests_caller))
    try:
        _restore(vm, saved)
    except (TraplineError, StopIteration, KeyError, ValueError) as error:
        vm.close()
        if isinstance(error, KvmError):
            raise
        raise KvmError(f"{path} does not fit together: {error}", "save the VM again") from error
    return vm


def _restore(vm: Book3sVm, saved: SavedVm) -> None:
    for slot in saved.slots:
        ram = vm.allocate_rma() if slot.is_rma else GuestRam(slot.size)
        if ram.size < slot.size:
            raise KvmError(f"the host's real mode area has {ram.size:#x} bytes, and {slot.size:#x} are needed")
        fill_pages(ram, slot.pages)
        vm.set_user_memory_region(MemorySlot(slot.number, slot.base, slot.size, ram), RegionFlags(slot.flags))
        mark_dirty(ram, slot.dirty)
    for table in saved.tables:
        fill_pages(vm.create_spapr_tce(table.liobn, table.window_size).ram, table.pages)
    vm.kernel_calls.update(saved.calls)
    fill_pages(vm.page_table.ram, saved.page_table)
    for one in saved.vcpus:
        vm.create_vcpu(one.number)
    for one in saved.vcpus:
        vcpu = vm.vcpu(one.number)
        assert vcpu is not None
        _restore_vcpu(vcpu, one)
    vm.has_real_mode = saved.is_set_up
    vm.describe_anew(moved_from=saved.lpid)
    for core in saved.vcores:
        _restore_vcore(vm, core)


def _restore_vcpu(vcpu: Book3sVcpu, saved: SavedVcpu) -> None:
    vcpu.core.restore(saved.registers)
    vcpu.mp_state = MpState(saved.mp_state)
    vcpu.thread_state = ThreadState(saved.thread_state)
    vcpu.ceded = saved.ceded
    vcpu.external = Interrupt(saved.external)
    vcpu.host_pending = saved.host_pending
    for name, value in saved.statistics.items():
        setattr(vcpu.counted, name, value)
    for name, area in saved.areas.items():
        found = vcpu.areas.by_name(name)
        found.address, found.length, found.pending, found.used = area
    vcpu.areas.log_index, vcpu.areas.running = saved.log_index, saved.running
    vcpu.waiting_hcall = None if saved.hcall is None else PaprHcall(*saved.hcall)
    vcpu.device_entry = None if saved.device_entry is None else vcpu.vm.hpt_base + saved.device_entry * 16
    vcpu.window.answered = [Mmio(*one) for one in saved.answered]
    vcpu.window.waiting = None if saved.waiting is None else Mmio(*saved.waiting)


def _restore_vcore(vm: Book3sVm, saved: SavedVcore) -> None:
    vcore = next(one for one in vm.vcores if one.number == saved.number)
    by_id = {vcpu.number: vcpu for vcpu in vcore.members}
    vcore.state = VcoreState(saved.state)
    vcore.runnable = [by_id[number] for number in saved.runnable]
    vcore.runner = None if saved.runner is None else by_id[saved.runner]
    vcore.entry_exit_count, vcore.napping_threads = saved.entry_exit_count, saved.napping_threads
    vcore.n_woken, vcore.nap_count = saved.n_woken, saved.nap_count
