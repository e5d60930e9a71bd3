"""The performance monitors: what counts, in which modes, for whom, and the interrupt of an overflow."""

from __future__ import annotations

import pytest

from .guests import arm, reg

IN_HYP = "mov r0, #0x08000000\nmcr p15, 0, r0, c14, c15, 7      @ PMCCFILTR.NSH: in Hyp mode too\n"

CYCLES = """
    mov r0, #{control}
    mcr p15, 0, r0, c9, c12, 0      @ PMCR
    mov r0, #0x80000000
    mcr p15, 0, r0, c9, c12, 1      @ PMCNTENSET
    mrc p15, 0, r4, c9, c13, 0      @ PMCCNTR
    mov r1, #100
1:  subs r1, r1, #1
    bne 1b
    mrc p15, 0, r5, c9, c13, 0
    mcr p15, 0, r0, c9, c12, 2      @ PMCNTENCLR
    mrc p15, 0, r6, c9, c13, 0
    nop
    mrc p15, 0, r7, c9, c13, 0
    mvn r1, #0
    mcr p15, 0, r1, c9, c13, 0
    mcr p15, 0, r0, c9, c12, 1
    nop
    mrc p15, 0, r8, c9, c12, 3      @ PMOVSR
    mcr p15, 0, r0, c9, c12, 3
    mrc p15, 0, r9, c9, c12, 3
    OFF
"""


@pytest.mark.parametrize("divide", [False, True])
def test_cycle_counter_counts(divide: bool) -> None:
    """PMCCNTR counts completed instructions, or a 64th of them; disabled it stands; PMOVSR tells of its overflow."""
    machine = arm(IN_HYP + CYCLES.format(control=0xD if divide else 5), "arm-virt")
    machine.run(10_000)
    passed = reg(machine, 5) - reg(machine, 4)
    assert passed == (3 if divide else 202)
    assert reg(machine, 6) == reg(machine, 7) >= reg(machine, 5)
    if not divide:
        assert (reg(machine, 8), reg(machine, 9)) == (1 << 31, 0)


def test_cycle_counter_is_not_a_kvm_guest_s() -> None:
    """KVM traps the performance monitors and shows zeros."""
    machine = arm(CYCLES.format(control=5), "arm-kvm")
    machine.run(10_000)
    assert [reg(machine, n) for n in range(4, 10)] == [0] * 6


def counters(*types: int) -> str:
    """Code that gives counters 0, 1 ... their types, resets all and starts all; it spoils r0."""
    code = ""
    for n, kind in enumerate(types):
        code += f"ldr r0, ={kind:#x}\nmcr p15, 0, r0, c14, c12, {n}\n"
    return (
        code
        + """
        ldr r0, =0x8000003F
        mcr p15, 0, r0, c9, c12, 1      @ PMCNTENSET
        mov r0, #7
        mcr p15, 0, r0, c9, c12, 0      @ PMCR: E, P, C
    """
    )


HYP = 1 << 27
TO_SVC = (
    "mrs r0, cpsr\nbic r0, r0, #0x1f\norr r0, r0, #0x13\nmsr spsr_cxsf, r0\nadr r0, 5f\nmsr elr_hyp, r0\neret\n5:\n"
)


def test_event_counters_count_events() -> None:
    """Instructions, cycles, software increments, exceptions taken and returned from, writes of CONTEXTIDR and TTBR0."""
    code = counters(HYP | 0x08, HYP | 0x00, HYP | 0x09, HYP | 0x0A, HYP | 0x0B, HYP | 0x1C)
    code += """
        ldr r0, =vectors
        mcr p15, 4, r0, c12, c0, 0      @ HVBAR
        mrc p15, 0, r1, c14, c8, 0
        mov r0, #3
        mcr p15, 0, r0, c9, c12, 4      @ PMSWINC: counters 0 and 1, of which one counts it
        mcr p15, 0, r0, c9, c12, 4
        svc #0
        svc #0
        svc #0
        mcr p15, 0, r0, c13, c0, 1
        mcr p15, 0, r0, c2, c0, 0
        mcr p15, 0, r0, c2, c0, 0
        mrc p15, 0, r2, c14, c8, 0
        sub r2, r2, r1
        mrc p15, 0, r3, c14, c8, 1
        mrc p15, 0, r4, c14, c8, 2
        mrc p15, 0, r5, c14, c8, 3
        mrc p15, 0, r6, c14, c8, 4
        mrc p15, 0, r7, c14, c8, 5
        mov r0, #2
        mcr p15, 0, r0, c9, c12, 5      @ PMSELR
        mrc p15, 0, r8, c9, c13, 2      @ PMXEVCNTR
        mrc p15, 0, r10, c9, c13, 1     @ PMXEVTYPER
        mrc p15, 0, r11, c9, c12, 6     @ PMCEID0
        b .
        .ltorg
        .align 5
    vectors:
        .space 8
        eret
    """
    machine = arm(code, "arm-virt")
    machine.run(1_000)
    assert [reg(machine, n) for n in (2, 3, 4, 5, 6, 7)] == [13, 2, 3, 3, 1, 2]
    assert (reg(machine, 8), reg(machine, 10)) == (3, HYP | 0x09)
    assert [n for n in range(32) if reg(machine, 11) >> n & 1] == [0x00, 0x08, 0x09, 0x0A, 0x0B, 0x11, 0x1B, 0x1C]


