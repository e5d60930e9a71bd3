"""A KVM/Arm guest without a board: the face alone, memory, and code in it."""

from __future__ import annotations

from trapline.server.hv.arm.kvm import ArmKvm
from trapline.server.hv.arm.vcpu import ArmVcpu
from trapline.server.hv.arm.vm import ArmOptions, ArmVm
from trapline.server.machine.events import EventStream
from trapline.server.machine.physical import MemorySlot
from trapline.server.machine.ram import GuestRam

from ..server.guests import description, guest

RAM_BASE = 0x4000_0000
RAM = 32 << 20
BASE = 0x4001_0000
ENGINE = ["reference"]
"""What hosts run on."""
DEVICE = "movw r8, #0\nmovt r8, #0x0a00\n"
"""r8 points to where no memory is."""
VECTORS = """
    ldr r0, =7f
    mcr p15, 0, r0, c12, c0, 0
    b 6f
    .align 5
7:  b .
    b und
    b .
    b pabt
    b dabt
    b .
    b irq
    b fiq
und:  mov r11, #1
    mov r12, lr
    b .
pabt: mov r11, #2
    mov r12, lr
    b .
dabt: mov r11, #3
    mov r12, lr
    b .
irq:  mov r11, #4
    b .
fiq:  mov r11, #5
    b .
    .ltorg
6:
"""
"""Each exception leaves its number in r11 (1 undefined, 2 prefetch abort, 3 data abort, 4 IRQ, 5 FIQ), LR in r12."""


def arm_host(core: str = "armv7ve", events: EventStream | None = None) -> ArmKvm:
    """A host on `ENGINE`."""
    return ArmKvm(description(core), engine=ENGINE[0], events=events)


def arm_vm(kvm: ArmKvm, options: ArmOptions | None = None) -> ArmVm:
    """A guest with memory where the `virt` board has it."""
    vm = kvm.create_vm(options)
    ram = GuestRam(RAM)
    vm.set_user_memory_region(MemorySlot(0, RAM_BASE, ram.size, ram))
    return vm


def put(vm: ArmVm, code: str, at: int = BASE) -> None:
    """Assembles code into the guest's memory."""
    for segment in guest(f"_start:\n{code}\n1: b 1b\n.ltorg\n", vm.description.core, at).segments:
        vm.memory.write(segment.physical, segment.data)


def arm_vcpu(vm: ArmVm, number: int = 0, at: int = BASE) -> ArmVcpu:
    """A vcpu at `at`, as user space starts one."""
    vcpu = vm.create_vcpu(number)
    vcpu.init()
    vcpu.set_one_reg("usr_regs.ARM_pc", at)
    return vcpu


def running(code: str, core: str = "armv7ve", options: ArmOptions | None = None) -> ArmVcpu:
    """The vcpu of a guest of its own that is about to execute some code."""
    vm = arm_vm(arm_host(core), options)
    put(vm, code)
    return arm_vcpu(vm)


def reg(vcpu: ArmVcpu, n: int) -> int:
    """A core register of the present mode."""
    return vcpu.core.read("R", n)
