"""A KVM/Arm guest saved to a file and restored, here or in another process, goes on as if nothing had been."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from trapline.server.hv.arm.interrupts.vgic import DeviceAddress
from trapline.server.hv.arm.kvm import ArmKvm
from trapline.server.hv.arm.vm import ArmVm, IrqType
from trapline.server.hv.exits import Halt, Mmio, MpState, SystemEvent, SystemEventKind
from trapline.server.hv.regions import RegionFlags

from .arm_hosts import BASE, DEVICE, arm_host, arm_vcpu, arm_vm, put, reg
from .hosts import refused
from .test_arm_face import OFF

# Vcpu 0 uses VFP, writes memory, and leaves with a load; vcpu 1 waits for an interrupt that comes in a list register;
# vcpu 2 is off.
LOADS = (
    "mov r0, #0xF00000\nmcr p15, 0, r0, c1, c0, 2\nisb sy\nmov r0, #0x40000000\nvmsr fpexc, r0\n"
    "mov r5, #7\nvmov s0, r5\nldr r6, =0x40100000\nstr r5, [r6]\nmcr p15, 0, r5, c13, c0, 1\n"
    + DEVICE
    + "ldrsh r4, [r8, #4]\nvmov r7, s0\nldr r9, [r6]\n"
    "1: add r10, r10, #1\ncmp r10, #50\nbne 1b\n" + OFF
)
WAITS = "mov r4, #1\nwfi\nldr r8, =0x08010000\nldr r5, [r8, #12]\nmov r4, #2\n1: wfi\nb 1b\n"
SECOND = BASE + 0x1000


def in_the_middle(kvm: ArmKvm) -> ArmVm:
    """A VM of three vcpus: one with a load that nobody has answered, one that waits, one that is off."""
    vm = arm_vm(kvm)
    slot = vm.memory.slots[0]
    vm.set_user_memory_region(slot, RegionFlags.LOG_DIRTY_PAGES)
    vm.create_irqchip()
    vm.set_device_addr(DeviceAddress.DISTRIBUTOR, 0x0800_0000)
    vm.set_device_addr(DeviceAddress.CPU_INTERFACE, 0x0801_0000)
    put(vm, LOADS)
    put(vm, WAITS, SECOND)
    first, second, third = arm_vcpu(vm), arm_vcpu(vm, 1, SECOND), vm.create_vcpu(2)
    third.init(power_off=True)
    assert vm.irqchip is not None
    for offset, value in ((0, 1), (0x104, 2), (0x820, 0x0200)):
        vm.irqchip.access(0x0800_0000 + offset, 4, value, 0)
    for vcpu in (first, second):
        for offset, value in ((0, 1), (4, 0xF0)):
            vm.irqchip.interface_access(0x0804_0000 + offset, 4, value, vcpu.number)
    assert isinstance(first.run(100), Mmio)
    assert second.run(100) == Halt()
    vm.irq_line(33, True, IrqType.SPI)
    return vm


def state(vm: ArmVm) -> list[object]:
    """What a guest, and user space, can tell of it."""
    vcpus = [vm.vcpus[n] for n in range(3)]
    registers = [[vcpu.get_one_reg(one) for one in vcpu.get_reg_list()] for vcpu in vcpus]
    told = [(vcpu.mp_state, vcpu.lines, vcpu.load, vcpu.statistics.named()) for vcpu in vcpus]
    return [registers, told, vm.get_dirty_log(0)]


def go_on(vm: ArmVm) -> list[object]:
    """The load is answered, both vcpus run, and everything is looked at."""
    first, second, _ = vm.vcpus
    first.complete_mmio(b"\xfe\xff")
    assert first.run(1000) == SystemEvent(SystemEventKind.SHUTDOWN)
    assert second.run(100) == Halt()
    assert [reg(first, n) for n in (4, 7, 9)] == [0xFFFF_FFFE, 7, 7]
    assert [reg(second, n) for n in (4, 5)] == [2, 33]
    assert vm.vcpus[2].mp_state is MpState.STOPPED
    # Stage 2 has filled again.
    for vcpu in vm.vcpus:
        vcpu.statistics.mapped = 0
        for name in ("data_abort", "prefetch_abort"):
            vcpu.statistics.traps[name] = 0
    return state(vm)


def test_a_restored_guest_goes_on(tmp_path: Path) -> None:
    """Registers, memory, dirty pages, list registers, an open load, time: all as in the VM that was not saved."""
    kvm = arm_host()
    vm = in_the_middle(kvm)
    kvm.save_vm(vm, tmp_path / "vm")
    other = arm_host().restore_vm(tmp_path / "vm")
    again = kvm.restore_vm(tmp_path / "vm")
    wanted = go_on(vm)
    assert go_on(other) == wanted
    assert go_on(again) == wanted


def test_another_process_takes_it_up(tmp_path: Path) -> None:
    """The file is all that it needs."""
    kvm = arm_host()
    vm = in_the_middle(kvm)
    kvm.save_vm(vm, tmp_path / "vm")
    wanted = go_on(vm)
    program = (
        "import sys; from pathlib import Path; from trapline.tests.hv.test_arm_saved import *;"
        "print(go_on(arm_host().restore_vm(Path(sys.argv[1]))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "vm")], capture_output=True, text=True, check=False
    )
    assert (done.stderr, done.stdout.strip()) == ("", str(wanted))


def test_refused_files(tmp_path: Path) -> None:
    """What is no saved VM of this kind is EINVAL, what is not there ENOENT, and no half VM stays behind."""
    kvm = arm_host()
    vm = arm_vm(kvm)
    path = tmp_path / "vm"
    kvm.save_vm(vm, path)
    whole = path.read_bytes()
    for data in (b"trapline book3s vm\n", whole[:-9], whole[:20] + b"\0" + whole[21:], b""):
        path.write_bytes(data)
        assert refused(lambda: kvm.restore_vm(path)) == "EINVAL"
    assert refused(lambda: kvm.restore_vm(tmp_path / "none")) == "ENOENT"
    path.write_bytes(whole)
    assert refused(lambda: arm_host("armv7ve_novfp").restore_vm(path)) in ("EINVAL", "ENODEV")
    assert kvm.vms == [vm]
    slots = len(kvm.memory.physical.slots)
    kvm.restore_vm(path).close()
    assert len(kvm.memory.physical.slots) == slots
