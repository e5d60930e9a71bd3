"""Registers at addresses that are the processor's own: list registers of the GIC's virtual interface on `arm-virt`."""

from __future__ import annotations

import pytest

from trapline.server.boards.arm_virt import ArmVirtMachine
from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.machine.events import DeviceAccess
from trapline.server.verdict import Outcome

from .guests import ARM_BASE, RAM, description, guest, number, reg

ROUNDS = 300
OFF = f"movw r0, #{number('PSCI_SYSTEM_OFF', 'armv7ve') & 0xFFFF}\nmovt r0, #0x8400\nsmc #0\n"
SWITCHES = f"""
    ldr r5, =0x08030000
    ldr r6, =0xf84c0001
    mov r7, #{ROUNDS}
    mov r8, #0
1:  str r6, [r5, #8]            @ GICH_VMCR
    mov r0, #1
    str r0, [r5]                @ GICH_HCR
    orr r1, r7, #0x10000000
    str r1, [r5, #0x100]        @ GICH_LR0: pending
    add r2, r5, #0x10000
    ldr r3, [r2, #0xc]          @ GICV_IAR
    str r3, [r2, #0x10]         @ GICV_EOIR
    eor r8, r3, r8, ror #1
    ldr r4, [r5, #0x30]         @ GICH_ELRSR
    add r8, r8, r4
    setend be
    ldr r4, [r5, #8]
    setend le
    rev r4, r4
    cmp r4, r6
    addne r8, r8, #1
    subs r7, r7, #1
    bne 1b
    {OFF}
"""


def machine(engine: str, code: str = SWITCHES, vcpus: int = 1) -> Machine:
    """`arm-virt` with a program, in Hyp mode."""
    options = MachineOptions(vcpus=vcpus, ram_size=RAM, engine=engine)
    return ArmVirtMachine(description("armv7ve"), guest("_start:\n" + code, "armv7ve", ARM_BASE), options)


def finished(made: Machine) -> tuple[int, int]:
    """What it has computed, and how many instructions that took."""
    assert made.run(100_000).outcome is Outcome.SILENT
    return reg(made, 8), made.statistics().instructions


def expected() -> int:
    """r8 after the loop: each interrupt is acknowledged and ended, and its list register is free then."""
    value = 0
    for left in range(ROUNDS, 0, -1):
        value = (left & 0x3FF) ^ (value >> 1 | (value & 1) << 31)
        value = value + 0xF & 0xFFFF_FFFF
    return value


@pytest.mark.parametrize("engine", ["reference", "native", "interpreter"])
def test_accesses_to_list_registers_do_what_they_do_on_each_engine(engine: str) -> None:
    """Loads, stores and big-endian loads; the same instructions on all."""
    value, executed = finished(machine(engine))
    assert value == expected()
    assert executed == finished(machine("reference"))[1]


def test_native_code_asks_nobody_for_them() -> None:
    """A world switch makes eighteen such accesses: none enters Python."""
    made = machine("native")
    finished(made)
    python = made.statistics().python
    assert python.get("load_device", 0) + python.get("store_device", 0) < 10


@pytest.mark.parametrize("engine", ["reference", "native"])
def test_who_listens_hears_of_each(engine: str) -> None:
    """Seven accesses a round, with processor, place, value and direction; and the result is the same."""
    made = machine(engine)
    seen: list[DeviceAccess] = []
    made.events.subscribe(DeviceAccess, seen.append)
    assert finished(made)[0] == expected()
    assert len(seen) == 7 * ROUNDS
    assert [(one.device, one.offset, one.value, one.is_write) for one in seen[:3]] == [
        ("gic_virtual", 8, 0xF84C_0001, True),
        ("gic_virtual", 0, 1, True),
        ("gic_virtual", 0x100, 0x1000_0000 | ROUNDS, True),
    ]
    made = machine(engine)
    subscription = made.events.subscribe(DeviceAccess, seen.append)
    made.events.unsubscribe(subscription)
    seen.clear()
    finished(made)
    assert not seen


WAKES = f"""
    mrc p15, 0, r0, c0, c0, 5
    ands r0, r0, #3
    bne other
    ldr r0, =0x84000003         @ PSCI_CPU_ON
    mov r1, #1
    ldr r2, =_start
    mov r3, #0
    smc #0
    ldr r5, =0x08031200         @ processor 1's GICH
1:  ldr r0, [r5]
    cmp r0, #1
    bne 1b                      @ it has switched its interface on
    mov r0, #0x10000000
    orr r0, r0, #77
    str r0, [r5, #0x100]        @ a list register of its own is pending: its guest's WFI ends
    b .
other:
    ldr r5, =0x08030000
    ldr r0, =0xf8000001
    str r0, [r5, #8]
    mov r0, #0x10               @ HCR.IMO
    mcr p15, 4, r0, c1, c1, 0
    mov r0, #1
    str r0, [r5]
    ldr r0, =0x1d3
    msr spsr_cxsf, r0
    ldr r0, =sleeps
    msr elr_hyp, r0
    eret
sleeps:
    wfi
    ldr r5, =0x08040000
    ldr r8, [r5, #0xc]          @ GICV_IAR
    {OFF}
    .ltorg
"""


@pytest.mark.parametrize("engine", ["reference", "native"])
def test_another_processor_s_list_register_wakes_its_guest(engine: str) -> None:
    """Processor 0 writes to processor 1's GICH at 0x1000 + 0x200, while that one's guest waits in WFI."""
    made = machine(engine, WAKES, vcpus=2)
    assert made.run(200_000).outcome is Outcome.SILENT
    assert reg(made, 8, 1) == 77