def test_counters_count_in_the_modes_that_their_filters_name() -> None:
    """P, U, NSK, NSU, NSH: Hyp mode has to be asked for, PL1 and PL0 can be left out (C12.8, PMXEVTYPER)."""
    kinds = (0x08, HYP | 0x08, 1 << 31 | 0x08, 1 << 31 | 1 << 29 | 0x08, 1 << 30 | 0x08, 1 << 30 | 1 << 28 | 0x08)
    code = counters(*kinds) + "\n".join(["nop"] * 5) + "\n" + TO_SVC + "\n".join(["nop"] * 20)
    code += "\nmov r0, #1\nmcr p15, 0, r0, c9, c14, 0\nmrs r0, cpsr\nbic r0, r0, #15\nmsr cpsr_c, r0\n"
    code += "\n".join(["nop"] * 40) + "\nmov r0, #0\nmcr p15, 0, r0, c9, c12, 0\nb ."
    machine = arm(code, "arm-virt")
    machine.run(1_000)
    core = machine.vcpus[0].core
    assert core.read("CPSR") & 0x1F == 0x10
    both, all_three, not_pl1, pl1_after_all, not_pl0, pl0_after_all = (core.read("PM_COUNT", n) for n in range(6))
    assert (pl1_after_all, pl0_after_all) == (both, both)
    assert both == not_pl1 + not_pl0
    assert not_pl1 in range(41, 44)
    assert not_pl0 in range(24, 28)
    assert all_three - both in range(11, 15)


def test_hpmn_keeps_counters_for_hyp_mode() -> None:
    """Below Hyp mode PMCR.N is HDCR.HPMN, and the other counters are not there; HPME starts them (B1.14.13)."""
    code = "mov r0, #0x82\nmcr p15, 4, r0, c1, c1, 1           @ HDCR: HPME, HPMN = 2\n" + counters(*[0x08] * 6)
    code += "mrc p15, 0, r1, c9, c12, 0\n" + TO_SVC
    code += """
        mrc p15, 0, r2, c9, c12, 0
        mrc p15, 0, r3, c9, c12, 1      @ PMCNTENSET
        mov r0, #0
        mcr p15, 0, r0, c9, c12, 0
        mrc p15, 0, r4, c14, c8, 1
        mrc p15, 0, r5, c14, c8, 1
        mrc p15, 0, r6, c14, c8, 2
        mov r0, #3
        mcr p15, 0, r0, c9, c12, 5
        mcr p15, 0, r0, c9, c13, 2
        mrc p15, 0, r7, c9, c13, 2
        b .
    """
    machine = arm(code, "arm-virt")
    machine.run(200)
    core = machine.vcpus[0].core
    assert [reg(machine, n) >> 11 & 0x1F for n in (1, 2)] == [6, 2]
    assert (reg(machine, 3), reg(machine, 6), reg(machine, 7)) == (0x8000_0003, 0, 0)
    assert reg(machine, 4) == reg(machine, 5) > 0
    assert core.ask("pm_now", 2) > core.ask("pm_now", 1)


@pytest.mark.parametrize("divide", [False, True])
def test_an_overflow_interrupts(divide: bool) -> None:
    """Interrupt 23 comes with the instruction that makes the counter overflow, and stays until PMOVSR is cleared."""
    code = f"""
        ldr r1, =0x08000000
        mov r0, #1
        str r0, [r1]
        mov r0, #1 << 23
        str r0, [r1, #0x100]
        ldr r1, =0x08010000
        mov r0, #0xF8
        str r0, [r1, #4]
        mov r0, #1
        str r0, [r1]
        ldr r0, =vectors
        mcr p15, 4, r0, c12, c0, 0
        mov r0, #0x08000000
        mcr p15, 0, r0, c14, c15, 7
        mvn r0, #{1 if divide else 99}
        mcr p15, 0, r0, c9, c13, 0
        mov r0, #0x80000000
        mcr p15, 0, r0, c9, c14, 1      @ PMINTENSET
        mcr p15, 0, r0, c9, c12, 1
        mov r0, #{9 if divide else 1}
        mcr p15, 0, r0, c9, c12, 0
        mov r2, #0
        cpsie i
    1:  add r2, r2, #1
        b 1b
        .ltorg
        .align 5
    vectors:
        .space 0x18
        ldr r5, [r1, #12]
        mrc p15, 0, r6, c9, c12, 3
        mov r0, #0
        mcr p15, 0, r0, c9, c12, 0
        mrc p15, 0, r7, c9, c13, 0
        str r5, [r1, #16]
        ldr r8, [r1, #0x18]             @ GICC_HPPIR: with PMCR.E clear the line falls
        mov r0, #1
        mcr p15, 0, r0, c9, c12, 0
        nop
        ldr r9, [r1, #0x18]
        mov r0, #0x80000000
        mcr p15, 0, r0, c9, c12, 3
        nop
        ldr r10, [r1, #0x18]
        b .
    """
    machine = arm(code, "arm-virt")
    machine.run(1_000)
    assert (reg(machine, 5), reg(machine, 6), reg(machine, 7)) == (23, 1 << 31, 0 if divide else 3)
    assert reg(machine, 2) in (range(60, 66) if divide else range(46, 51))
    assert [reg(machine, n) for n in (8, 9, 10)] == [1023, 23, 1023]
