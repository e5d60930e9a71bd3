"""The same guest on both engines ends in the same state, at the same guest time, after the same exits."""

import pytest
from msgspec.structs import replace

from trapline.server.boards.devices import UART
from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.tree.schedule import QUANTUM

from .guests import RAM, description, guest, hcall, load, power_off, rtas, say
from .test_arm_machines import MACHINES, PRINT, TIMER, VECTORS, mode
from .test_pseries import SECOND, enter, translation_on

ACCESSES = "li %r5, 0x41\nstb %r5, 0(%r4)\nlhbrx %r31, 0, %r4\nlmw %r28, 0(%r4)\n1: b 1b\n"
POWER_GUESTS = {
    "devices": enter(0x10000, UART | 0x1B8) + translation_on(load(4, 0x10000) + ACCESSES),
    "two vcpus": rtas("start_cpu", 1, 0x6000, 3)
    + "2: addi %r31, %r31, 1\nmftb %r30\nb 2b\n"
    + SECOND
    + hcall("H_CEDE")
    + "3: mftb %r28\nb 3b\n",
    "verdict": say("FAIL\n") + power_off(),
}


def both(text: str, core: str, base: int, machine: str, vcpus: int = 1) -> tuple[Machine, Machine]:
    """The machine on either engine."""
    options = MachineOptions(vcpus=vcpus, ram_size=RAM, core=core)
    elf = guest(text, core, base)
    one, other = (replace(options, engine=engine) for engine in ("reference", "native"))
    return build_machine(elf, machine, one), build_machine(elf, machine, other)


def outcome(machine: Machine, steps: int) -> tuple[object, ...]:
    """Everything that a run leaves behind."""
    verdict = machine.run(steps)
    states = [vcpu.core.snapshot() for vcpu in machine.vcpus]
    return verdict, machine.clock.now, dict(machine.exits), states, machine.memory.read(machine.BOOT.ram, 0x20000)


@pytest.mark.parametrize("core", ["power7", "ppc970"])
@pytest.mark.parametrize("name", POWER_GUESTS)
def test_engines_agree_on_partitions(name: str, core: str) -> None:
    """Page tables, devices, several vcpus, verdicts."""
    text = f".org 0x4000\n_start:\n{POWER_GUESTS[name]}\n1: b 1b\n"
    reference, native = both(text, core, 0, "pseries", vcpus=2)
    assert outcome(reference, 4 * QUANTUM) == outcome(native, 4 * QUANTUM)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("name", ["print", "timer"])
def test_engines_agree_on_arm(name: str, machine: str) -> None:
    """Hyp mode and stage 2, device emulation, timer interrupts."""
    assert description("armv7ve").name == "arm"
    code = PRINT if name == "print" else mode(machine) + VECTORS + TIMER
    reference, native = both(f"_start:\n{code}\n9: b 9b\n", "armv7ve", 0x4001_0000, machine)
    assert outcome(reference, 2000) == outcome(native, 2000)
