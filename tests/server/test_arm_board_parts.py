"""Parts of the `virt` board as their books have them: GIC, PL031, cycle counter, flash; and processors that contend."""

from __future__ import annotations

import pytest

from trapline.isa.engine.devices import DescribedDevice, DevicePorts
from trapline.server.boards.arm_virt import ArmVirtMachine
from trapline.server.boards.flash_banks import FlashError
from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.loading.guest import Blob, Guest, guest_of
from trapline.server.verdict import Outcome

from .guests import ARM_BASE, RAM, arm, description, guest, number, reg

SPI = 40


def gic(processors: int) -> tuple[DescribedDevice, list[tuple[int, int]]]:
    """A GIC for so many processors with everything enabled, and what it does to their IRQs."""
    levels: list[tuple[int, int]] = []
    device = DescribedDevice(
        description("armv7ve"), "gicv2", DevicePorts(signals={"irq": lambda cpu, level: levels.append((cpu, level))})
    )
    device.call("connect", processors)
    for cpu in range(processors):
        device.write(0x10004, 4, 0xFF, cpu)
        device.write(0x10000, 4, 1, cpu)
    device.write(0x000, 4, 1, 0)
    device.write(0x100 + 4, 4, 1 << SPI - 32, 0)
    return device, levels


def requested(levels: list[tuple[int, int]]) -> set[int]:
    """The processors whose IRQ is asserted."""
    return {cpu for cpu, level in dict(levels).items() if level}


def test_one_processor_gets_every_spi() -> None:
    """IHI 0048B, 4.3.12: in a uniprocessor implementation the target registers are RAZ/WI, all go to it."""
    device, levels = gic(1)
    device.write(0x800 + SPI, 1, 1, 0)
    assert device.read(0x800 + SPI, 1, 0) == 0
    device.call("drive", 0, SPI, 1)
    assert requested(levels) == {0}


def test_of_several_processors_the_targets_get_it() -> None:
    """Without a target nobody is interrupted; bits of processors that are not there stay zero."""
    device, levels = gic(2)
    device.call("drive", 0, SPI, 1)
    assert requested(levels) == set()
    device.write(0x800 + SPI, 1, 0xFE, 0)
    assert device.read(0x800 + SPI, 1, 0) == 2
    assert requested(levels) == {1}


@pytest.mark.parametrize("processors", [1, 2, 4, 8])
def test_type_register_counts_processors(processors: int) -> None:
    """GICD_TYPER.CPUNumber is one less; 288 interrupts."""
    assert gic(processors)[0].read(4, 4, 0) == 8 | processors - 1 << 5


@pytest.mark.parametrize("offset", [0x00C, 0x520, 0x0FC, 0x7F0, 0xD24, 0xFC0, 0x1002C, 0x10FFC, 0x1FFFC])
def test_reserved_registers_read_as_zero(offset: int) -> None:
    """IHI 0048B, 4.1.2: RAZ/WI, no abort."""
    device, _ = gic(1)
    assert device.write(offset, 4, 0xFFFF_FFFF, 0) is None
    assert device.read(offset, 4, 0) == 0


def test_pl031_has_its_identification() -> None:
    """ARM DDI 0224, 3.4: peripheral 0x031, revision 1 of Arm's, PrimeCell 0xB105F00D."""
    device = DescribedDevice(description("armv7ve"), "pl031")
    registers = [device.read(0xFE0 + 4 * n, 4) for n in range(8)]
    assert registers == [0x31, 0x10, 0x14, 0x00, 0x0D, 0xF0, 0x05, 0xB1]


# Both processors take the lock as often as they are told; the counter is their common work.
CONTEND = """
    movw r10, #0x1000
    movt r10, #0x4002
    movw r0, #{cpu_on}
    movt r0, #0x8400
    mov r1, #1
    adr r2, second
    CALL
    bl work
0:  ldr r0, [r10, #8]
    cmp r0, #1
    bne 0b
    ldr r5, [r10, #4]
    OFF
second:
    movw r10, #0x1000
    movt r10, #0x4002
    bl work
    mov r0, #1
    str r0, [r10, #8]
1:  wfi
    b 1b
work:
    movw r4, #{rounds}
2:  add r3, r10, #16
3:  ldrex r0, [r3]
    add r1, r0, #1
    strex r2, r1, [r3]
    cmp r2, #0
    bne 3b
4:  ldr r1, [r10]
    cmp r1, r0
    {wait}
    bne 4b
    ldr r1, [r10, #4]
    add r1, r1, #1
    str r1, [r10, #4]
    dmb
    add r0, r0, #1
    str r0, [r10]
    {send}
    subs r4, r4, #1
    bne 2b
    bx lr
"""


