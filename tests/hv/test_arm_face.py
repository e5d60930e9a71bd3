"""KVM's face of KVM/Arm, without any board: what each call gives, and the errno of each refusal."""

from __future__ import annotations

from functools import partial

import pytest

from trapline.server.hv.arm.kvm import ArmKvm
from trapline.server.hv.arm.vm import ArmOptions, IrqType
from trapline.server.hv.exits import Halt, InternalError, Interrupted, Mmio, MpState, SystemEvent, SystemEventKind
from trapline.server.hv.kvm import Capability, open_kvm
from trapline.server.hv.regions import RegionFlags
from trapline.server.machine import events
from trapline.server.machine.physical import MemorySlot
from trapline.server.machine.ram import GuestRam

from ..server.guests import number
from .arm_hosts import BASE, DEVICE, RAM_BASE, VECTORS, arm_host, arm_vcpu, arm_vm, put, reg, running
from .hosts import refused

FIRST_PAGE = RAM_BASE + 0x10_0000
OFF = f"movw r0, #{number('PSCI_SYSTEM_OFF', 'armv7ve') & 0xFFFF}\nmovt r0, #0x8400\nhvc #0\n"


# VMs and vcpus ------------------------------------------------------------------------------------------------------


def test_a_guest_runs_without_a_board() -> None:
    """create_vm, a region, create_vcpu, init, run: PSCI's SYSTEM_OFF leaves as a system event."""
    vcpu = running("mov r4, #7\n" + OFF)
    assert vcpu.run() == SystemEvent(SystemEventKind.SHUTDOWN)
    assert reg(vcpu, 4) == 7


def test_the_same_call_opens_both_hosts() -> None:
    """`open_kvm` by the core; a host without Hyp mode is ENODEV for none, threads of an Arm core EINVAL."""
    kvm = open_kvm("armv7ve", engine="reference")
    assert isinstance(kvm, ArmKvm)
    asked = (Capability.ARM_PSCI, Capability.ONE_REG, Capability.READONLY_MEM, Capability.NR_MEMSLOTS)
    assert [kvm.check_extension(one) for one in asked] == [1, 1, 1, 32]
    assert [kvm.check_extension(one) for one in (Capability.MAX_VCPUS, Capability.PPC_SMT)] == [4, 0]
    assert refused(lambda: open_kvm("armv7ve_novfp", threads=2)) == "EINVAL"


def test_refused_vcpus() -> None:
    """Four vcpus; a number twice is EEXIST; before `init` registers and runs are ENOEXEC."""
    vm = arm_vm(arm_host())
    vcpu = vm.create_vcpu(3)
    assert [refused(partial(vm.create_vcpu, n)) for n in (3, 4, -1)] == ["EEXIST", "EINVAL", "EINVAL"]
    assert [refused(call) for call in (vcpu.run, vcpu.get_reg_list, lambda: vcpu.get_one_reg("R[0]"))] == [
        "ENOEXEC"
    ] * 3
    vcpu.init(power_off=True)
    assert (vcpu.mp_state, vcpu.run(10)) == (MpState.STOPPED, Halt())
    assert vcpu.core.steps == 0


def test_a_kick_ends_the_run() -> None:
    """As EINTR; the next run goes on. A kick ends a wait, too, and the guest goes on behind its WFI."""
    vcpu = running("mov r4, #1\nwfi\nmov r4, #2\n")
    vcpu.kick()
    assert vcpu.run(10) == Interrupted(kicked=True)
    assert vcpu.run(10) == Halt() == vcpu.run(10)
    vcpu.kick()
    assert vcpu.run(10) == Interrupted(kicked=True)
    vcpu.run(10)
    assert (reg(vcpu, 4), vcpu.statistics.signal_exits, vcpu.statistics.traps["wfi"]) == (2, 2, 1)


