"""KVM's face of Book3S HV, without any board: what each call gives, and the errno of each refusal."""

from __future__ import annotations

from functools import partial

import pytest

from trapline.server.hv.book3s.kvm import Book3sKvm
from trapline.server.hv.exits import Interrupted, Mmio, PaprHcall
from trapline.server.hv.kvm import Capability
from trapline.server.hv.regions import RegionFlags
from trapline.server.machine.physical import MemorySlot
from trapline.server.machine.ram import GuestRam

from ..server.guests import description, hcall, load, number
from .hosts import BASE, RAM, SMALL_TABLE, gpr, host, put, refused, running, start, until, vcpu_of, vm_of, vm_with

PARAMETER = number("H_PARAMETER") & (1 << 64) - 1


# VMs and vcpus ------------------------------------------------------------------------------------------------------


def test_a_partition_runs_without_a_board() -> None:
    """create_vm, a region, create_vcpu, run: a hypercall leaves with its number and nine arguments, and is answered."""
    arguments = "".join(f"li %r{n}, {n}\n" for n in range(4, 13))
    vcpu = running(load(3, 0xF00) + arguments + "sc 1\nmr %r20, %r3\nmr %r21, %r4\n")
    assert until(vcpu, PaprHcall) == PaprHcall(0xF00, tuple(range(4, 13)))
    vcpu.complete_hcall((7, 8))
    vcpu.run(10)
    assert (gpr(vcpu, 20), gpr(vcpu, 21)) == (7, 8)
    assert refused(lambda: vcpu.complete_hcall(())) == "EINVAL"


def test_partitions_of_a_host_share_it_and_nothing_else() -> None:
    """Numbers are given in order and again; memory and page table of each lie elsewhere; vcpus may have one id."""
    kvm = host()
    first, second = vm_of(kvm), vm_of(kvm)
    assert (first.lpid, second.lpid) == (1, 2)
    for vm, value in ((first, 1), (second, 2)):
        put(vm, f"li %r20, {value}\nstd %r20, 0x100(0)\n")
        vcpu_of(vm).run(10)
    assert [vm.memory.read_int(0x100, 8, "big") for vm in (first, second)] == [1, 2]
    assert first.hpt_base != second.hpt_base
    assert {slot.base >> 40 for slot in kvm.memory.slots} == {1, 2}
    first.close()
    assert {slot.base >> 40 for slot in kvm.memory.slots} == {2}
    assert kvm.create_vm(SMALL_TABLE).lpid == 1


def test_there_are_as_many_partitions_as_numbers() -> None:
    """The 970 has room for fifteen; the next one gets ENOMEM."""
    kvm = host("ppc970")
    for _ in range(kvm.layout.partitions):
        kvm.create_vm(SMALL_TABLE)
    assert refused(kvm.create_vm) == "ENOMEM"


def test_vcpu_ids_need_not_be_dense_and_have_a_limit() -> None:
    """0, 4 and 8 are three virtual cores of a host with four threads a core; 400 and 1000 are too high, 4 is taken."""
    vm = vm_of(host())
    for n in (8, 0, 4, 5):
        vm.create_vcpu(n)
    cores = [(core.number, [one.number for one in core.vcpus]) for core in vm.vcores]
    assert cores == [(0, [0]), (1, [4, 5]), (2, [8])]
    assert [vcpu.core.read("PIR") for vcpu in vm.vcpus] == [8, 0, 4, 5]
    assert [refused(partial(vm.create_vcpu, n)) for n in (400, 1000, -1, 256)] == ["EINVAL"] * 4
    assert refused(lambda: vm.create_vcpu(4)) == "EEXIST"


def test_capabilities() -> None:
    """What each host says of itself."""
    power7, ppc970 = host(), host("ppc970")
    asked = (Capability.PPC_SMT, Capability.PPC_RMA, Capability.SYNC_MMU, Capability.PPC_PAPR, Capability.PPC_HIOR)
    assert [power7.check_extension(one) for one in asked] == [4, 1, 1, 1, 1]
    assert [ppc970.check_extension(one) for one in asked] == [1, 2, 0, 1, 1]
    assert power7.check_extension(Capability.NR_MEMSLOTS) == 32
    assert power7.check_extension(Capability.SPAPR_TCE) == 1
    assert power7.check_extension(Capability.ARM_PSCI) == 0
    assert refused(lambda: Book3sKvm(description("ppc970"), engine="reference", threads=4)) == "EINVAL"


# Memory -------------------------------------------------------------------------------------------------------------


def test_regions_are_added_moved_and_deleted() -> None:
    """A load finds a region where it is now; where it was, and where it no longer is, the access leaves."""
    vm = vm_of(host(), size=16 << 20)
    ram = GuestRam(0x1_0000)
    ram.write_int(0, 8, 0x1234, "big")
    slot = MemorySlot(3, 0x1000_0000, ram.size, ram)
    vm.set_user_memory_region(slot)
    assert vm.memory.read_int(0x1000_0000, 8, "big") == 0x1234
    vm.set_user_memory_region(MemorySlot(3, 0x2000_0000, ram.size, ram))
    assert vm.memory.slot_at(0x1000_0000) is None
    assert vm.memory.read_int(0x2000_0000, 8, "big") == 0x1234
    vm.set_user_memory_region(MemorySlot(3, 0, 0, ram))
    assert vm.memory.slot_at(0x2000_0000) is None


