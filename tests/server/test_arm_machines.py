"""The two Arm machines: the guest in Hyp mode on bare hardware, and under the KVM/Arm model."""

import pytest

from trapline.isa.engine.interface import Translation
from trapline.server.boards.arm_kvm import ArmKvmMachine
from trapline.server.hv.arm.memory.stage2 import BLOCK
from trapline.server.hv.kvm import MpState
from trapline.server.verdict import Outcome

from .guests import ARM_BASE, arm, number, output, reg

MACHINES = ("arm-virt", "arm-kvm")
UART = "movw r1, #0\nmovt r1, #0x0900\n"
PRINT = (
    UART
    + """
    adr r3, 8f
1:  ldrb r0, [r3], #1
    cmp r0, #0
    beq 2f
    str r0, [r1]
    b 1b
8:  .asciz "PASS\\n"
    .align 2
2:
"""
)
VECTORS = """
    adr r0, 7f
    mcr p15, 0, r0, c12, c0, 0
    b 6f
    .align 5
7:  b .
    b undefined
    b .
    b prefetch
    b data
    b .
    b irq
    b .
6:
"""


def mode(machine_name: str) -> str:
    """Where a guest of the test goes to: Supervisor mode on both machines."""
    if machine_name == "arm-kvm":
        return ""
    status = "mrs r0, cpsr\nbic r0, r0, #0x1f\norr r0, r0, #0x13\nmsr spsr_cxsf, r0\n"
    return status + "adr r0, 5f\nmsr elr_hyp, r0\neret\n5:\n"


@pytest.mark.parametrize("name", MACHINES)
def test_guest_prints_and_powers_off(name: str) -> None:
    """PL011 and PSCI work the same on the bare machine and under the model."""
    machine = arm(PRINT + "OFF", name)
    said = output(machine)
    assert machine.run(10_000).outcome is Outcome.PASSED
    assert bytes(said) == b"PASS\n"


def test_boot_modes() -> None:
    """The bare machine begins in Hyp mode, the model's guest in Supervisor mode; r2 is the device tree on both."""
    for name, mode_bits in (("arm-virt", 0x1A), ("arm-kvm", 0x13)):
        machine = arm("", name)
        assert machine.vcpus[0].core.read("CPSR") & 0x1F == mode_bits
        assert machine.memory.read(reg(machine, 2), 4) == bytes.fromhex("d00dfeed")


@pytest.mark.parametrize("name", MACHINES)
@pytest.mark.parametrize(
    ("load", "value"),
    [
        ("ldr r5, [r1, #0x18]", 0x90),
        ("ldrb r5, [r1, #0x18]", 0x90),
        ("ldrsb r5, [r1, #0x18]", 0xFFFFFF90),
        ("ldrh r5, [r1, #0x18]", 0x90),
        ("ldrsh r5, [r1, #0x18]", 0x90),
    ],
)
def test_device_loads_of_every_size(name: str, load: str, value: int) -> None:
    """HSR's syndrome is enough to emulate loads with their sizes and signs, as hardware does them."""
    machine = arm(UART + load + "\nOFF", name)
    assert machine.run(1000).outcome is Outcome.SILENT
    assert reg(machine, 5) == value


def test_load_without_syndrome_is_explained() -> None:
    """A load with writeback leaves no syndrome: the run ends, as KVM's does, and says why."""
    verdict = arm(UART + "ldr r5, [r1], #4\nOFF", "arm-kvm").run(1000)
    assert verdict.outcome is Outcome.DIED
    assert "writeback" in verdict.reason


@pytest.mark.parametrize("name", MACHINES)
def test_access_to_nothing_is_a_data_abort(name: str) -> None:
    """Where no device is, the guest takes an external abort at its own vector, with the address in DFAR."""
    code = mode(name) + VECTORS + "movw r1, #0x1000\nmovt r1, #0x0a00\nldr r5, [r1, #4]\nb .\n"
    code += "undefined: b .\nprefetch: b .\nirq: b .\ndata: mrc p15, 0, r6, c6, c0, 0\nmov r7, lr\nadr r8, data\nb ."
    machine = arm(code, name)
    machine.run(200)
    assert reg(machine, 6) == 0x0A001004
    assert machine.vcpus[0].core.read("CPSR") & 0x1F == 0x17


def test_unknown_hvc_and_smc_are_undefined() -> None:
    """Under the model an HVC that is no PSCI call, and every SMC, is an undefined instruction with LR behind it."""
    for call in ("hvc #1", "smc #0"):
        code = f"{VECTORS}mov r0, #0\nadr r9, 4f\n{call}\n4: b .\n"
        code += "undefined: mov r7, lr\nb .\nprefetch: b .\nirq: b .\ndata: b ."
        machine = arm(code, "arm-kvm")
        machine.run(200)
        assert reg(machine, 7) == reg(machine, 9)
        assert machine.vcpus[0].core.read("CPSR") & 0x1F == 0x1B


