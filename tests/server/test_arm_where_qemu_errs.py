"""What the manual says and QEMU 7.2 does otherwise: alignment with the MMU off, maintenance that faults, traps; PAR.

The rest of that list (levels of stage 2 faults on stage 1 walks, TTBCR.PD0, the access flag in a Manager domain) is
part of the random tables in tests/oracle/test_tables_arm.py.
"""

from __future__ import annotations

import pytest

from trapline.server.boards.machine import Machine

from .guests import arm, reg

START = """
        ldr r0, =hyp_vectors
        mcr p15, 4, r0, c12, c0, 0      @ HVBAR
        ldr r0, =vectors
        mcr p15, 0, r0, c12, c0, 0      @ VBAR
        mov r9, #0
        {hyp}
        mrs r0, cpsr
        bic r0, r0, #0x1f
        orr r0, r0, #0x13
        msr spsr_cxsf, r0
        ldr r0, =below
        msr elr_hyp, r0
        eret
below:
        {code}
        b .
        .ltorg
        .align 5
hyp_vectors:
        .space 0x14
        mrc p15, 4, r8, c5, c2, 0       @ HSR
        mov r9, #2
        b .
        .align 5
vectors:
        .space 4
        b undefined
        .space 8
        mrc p15, 0, r8, c5, c0, 0       @ DFSR
        mrc p15, 0, r7, c6, c0, 0       @ DFAR
        mov r9, #1
        b .
undefined:
        mov r9, #4
        b .
"""


def run(code: str, hyp: str = "") -> Machine:
    """The guest: `hyp` in Hyp mode, then `code` in Supervisor mode. r9: 1 data abort, 2 Hyp trap, 4 undefined."""
    text = START.format(code=code, hyp=hyp)
    machine = arm(text, "arm-virt")
    machine.run(200)
    return machine


def test_memory_is_strongly_ordered_while_the_mmu_is_off() -> None:
    """A misaligned access is an alignment fault then, whatever SCTLR.A says (A3.2.1, B3.2.1)."""
    machine = run("ldr r1, =0x40020001\nldr r2, [r1]")
    assert (reg(machine, 9), reg(machine, 8) & 0x40F, reg(machine, 7)) == (1, 1, 0x4002_0001)


def test_cache_maintenance_by_address_faults_like_an_access() -> None:
    """DCCMVAC of an address without a translation is a data abort with DFSR.CM and WnR (B3.12.5)."""
    tables = """
        ldr r1, =0x40100000
        mcr p15, 0, r1, c2, c0, 0
        mov r0, #1
        mcr p15, 0, r0, c3, c0, 0
        ldr r0, =0x40000C0E
        add r2, r1, #0x1000
        str r0, [r2]
        mrc p15, 0, r0, c1, c0, 0
        orr r0, r0, #1
        mcr p15, 0, r0, c1, c0, 0
        ldr r1, =0x60000040
        mcr p15, 0, r1, c7, c10, 1
    """
    machine = run(tables)
    assert (reg(machine, 9), reg(machine, 7)) == (1, 0x6000_0040)
    assert reg(machine, 8) & 0x2C0F == 0x2805