def test_init_again_is_a_reset() -> None:
    """All registers of the guest have their reset values; guest time goes on."""
    vcpu = running("mcr p15, 0, sp, c12, c0, 0\nmov sp, #0x1000\nmcr p15, 0, sp, c12, c0, 0\nmov r4, #1\n")
    vcpu.run(5)
    time, shift = vcpu.core.get("CNTVCT"), vcpu.core.read("COUNTER_SHIFT")
    vcpu.init()
    assert vcpu.core.read("COUNTER_SHIFT") == shift
    assert [vcpu.get_one_reg(name) for name in ("VBAR", "SP_svc", "R[4]", "CPSR", "SCTLR")] == [
        *(0, 0, 0),
        *(0x1D3, 0xC50078),
    ]
    assert time > 0
    assert vcpu.core.get("CNTVCT") == time


# Memory -------------------------------------------------------------------------------------------------------------


def test_memory_of_two_guests_is_apart() -> None:
    """Both have their memory at the same addresses; each sees its own, and the host has them elsewhere."""
    kvm = arm_host()
    first, second = arm_vm(kvm), arm_vm(kvm)
    for vm, value in ((first, 1), (second, 2)):
        put(vm, f"mov r4, #{value}\nldr r5, =0x40100000\nstr r4, [r5]\nldr r6, [r5]\n")
        vcpu = arm_vcpu(vm)
        vcpu.run(10)
        assert reg(vcpu, 6) == value
    assert [vm.memory.read_int(FIRST_PAGE, 4, "little") for vm in (first, second)] == [1, 2]
    assert first.host_address(RAM_BASE) != second.host_address(RAM_BASE) != RAM_BASE
    assert refused(lambda: first.host_address(0)) == "EINVAL"
    slots = len(kvm.memory.physical.slots)
    first.close()
    assert len(kvm.memory.physical.slots) == slots - 2


def test_refused_regions() -> None:
    """EINVAL for what cannot be, EEXIST for an overlap; addresses have 40 bits."""
    vm = arm_vm(arm_host())
    ram = GuestRam(0x1_0000)

    def region(number: int, base: int, size: int = 0x1_0000, flags: int = 0) -> str:
        return refused(lambda: vm.set_user_memory_region(MemorySlot(number, base, size, ram), RegionFlags(flags)))

    assert region(1, RAM_BASE) == "EEXIST"
    assert [region(32, 0), region(1, 0x800), region(1, 1 << 40), region(1, 0, 0x2_0000), region(1, 0, 0)] == [
        "EINVAL"
    ] * 5
    assert region(1, 0, flags=4) == "EINVAL"
    vm.set_user_memory_region(MemorySlot(1, (1 << 40) - 0x1_0000, 0x1_0000, ram))


def test_read_only_memory_loads_and_leaves_stores() -> None:
    """A load from a read-only slot is memory; a store leaves as an access to a device, also once it is mapped."""
    vm = arm_vm(arm_host())
    ram = GuestRam(0x20_0000)
    ram.write_int(8, 4, 0x1234, "little")
    vm.set_user_memory_region(MemorySlot(1, 0x0A00_0000, ram.size, ram), RegionFlags.READONLY)
    put(vm, DEVICE + "str r8, [r8, #4]\nldr r4, [r8, #8]\nstrh r8, [r8, #8]\nldr r5, [r8, #8]\n")
    vcpu = arm_vcpu(vm)
    assert vcpu.run(20) == Mmio(0x0A00_0004, 4, True, bytes.fromhex("0000000a"))
    assert vcpu.run(20) == Mmio(0x0A00_0008, 2, True, bytes(2))
    vcpu.run(5)
    assert (reg(vcpu, 4), reg(vcpu, 5)) == (0x1234, 0x1234)


