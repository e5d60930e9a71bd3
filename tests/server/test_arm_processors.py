"""Processors of the Arm boards: what switching on gives them, eight of them, their timers, and the events of WFE."""

from __future__ import annotations

import pytest

from trapline.server.hv.kvm import MpState
from trapline.server.tree.schedule import QUANTUM
from trapline.server.verdict import Outcome

from .guests import arm, number, reg

MACHINES = ("arm-virt", "arm-kvm")
ON, OFF = (number(f"PSCI_CPU_{which}", "armv7ve") & 0xFFFF for which in ("ON", "OFF"))

TWICE = f"""
        bl switch_on
        adr r4, ran
1:      ldr r5, [r4]
        cmp r5, #1
        bne 1b
2:      movw r0, #4                     @ PSCI_AFFINITY_INFO: until it is off again
        movt r0, #0x8400
        mov r1, #1
        mov r2, #0
        CALL
        cmp r0, #1
        bne 2b
        bl switch_on
3:      ldr r5, [r4]
        cmp r5, #2
        bne 3b
        b .
switch_on:
        movw r0, #{ON}
        movt r0, #0x8400
        mov r1, #1
        adr r2, second
        mov r3, #0x77
        CALL
        bx lr
second: adr r4, ran
        ldr r5, [r4]
        add r5, r5, #1
        str r5, [r4]
        cmp r5, #2
        beq found
        ldr r1, =0x12345678
        mov r2, r1
        mov r12, r1
        mov sp, r1
        mov lr, r1
        msr spsr_cxsf, r1
        mcr p15, 0, r1, c12, c0, 0      @ VBAR
        mcr p15, 0, r1, c2, c0, 0       @ TTBR0
        mcr p15, 0, r1, c2, c0, 2       @ TTBCR
        mcr p15, 0, r1, c13, c0, 1      @ CONTEXTIDR
        mcr p15, 0, r1, c13, c0, 4      @ TPIDRPRW
        mcr p15, 0, r1, c3, c0, 0       @ DACR
        mov r1, #1
        mcr p15, 0, r1, c14, c3, 0      @ CNTV_TVAL
        mcr p15, 0, r1, c14, c3, 1      @ CNTV_CTL
        setend be
        movw r0, #{OFF}
        movt r0, #0x8400
        CALL
found:  mrs r5, cpsr
        mrc p15, 0, r6, c0, c0, 5       @ MPIDR
        mrrc p15, 1, r8, r9, c14        @ CNTVCT
        b .
        .ltorg
ran:    .word 0
"""


@pytest.mark.parametrize("name", MACHINES)
def test_switching_on_is_a_reset(name: str) -> None:
    """A processor that was off and is switched on again has reset values, not what it left; its time has gone on."""
    machine = arm(TWICE, name, vcpus=2)
    machine.run(20_000)
    core = machine.vcpus[1].core
    assert reg(machine, 0, 1) == 0x77
    assert [reg(machine, n, 1) for n in (1, 2, 12, 13, 14)] == [0] * 5
    names = ("VBAR", "TTBR0", "TTBCR", "CONTEXTIDR", "TPIDRPRW", "DACR", "CNTV_CTL", "CNTV_CVAL", "TIMER_OUTPUTS")
    for register in names:
        assert core.read(register) == core.register(register).reset, register
    assert core.get("SPSR_svc") == 0
    assert reg(machine, 5, 1) & 0xFFF == (0x1DA if name == "arm-virt" else 0x1D3)
    assert reg(machine, 6, 1) == 0x8000_0001
    assert machine.vcpus[0].core.get("CNTVCT") - core.get("CNTVCT") < 2 * QUANTUM
    assert reg(machine, 8, 1) > 30
    assert machine.vcpus[1].mp_state is MpState.RUNNABLE