@pytest.mark.parametrize(
    ("hyp", "code", "exception_class"),
    [
        ("mov r0, #1 << 20\nmcr p15, 4, r0, c1, c1, 0", "mrc p15, 0, r1, c9, c0, 0", 0x03),
        ("mov r0, #1 << 15\nmcr p15, 4, r0, c1, c1, 3", "mrc p15, 0, r1, c15, c0, 0", 0x03),
        ("mov r0, #1 << 20\nmcr p15, 4, r0, c1, c1, 2", "mrc p14, 1, r1, c0, c0, 0", 0x05),
        ("mov r0, #1 << 6\nmcr p15, 4, r0, c1, c1, 1", "mrc p15, 0, r1, c14, c8, 0", 0x03),
        ("mov r0, #1 << 5\nmcr p15, 4, r0, c1, c1, 1", "mrc p15, 0, r1, c9, c12, 0", 0x03),
        ("mov r0, #1 << 9\nmcr p15, 4, r0, c1, c1, 1", "mrc p14, 0, r1, c0, c6, 0", 0x05),
        ("mov r0, #1 << 10\nmcr p15, 4, r0, c1, c1, 1", "mrc p14, 0, r1, c1, c1, 4", 0x05),
        ("mov r0, #1 << 11\nmcr p15, 4, r0, c1, c1, 1", "mrc p14, 0, r1, c1, c0, 0", 0x05),
        ("mov r0, #1 << 11\nmcr p15, 4, r0, c1, c1, 1", "mrrc p14, 0, r1, r2, c1", 0x0C),
        ("mov r0, #1 << 26\nmcr p15, 4, r0, c1, c1, 0", "mcr p15, 0, r1, c6, c0, 1", 0x03),
    ],
    ids=["TIDCP", "HSTR.T15", "TTA", "TPM", "TPMCR", "TDA", "TDOSA", "TDRA", "TDRA 64", "TVM WFAR"],
)
def test_accesses_below_hyp_mode_trap(hyp: str, code: str, exception_class: int) -> None:
    """Also where no register stands at the number: the trap comes before the undefined instruction (B1.14)."""
    machine = run(code, hyp)
    assert (reg(machine, 9), reg(machine, 8) >> 26) == (2, exception_class)


@pytest.mark.parametrize(
    ("mode", "fields", "both", "long"),
    [
        (0x13, {}, 0, False),
        (0x13, {"EAE": 1}, 0, True),
        (0x1A, {}, 0, True),
        (0x1A, {}, 1, False),
        (0x1A, {"EAE": 1}, 1, True),
        (0x1A, {"VM": 1}, 1, True),
        (0x1A, {"DC": 1}, 1, True),
    ],
)
def test_par_has_the_format_of_the_tables_that_took_part(
    mode: int, fields: dict[str, int], both: int, long: bool
) -> None:
    """B3.12.7, B4.1.112: stage 1 operations in Hyp mode give 64 bits; of both stages TTBCR.EAE and HCR.VM decide."""
    machine = arm("b .", "arm-virt")
    core = machine.vcpus[0].core
    core.put("CPSR", core.read("CPSR") & ~0x1F | mode)
    for name, value in fields.items():
        core.put_fields("TTBCR" if name == "EAE" else "HCR", **{name: value})
    core.put_fields("VTCR", SL0=1)
    core.call("translate_to_par", 0x4001_2345, 0, 1, both)
    par = core.read("PAR")
    assert (par >> 11 & 1, par >> 32 == 0 or long) == (int(long), True)


def test_par_tells_shareability() -> None:
    """Short format: SH and NOS from PRRR; long format: Non-cacheable memory is Outer Shareable (B4.1.112)."""
    machine = arm("b .", "arm-virt")
    core, memory = machine.vcpus[0].core, machine.memory
    memory.write(0x4010_1000, (0x4000_0C0E | 1 << 16).to_bytes(4, "little"))
    core.put("TTBR0", 0x4010_0000)
    core.put("DACR", 1)
    core.put_fields("SCTLR", M=1, TRE=1)
    core.put("CPSR", core.read("CPSR") & ~0x1F | 0x13)
    core.put("MAIR0", 2 << 6 | 1 << 19 | 1 << 27)
    core.put("MAIR1", 0)
    core.call("translate_to_par", 0x4001_2345, 0, 1, 0)
    assert core.read("PAR") == 0x4001_2000 | 1 << 10 | 1 << 9 | 1 << 7
    core.put("MAIR0", 2 << 6 | 1 << 19)
    core.call("translate_to_par", 0x4001_2345, 0, 1, 0)
    assert core.read("PAR") == 0x4001_2000 | 1 << 9 | 1 << 7
    memory.write(0x4010_0008, (0x4000_0401).to_bytes(8, "little"))
    core.put_fields("TTBCR", EAE=1)
    core.put("MAIR0", 0x44)
    core.call("translate_to_par", 0x4001_2345, 0, 1, 0)
    assert core.read("PAR") == 0x44 << 56 | 0x4001_2000 | 1 << 11 | 1 << 9 | 2 << 7