def test_the_dirty_log_names_pages_that_were_written() -> None:
    """A bit a page since the last call; a slot without log is ENOENT."""
    vm = arm_vm(arm_host())
    ram = GuestRam(0x20_0000)
    vm.set_user_memory_region(MemorySlot(1, 0x6000_0000, ram.size, ram), RegionFlags.LOG_DIRTY_PAGES)
    put(vm, "ldr r4, =0x60003008\nstr r4, [r4]\nldr r5, [r4, #0x800]\n")
    arm_vcpu(vm).run(10)
    assert vm.get_dirty_log(1)[:2] == b"\x08\x00"
    assert vm.get_dirty_log(1)[:2] == b"\x00\x00"
    assert refused(lambda: vm.get_dirty_log(0)) == "ENOENT"
    assert refused(lambda: vm.get_dirty_log(40)) == "EINVAL"


def test_stage_2_is_filled_taken_away_and_filled_again() -> None:
    """A fault maps a block; `page_out` takes it away; the next access faults once more. No data is lost."""
    code = "ldr r4, =0x40800000\n2: ldr r5, [r4]\nadd r5, r5, #1\nstr r5, [r4]\nhvc #1\nb 2b\n"
    vm = arm_vm(arm_host())
    put(vm, VECTORS + code)
    vcpu = arm_vcpu(vm)
    vcpu.run(20)
    aborts = vcpu.statistics.traps["data_abort"]
    assert (aborts, vcpu.statistics.mapped) == (1, 2)
    assert vm.page_out(0x4080_0000, 0x1000) == 1
    assert vm.page_out(0x4080_0000, 0x1000) == 0
    vcpu.set_one_reg("usr_regs.ARM_pc", BASE)
    vcpu.run(20)
    assert vcpu.statistics.traps["data_abort"] == aborts + 1
    assert vm.memory.read_int(0x4080_0000, 4, "little") == 2
    assert refused(lambda: vm.page_out(0, 0x1000)) == "EINVAL"


def test_the_access_flag_tells_what_was_used() -> None:
    """Cleared, the next access faults with an access flag fault, which sets it: the range is young again."""
    vm = arm_vm(arm_host())
    put(vm, "ldr r4, =0x40800000\nstr r4, [r4]\nstr r4, [r4]\nldr r5, [r4]\n")
    vcpu = arm_vcpu(vm)
    seen: list[events.HypTrap] = []
    vm.kvm.events.subscribe(events.HypTrap, seen.append)
    vcpu.run(4)  # two of them faulted
    assert vm.test_and_clear_young(0x4080_0000, 0x1000)
    assert not vm.test_and_clear_young(0x4080_0000, 0x1000)
    vcpu.run(10)
    assert reg(vcpu, 5) == 0x4080_0000
    assert [one.hsr & 0x3F for one in seen if one.name == "data_abort"] == [0x06, 0x0A]
    assert vm.test_and_clear_young(0x4080_0000, 0x1000)


def test_a_region_that_moves_takes_its_contents_along() -> None:
    """And leaves nothing behind: where it was, an access leaves."""
    vm = arm_vm(arm_host())
    ram = GuestRam(0x20_0000)
    ram.write_int(0, 4, 77, "little")
    vm.set_user_memory_region(MemorySlot(1, 0x6000_0000, ram.size, ram))
    put(vm, "mov r4, #0x60000000\nmov r5, #0x70000000\nldr r6, [r4]\n2: ldr r7, [r5]\nldr r6, [r4]\n")
    vcpu = arm_vcpu(vm)
    vcpu.run(5)  # two of them faulted
    vm.set_user_memory_region(MemorySlot(1, 0x7000_0000, ram.size, ram))
    assert vcpu.run(10) == Mmio(0x6000_0000, 4, False)
    assert (reg(vcpu, 6), reg(vcpu, 7)) == (77, 77)


