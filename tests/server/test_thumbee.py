"""Claims: ThumbEE state is as chapter A9 of the manual has it; there is no oracle, since QEMU leaves it out."""

from __future__ import annotations

import pytest

from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.registry import MACHINES

from .guests import ARM_BASE, description, guest

START = """
_start: ldr r0, =vectors
        mcr p15, 4, r0, c12, c0, 0
        ldr r0, =start
        msr ELR_hyp, r0
        mov r0, #0xD3
        msr SPSR_cxsf, r0
        eret
start:  ldr r0, =vectors
        mcr p15, 0, r0, c12, c0, 0
        ldr r0, =handlers
        mcr p14, 6, r0, c1, c0, 0
        ldr sp, =stack
        ldr r2, =table
        mov r9, r2
        add r10, r2, #16
        ldr r0, =thumb + 1
        bx r0
        .ltorg
        .balign 32
vectors:
        b .
        b undefined
        b called
        b .
        b aborted
        b .
        b .
        b .
called: mrs r12, SPSR
        movs pc, lr
undefined:
        mrs r12, SPSR
        mov r11, #99
        movs pc, lr
aborted:
        mrs r12, SPSR
        ldr r7, =table
        subs pc, lr, #8
        .ltorg
        .thumb
        .balign 32
        .skip 24
        b.w out_of_bounds       @ TEEHBR - 8
        b.w null
handlers:
        b.n .
        .balign 32
        movs r7, #1             @ handler 1
        bx lr
        .balign 32
        add r7, r8              @ handler 2, with a parameter
        b.w behind
        .balign 32
        add r7, r8              @ handler 3
        bx lr
null:   mov r11, lr
        bx lr
out_of_bounds:
        mov r12, lr
        bx lr
thumb:  movs r0, #0
        movs r7, #0
"""
END = """
        .arm
        .data
        .balign 8
table:  .word 0x11, 0x22, 0x33, 0x44, 0x55, 0x8766, 0x77, 0x88
        .skip 256
        .bss
        .balign 8
        .skip 256
stack:
"""


def run(code: str, engine: str) -> Machine:
    """Runs Thumb code to the branch to itself behind it."""
    label = "" if "behind:" in code else "behind:"
    text = f"{START}\n{code}\n{label}\n9: b.n 9b\n.ltorg\n{END}"
    elf = guest(text, "armv7ve", ARM_BASE)
    machine = MACHINES["arm-virt"](description("armv7ve"), elf, MachineOptions(engine=engine))
    machine.run(400)
    return machine


def registers(machine: Machine, *numbers: int) -> list[int]:
    """Core registers."""
    return [machine.vcpus[0].core.read("R", n) for n in numbers]


ENGINES = pytest.mark.parametrize("engine", ["reference", "native"])


@ENGINES
def test_register_offsets_are_scaled(engine: str) -> None:
    """LDR and STR by 4, LDRH, LDRSH and STRH by 2, bytes not at all; behind LEAVEX nothing is."""
    code = """
        movs r4, #2
        enterx
        ldr r3, [r2, r4]
        movs r4, #10
        ldrh r5, [r2, r4]
        ldrsh r6, [r2, r4]
        ldrb r7, [r2, r4]
        movs r4, #16
        str r3, [r2, r4]
        strh r5, [r2, r4]
        leavex
        movs r4, #4
        ldr r1, [r2, r4]
    """
    machine = run(code, engine)
    assert registers(machine, 3, 5, 6, 7, 1) == [0x33, 0x8766, 0xFFFF_8766, 0, 0x22]
    core = machine.vcpus[0].core
    table = core.read("R", 2)
    assert [machine.memory.read_int(table + at, 4, "little") for at in (64, 32)] == [0x33, 0x8766]
    assert core.field("CPSR", "J") == 0


