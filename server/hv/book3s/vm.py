"""A partition: its memory in the host, its hashed page table, and the registers that describe both to the cores.

Linux, arch/powerpc/kvm/book3s_hv.c and book3s_64_mmu_hv.c.
"""

from __future__ import annotations

import errno
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from ....isa.model.items import Description
from ...core import Core, CoreBus
from ...machine.events import EventStream
from ...machine.physical import MemorySlot, NoMemoryError, PhysicalMemory
from ...machine.ram import GuestRam, RamError
from ...tree.hardware import Hardware
from ..errors import KvmError
from ..regions import FixedPlaces, MemoryRegions, RegionFlags
from ..terms import Capability
from .exits.devices import INTERRUPT, DirectDevices
from .partition.layout import HostLayout
from .partition.options import Book3sOptions as Book3sOptions
from .partition.page_table import SLOT, USUAL_ORDER, Entry, PageTable
from .partition.real_mode import set_up_real_mode
from .partition.slots import describe_slots
from .partition.tce import TceTable, TceTables
from .partition.told import Told
from .thread.window import DeviceWindow
from .vcore import Book3sVcore
from .vcpu import Book3sVcpu

MOST_VCPUS: Final = 64
"""KVM_CAP_MAX_VCPUS; and there are as many virtual cores, so that ids may go to that times the threads of a core."""


class Host(Protocol):
    """The host of a partition."""

    description: Description
    hardware: Hardware
    layout: HostLayout
    memory: PhysicalMemory
    events: EventStream
    now: Callable[[], int]
    threads: int
    secondaries_online: bool

    def check_extension(self, capability: Capability) -> int:
        """KVM_CHECK_EXTENSION."""

    def take_rma(self) -> GuestRam:
        """A real mode area of the pool. Raises KvmError (ENOMEM)."""

    def give_rma_back(self, ram: GuestRam) -> None:
        """Nobody uses it any more."""

    def is_rma(self, ram: GuestRam) -> bool:
        """Whether memory is a real mode area of the host's."""

    def save_vm(self, vm: Book3sVm, path: Path) -> None:
        """Writes a partition to a file. Raises KvmError."""

    def forget(self, vm: Book3sVm) -> None:
        """A partition is closed."""


