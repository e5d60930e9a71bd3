"""While every vcpu waits: guest time jumps to the next timer, or follows the host's clock where somebody looks on."""

from __future__ import annotations

import os
import pty

from msgspec.structs import replace

from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.limits import Limits
from trapline.server.machine.host_pace import LONGEST, HostPace
from trapline.server.run_on_terminal import run_on_terminal
from trapline.server.tree.ends import Idle, Waits
from trapline.server.verdict import Outcome

from .guests import ARM_BASE, RAM, guest, number, partition, rtas

GIC = """
    movw r1, #0
    movt r1, #0x0800
    mov r2, #1
    str r2, [r1]
    add r3, r1, #0x10000
    str r2, [r3]
    mov r2, #0xff
    str r2, [r3, #4]
    mov r2, #2
    str r2, [r1, #0x104]
    mov r2, #1
    strb r2, [r1, #0x821]
    mov r2, #0x40000000
    str r2, [r1, #0x100]
"""
"""The distributor and the CPU interface on, with the serial port's interrupt and the physical timer's."""
UART = "movw r4, #0\nmovt r4, #0x0900\nmov r2, #0x10\nstr r2, [r4, #0x38]\nmovw r2, #0x301\nstr r2, [r4, #0x30]\n"
TIMER = "mvn r2, #0x80000000\nmcr p15, 0, r2, c14, c2, 0\nmov r2, #1\nmcr p15, 0, r2, c14, c2, 1\n"
OFF = number("PSCI_SYSTEM_OFF", "armv7ve")
POWER_OFF = f"movw r0, #{OFF & 0xFFFF:#x}\nmovt r0, #{OFF >> 16:#x}\nsmc #0\n"
READER = f"_start:\n{GIC}{UART}{TIMER}wfi\nmrrc p15, 0, r6, r7, c14\nldr r5, [r4]\n{POWER_OFF}"
"""Waits for a character, or half a minute; r5 is the character, r7:r6 the time."""


class Host:
    """A host whose clock goes only while somebody waits; after `typed_at` seconds a key is pressed."""

    def __init__(self, machine: Machine, typed_at: float) -> None:
        self.now = 100.0
        self.waits = 0
        self._machine = machine
        self._typed_at = 100.0 + typed_at

    def wait(self, seconds: float) -> bool:
        """See `machine.host_pace.Wait`."""
        self.waits += 1
        if self.now < self._typed_at <= self.now + seconds:
            self.now = self._typed_at
            self._machine.console.type(b"k")
            return True
        self.now += seconds
        return False


def reader(options: MachineOptions) -> Machine:
    """A machine with that guest."""
    return build_machine(guest(READER, "armv7ve", ARM_BASE), "arm-virt", options)


def paced(machine: Machine, typed_at: float) -> Host:
    """The machine follows a host's clock from now on."""
    host = Host(machine, typed_at)
    rate = float(machine.clock.instructions_per_tick * machine.ticks_per_second)
    machine.turns.pace = HostPace(machine.clock, rate, host.wait, lambda: host.now).reach
    return host


def registers(machine: Machine) -> tuple[int, int]:
    """(the character, the time in ticks)."""
    core = machine.vcpus[0].core
    return core.read("R", 5), core.read("R", 7) << 32 | core.read("R", 6)


OPTIONS = MachineOptions(ram_size=RAM, core="armv7ve")


def test_time_jumps_where_nobody_looks_on() -> None:
    """Half a minute of guest time is over at once, and no character has come."""
    machine = reader(OPTIONS)
    machine.run(1000)
    assert machine.verdict is not None
    character, ticks = registers(machine)
    assert character == 0
    assert ticks >= 0x7FFF_FFFF


def test_a_wait_follows_the_hosts_clock_and_ends_with_what_is_typed() -> None:
    """A key after 2.5 s is there after 2.5 s of guest time; slices end again and again meanwhile."""
    machine = reader(OPTIONS)
    host = paced(machine, 2.5)
    slices = 0
    while machine.verdict is None:
        assert slices < 1000
        assert not isinstance(machine.run_slice(1000), Idle)
        slices += 1
    character, ticks = registers(machine)
    assert character == ord("k")
    assert abs(ticks / machine.ticks_per_second - 2.5) < 0.001
    assert host.waits >= 2.5 / LONGEST, "it waits in pieces that a debugger can come between"


def test_a_paced_wait_that_nothing_ends_comes_to_its_timer_exactly() -> None:
    """What the guest sees is what it sees where time jumps."""
    jumped, followed = reader(OPTIONS), reader(OPTIONS)
    paced(followed, 1000.0)
    jumped.run(1000)
    followed.run(1000)
    assert registers(followed) == registers(jumped)
    assert followed.vcpus[0].core.snapshot() == jumped.vcpus[0].core.snapshot()


def test_a_recorded_wait_replays_without_a_host() -> None:
    """What came in, and when, makes the run again: state and time are the same."""
    first = reader(OPTIONS)
    paced(first, 2.5)
    first.run()
    again = reader(replace(OPTIONS, replay=first.door.record))
    again.run()
    assert len(first.door.record) == 1
    assert registers(again) == registers(first)
    assert again.clock.now == first.clock.now
    assert again.vcpus[0].core.snapshot() == first.vcpus[0].core.snapshot()


def test_recorded_input_comes_to_a_running_guest_at_its_instruction() -> None:
    """A guest that polls: input of a record reaches it after exactly as many instructions, however it is sliced."""
    poll = "1: ldr r2, [r4, #0x18]\ntst r2, #0x10\nadd r8, r8, #1\nbne 1b\nldr r5, [r4]\n"
    program = guest(f"_start:\n{UART}{poll}{POWER_OFF}", "armv7ve", ARM_BASE)
    first = build_machine(program, "arm-virt", OPTIONS)
    first.run_slice(12_345)
    first.console.type(b"z")
    first.run()
    counts = []
    for size in (700, 1 << 20):
        again = build_machine(program, "arm-virt", replace(OPTIONS, replay=first.door.record))
        while again.verdict is None:
            again.run_slice(size)
        counts.append((again.vcpus[0].core.read("R", 5), again.vcpus[0].core.read("R", 8), again.steps))
    core = first.vcpus[0].core
    assert counts == [(ord("z"), core.read("R", 8), first.steps)] * 2


def test_a_guest_that_nothing_can_wake_ends() -> None:
    """Also where time follows the host's clock: nobody waits for what cannot come."""
    machine = build_machine(guest("_start:\nwfi\nb .\n", "armv7ve", ARM_BASE), "arm-virt", OPTIONS)
    host = paced(machine, 1000.0)
    assert machine.run(1000).outcome is Outcome.IDLE
    assert host.waits == 0


def test_a_slice_that_waits_says_so() -> None:
    """It ends before its instructions are used up."""
    machine = reader(OPTIONS)
    paced(machine, 1000.0)
    assert isinstance(machine.run_slice(1_000_000), Waits)


def test_a_guest_that_typing_cannot_wake_ends_on_a_terminal_too() -> None:
    """A partition whose vcpus have stopped themselves: its console raises no interrupt, so no key is waited for."""
    machine = partition(rtas("stop_self"))
    assert not machine.console.is_heard
    ours, its = pty.openpty()
    try:
        assert run_on_terminal(machine, Limits(instructions=100_000), its, its).outcome is Outcome.IDLE
    finally:
        os.close(ours)
        os.close(its)
