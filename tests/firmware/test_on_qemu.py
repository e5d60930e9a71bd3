"""The same ELF, on the machine that Trapline's boards follow: QEMU's `pseries` and `virt`.

power_mmio is not among them: its serial port at 0x80_0000_0000 is a device of ours, and QEMU's pseries has none there.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from trapline.firmware.catalogue import build, find_guest
from trapline.isa.lang.load import load_core
from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import MACHINES
from trapline.server.machine import events
from trapline.server.machine.elf import parse_elf

from ..oracle import require

_BUDGET = 100_000
QUIET = ("-nodefaults", "-display", "none", "-serial", "stdio", "-accel", "tcg,thread=single")
# TCG has none of the mitigations that pseries asks for; they are for real processors.
CAPABILITIES = "cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off"


def _console(tmp_path: Path, name: str, *command: str) -> list[str]:
    """The lines that a bundled guest prints; `GUEST` in the command is its file. Fails where QEMU does not end."""
    elf = tmp_path / f"{name}.elf"
    elf.write_bytes(build(find_guest(name)).elf)
    words = [require.oracle(command[0]), *QUIET, *(word.replace("GUEST", str(elf)) for word in command[1:])]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["power_hcalls", "power_tce"])
def test_guests_of_hypercalls_pass_on_qemus_pseries(tmp_path: Path, name: str) -> None:
    """Page table calls, the console and an I/O bus's window are as in QEMU, and so is switching off.

    Each call has the same number and the same nine registers behind it, which results of those before are in.
    """
    log = tmp_path / "interrupts"
    loader = ("-bios", "GUEST", "-device", "loader,file=GUEST,cpu-num=0", "-d", "int", "-D", str(log))
    machine = ("-M", f"pseries,{CAPABILITIES}", "-cpu", "power7", "-m", "256", "-vga", "none")
    lines = _console(tmp_path, name, "qemu-system-ppc64", *machine, *loader)
    assert f"PASS {name}" in [line.strip() for line in lines]
    asked = [line for line in log.read_text().splitlines() if line.startswith("hypercall ")]
    registers = [dict(re.findall(r"(r\d+)=([0-9a-f]+)", line)) for line in asked]
    assert [tuple(int(one[f"r{n}"], 16) for n in range(3, 13)) for one in registers] == _calls(name)


def _calls(name: str) -> list[tuple[int, ...]]:
    """Number and arguments of each call that a bundled guest makes here."""
    guest = find_guest(name)
    elf = parse_elf(build(guest).elf, name)
    machine = MACHINES[guest.machine](load_core(guest.core), elf, MachineOptions(engine="reference"))
    found: list[tuple[int, ...]] = []
    machine.events.subscribe(events.Hcall, lambda one: found.append((one.number, *one.arguments)))
    machine.run(_BUDGET)
    return found


FIRST_DIFFERENCES = {
    # R and C of what H_BULK_REMOVE removed: QEMU has them eight bits lower than PAPR 14.5.4.1.7.
    "power_table": "FAIL power_table: check 14",
    # `sc 1` from problem state: QEMU answers H_PRIVILEGE, KVM of the time made it the partition's system call.
    "power_exits": "FAIL power_exits: check 0E",
    # A page where no memory is: QEMU wants it cache inhibited (PAPR 14.5.4.1.2), KVM of the time did not look.
    "power_pages": "FAIL power_pages: check 0A",
    # Yield counts (PAPR 14.11.1.3): QEMU keeps none, as it dispatches nobody.
    "power_areas": "FAIL power_areas: check 07",
}


@pytest.mark.oracle
@pytest.mark.parametrize("name", FIRST_DIFFERENCES)
def test_other_guests_agree_up_to_a_difference_that_is_known(tmp_path: Path, name: str) -> None:
    """Each check before it passes on QEMU's pseries too; 16 MB pages are allowed there."""
    loader = ("-bios", "GUEST", "-device", "loader,file=GUEST,cpu-num=0")
    machine = ("-M", f"pseries,{CAPABILITIES},cap-hpt-max-page-size=16m", "-cpu", "power7", "-m", "256", "-vga", "none")
    lines = _console(tmp_path, name, "qemu-system-ppc64", *machine, *loader)
    assert FIRST_DIFFERENCES[name] in [line.strip() for line in lines]


@pytest.mark.oracle
@pytest.mark.parametrize(
    "name",
    ["arm_hyp", "arm_vgic"]
    + [f"{name}{suffix}" for name in ("arm_world", "arm_hyp_calls", "arm_interrupts") for suffix in ("", "_t32")],
)
def test_guests_in_hyp_mode_pass_on_qemus_virt(tmp_path: Path, name: str) -> None:
    """Hyp mode, the world switch, HVC, stage 2 aborts with syndromes, panics, virtual interrupts behave as in QEMU."""
    machine = ("-M", "virt,virtualization=on", "-cpu", "cortex-a15", "-m", "128")
    lines = _console(tmp_path, name, "qemu-system-arm", *machine, "-kernel", "GUEST")
    assert f"PASS {name}" in [line.strip() for line in lines]
