"""T32 instructions of 32 bits whose halves lie in two pages: each half is the present one, whatever ran before."""

from __future__ import annotations

import pytest

from trapline.server.boards.arm_virt import ArmVirtMachine
from trapline.server.boards.machine import MachineOptions

from .guests import ARM_BASE, RAM, description, guest, number, reg

ROUNDS = 40
OFF = f"movw r0, #{number('PSCI_SYSTEM_OFF', 'armv7ve') & 0xFFFF}\nmovt r0, #0x8400\nsmc #0\n"
HALVES = f"""
_start:
    ldr r0, =over + 1
    mov r4, #0
    mov r1, #0
1:  mov r7, #{ROUNDS}
    adr lr, 2f
    bx r0
2:  add r4, r4, #1
    cmp r4, #1
    ldreq r2, =third            @ the second half becomes that of add.w r1, r1, #5
    ldreq r3, =0x0105
    strheq r3, [r2]
    cmp r4, #2
    ldreq r2, =third - 2        @ and the first half that of sub.w
    ldreq r3, =0xf1a1
    strheq r3, [r2]
    isb
    cmp r4, #3
    bne 1b
    {OFF}
    .ltorg
    .thumb
    .balign 4096
    .skip 4096 - 2
over:
    .inst.n 0xf101              @ add.w r1, r1, #3
third:
    .inst.n 0x0103
    subs r7, r7, #1
    bne over
    bx lr
"""


@pytest.mark.parametrize("engine", ["reference", "native"])
def test_both_halves_are_read_anew(engine: str) -> None:
    """A store to either page is seen by the next execution, many rounds after the instruction was decoded."""
    elf = guest(HALVES, "armv7ve", ARM_BASE)
    made = ArmVirtMachine(description("armv7ve"), elf, MachineOptions(ram_size=RAM, engine=engine))
    made.run(10_000)
    assert reg(made, 4) == 3
    assert reg(made, 1) == ROUNDS * (3 + 5 - 5)


TURNS = 3000
LOOP = f"""
_start:
    ldr r0, =over + 1
    mov r1, #0
    ldr r7, ={TURNS}
    adr lr, 2f
    bx r0
2:  {OFF}
    .ltorg
    .thumb
    .balign 4096
    .skip 4096 - 2
over:
    bl.w behind                 @ both halves of a branch
    subs r7, r7, #1
    b.w 1f
    .balign 4096
    .skip 4096 - 2
1:  beq.w out                   @ not taken but for the last turn: into the page behind
    b.w over
out:
    ldr lr, =2b
    bx lr
behind:
    add.w r1, r1, #3
    bx lr
    .ltorg
"""


def test_a_loop_over_pages_is_native() -> None:
    """Python is entered for such an instruction until its pages are known, whatever becomes of it, and not again."""
    elf = guest(LOOP, "armv7ve", ARM_BASE)
    made = ArmVirtMachine(description("armv7ve"), elf, MachineOptions(ram_size=RAM, engine="native"))
    made.run(100_000)
    assert reg(made, 1) == 3 * TURNS
    split = made.statistics().python.get("an instruction over two pages", 0)
    assert 0 < split <= 4


MAPPED = f"""
_start:
    mov r0, #0x1d3              @ from Hyp mode to Supervisor mode, whose translation this is about
    msr spsr_cxsf, r0
    adr r0, 0f
    msr elr_hyp, r0
    eret
0:
    ldr r8, =0x40008000         @ translation table: everything as it is, in sections
    mov r0, #0
    ldr r2, =0xc02              @ AP read and write
1:  orr r3, r2, r0, lsl #20
    str r3, [r8, r0, lsl #2]
    add r0, r0, #1
    cmp r0, #4096
    bne 1b
    ldr r0, =0x0103f101         @ add.w r1, r1, #3: its first half at the end of a section
    ldr r9, =0x400ffffe
    strh r0, [r9]
    ldr r2, =0x47700103         @ its second half, and bx lr, in another one
    ldr r3, =0x40200000
    str r2, [r3]
    ldr r2, =0x47700105         @ or add.w r1, r1, #5
    ldr r3, =0x40300000
    str r2, [r3]
    ldr r0, =vectors
    mcr p15, 0, r0, c12, c0, 0
    mcr p15, 0, r8, c2, c0, 0
    mov r0, #0
    mcr p15, 0, r0, c2, c0, 2
    mvn r0, #0
    mcr p15, 0, r0, c3, c0, 0
    mrc p15, 0, r0, c1, c0, 0
    orr r0, r0, #1
    mcr p15, 0, r0, c1, c0, 0
    isb
    mov r1, #0
    mov r4, #0
    ldr r9, =0x400fffff
    ldr r10, =0x40008000 + 4 * 0x401
    ldr r5, =0x40200c02
    ldr r6, =0x40300c02
2:  str r5, [r10]               @ turn by turn the next section is another one
    mcr p15, 0, r0, c8, c7, 0
    isb
    blx r9
    blx r9
    eor r5, r5, r6
    eor r6, r5, r6
    eor r5, r5, r6
    add r4, r4, #1
    cmp r4, #{ROUNDS}
    bne 2b
    mov r0, #0                  @ and then there is none
    str r0, [r10]
    mcr p15, 0, r0, c8, c7, 0
    isb
    blx r9
    .balign 32
vectors:
    b .
    b .
    b .
    b 3f
    b .
    b .
    b .
    b .
3:  mrc p15, 0, r11, c6, c0, 2
    mrc p15, 0, r12, c5, c0, 1
    {OFF}
    .ltorg
"""


@pytest.mark.parametrize("engine", ["reference", "native"])
def test_the_page_behind_is_the_present_one(engine: str) -> None:
    """Each half is fetched through its own translation; where the second has none that is a prefetch abort of its
    address (ARM DDI 0406C, B3.12.3: the IFAR has the address that could not be fetched)."""
    elf = guest(MAPPED, "armv7ve", ARM_BASE)
    made = ArmVirtMachine(description("armv7ve"), elf, MachineOptions(ram_size=RAM, engine=engine))
    made.run(100_000)
    assert reg(made, 4) == ROUNDS
    assert reg(made, 1) == ROUNDS * (3 + 5)
    assert reg(made, 12) & 0x40F == 5
    assert reg(made, 11) == 0x4010_0000
