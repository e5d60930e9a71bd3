"""A Power core of one's own: hypervisor state is the guest's, devices are a load and a store away."""

import pytest

from trapline.server.boards.devices import UART
from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.power.power_bare import PowerBareMachine
from trapline.server.boards.registry import build_machine
from trapline.server.verdict import Outcome

from .guests import RAM, gpr, guest, load, output

PRINT = load(4, UART) + "".join(f"li %r5, {byte}\nstb %r5, 0(%r4)\n" for byte in b"PASS\n")


def bare(code: str, vectors: str = "", core: str = "power7", vcpus: int = 1) -> Machine:
    """A power-bare machine with `code` at 0x4000."""
    text = f"{vectors}\n.org 0x4000\n_start:\n{code}\n1: b 1b\n"
    options = MachineOptions(core=core, vcpus=vcpus, ram_size=RAM)
    return build_machine(guest(text, core, 0), "power-bare", options)


def test_core_begins_in_hypervisor_real_mode() -> None:
    """MSR.HV is set, translation is off, and the serial port answers at its real address."""
    machine = bare(PRINT + "mfmsr %r30\nrvwinkle\n")
    said = output(machine)
    assert machine.run(1000).outcome is Outcome.PASSED
    assert (bytes(said), gpr(machine, 30)) == (b"PASS\n", 0x9000000000000000)


def test_hypervisor_call_reaches_the_guests_own_vector() -> None:
    """sc 1 enters 0xC00 in hypervisor state: no model stands in between."""
    machine = bare("sc 1\n", ".org 0xC00\nli %r30, 1\nmfsrr0 %r31\n1: b 1b\n")
    machine.run(100)
    assert (gpr(machine, 30), gpr(machine, 31)) == (1, 0x4004)


def test_nap_ends_with_the_decrementer() -> None:
    """With LPCR.PECE1, time jumps to the decrementer's and a system reset says what woke the thread."""
    lpcr = load(9, 0x2000) + "mtspr 318, %r9\n"
    wake = ".org 0x100\nmfsrr1 %r30\nmftb %r31\n1: b 1b\n"
    machine = bare(lpcr + load(9, 1_000_000) + "mtdec %r9\nnap\n", wake)
    machine.run(200)
    assert gpr(machine, 30) & 0x3C0000 == 0x180000
    assert 1_000_000 <= gpr(machine, 31) <= 1_000_100


def test_all_threads_asleep_for_good_is_an_end() -> None:
    """Without PASS or FAIL the machine is idle, and its status says so."""
    assert bare("rvwinkle\n").run(1000).outcome is Outcome.IDLE


def test_access_to_nothing_is_a_machine_check() -> None:
    """With MSR.ME clear, that stops the thread for good, and the run says where."""
    verdict = bare(load(4, UART + 0x2000) + "lbz %r5, 0(%r4)\n").run(1000)
    assert verdict.outcome is Outcome.DIED
    assert "checkstop" in verdict.reason


def test_threads_know_their_numbers() -> None:
    """All threads begin at the entry point, told apart by r3."""
    machine = bare("mr %r30, %r3\nrvwinkle\n", vcpus=3)
    machine.run(10_000)
    assert [gpr(machine, 30, n) for n in range(3)] == [0, 1, 2]


@pytest.mark.parametrize("core", ["power7", "ppc970"])
def test_serial_input_raises_the_external_interrupt(core: str) -> None:
    """A typed character is received, and requests an interrupt while IER asks for it."""
    vector = ".org 0x500\n" + load(4, UART) + "lbz %r30, 0(%r4)\n1: b 1b\n"
    code = load(4, UART) + "li %r5, 1\nstb %r5, 1(%r4)\n" + load(9, 0x8000)
    machine = bare(code + "mfmsr %r8\nor %r8, %r8, %r9\nmtmsrd %r8\n", vector, core)
    assert isinstance(machine, PowerBareMachine)
    machine.run(50)
    assert gpr(machine, 30) == 0
    machine.console.type(b"k")
    machine.run(50)
    assert gpr(machine, 30) == ord("k")


def test_caching_inhibited_accesses_reach_a_device_and_memory() -> None:
    """stbcix and lbzcix on the serial port; each width stores and loads what the book says."""
    sizes = {"b": (1, "lbzcix"), "h": (2, "lhzcix"), "w": (4, "lwzcix"), "d": (8, "ldcix")}
    code = load(4, UART) + load(9, 5) + "li %r5, 33\nstbcix %r5, 0, %r4\nlbzcix %r20, %r4, %r9\n"
    code += load(4, 0x8000) + load(5, 0x1122334455667788) + "li %r8, 0\n"
    for number, (letter, (_, loads)) in enumerate(sizes.items()):
        code += f"std %r8, 0(%r4)\nst{letter}cix %r5, 0, %r4\n{loads} %r{21 + number}, 0, %r4\n"
    machine = bare(code + "rvwinkle\n")
    said = output(machine)
    machine.run(1000)
    assert (bytes(said), gpr(machine, 20)) == (b"!", 0x60)
    for number, (size, _) in enumerate(sizes.values()):
        assert gpr(machine, 21 + number) == 0x1122334455667788 & (1 << 8 * size) - 1


def test_caching_inhibited_accesses_are_the_hypervisors() -> None:
    """Outside of hypervisor state they are a privileged instruction program interrupt (SRR1 bit 45)."""
    leave = load(9, 0x4100) + "mtspr 314, %r9\n" + load(9, 0x8000000000000000) + "mtspr 315, %r9\nhrfid\n"
    machine = bare(leave + ".org 0x4100\nlbzcix %r5, 0, %r6\n", ".org 0x700\nmfsrr1 %r30\nmfsrr0 %r31\n1: b 1b\n")
    machine.run(100)
    assert (gpr(machine, 31), gpr(machine, 30) & 0x40000) == (0x4100, 0x40000)
