"""Debian's firmware on our machines, by one option: it reaches its prompt, obeys a command, and switches off."""

from __future__ import annotations

from pathlib import Path

import pytest

from trapline.server.boards.arm_virt import ArmVirtMachine
from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.loading.request import FileAt, LoadRequest
from trapline.tests.oracle.require import foreign_file

from .conversation import Conversation

U_BOOT = "/usr/lib/u-boot/qemu_arm/u-boot.bin"
SLOF = "/usr/share/qemu/slof.bin"
UEFI = "/usr/share/AAVMF/AAVMF32_CODE.fd"
SVC = 0x1D3
"""CPSR: Supervisor mode, interrupts masked. EDK II is built for a processor that starts there, as QEMU's does without
`virtualization=on`; in Hyp mode it stops in both."""


def conversation(firmware: Path, machine: str) -> Conversation:
    """A machine with firmware in it, about to begin."""
    return Conversation(build_machine(LoadRequest(bios=firmware), machine, MachineOptions(engine="native")))


@pytest.mark.oracle
@pytest.mark.slow
def test_u_boot_obeys_and_keeps_its_environment_in_flash() -> None:
    """`trapline run --machine arm-virt --bios u-boot.bin`: commands work, saveenv writes to flash, poweroff ends."""
    talk = conversation(foreign_file(U_BOOT), "arm-virt")
    talk.wait_for("Hit any key", 400_000_000)
    talk.answer("", "=> ", 100_000_000)
    assert "dummy-virt" in talk.answer("fdt addr $fdtcontroladdr; fdt print / compatible", "=> ", 50_000_000)
    assert "0x00001000" not in talk.answer("setenv trapline 4711; printenv trapline", "=> ", 50_000_000)
    assert "OK" in talk.answer("saveenv", "=> ", 900_000_000)
    assert isinstance(talk.machine, ArmVirtMachine)
    contents = [bank.ram.read(0, bank.size) for bank in talk.machine.flash.banks]
    assert any(b"trapline=4711" in one for one in contents)
    verdict = talk.ending("poweroff", 50_000_000)
    assert verdict is not None
    assert "switched its machine off" in verdict.reason


@pytest.mark.oracle
@pytest.mark.slow
def test_slof_obeys_a_typed_word() -> None:
    """`trapline run --machine pseries --bios slof.bin`: Open Firmware computes, knows its tree, and powers off."""
    talk = conversation(foreign_file(SLOF), "pseries")
    booting = talk.wait_for("0 > ", 6_000_000_000)
    assert "E3401" not in booting  # no NVRAM
    assert "3  ok" in talk.answer("1 2 + .", "0 > ", 200_000_000, "\r")
    assert "nvram@71000001" in talk.answer("dev /vdevice ls", "0 > ", 400_000_000, "\r")
    verdict = talk.ending("power-off", 200_000_000, "\r")
    assert verdict is not None
    assert "RTAS power-off" in verdict.reason


@pytest.mark.oracle
@pytest.mark.slow
def test_the_uefi_shell_obeys() -> None:
    """`trapline run --machine arm-virt --flash AAVMF32_CODE.fd --reg cpsr=0x1d3`: Thumb code with A32 glue in the same
    pages, timer interrupts, flash; the shell answers, and switches the machine off."""
    firmware = FileAt(foreign_file(UEFI))
    request = LoadRequest(flash=(firmware,), registers=(("cpsr", SVC),))
    talk = Conversation(build_machine(request, "arm-virt", MachineOptions(engine="native")))
    talk.wait_for("to skip", 900_000_000)
    talk.answer("", "Shell> ", 200_000_000, "\x1b")
    assert "UEFI v2.70 (EDK II" in talk.answer("ver", "Shell> ", 200_000_000, "\r")
    talk.answer("set trapline 4711", "Shell> ", 200_000_000, "\r")
    assert "4711" in talk.answer("set trapline", "Shell> ", 200_000_000, "\r")
    verdict = talk.ending("reset -s", 200_000_000, "\r")
    assert verdict is not None
    assert "switched its machine off" in verdict.reason
