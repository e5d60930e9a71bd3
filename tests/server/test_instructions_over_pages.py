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