@pytest.mark.parametrize("board", ["arm-virt", "arm-kvm"])
@pytest.mark.parametrize(("wait", "send", "most"), [("wfene", "dsb\nsev", 100), ("nop", "nop", 12_000)])
def test_contending_processors_get_on(board: str, wait: str, send: str, most: int) -> None:
    """A ticket lock changes hands 2000 times: by events in some instructions each, by spinning in a turn at most."""
    rounds, cpu_on = 1000, number("PSCI_CPU_ON", "armv7ve") & 0xFFFF
    machine = arm(CONTEND.format(rounds=rounds, cpu_on=cpu_on, wait=wait, send=send), board, vcpus=2)
    machine.run(100_000_000)
    assert reg(machine, 5) == 2 * rounds
    assert machine.steps <= most * 2 * rounds
    assert machine.statistics().exits.get("hlt", 0) <= 3 * rounds


@pytest.mark.parametrize("board", ["arm-virt", "arm-kvm"])
def test_wait_for_an_event_that_never_comes_is_idle(board: str) -> None:
    """WFE waits, whoever plays the hypervisor: a guest in which nobody sends an event ends as idle."""
    assert arm("1: wfe\nb 1b", board, vcpus=2).run(1000).outcome is Outcome.IDLE


def flash_machine(engine: str, code: str) -> Machine:
    """An arm-virt whose program is in flash, at 0."""
    off = f"movw r0, #{number('PSCI_SYSTEM_OFF', 'armv7ve') & 0xFFFF}\nmovt r0, #0x8400\nsmc #0"
    text = "_start:\n" + code.replace("OFF", off)
    elf = guest(text, "armv7ve", 0)
    blob = Blob("firmware", elf.segments[0].data)
    return build_machine(Guest("firmware", firmware=blob), "arm-virt", MachineOptions(ram_size=RAM, engine=engine))


@pytest.mark.parametrize("engine", ["reference", "native"])
def test_firmware_runs_in_flash_and_programs_it(engine: str) -> None:
    """Code runs from the array; the other bank shows its identification; a word that was programmed runs as it is."""
    code = """
        bl changed
        mov r8, r7
        mov r0, #0x04000000
        ldr r1, =0x00900090
        str r1, [r0]
        ldr r9, [r0]
        ldr r1, =0x00FF00FF
        str r1, [r0]
        ldr r10, [r0]
        ldr r0, =program
        ldr r1, =0x40020000
        mov r2, #programmed - program
    1:  subs r2, r2, #4
        ldr r3, [r0, r2]
        str r3, [r1, r2]
        bne 1b
        ldr r0, =changed
        ldr r2, =0x00400040
        ldr r3, =0xE3A07002
        ldr r4, =0x00FF00FF
        blx r1
        bl changed
        OFF
    changed:
        mov r7, #3
        bx lr
    program:
        str r2, [r0]
        str r3, [r0]
        str r4, [r0]
        bx lr
    programmed:
        .ltorg
    """
    machine = flash_machine(engine, code)
    assert isinstance(machine, ArmVirtMachine)
    machine.run(10_000)
    assert machine.verdict is not None
    assert (reg(machine, 8), reg(machine, 9), reg(machine, 10), reg(machine, 7)) == (3, 0x0089_0089, 0, 2)


def test_stores_to_flash_without_a_command_change_nothing() -> None:
    """The array is read-only memory: a store is a command cycle, and an unknown one shows the array."""
    machine = flash_machine("reference", "mov r0, #0x04000000\nmvn r1, #0\nstr r1, [r0]\nldr r5, [r0]\nOFF")
    machine.run(1000)
    assert reg(machine, 5) == 0


def test_files_for_flash_must_fit() -> None:
    """Two files for the same bytes, or one that no bank holds: both sides are named."""
    program = guest_of(guest("_start: b _start", "armv7ve", ARM_BASE)).program
    for flash, message in (
        ((Blob("a", bytes(8), 0), Blob("b", bytes(8), 4)), "a .*b .*overlap"),
        ((Blob("a", bytes(8), 0x0800_0000),), "does not fit"),
        ((Blob("a", b"1"), Blob("b", b"2"), Blob("c", b"3")), "c: both banks"),
    ):
        with pytest.raises(FlashError, match=message):
            build_machine(Guest("g", program, flash=flash), "arm-virt", MachineOptions(engine="reference"))
    held = build_machine(
        Guest("g", program, flash=(Blob("a", b"1"), Blob("b", b"2"))), "arm-virt", MachineOptions(engine="reference")
    )
    assert (held.memory.read(0, 1), held.memory.read(64 << 20, 1)) == (b"1", b"2")