def test_thirty_two_slots_and_more_than_64_gb() -> None:
    """All 32 slots are usable at once; one may lie beyond 64 GB, and H_ENTER finds pages of the last."""
    vm = vm_of(host())
    for n in range(1, 32):
        vm.set_user_memory_region(MemorySlot(n, (100 << 30) + n * 0x10_0000, 0x1_0000, GuestRam(0x1_0000)))
    last = (100 << 30) + 31 * 0x10_0000
    code = hcall("H_ENTER", 0, 0x910, 0x123001, last | 0x192) + "mr %r20, %r3\n"
    put(vm, code + hcall("H_READ", 0, 0x910) + "mr %r21, %r5\n")
    vcpu = vcpu_of(vm)
    vcpu.run(60)
    assert (gpr(vcpu, 20), gpr(vcpu, 21)) == (0, last | 0x192)
    assert vm.page_table.entry(0x910).second & ~0xFFF == vm.host_address(last)


def test_refused_regions() -> None:
    """EINVAL for what cannot be, EEXIST for an overlap."""
    vm = vm_of(host())
    ram = GuestRam(0x1_0000)

    def region(number: int, base: int, size: int = 0x1_0000, flags: RegionFlags = RegionFlags.NONE) -> str:
        return refused(lambda: vm.set_user_memory_region(MemorySlot(number, base, size, ram), flags))

    assert region(32, 1 << 30) == "EINVAL"
    assert region(1, (1 << 30) + 1) == "EINVAL"
    assert region(1, 1 << 30, 0x1001) == "EINVAL"
    assert region(1, 1 << 30, 0x2_0000) == "EINVAL"
    assert region(1, 1 << 50) == "EINVAL"
    assert region(1, 0x1000) == "EEXIST"
    assert region(0, 0) == "EINVAL", "a slot keeps its size"
    assert region(1, 1 << 30, 0) == "EINVAL", "there is none to delete"
    assert region(1, 1 << 30, flags=RegionFlags(2)) == "EINVAL"


def test_dirty_log() -> None:
    """A bit a page, since the last call; ENOENT without a log."""
    vm = vm_of(host(), size=16 << 20)
    ram = vm.memory.slots[0].ram
    put(vm, load(9, 0x3_0000) + "std %r9, 0(%r9)\nstd %r9, 0x2000(%r9)\n")
    vcpu = vcpu_of(vm)
    assert refused(lambda: vm.get_dirty_log(0)) == "ENOENT"
    assert refused(lambda: vm.get_dirty_log(5)) == "ENOENT"
    assert refused(lambda: vm.get_dirty_log(32)) == "EINVAL"
    vm.set_user_memory_region(MemorySlot(0, 0, ram.size, ram), RegionFlags.LOG_DIRTY_PAGES)
    vcpu.run(20)
    log = vm.get_dirty_log(0)
    assert (len(log), int.from_bytes(log, "little")) == (ram.size >> 15, 1 << 0x30 | 1 << 0x32)
    assert not any(vm.get_dirty_log(0))


def test_page_table_orders() -> None:
    """The first call chooses the order, each later one empties the table; EBUSY never while nobody runs."""
    vm = vm_of(host())
    assert vm.allocate_htab(19) == 19
    put(vm, hcall("H_ENTER", 0, 0x910, 0x123001, 0x20192) + "mr %r20, %r3\n")
    vcpu = vcpu_of(vm)
    vcpu.run(40)
    assert vm.page_table.entry(0x910).first & 1
    assert vm.allocate_htab(22) == 19
    assert vm.page_table.entry(0x910).first == 0
    start(vcpu)
    vcpu.run(40)
    assert gpr(vcpu, 20) == 0, "real mode works again"
    assert vm_of(host()).allocate_htab(3) == 18


def test_real_mode_areas_come_from_a_pool() -> None:
    """A 970 without one gets EPERM when it runs, an empty pool ENOMEM; a closed VM gives its area back."""
    kvm = host("ppc970")
    vm = kvm.create_vm(SMALL_TABLE)
    vm.set_user_memory_region(MemorySlot(0, 0, RAM, GuestRam(RAM)))
    assert refused(vcpu_of(vm).run) == "EPERM"
    other = vm_of(kvm)
    assert refused(other.allocate_rma) == "ENOMEM"
    put(other, "li %r20, 5\n")
    vcpu = vcpu_of(other)
    vcpu.run(5)
    assert gpr(vcpu, 20) == 5
    other.close()
    assert vm.allocate_rma().size == RAM


