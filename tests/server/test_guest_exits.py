"""Guests that leave with a status: semihosting's SYS_EXIT, and the debug-exit device."""

from __future__ import annotations

import pytest

from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.registry import WrongBoardError, build_machine
from trapline.server.machine.virt_fdt import VirtMap
from trapline.server.verdict import Ending, Outcome

from .guests import ARM_BASE, RAM, arm, guest, hcall, load, output, partition

ENGINES = ("native", "reference")
A32 = ("", "svc #0x123456")
T32 = ("blx 8f\n8: .thumb\n", "svc #0xab")


def semihosted(code: str, engine: str = "native", append: str = "", data: str = "") -> Machine:
    """An arm-virt machine with semihosting; `code` is followed by a loop and then by `data`."""
    text = f"_start:\nmov sp, #0x41000000\n{code}\n9: b 9b\n.balign 4\n{data}\n"
    options = MachineOptions(ram_size=RAM, engine=engine, semihosting=True, bootargs=append)
    return build_machine(guest(text, "armv7ve", ARM_BASE), "arm-virt", options)


def call(number: int, parameter: str = "", how: str = "svc #0x123456") -> str:
    """Code for an operation."""
    return f"{parameter}\nmov r0, #{number}\n{how}\n"


EXIT = "movw r1, #0x26\nmovt r1, #2\n"
"""ADP_Stopped_ApplicationExit."""


@pytest.mark.parametrize("engine", ENGINES)
def test_a_semihosted_program_prints_and_leaves(engine: str) -> None:
    """SYS_WRITE0 and SYS_WRITEC go to the console; SYS_EXIT ends the run behind that instruction."""
    code = "adr r1, text\n" + call(4) + "adr r1, char\n" + call(3) + call(0x18, EXIT) + "mov r7, #1\n"
    machine = semihosted(code, engine, data='text: .asciz "hello "\nchar: .ascii "!"\n.balign 4\n')
    said = output(machine)
    verdict = machine.run(1000)
    assert (verdict.outcome, verdict.guest_status, verdict.ending) == (Outcome.PASSED, 0, Ending.EXIT)
    assert bytes(said) == b"hello !"
    assert machine.vcpus[0].core.read("R", 7) == 0, "nothing follows"


@pytest.mark.parametrize(("reason", "status", "outcome"), [(0x20026, 0, 0), (0x20026, 7, 1), (0x20023, 0, 1)])
@pytest.mark.parametrize("engine", ENGINES)
def test_exit_extended_tells_a_status(reason: int, status: int, outcome: int, engine: str) -> None:
    """The status counts where the program ended of its own will; another reason is a failure."""
    machine = semihosted("adr r1, block\n" + call(0x20), engine, data=f"block: .word {reason}, {status}\n")
    verdict = machine.run(1000)
    assert verdict.outcome.value == outcome
    assert verdict.guest_status == (status if reason == 0x20026 else 1)


def test_thumb_programs_ask_with_their_own_number() -> None:
    """SVC 0xAB in T32; 0x123456 does not fit there."""
    code = "adr r1, 8f\norr r1, r1, #1\nbx r1\n.balign 4\n.thumb\n8: movs r0, #0x18\nldr r1, 7f\nsvc #0xab\nb .\n"
    machine = semihosted(code + ".balign 4\n7: .word 0x20026\n.arm\n")
    assert machine.run(1000).outcome is Outcome.PASSED


