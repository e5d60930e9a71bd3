"""The interrupt controller and the virtual timer of KVM/Arm in the kernel."""

from __future__ import annotations

from functools import partial

from trapline.server.hv.arm.interrupts.vgic import DeviceAddress
from trapline.server.hv.arm.vcpu import ArmVcpu
from trapline.server.hv.arm.vm import ArmVm, IrqType
from trapline.server.hv.exits import Halt
from trapline.server.hv.kvm import Capability

from .arm_hosts import arm_host, arm_vcpu, arm_vm, put, reg
from .hosts import refused

GICD, GICC = 0x0800_0000, 0x0801_0000
ON = """
    ldr r0, =7f
    mcr p15, 0, r0, c12, c0, 0
    ldr sp, =0x40200000
    ldr r7, =0x40100000
    movw r1, #0
    movt r1, #0x0800
    mov r0, #1
    str r0, [r1]            @ GICD_CTLR
    mvn r0, #0
    str r0, [r1, #0x100]    @ all are enabled
    str r0, [r1, #0x104]
    add r2, r1, #0x10000
    mov r0, #0xf0
    str r0, [r2, #4]        @ GICC_PMR
    mov r0, #1
    str r0, [r2]
    mov r11, #0
    b 6f
    .align 5
7:  b .
    b .
    b .
    b .
    b .
    b .
    b 8f
    b .
8:  ldr r8, [r2, #12]       @ GICC_IAR
    str r8, [r7], #4        @ in the order in which they come
    add r11, r11, #1
    mrc p15, 0, r9, c14, c3, 1
    {handler}
    str r8, [r2, #16]       @ GICC_EOIR
    subs pc, lr, #4
    .ltorg
6:
"""
WAIT = "cpsie i\n2: wfi\nb 2b\n"


def vgic_vm() -> ArmVm:
    """A guest with an interrupt controller of the kernel's, where `virt` has it."""
    vm = arm_vm(arm_host())
    vm.create_irqchip()
    vm.set_device_addr(DeviceAddress.DISTRIBUTOR, GICD)
    vm.set_device_addr(DeviceAddress.CPU_INTERFACE, GICC)
    return vm


def running(code: str, handler: str = "nop", vcpus: int = 1) -> ArmVcpu:
    """A guest that has switched its interfaces on, and goes on with some code."""
    vm = vgic_vm()
    put(vm, ON.format(handler=handler) + code)
    for number in range(1, vcpus):
        vm.create_vcpu(number)
    return arm_vcpu(vm)


def drive(vcpu: ArmVcpu, number: int, level: bool) -> None:
    """A shared interrupt of its VM."""
    assert isinstance(vcpu.vm, ArmVm)
    vcpu.vm.irq_line(number, level, IrqType.SPI)


def taken(vcpu: ArmVcpu) -> list[int]:
    """What the handler has acknowledged."""
    count = vcpu.get_one_reg("R[11]")
    return [vcpu.vm.memory.read_int(0x4010_0000 + 4 * n, 4, "little") for n in range(count)]


def test_refusals() -> None:
    """Too late, twice, misplaced; a vcpu does not run before the addresses are there; lines of the other kind."""
    vm = arm_vm(arm_host())
    assert vm.check_extension(Capability.IRQCHIP) == 1
    place = vm.set_device_addr
    assert refused(partial(place, DeviceAddress.DISTRIBUTOR, GICD)) == "ENXIO"
    vm.create_irqchip()
    assert refused(vm.create_irqchip) == "EEXIST"
    vcpu = arm_vcpu(vm)
    assert refused(vcpu.run) == "ENXIO"
    place(DeviceAddress.DISTRIBUTOR, GICD)
    refusals = [(GICD, "EEXIST"), (1 << 40, "E2BIG"), (GICC + 8, "EINVAL")]
    assert [refused(partial(place, DeviceAddress.DISTRIBUTOR, at)) for at, _ in refusals] == [n for _, n in refusals]
    assert refused(partial(place, DeviceAddress.CPU_INTERFACE, GICD)) == "EBUSY"
    place(DeviceAddress.CPU_INTERFACE, GICC)
    assert refused(lambda: vm.irq_line(0, True)) == "ENXIO"
    for number, kind in ((31, IrqType.SPI), (288, IrqType.SPI), (32, IrqType.PPI), (15, IrqType.PPI)):
        assert refused(partial(vm.irq_line, number, True, kind)) == "EINVAL"
    without = arm_vm(arm_host())
    arm_vcpu(without)
    assert refused(without.create_irqchip) == "EEXIST"


