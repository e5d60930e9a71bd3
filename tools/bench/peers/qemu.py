"""QEMU's system emulators, single-threaded TCG."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from ..architectures import ARM, POWER, Architecture
from ..programs import Counts, Program
from ..timing import Round
from .processes import run_process

COMMANDS = {POWER.name: ("qemu-system-ppc64", "qemu-system-ppc"), ARM.name: ("qemu-system-arm", "qemu-system-arm")}
_COMMON = ("-accel", "tcg,thread=single", "-nodefaults", "-display", "none", "-serial", "stdio", "-no-reboot")
# Mitigations that a POWER7 does not have, and that QEMU asks for unless told otherwise.
PSERIES = "pseries,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off"


class Qemu:
    """`qemu-system-ppc64 -M pseries` and `qemu-system-arm -M virt,virtualization=on`."""

    name = "qemu"
    title = "QEMU"
    scaled = False

    def __init__(self, folder: Path) -> None:
        """Programs are written into `folder`."""
        self._folder = folder

    def missing(self, arch: Architecture) -> str | None:
        """See `Peer`."""
        command, package = COMMANDS[arch.name]
        return None if shutil.which(command) else f"{command} is not installed (Debian package {package})"

    def takes(self, program: Program) -> bool:
        """QEMU has no bare POWER7, no core of several threads without KVM, and its pseries no device without PCI."""
        if program.is_bare or program.kernel.vcpus > 1:
            return False
        return (program.arch, program.kernel.name) != (POWER, "mmio")

    def run(self, program: Program, counts: Counts, seconds: float) -> list[Round]:
        """See `Peer`."""
        path = self._folder / f"{program.kernel.name}.{program.arch.name}"
        if program.arch == POWER:
            # The partition begins in what pseries takes for its firmware, at the system reset vector.
            path.write_bytes(program.flat(counts))
            machine = ["-M", PSERIES, "-cpu", "POWER7", "-m", "256", "-bios", str(path)]
        else:
            path.write_bytes(program.elf(counts))
            machine = ["-M", "virt,virtualization=on", "-cpu", "cortex-a15", "-m", "128", "-kernel", str(path)]
        return run_process([COMMANDS[program.arch.name][0], *machine, *_COMMON], counts.rounds, seconds)


def version(arch: Architecture) -> str:
    """The first line that the emulator says of itself, or empty if there is none."""
    command = COMMANDS[arch.name][0]
    if shutil.which(command) is None:
        return ""
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=False)
    return done.stdout.splitlines()[0] if done.stdout else ""
