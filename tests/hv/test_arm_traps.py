"""What KVM/Arm does about each trap of a guest, and that each is counted and told of."""

from __future__ import annotations

from collections import Counter

import pytest

from trapline.server.hv.arm.memory.vmid import VmidAllocator
from trapline.server.hv.arm.vcpu import ArmVcpu
from trapline.server.hv.exits import Halt, Interrupted, Mmio
from trapline.server.machine import events
from trapline.server.machine.physical import MemorySlot
from trapline.server.machine.ram import GuestRam

from .arm_hosts import BASE, DEVICE, VECTORS, arm_host, arm_vcpu, arm_vm, put, reg, running

USE_VFP = "mrc p15, 0, r4, c1, c0, 2\norr r4, r4, #0xf00000\nmcr p15, 0, r4, c1, c0, 2\nmov r4, #0x40000000\n"
ENABLE = USE_VFP + "vmsr fpexc, r4\n"


# Entry and exit -----------------------------------------------------------------------------------------------------


def test_vfp_is_given_lazily_after_each_entry() -> None:
    """The first use after an entry traps, the second does not; behind a WFI, an HVC or an end of the run it traps
    again. The registers keep what they had."""
    code = ENABLE + "vmov d0, r4, r4\nvmov d1, r4, r4\nmcr p15, 0, r4, c7, c6, 2\nvmov r5, r6, d1\nmov r7, #1\n"
    vcpu = running(code + "vmov r5, r6, d1\nmov r7, #2\n")
    while reg(vcpu, 7) != 1:
        vcpu.run(1)
    by_ones = vcpu.statistics.traps["vfp"]
    vcpu.run(10)
    assert (reg(vcpu, 7), reg(vcpu, 5), vcpu.statistics.traps["cp15_32"]) == (2, 0x4000_0000, 1)
    assert vcpu.statistics.traps["vfp"] == by_ones + 1
    whole = running(code + "vmov r5, r6, d1\nmov r7, #2\n")
    whole.run(100)
    assert (reg(whole, 7), whole.statistics.traps["vfp"]) == (2, 2)


def test_the_host_is_vmid_0_while_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a trap nothing of the guest's configuration is in force; afterwards all of it is."""
    vcpu = running("mcr p15, 0, r4, c7, c6, 2\nhvc #3\n")
    seen: list[tuple[int, int, int]] = []
    emulate = vcpu.vm.kvm.exits.coprocessor.emulate

    def looked(of: ArmVcpu, iss: int) -> bool:
        seen.append((of.core.read("HCR"), of.core.read("VTTBR"), of.core.read("HSTR")))
        return emulate(of, iss)

    monkeypatch.setattr(vcpu.vm.kvm.exits.coprocessor, "emulate", looked)
    vcpu.run(3)
    assert seen == [(0, 0, 0)]
    assert [vcpu.core.read(name) for name in ("HCR", "HSTR", "VMPIDR")] == [0x78263B, 0x8000, 0x8000_0000]
    assert vcpu.core.field("VTTBR", "VMID") == vcpu.vm.vmid == 1


def test_an_exclusive_access_does_not_outlive_an_entry() -> None:
    """A trap between load- and store-exclusive has the store fail, as clrex in the world switch does."""
    code = "ldr r4, =0x40100000\nldrex r5, [r4]\n{}\nstrex r6, r5, [r4]\n"
    for between, failed in (("mcr p15, 0, r4, c7, c6, 2", 1), ("nop", 0)):
        vcpu = running("ldr r4, =0x40100000\nldr r5, [r4]\n" + code.format(between))
        vcpu.run(20)
        assert reg(vcpu, 6) == failed


def test_vmids_are_given_out_in_generations() -> None:
    """From 1 on in the order of first runs; when they are used up, all translations go, and each VM gets a new one at
    its next entry."""
    kvm = arm_host()
    vms = [arm_vm(kvm) for _ in range(3)]
    vcpus = [arm_vcpu(vm) for vm in vms]
    for vm in vms:
        put(vm, "mov r4, #1\n")
    for vcpu in (vcpus[1], vcpus[0]):
        vcpu.run(3)
    assert [vm.vmid for vm in vms] == [2, 1, 0]
    kvm.vmids.following = 0  # 255 of them are taken
    vcpus[2].run(3)
    assert (kvm.vmids.generation, vms[2].vmid) == (2, 1)
    vcpus[1].run(3)
    assert (vms[1].vmid, vms[0].vmid) == (2, 2)
    assert vcpus[1].core.field("VTTBR", "VMID") == 2
    vcpus[0].run(3)
    assert vms[0].vmid == 3
    assert all(reg(vcpu, 4) == 1 for vcpu in vcpus)


def test_a_generation_has_255_vmids() -> None:
    """0 is the host's; the flush comes with the first number of the next generation."""
    flushed: list[int] = []
    vmids = VmidAllocator(8, lambda: flushed.append(1))
    taken = [vmids.take() for _ in range(256)]
    assert taken[:255] == [(n, 1) for n in range(1, 256)]
    assert (taken[255], len(flushed)) == ((1, 2), 1)