def test_a_real_mode_area_on_power7() -> None:
    """RMOR and LPCR.RMLS put real mode into the area; beyond its limit is the partition's own storage interrupt."""
    kvm = Book3sKvm(description("power7"), engine="reference", rma_size=64 << 20, rma_count=1)
    vm = kvm.create_vm(SMALL_TABLE)
    ram = vm.allocate_rma()
    vm.set_user_memory_region(MemorySlot(0, 0, ram.size, ram))
    put(vm, "mfdsisr %r21\n", at=0x300)
    put(vm, load(9, 0x12345678) + "std %r9, 0x800(0)\n" + load(9, 64 << 20) + "ld %r10, 0(%r9)\n")
    vcpu = vcpu_of(vm)
    vcpu.run(20)
    core = vcpu.core
    assert ram.read_int(0x800, 8, "big") == 0x12345678
    assert (core.field("LPCR", "VPM0"), core.field("LPCR", "RMLS"), core.read("RMOR")) == (0, 3, vm.host_address(0))
    assert gpr(vcpu, 21) == core.constant("PROTECTION")


# Running ------------------------------------------------------------------------------------------------------------


def test_a_kick_ends_the_run_with_eintr() -> None:
    """Before the run or during it, and once; it is counted as a signal."""
    vcpu = running("")
    vcpu.kick()
    assert vcpu.run(100) == Interrupted(kicked=True)
    assert vcpu.run(100) == Interrupted()
    assert vcpu.core.retired == 100
    assert vcpu.statistics.signal_exits == 1


def test_no_memory_at_zero_is_einval() -> None:
    """Real mode needs it; so does the first run."""
    vm = host().create_vm(SMALL_TABLE)
    assert refused(vcpu_of(vm).run) == "EINVAL"


def test_mmio_of_two_vcpus_does_not_mix() -> None:
    """Both wait for an answer of their own at the same time, and get it."""
    vm = vm_of(host(threads=1))
    put(vm, ENTER_DEVICE + DATA_ON + "lbz %r20, 0(%r11)\nlbz %r21, 1(%r11)\n")
    first, second = vcpu_of(vm, 0), vcpu_of(vm, 1)
    start(second, BASE)
    exits = [until(first, Mmio), until(second, Mmio)]
    assert exits == [Mmio(DEVICE, 1, False)] * 2
    second.complete_mmio(b"\x22")
    first.complete_mmio(b"\x11")
    assert [until(first, Mmio), until(second, Mmio)] == [Mmio(DEVICE + 1, 1, False)] * 2
    assert refused(lambda: first.complete_mmio(b"12")) == "EINVAL"
    first.complete_mmio(b"\x33")
    second.complete_mmio(b"\x44")
    first.run(5)
    second.run(5)
    assert [(gpr(vcpu, 20), gpr(vcpu, 21)) for vcpu in (first, second)] == [(0x11, 0x33), (0x22, 0x44)]
    assert refused(lambda: first.complete_mmio(b"")) == "EINVAL"
    assert (first.statistics.mmio_exits, second.statistics.mmio_exits) == (2, 2)


DEVICE = 0x80_0000_0000
# A device's page at 0x10000 of the first segment, which goes to SLB entry 0; data translation on, code in real mode.
ENTER_DEVICE = hcall("H_ENTER", 0, (0x123 ^ 0x10) * 8, 0x123001, DEVICE | 0x1BA)
DATA_ON = (
    load(9, 0x123 << 12) + load(8, 0x8000000) + "slbmte %r9, %r8\n" + load(11, 0x10000) + load(9, 0x8000000000001010)
) + "mtmsrd %r9\nisync\n"


def test_a_fetch_from_a_device_is_the_guests_interrupt() -> None:
    """Not the VM's end: instruction storage, as from guarded storage."""
    vm = vm_of(host())
    put(vm, "mfsrr1 %r21\nmfsrr0 %r22\n", at=0x400)
    into = hcall("H_ENTER", 0, (0x123 ^ 0x10) * 8, 0x123001, DEVICE | 0x192)
    both = load(9, 0x8000000000001020) + "mtsrr1 %r9\nmtsrr0 %r11\nrfid\n"
    put(vm, into + DATA_ON + both)
    vcpu = vcpu_of(vm)
    vcpu.run(100)
    assert gpr(vcpu, 21) & 0x7FFF0000 == vcpu.core.constant("NO_EXECUTE")
    assert gpr(vcpu, 22) == 0x10000


@pytest.mark.parametrize("value", [1 << 64, -1, -4])
def test_numbers_beyond_64_bits_are_refused(value: int) -> None:
    """As a pc, or a bus: KvmError is all that a caller sees, and nothing has changed."""
    vcpu = running("")
    regs = vcpu.get_regs()
    before, regs.pc, regs.gpr[3] = regs.pc, value, 7
    assert refused(lambda: vcpu.set_regs(regs)) == "EINVAL"
    assert (vcpu.get_regs().pc, vcpu.get_one_reg("GPR[3]")) == (before, 0)
    assert refused(lambda: vm_with(vcpu).create_spapr_tce(value, 0x1000)) == "EINVAL"
    assert vm_with(vcpu).tce_tables == []
