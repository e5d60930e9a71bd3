"""Who runs a whole process, and with which command."""

from __future__ import annotations

import enum
import os
import sys
from pathlib import Path

from ..architectures import POWER, Architecture
from ..peers.qemu import COMMANDS, PSERIES
from .guests import Guest


class Peer(enum.Enum):
    """The value is the column's title."""

    QEMU = "QEMU"
    FIRST = "1st run"
    SECOND = "2nd run"
    INTERPRETER = "interp."
    EDITED = "edited"


QEMU, FIRST, SECOND, INTERPRETER, EDITED = Peer


_QEMU_OPTIONS = ("-accel", "tcg", "-nodefaults", "-display", "none", "-serial", "stdio", "-no-reboot")


def command(guest: Guest, peer: Peer, vcpus: int, folder: Path) -> list[str]:
    """What runs a guest; files that it needs are written into `folder`."""
    program = guest.program
    path = folder / f"{program.kernel.name}.{program.arch.name}"
    if peer is QEMU and program.arch == POWER:
        path = path.with_suffix(".bin")
        path.write_bytes(program.flat(guest.counts))
        return [*_qemu(program.arch, vcpus), "-bios", str(path)]
    path.write_bytes(program.elf(guest.counts))
    if peer is QEMU:
        return [*_qemu(program.arch, vcpus), "-kernel", str(path)]
    return [*trapline(), "run", "-m", program.machine, "--vcpus", str(vcpus), "--engine", _engine(peer), str(path)]


def _qemu(arch: Architecture, vcpus: int) -> list[str]:
    return [COMMANDS[arch.name][0], *qemu_machine(arch), "-smp", str(vcpus), *_QEMU_OPTIONS]


def qemu_machine(arch: Architecture) -> list[str]:
    """QEMU's options for the machine that ours are like."""
    if arch == POWER:
        return ["-M", PSERIES, "-cpu", "POWER7", "-m", "256"]
    return ["-M", "virt,virtualization=on", "-cpu", "cortex-a15", "-m", "128"]


def _engine(peer: Peer) -> str:
    return "interpreter" if peer is INTERPRETER else "native"


def trapline() -> list[str]:
    """The command as a person types it, where it is installed beside Python."""
    script = Path(sys.executable).with_name("trapline")
    return [str(script)] if os.access(script, os.X_OK) else [sys.executable, "-m", "trapline"]


def linux_commands(arch: Architecture, peer: Peer, kernel: Path, initrd: Path | None) -> list[str]:
    """What boots a Linux kernel: Book3S HV or the `virt` board, on QEMU behind its firmware."""
    append = "console=hvc0 panic=-1" if arch == POWER else "console=ttyAMA0 panic=-1"
    more = [] if initrd is None else ["-initrd" if peer is QEMU else "--initrd", str(initrd)]
    if peer is QEMU:
        machine = ["-M", PSERIES, "-cpu", "POWER7", "-m", "256"] if arch == POWER else [
            "-M", "virt", "-cpu", "cortex-a15", "-m", "128",
        ]  # fmt: skip
        return [COMMANDS[arch.name][0], *machine, *_QEMU_OPTIONS, "-kernel", str(kernel), *more, "-append", append]
    options = ["-m", "pseries" if arch == POWER else "arm-virt", "--engine", _engine(peer), "--append", append]
    return [*trapline(), "run", *options, *more, "--kernel", str(kernel)]