def test_stage2_is_filled_as_the_guest_faults() -> None:
    """No block is mapped before it is used; then the guest's address leads to other memory of the host."""
    machine = arm("mov r0, r0\nOFF", "arm-kvm")
    assert isinstance(machine, ArmKvmMachine)
    core = machine.vcpus[0].core
    used = machine.vm.tables.used
    machine.run(100)
    assert machine.vm.tables.used > used
    found = core.engine.translate(ARM_BASE)
    assert isinstance(found, Translation)
    assert (found.physical, 1 << found.region) == (machine.vm.host_address(ARM_BASE), BLOCK)


TIMER = """
    cpsid i
    movw r1, #0
    movt r1, #0x0800
    mov r0, #1
    str r0, [r1]            @ GICD_CTLR
    mov r0, #0x08000000
    str r0, [r1, #0x100]    @ enable interrupt 27
    add r1, r1, #0x10000
    mov r0, #0xf0
    str r0, [r1, #4]        @ GICC_PMR
    mov r0, #1
    str r0, [r1]
    movw r0, #5000
    mcr p15, 0, r0, c14, c3, 0   @ CNTV_TVAL
    mov r0, #1
    mcr p15, 0, r0, c14, c3, 1   @ CNTV_CTL
    mrrc p15, 1, r8, r9, c14
    cpsie i
    wfi
    mov r4, #1
    b .
undefined: b .
prefetch: b .
data: b .
irq:
    ldr r5, [r1, #12]       @ GICC_IAR
    mrrc p15, 1, r6, r7, c14
    mov r0, #3
    mcr p15, 0, r0, c14, c3, 1
    str r5, [r1, #16]       @ GICC_EOIR
    mov r10, #1
    b .
"""


@pytest.mark.parametrize("name", MACHINES)
def test_virtual_timer_ends_wfi(name: str) -> None:
    """WFI lets time jump to the virtual timer's, and the GIC delivers interrupt 27."""
    machine = arm(mode(name) + VECTORS + TIMER, name)
    machine.run(300)
    core = machine.vcpus[0].core
    assert (core.read("R", 5), core.read("R", 10)) == (27, 1)
    # Since TVAL was written, 5000 ticks and a few instructions have passed.
    assert 4900 <= core.read("R", 6) - core.read("R", 8) <= 5100


@pytest.mark.parametrize("name", MACHINES)
def test_cpu_on_starts_a_processor(name: str) -> None:
    """PSCI CPU_ON gives entry point and context to the second processor; CPU_OFF stops it again."""
    on, off = number("PSCI_CPU_ON", "armv7ve"), number("PSCI_CPU_OFF", "armv7ve")
    code = f"""
        movw r0, #{on & 0xFFFF}
        movt r0, #0x8400
        mov r1, #1
        adr r2, second
        mov r3, #0x77
        CALL
        mov r5, r0
        b .
second: mov r6, r0
        mrc p15, 0, r7, c0, c0, 5
        movw r0, #{off & 0xFFFF}
        movt r0, #0x8400
        CALL
        mov r6, #0
    """
    machine = arm(code, name, vcpus=2)
    machine.run(20_000)
    assert (reg(machine, 5), reg(machine, 6, 1)) == (0, 0x77)
    assert reg(machine, 7, 1) & 3 == 1
    assert machine.vcpus[1].mp_state is MpState.STOPPED


def test_trapped_system_registers() -> None:
    """Under the model ACTLR reads, the performance monitors read as zero, and set/way maintenance does nothing."""
    code = """
        mvn r5, #0
        mrc p15, 0, r5, c9, c12, 0
        mrc p15, 0, r6, c1, c0, 1
        mcr p15, 0, r6, c1, c0, 1
        mcr p15, 0, r6, c7, c14, 2
        mov r7, #1
    """
    machine = arm(code, "arm-kvm")
    machine.run(100)
    assert (reg(machine, 5), reg(machine, 7)) == (0, 1)


def test_event_wakes_the_other_processor() -> None:
    """WFE waits until SEV of another processor."""
    on = number("PSCI_CPU_ON", "armv7ve")
    code = f"""
        movw r0, #{on & 0xFFFF}
        movt r0, #0x8400
        mov r1, #1
        adr r2, second
        CALL
        wfe
        mov r5, #1
        b .
second: movw r4, #20000
1:      subs r4, r4, #1
        bne 1b
        mrrc p15, 1, r8, r9, c14
        sev
        b .
    """
    machine = arm(code, "arm-virt", vcpus=2)
    machine.run(20_000)
    assert reg(machine, 5) == 0
    machine.run(40_000)
    assert reg(machine, 5) == 1


@pytest.mark.parametrize("name", MACHINES)
def test_big_endian_device_access(name: str) -> None:
    """With CPSR.E set, a word of a device comes with its bytes the other way round."""
    machine = arm(UART + "setend be\nldr r5, [r1, #0x18]\nsetend le\nOFF", name)
    assert machine.run(1000).outcome is Outcome.SILENT
    assert reg(machine, 5) == 0x90000000