# Interrupt lines, waiting ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("line", "exception"), [(0, 4), (1, 5)])
def test_interrupt_lines_reach_the_guest(line: int, exception: int) -> None:
    """KVM_IRQ_LINE of a vcpu: IRQ or FIQ is taken once unmasked, and ends a WFI in any case."""
    vm = arm_vm(arm_host())
    put(vm, VECTORS + "mov r4, #1\nwfi\nmov r4, #2\ncpsie if\nmov r4, #3\n")
    vcpu = arm_vcpu(vm)
    assert vcpu.run(40) == Halt()
    vm.irq_line(line, True)
    vcpu.run(4)
    assert (reg(vcpu, 4), vcpu.core.get("ISR")) == (2, 0x80 if line == 0 else 0x40)
    vcpu.run(10)
    assert vcpu.core.read("R", 11) == exception
    vm.irq_line(line, False)
    assert vcpu.core.get("ISR") == 0


def test_refused_interrupt_lines() -> None:
    """EINVAL for a vcpu or a line that there is not, ENXIO for an interrupt controller that is user space's."""
    vm = arm_vm(arm_host())
    arm_vcpu(vm)
    assert refused(lambda: vm.irq_line(0, True, vcpu=1)) == "EINVAL"
    assert refused(lambda: vm.irq_line(2, True)) == "EINVAL"
    assert refused(lambda: vm.irq_line(32, True, IrqType.SPI)) == "ENXIO"


def test_wfe_waits_in_the_processor_or_yields() -> None:
    """HCR.TWE is clear as in Linux 3.9: the vcpu halts until an event; with `trap_wfe` the turn ends."""
    vcpu = running("wfe\nmov r4, #1\n")
    assert vcpu.run(10) == Halt()
    assert vcpu.statistics.traps["wfi"] == 0
    vcpu = running("wfe\nmov r4, #1\n", options=ArmOptions(trap_wfe=True))
    assert vcpu.run(10) == Interrupted(yielded=True)
    vcpu.run(2)
    assert (reg(vcpu, 4), vcpu.statistics.traps["wfi"]) == (1, 1)


def test_psci_starts_a_vcpu_from_reset() -> None:
    """CPU_ON of a vcpu that has run before: every register but r0 and pc is as after reset, also its timer."""
    on = number("PSCI_CPU_ON", "armv7ve")
    vm = arm_vm(arm_host())
    put(vm, f"movw r0, #{on & 0xFFFF}\nmovt r0, #0x8400\nmov r1, #1\nldr r2, =0x40020001\nmov r3, #9\nhvc #0\n")
    first = arm_vcpu(vm)
    second = vm.create_vcpu(1)
    second.init(power_off=True)
    for name, value in (("SP_svc", 5), ("VBAR", 0x20), ("CNTV_CTL", 1), ("TTBCR", 1), ("D[3]", 4)):
        second.set_one_reg(name, value)
    first.run(20)
    assert (reg(first, 0), second.mp_state) == (0, MpState.RUNNABLE)
    assert [second.get_one_reg(name) for name in ("SP_svc", "VBAR", "CNTV_CTL", "TTBCR", "D[3]")] == [0] * 5
    assert (second.get_one_reg("usr_regs.ARM_pc"), second.get_one_reg("R[0]")) == (0x4002_0000, 9)
    assert second.get_one_reg("CPSR") & 0x3F == 0x33  # Supervisor mode, Thumb
    assert second.get_one_reg("VMPIDR") & 0xFF == 1


def test_failures_are_errors_of_run_or_exits() -> None:
    """A device access without a valid syndrome fails KVM_RUN with ENOSYS, pc at the instruction; a board may have an
    exit instead."""
    code = DEVICE + "ldr r4, [r8], #4\n"
    vcpu = running(code)
    assert refused(lambda: vcpu.run(10)) == "ENOSYS"
    assert (vcpu.core.pc, reg(vcpu, 8)) == (BASE + 8, 0x0A00_0000)
    left = running(code, options=ArmOptions(failures_are_exits=True)).run(10)
    assert isinstance(left, InternalError)
    assert "writeback" in left.reason