def test_a_line_is_taken_as_long_as_it_is_up() -> None:
    """Level-triggered: each end of the interrupt is told by maintenance, and it comes again until the line is down."""
    vcpu = running(WAIT)
    assert vcpu.run(200) == Halt()
    drive(vcpu, 40, True)
    while vcpu.get_one_reg("R[11]") < 3:
        vcpu.run(5)
    drive(vcpu, 40, False)
    vcpu.run(200)
    assert set(taken(vcpu)) == {40}
    assert 3 <= len(taken(vcpu)) <= 4
    assert vcpu.statistics.traps["irq"] >= 3
    assert vcpu.run(200) == Halt()


def test_the_guest_reaches_its_cpu_interface_without_a_trap() -> None:
    """One abort maps it; the distributor traps each time, and no access leaves for user space."""
    code = "ldr r4, [r1, #4]\n" + "ldr r5, [r2, #4]\n" * 10 + WAIT
    vcpu = running(code)
    assert vcpu.run(300) == Halt()
    assert (reg(vcpu, 5), reg(vcpu, 4) & 0x1F) == (0xF0, 8)
    figures = vcpu.statistics
    assert (figures.mmio_exits, figures.mmio_kernel) == (0, 4)
    # Memory of the program, the interface, and four accesses to the distributor.
    assert figures.traps["data_abort"] == 5


def test_the_virtual_timer_is_the_kernels() -> None:
    """It ends a WFI as interrupt 27; the guest finds its timer masked, as Linux leaves it, and may set it again."""
    timer = "movw r0, #500\nmcr p15, 0, r0, c14, c3, 0\nmov r0, #1\nmcr p15, 0, r0, c14, c3, 1\n"
    vcpu = running(timer + WAIT)
    assert vcpu.run(200) == Halt()
    due = vcpu.wake_time()
    assert due is not None
    vcpu.core.put("COUNTER_OFFSET", vcpu.core.read("COUNTER_OFFSET") + due - vcpu.core.retired)
    assert vcpu.run(200) == Halt()
    assert taken(vcpu) == [27]
    assert reg(vcpu, 9) & 3 == 3
    assert vcpu.run(200) == Halt()


def test_more_interrupts_than_list_registers() -> None:
    """Six at once, most urgent first: what does not fit waits in the distributor, and underflow asks for more."""
    code = "".join(f"mov r0, #{0x90 - 8 * n}\nstrb r0, [r1, #{0x400 + 40 + n}]\n" for n in range(6)) + WAIT
    vcpu = running("add r3, r1, #0xc00\nmvn r0, #0\nstr r0, [r3, #8]\n" + code)
    assert vcpu.run(400) == Halt()
    for number in range(40, 46):
        drive(vcpu, number, True)
        drive(vcpu, number, False)
    assert vcpu.run(600) == Halt()
    assert sorted(taken(vcpu)) == list(range(40, 46))
    # The first four stand in the list; of those the most urgent comes first, then what was too late for it.
    assert taken(vcpu)[0] == 43
    assert vcpu.statistics.traps["irq"] >= 1


def test_software_interrupts_say_who_sent_them() -> None:
    """SGI 5 of processor 0 to processor 1: the interrupt's number has the sender in its bits 12:10; both are edges."""
    vm = vgic_vm()
    send = "ldr r0, =0x02000005\nstr r0, [r1, #0xf00]\nldr r0, =0x00010003\nstr r0, [r1, #0xf00]\n"
    put(vm, ON.format(handler="nop") + send + WAIT)
    put(vm, ON.format(handler="nop").replace("0x40100000", "0x40110000") + WAIT, 0x4004_0000)
    first, second = arm_vcpu(vm), arm_vcpu(vm, 1, 0x4004_0000)
    second.set_one_reg("usr_regs.ARM_pc", 0x4004_0000)
    assert second.run(300) == Halt()
    while first.run(300) != Halt():
        pass
    assert taken(first) == [5, 3]
    sender = "ldr r0, =0x00010005\nstr r0, [r1, #0xf00]\n"
    put(vm, sender + "b .\n", 0x4006_0000)
    second.set_one_reg("usr_regs.ARM_pc", 0x4006_0000)
    second.kick()
    second.run()
    second.run(10)
    while first.run(300) != Halt():
        pass
    assert taken(first) == [5, 3, 1 << 10 | 5]


def test_the_distributor_counts_the_processors() -> None:
    """GICD_TYPER has their number less one, and SPIs go where the targets say."""
    vcpu = running("ldr r4, [r1, #4]\n" + WAIT, vcpus=3)
    vcpu.run(200)
    assert reg(vcpu, 4) >> 5 & 7 == 2