# What the guest traps for ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "name", "exception"),
    [
        ("hvc #1", "hvc", 1),
        ("smc #0", "smc", 1),
        ("mrc p15, 0, r4, c7, c6, 2", "", 1),
        ("mrc p15, 0, r4, c15, c0, 0", "cp15_32", 1),
        ("mrc p15, 0, r4, c9, c2, 0", "cp15_32", 1),
        ("mcr p14, 1, r4, c0, c0, 0", "cp14_mr", 1),
        ("mrrc p15, 0, r4, r5, c14", "", 0),
        ("mrc p15, 0, r4, c14, c2, 1", "cp15_32", 1),
        ("mrrc p15, 2, r4, r5, c14", "cp15_64", 1),
    ],
)
def test_what_kvm_does_not_know_is_undefined(code: str, name: str, exception: int) -> None:
    """The guest takes its undefined instruction exception, LR behind the instruction; the trap is counted."""
    vcpu = running(VECTORS + f"mov r0, #0\nldr r9, =4f\n{code}\n4: nop\n")
    vcpu.run(60)
    assert reg(vcpu, 11) == exception
    if exception:
        assert reg(vcpu, 12) == reg(vcpu, 9)
    wanted = Counter({name: 1} if name else {})
    assert Counter({one: n for one, n in vcpu.statistics.traps.items() if "abort" not in one}) == wanted


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("mrc p15, 0, r4, c1, c0, 1", 0),
        ("mcr p15, 0, r4, c1, c0, 1\nmrc p15, 0, r4, c1, c0, 1", 0),
        ("mrc p15, 1, r4, c9, c0, 2", 0x80_0000),
        ("mcr p15, 1, r4, c9, c0, 2\nmrc p15, 1, r4, c9, c0, 2", 0x80_0000),
        ("mrc p15, 1, r4, c9, c0, 3", 0),
        ("mcr p15, 0, r4, c9, c12, 0\nmrc p15, 0, r4, c9, c12, 0", 0),
        ("mrc p15, 0, r4, c9, c13, 0", 0),
        ("mcr p15, 0, r4, c7, c14, 2\nmcr p15, 0, r4, c7, c10, 2", 0x55),
        ("moveq r4, #1\nmrceq p15, 0, r4, c9, c13, 0", 0x55),
    ],
)
def test_registers_that_kvm_plays(code: str, value: int) -> None:
    """ACTLR, L2CTLR: as they are; L2ECTLR and the performance monitors: zero; maintenance by set and way: done."""
    vcpu = running(VECTORS + f"mov r4, #0x55\nmovs r5, #1\n{code}\n")
    vcpu.run(60)
    assert (reg(vcpu, 4), reg(vcpu, 11)) == (value, 0)


def test_a_guest_counts_its_processors() -> None:
    """ACTLR.SMP is set where there are several, and L2CTLR has their number less one, from each one's init on."""
    vm = arm_vm(arm_host())
    put(vm, "mrc p15, 0, r4, c1, c0, 1\nmrc p15, 1, r5, c9, c0, 2\n")
    vcpus = [vm.create_vcpu(n) for n in range(3)]
    for vcpu in vcpus:
        vcpu.init()
        vcpu.set_one_reg("usr_regs.ARM_pc", BASE)
        vcpu.run(5)
    assert [(reg(vcpu, 4), reg(vcpu, 5) >> 24) for vcpu in vcpus] == [(0x40, 2)] * 3


# Aborts -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "exception", "status"),
    [
        ("bx r8", 2, 0x2),
        ("mcr p15, 0, r8, c7, c6, 1", 3, 0x2),
    ],
)
def test_aborts_that_kvm_injects(code: str, exception: int, status: int) -> None:
    """A fetch from a device, maintenance of its lines: an abort with a debug event's status."""
    vcpu = running(VECTORS + DEVICE + code + "\n")
    vcpu.run(60)
    assert reg(vcpu, 11) == exception
    register, address = ("IFSR", "IFAR") if exception == 2 else ("DFSR", "DFAR")
    assert vcpu.get_one_reg(register) & 0x40F == status
    assert vcpu.get_one_reg(address) == 0x0A00_0000
    assert sum(vcpu.statistics.injected.values()) == 1


@pytest.mark.parametrize(
    ("code", "left", "r4"),
    [
        ("ldrsb r4, [r8, #3]", Mmio(0x0A00_0003, 1, False), 0xFFFF_FF81),
        ("ldrh r4, [r8, #2]", Mmio(0x0A00_0002, 2, False), 0x8281),
        ("ldr r4, [r8, #-4]", Mmio(0x09FF_FFFC, 4, False), 0x8483_8281),
        ("setend be\nldr r4, [r8]", Mmio(0x0A00_0000, 4, False), 0x8182_8384),
        ("strb r8, [r8, #1]", Mmio(0x0A00_0001, 1, True, b"\x00"), 0),
        ("mov r5, #0x11000\nstr r5, [r8]", Mmio(0x0A00_0000, 4, True, bytes.fromhex("00100100")), 0),
        ("setend be\nmov r5, #0x11000\nstr r5, [r8]", Mmio(0x0A00_0000, 4, True, bytes.fromhex("00011000")), 0),
    ],
)
def test_device_accesses_are_decoded_from_the_syndrome(code: str, left: Mmio, r4: int) -> None:
    """Address, size, bytes of a store; sign and byte order of a load. The guest goes on behind the access."""
    vcpu = running(DEVICE + code + "\nmov r7, #1\n")
    assert vcpu.run(20) == left
    if not left.is_write:
        vcpu.complete_mmio(bytes(range(0x81, 0x81 + left.size)))
    vcpu.run(1)
    assert (reg(vcpu, 4), reg(vcpu, 7), vcpu.statistics.mmio_exits) == (r4, 1, 1)