ALL = f"""
        adr r9, others
        mov r8, #OTHERS
1:      movw r0, #{ON}
        movt r0, #0x8400
        mov r1, r8
        adr r2, other
        CALL
        subs r8, r8, #1
        bne 1b
2:      ldr r0, [r9]
        cmp r0, #OTHERS
        bne 2b
        ldr r1, =0x08000000
        mov r0, #1
        str r0, [r1]                    @ GICD_CTLR
        mov r0, #0x01000000             @ SGI 0 to all but this one
        str r0, [r1, #0xF00]
3:      ldr r0, [r9, #4]
        cmp r0, #(2 << OTHERS) - 2
        bne 3b
        mrc p15, 1, r10, c9, c0, 2      @ L2CTLR
        OFF
other:  adr r9, others
        ldr r1, =0x08010000
        mov r0, #0xF8
        str r0, [r1, #4]                @ GICC_PMR
        mov r0, #1
        str r0, [r1]                    @ GICC_CTLR
        mov r3, #0
        mov r4, r9
        bl add_one
4:      wfi
        ldr r2, [r1, #12]               @ GICC_IAR: SGI 0 of processor 0
        cmp r2, #0
        bne 4b
        str r2, [r1, #16]               @ GICC_EOIR
        mrc p15, 0, r3, c0, c0, 5
        and r3, r3, #7
        mov r0, #1
        lsl r3, r0, r3
        add r4, r9, #4
        bl add
5:      wfi
        b 5b
add_one: mov r3, #1
add:    ldrex r5, [r4]
        add r5, r5, r3
        strex r6, r5, [r4]
        cmp r6, #0
        bne add
        bx lr
        .ltorg
others: .word 0, 0
"""


@pytest.mark.parametrize(("name", "processors"), [("arm-virt", 8), ("arm-kvm", 4)])
def test_all_processors_get_their_interrupts(name: str, processors: int) -> None:
    """PSCI starts all others, each finds its number in MPIDR, and a software interrupt reaches all of them."""
    machine = arm(f".equ OTHERS, {processors - 1}\n{ALL}", name, vcpus=processors)
    machine.run(400_000)
    assert machine.verdict is not None
    assert reg(machine, 10) >> 24 & 3 == 3


EVENTS = """
        mov r0, #{control}
        mcr p15, {opc1}, r0, c14, c1, 0
        mrrc p15, 1, r8, r9, c14
        mov r7, #4
1:      wfe
        subs r7, r7, #1
        bne 1b
        mrrc p15, 1, r10, r11, c14
        mov r0, #0
        mcr p15, {opc1}, r0, c14, c1, 0
        wfe
        b .
"""


@pytest.mark.parametrize("name", MACHINES)
@pytest.mark.parametrize("falling", [False, True])
def test_the_event_stream_wakes_wfe(name: str, falling: bool) -> None:
    """Bit EVNTI of the virtual counter, going up or down, ends WFE (B8.1.6); off, nothing does."""
    machine = arm(EVENTS.format(control=9 << 4 | falling << 3 | 4, opc1=0), name)
    machine.run(1_000)
    first, last = reg(machine, 8), reg(machine, 10)
    times = [tick for tick in range(first + 1, last + 1) if tick % 1024 == (0 if falling else 512)]
    assert len(times) == 4
    assert last - times[-1] < 20
    assert machine.run(1_000).outcome is Outcome.IDLE


def test_hyp_s_event_stream_is_of_the_physical_counter() -> None:
    """CNTHCTL's, with CNTVOFF far off."""
    code = "mvn r0, #99\nmvn r1, #0\nmcrr p15, 4, r0, r1, c14\n" + EVENTS.format(control=9 << 4 | 4, opc1=4)
    machine = arm(code, "arm-virt")
    machine.run(1_000)
    last = reg(machine, 10) - 100
    assert 0 <= last - (3 * 1024 + 512) < 20


HYP_TIMER = """
        ldr r1, =0x08000000
        mov r0, #1
        str r0, [r1]                    @ GICD_CTLR
        mov r0, #{mask}
        str r0, [r1, #0x100]            @ GICD_ISENABLER0
        ldr r1, =0x08010000
        mov r0, #0xF8
        str r0, [r1, #4]
        mov r0, #1
        str r0, [r1]
        mov r0, #100
        mcr p15, {opc1}, r0, c14, c2, 0
        mov r0, #1
        mcr p15, {opc1}, r0, c14, c2, 1
        wfi
        ldr r5, [r1, #12]
        mov r0, #2
        mcr p15, {opc1}, r0, c14, c2, 1
        str r5, [r1, #16]
        ldr r6, [r1, #0x18]
        OFF
"""


@pytest.mark.parametrize(("opc1", "interrupt"), [(0, 30), (4, 26)])
def test_physical_and_hyp_timers_reach_the_gic(opc1: int, interrupt: int) -> None:
    """CNTP is interrupt 30, CNTHP 26, as on QEMU's board; switched off, it is pending no more."""
    machine = arm(HYP_TIMER.format(opc1=opc1, mask=1 << interrupt), "arm-virt")
    machine.run(1_000)
    assert (reg(machine, 5), reg(machine, 6)) == (interrupt, 1023)