@ENGINES
def test_a_null_base_calls_its_handler(engine: str) -> None:
    """TEEHBR - 4, with the address behind in LR; all kinds of loads and stores; PLD is not checked."""
    tried = ("ldr r6, [r5, #4]\nnop", "ldr.w r6, [r5, #4]", "ldrd r6, r7, [r5]", "ldm.w r5, {r6, r7}", "ldrex r6, [r5]")
    for one in (*tried, "vldr d0, [r5]", "vld1.8 {d0}, [r5]", "strb r6, [r5]\nnop", "tbb [r5, r0]"):
        code = f"enterx\nmovs r5, #0\nmovs r6, #3\n1: {one}\n2: movs r7, #9\nldr r4, =2b + 1\nleavex\n"
        machine = run(code, engine)
        found = registers(machine, 11, 4, 6, 7)
        assert found == [found[1], found[1], 3, 9], one
    machine = run("enterx\nmovs r5, #0\npld [r5]\nmovs r7, #9\nleavex\n", engine)
    assert registers(machine, 11, 7) == [0, 9]


@ENGINES
def test_what_only_this_state_has(engine: str) -> None:
    """Loads and stores by R9, R10 and below a base; CHKA; HB, HBL, HBP, HBLP."""
    code = """
        enterx
        .inst.n 0xCC00 | 1 << 3 | 3             @ ldr r3, [r9, #4]
        .inst.n 0xCB00 | 1 << 3 | 4             @ ldr r4, [r10, #4]
        add r2, #12
        .inst.n 0xC800 | 2 << 6 | 2 << 3 | 5    @ ldr r5, [r2, #-8]
        .inst.n 0xCE00 | 9 << 3 | 3             @ str r3, [r9, #36]
        movs r0, #3
        movs r1, #3
        .inst.n 0xCA00 | 1 << 3 | 0             @ chka r0, r1: 3 is not below 3
        nop
        .inst.n 0xC300 | 1                      @ hbl #1
        .inst.n 0xC400 | 9 << 5 | 3             @ hblp #9, #3
        .inst.n 0xC000 | 5 << 5 | 2             @ hbp #5, #2
        movs r7, #77
behind:
        leavex
    """
    machine = run(code, engine)
    assert registers(machine, 3, 4, 5, 7, 8) == [0x22, 0x8766, 0x22, 1 + 9 + 5, 5]
    core = machine.vcpus[0].core
    assert machine.memory.read_int(core.read("R", 9) + 36, 4, "little") == 0x22
    assert core.read("R", 12) & 1
    within = run("enterx\nmovs r0, #3\nmovs r1, #2\n.inst.n 0xCA08\nleavex\nbehind:\n", engine)
    assert registers(within, 12) == [0]


@ENGINES
def test_exceptions_save_the_state_and_come_back_to_it(engine: str) -> None:
    """SPSR.J is set at an SVC, an undefined word and an abort; what returns goes on in ThumbEE."""
    for one, lands in (("svc #0", 0), (".inst.n 0xC100", 99), ("movs r7, #5\nlsls r7, r7, #28\nldr r6, [r7]", 0)):
        code = f"movs r4, #1\nenterx\n{one}\nldr r3, [r2, r4]\nleavex\nldr r5, [r2]\nbehind:\n"
        machine = run(code, engine)
        found = registers(machine, 3, 5, 12)
        assert found[:2] == [0x22, 0x11], one
        assert found[2] & 0x0100_0020 == 0x0100_0020, one
        assert registers(machine, 11) == [lands], one


@ENGINES
def test_conditions_hold_in_this_state(engine: str) -> None:
    """What an IT block leaves out is not checked, nor done; the block goes on behind it."""
    code = """
        movs r5, #0
        movs r4, #1
        enterx
        cmp r4, #2
        ittte eq
        ldreq r6, [r5]
        ldreq r3, [r2, r4]
        moveq r7, #1
        movne r7, #2
        leavex
behind:
    """
    machine = run(code, engine)
    assert registers(machine, 11, 6, 3, 7) == [0, 0, 0, 2]