def test_a_permission_fault_asks_stage_1_for_its_page() -> None:
    """HPFAR is unknown then. With stage 1 on, the page is another one than the virtual address says."""
    vm = arm_vm(arm_host())
    rom = GuestRam(0x20_0000)
    vm.set_user_memory_region(MemorySlot(1, 0x0B00_0000, rom.size, rom, read_only=True))
    # Sections: 0x400 to itself, 0x800 to the read-only memory at 0x0b0.
    table = GuestRam(0x4000)
    table.write_int(0x400 * 4, 4, 0x4000_0C02, "little")
    table.write_int(0x800 * 4, 4, 0x0B00_0C02, "little")
    vm.set_user_memory_region(MemorySlot(2, 0x6000_0000, table.size, table))
    put(
        vm,
        "mov r4, #0x60000000\nmcr p15, 0, r4, c2, c0, 0\nmov r4, #1\nmcr p15, 0, r4, c3, c0, 0\n"
        "mrc p15, 0, r4, c1, c0, 0\norr r4, r4, #1\nmcr p15, 0, r4, c1, c0, 0\nisb\n"
        "mov r5, #0x80000000\nldr r6, [r5, #0x120]\nstr r4, [r5, #0x124]\n",
    )
    vcpu = arm_vcpu(vm)
    vcpu.core.write("HPFAR", 0x1234_5670)
    left = vcpu.run(60)
    assert isinstance(left, Mmio)
    assert (left.address, left.is_write) == (0x0B00_0124, True)


def test_tables_in_a_device_are_an_abort() -> None:
    """A stage 1 walk that reaches no memory: the guest is told with a prefetch abort, and finds its page there."""
    code = "mov r4, #0x0a000000\nmcr p15, 0, r4, c2, c0, 0\nmrc p15, 0, r4, c1, c0, 0\norr r4, r4, #1\n"
    vcpu = running(code + "mcr p15, 0, r4, c1, c0, 0\nisb\n")
    vcpu.run(7)
    assert vcpu.statistics.injected["prefetch_abort"] >= 1


# What is told ---------------------------------------------------------------------------------------------------------


def test_every_trap_is_told_of() -> None:
    """HypTrap has the syndrome, pc and the fault's addresses; Exit says the same in words; WorldSwitch both ways."""
    vm = arm_vm(arm_host())
    put(vm, "mcr p15, 0, r4, c7, c6, 2\nwfi\n" + DEVICE + "ldr r4, [r8, #8]\n")
    vcpu = arm_vcpu(vm)
    traps: list[events.HypTrap] = []
    exits: list[events.Exit] = []
    switches: list[events.WorldSwitch] = []
    stream = vm.kvm.events
    stream.subscribe(events.HypTrap, traps.append)
    stream.subscribe(events.Exit, exits.append)
    stream.subscribe(events.WorldSwitch, switches.append)
    assert vcpu.run(20) == Halt()
    vcpu.kick()
    assert vcpu.run(20) == Interrupted(kicked=True)
    vcpu.run(20)
    assert [one.name for one in traps] == ["prefetch_abort", "cp15_32", "wfi", "data_abort"]
    assert [one.reason for one in exits] == [one.name for one in traps]
    assert (traps[-1].address, traps[-1].hpfar, traps[-1].pc) == (0x0A00_0008, 0x000A_0000, BASE + 16)
    assert traps[2].hsr == 0x07E0_0000
    assert [one.source for one in switches] == ["host", "VMID 1"] * 6
    assert vcpu.statistics.sum_exits == 4


@pytest.mark.parametrize("access", ["vmrs r4, fpsid", "vmrs r4, fpexc", "vmsr fpexc, r4", ".word 0xeef94a10"])
def test_what_is_undefined_is_no_trap(access: str) -> None:
    """In User mode only FPSCR is there, and FPINST on no Cortex-A15: who asks for these is not given VFP."""
    code = "mov r0, #0xF00000\nmcr p15, 0, r0, c1, c0, 2\nisb sy\n" + VECTORS
    mode = "" if access.startswith(".word") else "cps #0x10\n"
    vcpu = running(code + mode + access + "\nmov r9, #1\n")
    vcpu.run(30)
    assert vcpu.statistics.traps["vfp"] == 0
    assert (reg(vcpu, 9), reg(vcpu, 11)) == (0, 1)