class Book3sVm:
    """A partition. `memory` is what its real addresses reach; `host` is the host's real address space."""

    def __init__(self, kvm: Host, lpid: int, options: Book3sOptions) -> None:
        """Made by `Book3sKvm.create_vm`."""
        self.kvm = kvm
        self.lpid = lpid
        self.options = options
        self.description = kvm.description
        self.memory = PhysicalMemory()
        self.host = kvm.memory
        self.vcpus: list[Book3sVcpu] = []
        self._by_number: dict[int, Book3sVcpu] = {}
        self.vcores: list[Book3sVcore] = []
        self._tce_tables = TceTables(self.description, self.host, kvm.layout.tce_tables(lpid), lpid)
        self.kernel_calls: Counter[int] = Counter()
        """How often each call of the kernel's level was made."""
        self.told = Told(self, kvm.events, kvm.now)
        self._memory_base = kvm.layout.memory(lpid)
        self._regions = MemoryRegions(self.memory, FixedPlaces(self.host, self._memory_base), kvm.layout.memory_size)
        self._page_table: PageTable | None = None
        self._devices: CoreBus | None = None
        self._rmas: list[GuestRam] = []
        self._hpt_order = options.hpt_order
        self._is_set_up = False
        self.has_real_mode = False
        """Whether the page table has what real mode needs."""

    def check_extension(self, capability: Capability) -> int:
        """KVM_CHECK_EXTENSION."""
        return self.kvm.check_extension(capability)

    def close(self) -> None:
        """Ends the VM: its memory, page table and real mode areas are the host's again."""
        for slot in self.memory.slots:
            self._regions.set(MemorySlot(slot.number, slot.base, 0, slot.ram))
        if self._page_table is not None:
            self.host.remove(SLOT + self.lpid)
        self._tce_tables.remove()
        for vcpu in self.vcpus:
            vcpu.core.engine.close()
        for rma in self._rmas:
            self.kvm.give_rma_back(rma)
        self._rmas = []
        self.kvm.forget(self)

    # Memory

    def set_user_memory_region(self, slot: MemorySlot, flags: RegionFlags = RegionFlags.NONE) -> None:
        """KVM_SET_USER_MEMORY_REGION: adds, moves, changes flags, or (size 0) deletes.

        Raises KvmError: EINVAL, or EEXIST for an overlap.
        """
        gone = self._regions.set(slot, flags)
        if gone is not None:
            self._unmap(self.host_address(gone.base), self.host_address(gone.end))
        for vcpu in self.vcpus[:1]:
            describe_slots(vcpu.core, self.memory.slots, self._memory_base)
            vcpu.core.tlb_flush()
            vcpu.core.engine.invalidate_code(self._memory_base, self.kvm.layout.memory_size)

    def get_dirty_log(self, number: int) -> bytes:
        """KVM_GET_DIRTY_LOG: a bit a page, written since the last call. Raises KvmError: EINVAL, ENOENT."""
        log = self._regions.dirty_log(number)
        for vcpu in self.vcpus[:1]:
            vcpu.core.tlb_flush()
        return log

    def page_out(self, real: int, size: int) -> int:
        """The host takes pages away: what maps them is absent from now on, and comes back with the next access.

        R and C are harvested into what the partition sees. Returns how many entries that concerned: none on a 970
        (Linux, using_mmu_notifiers = 0). Raises KvmError (EINVAL) for a range that is not memory.
        """
        try:
            self.memory.require(real, size)
        except NoMemoryError as error:
            raise KvmError(error.message, error.hint) from error
        if "ISA206" not in self.description.features:
            return 0
        return self._unmap(self.host_address(real), self.host_address(real + size))

    def _unmap(self, start: int, end: int) -> int:
        if self._page_table is None or not self.vcpus:
            return 0
        table, count = self._page_table, 0
        for entry in list(table.mapping(start, end, self._size_of)):
            self.replace_entry(entry, table.made_absent(entry))
            count += 1
        self.vcpus[0].core.tlb_flush()
        return count

    def _size_of(self, entry: Entry) -> int:
        (size,) = self.vcpus[0].core.ask("hpte_page_size", entry.first, entry.guest_second)
        return size

    def replace_entry(self, before: Entry, after: Entry) -> None:
        """Changes an entry of the page table; whoever listens is told."""
        self.page_table.write(after)
        self.told.entry_changed(before, after)

    def host_address(self, real: int) -> int:
        """Where partition real address `real` lies in the host."""
        return self._memory_base + real

    def allocate_rma(self) -> GuestRam:
        """KVM_ALLOCATE_RMA: memory for slot 0 that real mode can reach by offset. Raises KvmError (ENOMEM)."""
        ram = self.kvm.take_rma()
        self._rmas.append(ram)
        return ram

    def is_rma(self, ram: GuestRam) -> bool:
        """Whether memory is a real mode area of the host's."""
        return self.kvm.is_rma(ram)

    # The page table

    @property
    def page_table(self) -> PageTable:
        """The hashed page table; made when it is first needed. Raises KvmError (ENOMEM)."""
        if self._page_table is None:
            base = self.kvm.layout.page_table(self.lpid)
            try:
                made = PageTable(self.description, self.host, base, self._hpt_order, self.lpid)
            except RamError as error:
                raise KvmError(error.message, error.hint, errno=errno.ENOMEM) from error
            self._page_table = made
        return self._page_table

    @property
    def hpt_base(self) -> int:
        """Host real address of the page table."""
        return self.page_table.base

    @property
    def hpt_order(self) -> int:
        """log2 of its bytes."""
        return self.page_table.order

    def allocate_htab(self, order: int = USUAL_ORDER) -> int:
        """KVM_PPC_ALLOCATE_HTAB: a table of 2^order bytes, or as many as there are; its order is returned.

        A partition that has one keeps its order, and the table is emptied: a reset. Raises KvmError: EBUSY while a vcpu
        runs, ENOMEM.
        """
        if any(vcpu.is_running for vcpu in self.vcpus):
            raise KvmError("the page table is in use: a vcpu runs", "stop all of them first", errno=errno.EBUSY)
        if self._page_table is None:
            self._hpt_order = order
        else:
            self._page_table.reset()
        self._is_set_up = self.has_real_mode = False
        for vcpu in self.vcpus[:1]:
            vcpu.core.tlb_flush()
        return self.page_table.order

    # Tables of translation control entries

    def create_spapr_tce(self, liobn: int, window_size: int) -> TceTable:
        """KVM_CREATE_SPAPR_TCE: a table that H_PUT_TCE writes without leaving. User space shares it.

        Raises KvmError: EBUSY for a bus that has one, EINVAL for no window, ENOMEM when there are too many or no
        memory.
        """
        table = self._tce_tables.create(liobn, window_size)
        for vcpu in self.vcpus[:1]:
            self._tce_tables.describe(vcpu.core)
        return table

    @property
    def tce_tables(self) -> list[TceTable]:
        """All that there are, in the order in which they were made."""
        return self._tce_tables.tables

    # Vcpus

    def create_vcpu(self, number: int) -> Book3sVcpu:
        """KVM_CREATE_VCPU. Ids need not be dense. Raises KvmError: EINVAL above the limit, EEXIST when it is taken."""
        threads = self.kvm.threads
        if not 0 <= number < MOST_VCPUS * threads or len(self.vcpus) == MOST_VCPUS:
            raise KvmError(
                f"there can be no vcpu {number}",
                f"a partition has at most {MOST_VCPUS}, with ids from 0 to {MOST_VCPUS * threads - 1}",
            )
        if self.vcpu(number) is not None:
            raise KvmError(f"the partition has a vcpu {number} already", "give it another id", errno=errno.EEXIST)
        vcore = next((one for one in self.vcores if one.number == number // threads), None)
        if vcore is None:
            vcore = Book3sVcore(self.told, number // threads)
            self.vcores.append(vcore)
            self.vcores.sort(key=lambda one: one.number)
        window = DeviceWindow()
        core = self.kvm.hardware.thread(self.lpid, vcore.number, number, self.host, window)
        vcpu = Book3sVcpu(self, vcore, number, core, window)
        self.vcpus.append(vcpu)
        self._by_number[number] = vcpu
        self._is_set_up = False
        self._describe_partition(core)
        if "PIR" in self.description.registers:
            core.write("PIR", number)
        vcore.add(vcpu)
        if self._devices is not None:
            self.perform_accesses(self._devices)
        return vcpu

    def perform_accesses(self, bus: CoreBus) -> None:
        """Has accesses outside memory go to `bus` at once where they would leave as exits."""
        self._devices = bus
        for vcpu in self.vcpus:
            if INTERRUPT in self.description.interrupts and vcpu.window.direct is None:
                vcpu.window.direct = DirectDevices(vcpu, bus)

    @property
    def cores(self) -> list[Core]:
        """The hardware threads of its vcpus."""
        return [vcpu.core for vcpu in self.vcpus]

    @property
    def threads_in_use(self) -> bool:
        """Whether the host uses the secondary threads of its cores itself, where they have some."""
        return self.kvm.secondaries_online and self.kvm.threads > 1

    def vcpu(self, number: int) -> Book3sVcpu | None:
        """The vcpu with that id, as hcalls name it, or None."""
        return self._by_number.get(number)

    def calls(self) -> Counter[int]:
        """How often each hypercall was answered in real mode, or by the kernel."""
        found = Counter(self.kernel_calls)
        for vcpu in self.vcpus:
            for quarter in range(vcpu.core.register("HCALLS_DONE").count):
                count = vcpu.core.read("HCALLS_DONE", quarter)
                if count:
                    found[quarter << 2] += count
        return found

    def prepare(self) -> None:
        """Makes real mode work: done at the first run, with the memory and vcpus there are. Raises KvmError."""
        if self._is_set_up or not self.vcpus:
            return
        table = self.page_table
        for vcpu in self.vcpus:
            vcpu.core.write("HPT_BASE", table.base)
            vcpu.core.write("HPT_ORDER", table.order)
            vcpu.core.put_fields("SDR1", HTABORG=table.base >> 18, HTABSIZE=table.order - 18)
        set_up_real_mode(self)
        self._is_set_up = self.has_real_mode = True

    def region_flags(self, number: int) -> RegionFlags:
        """The flags of a slot that there is."""
        return self._regions.flags[number]

    def save(self, path: Path) -> None:
        """Writes the VM to a file (`saved.save`)."""
        self.kvm.save_vm(self, path)

    # What the description is told

    def describe_anew(self, moved_from: int) -> None:
        """After its registers were put back: the partition had number `moved_from`, and may have another now.

        Entries of the page table that hold host real addresses move along; reservations are lost then.
        """
        table, moved = self.page_table, self._memory_base - self.kvm.layout.memory(moved_from)
        if moved:
            table.move(moved)
        for vcpu in self.vcpus:
            self._describe_partition(vcpu.core)
            if moved:
                vcpu.core.write("RESERVE", 0)
        self._is_set_up = False
        if self.has_real_mode:
            self.prepare()

    def _describe_partition(self, core: Core) -> None:
        core.write("HYPERVISOR_MODEL", 1)
        if "LPIDR" in self.description.registers:
            core.put("LPIDR", self.lpid)
        describe_slots(core, self.memory.slots, self._memory_base)
        self._tce_tables.describe(core)
        self.told.describe(core)
