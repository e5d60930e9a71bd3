"""One bundled guest on the reference engine, as the processes of `trapline mutate` run it.

A guest of the Arm host stub runs under the KVM/Arm model as well, and has to have the same exits there. `GUEST@CORE` is
a guest of the Power model, as the partition of that core's host stub, and has to have the same exits under both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...firmware.catalogue import Guest


def guest_named(name: str) -> Guest:
    """The bundled guest, or for `GUEST@CORE` the host stub of that core with the guest as its partition.

    Raises TraplineError.
    """
    from ...firmware.catalogue import find_guest, hosted

    guest, at, core = name.partition("@")
    return hosted(find_guest(guest), core) if at else find_guest(guest)


def verdict(name: str, instructions: int) -> str:
    """How it ends, in a line: `passed`, or what else."""
    from ...firmware.catalogue import build
    from ...isa.lang.load import load_core
    from ...server.boards.machine_options import MachineOptions
    from ...server.boards.registry import MACHINES
    from ...server.machine.elf import parse_elf

    guest = guest_named(name)
    memory = None if guest.memory is None else guest.memory << 20
    options = MachineOptions(guest.vcpus, threads=guest.threads, engine="reference", rma=guest.rma, ram_size=memory)
    machine = MACHINES[guest.machine](load_core(guest.core), parse_elf(build(guest).elf, name), options)
    console = bytearray()
    machine.console.add_sink(console.extend)
    found = machine.run(instructions)
    lines = [line for line in console.decode(errors="replace").splitlines() if line.startswith(("PASS", "FAIL"))]
    said = f"{found.outcome.name.lower()}: {lines[-1] if lines else found.reason.splitlines()[0]}"
    if "arm_world" in name and said.startswith("passed"):
        from ...firmware.arm_exits import difference, under_model, under_stub

        differs = difference(under_stub(guest, "reference"), under_model(guest, "reference"))
        said = f"failed: {differs}" if differs else said
    elif "@" in name and said.startswith("passed"):
        said = _as_under_model(name) or said
    return said


def _as_under_model(name: str) -> str:
    """How a guest of a Power host stub fails to have the exits that it has under the model; empty where it has them."""
    from ...firmware.catalogue import find_guest
    from ...firmware.power_exits import difference, under_model, under_stub

    guest, _, core = name.partition("@")
    found = find_guest(guest)
    threads = found.threads if core == "power7" else 1
    differs = difference(under_stub(found, core, threads, "reference")[1], under_model(found, core, "reference")[1])
    return f"failed: {differs}" if differs else ""