def test_files_are_the_console_and_the_features_alone() -> None:
    """What newlib does at its start: three handles of :tt, the feature byte, the command line; no file of the host."""
    code = """
        adr r1, tt
        mov r0, #1
        svc #0x123456
        mov r4, r0
        str r0, handle
        adr r1, isatty
        mov r0, #9
        svc #0x123456
        mov r5, r0
        adr r1, passwd
        mov r0, #1
        svc #0x123456
        mov r6, r0
        mov r0, #0x13
        svc #0x123456
        mov r7, r0
        adr r1, cmdline
        mov r0, #0x15
        svc #0x123456
        mov r8, r0
        ldr r2, size
        str r2, count
        adr r1, write
        mov r0, #5
        svc #0x123456
        mov r9, r0
        mov r0, #0x7f
        svc #0x123456
        mov r10, r0
    """
    data = """
        tt: .word ttname, 4, 3
        passwd: .word pwname, 0, 11
        isatty:
        write:
        handle: .word 0
        .word buffer
        count: .word 0
        cmdline: .word buffer
        size: .word 64
        buffer: .space 64
        ttname: .asciz ":tt"
        pwname: .asciz "/etc/passwd"
        .balign 4
    """
    machine = semihosted(code + call(0x18, EXIT), append="one two", data=data)
    said = output(machine)
    assert machine.run(1000).outcome is Outcome.PASSED
    found = [machine.vcpus[0].core.read("R", n) for n in (4, 5, 6, 7, 8, 9, 10)]
    assert found == [1, 1, 0xFFFF_FFFF, 2, 0, 0, 0xFFFF_FFFF]
    assert bytes(said) == b"one two"


def test_bad_addresses_fail_and_harm_nothing() -> None:
    """A block where no memory is: the operation says -1, and the program goes on."""
    code = "mvn r1, #3\n" + call(5) + "mov r4, r0\nmvn r1, #3\n" + call(4) + "mov r5, r0\n" + call(0x18, EXIT)
    machine = semihosted(code)
    assert machine.run(1000).outcome is Outcome.PASSED
    assert [machine.vcpus[0].core.read("R", n) for n in (4, 5)] == [0xFFFF_FFFF] * 2


def test_without_the_option_an_svc_is_the_guests() -> None:
    """As in QEMU: it goes to the guest's own vector."""
    machine = arm("movw r0, #0x18\nsvc #0x123456\n", "arm-virt")
    assert machine.run(100).outcome is not Outcome.PASSED
    with pytest.raises(WrongBoardError, match="arm-kvm"):
        build_machine(
            guest("_start: b .\n", "armv7ve", ARM_BASE), "arm-kvm", MachineOptions(ram_size=RAM, semihosting=True)
        )


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", ["arm-virt", "arm-kvm"])
@pytest.mark.parametrize("store", ["str", "strb", "strh"])
def test_the_exit_device_of_the_arm_machines(name: str, store: str, engine: str) -> None:
    """A store of any size ends the run with the status, and no instruction follows."""
    base = VirtMap().debug_exit.base
    for status in (0, 5):
        code = f"_start:\nmovw r1, #0\nmovt r1, #{base >> 16:#x}\nmov r0, #{status}\n{store} r0, [r1]\n"
        code += "mov r7, #1\nb .\n"
        machine = build_machine(guest(code, "armv7ve", ARM_BASE), name, MachineOptions(ram_size=RAM, engine=engine))
        verdict = machine.run(1000)
        assert (verdict.outcome, verdict.guest_status) == (Outcome.FAILED if status else Outcome.PASSED, status)
        assert machine.vcpus[0].core.read("R", 7) == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_the_exit_device_of_power_bare(engine: str) -> None:
    """A caching-inhibited store in hypervisor real mode, of big-endian bytes."""
    for store, status in (("stwcix", 3), ("stbcix", 4), ("sthcix", 0)):
        code = f"_start:\n{load(4, 0x80_0000_1000)}li %r3, {status}\nli %r5, 0\n{store} %r3, %r5, %r4\nli %r7, 1\nb .\n"
        machine = build_machine(guest(code, "power7", 0), "power-bare", MachineOptions(ram_size=RAM, engine=engine))
        verdict = machine.run(1000)
        assert (verdict.outcome, verdict.guest_status) == (Outcome.FAILED if status else Outcome.PASSED, status)
        assert machine.vcpus[0].core.read("GPR", 7) == 0


def test_the_exit_device_of_a_partition() -> None:
    """By H_LOGICAL_CI_STORE, as a partition reaches devices without a page table entry."""
    machine = partition(hcall("H_LOGICAL_CI_STORE", 4, 0x80_0000_1000, 9) + "li %r31, 1\n")
    verdict = machine.run(1000)
    assert (verdict.outcome, verdict.guest_status) == (Outcome.FAILED, 9)
    assert machine.vcpus[0].core.read("GPR", 31) == 0
