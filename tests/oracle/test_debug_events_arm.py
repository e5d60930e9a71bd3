"""Claims: breakpoints and watchpoints of CP14 match, and debug exceptions tell, as QEMU's Cortex-A15 has it (C3).

Where QEMU 7.2 does otherwise: a locked OS Lock holds no debug event back (C6.6), DFSR.WnR is 0 for a store, and there
are no vector catches and no mismatch breakpoints.
"""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

import pytest

from trapline.asmgen import Image, Layout, Source, assemble, target_for
from trapline.isa.lang.load import load_core
from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import MACHINES
from trapline.server.machine.elf import parse_elf

from ..server.guests import arm
from .require import oracle

LACKED = {
    "+locked": "-",
    "+vector": "P 00000002 * 00000005",
    "+step": "P 00000002 fffffff8 00000001",
}
"""What stands in lines that QEMU has not, or has otherwise."""
WRITE = 1 << 11


@cache
def image() -> Image:
    """The guest."""
    names = ("debug_events_arm.s", "debug_handlers_arm.s")
    sources = [Source.read(Path(__file__).with_name(name)) for name in names]
    return assemble(sources, target_for(load_core("armv7ve")), Layout(base=0x4001_0000))


@pytest.mark.parametrize("engine", ["reference", "native"])
def test_what_qemu_lacks_is_as_the_manual_has_it(engine: str) -> None:
    """A locked OS Lock, a caught vector, a single step by mismatch in User mode; and no line is missing."""
    found = dict(line.split(" ", 1) for line in run(engine) if line.startswith("+"))
    assert found.keys() == LACKED.keys()
    for name, wanted in LACKED.items():
        words = zip(found[name].split(), wanted.split(), strict=True)
        assert all(word == other or other == "*" for word, other in words), (name, found[name])


@pytest.mark.oracle
@pytest.mark.parametrize("engine", ["reference", "native"])
def test_debug_events_are_those_of_qemu(tmp_path: Path, engine: str) -> None:
    """Every attempt of the guest: whether something is told, by which exception, with which status, address and MOE."""
    elf = tmp_path / "debug_events.elf"
    elf.write_bytes(image().elf)
    machine = ["-M", "virt,virtualization=on", "-cpu", "cortex-a15", "-m", "128", "-kernel", str(elf)]
    command = [oracle("qemu-system-arm"), "-nodefaults", "-display", "none", "-serial", "stdio", *machine]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    theirs: list[str] = []
    try:
        # It never ends its single step.
        for line in process.stdout:
            theirs.append(line.strip())
            if line.startswith("+vector"):
                break
    finally:
        process.kill()
        process.wait()
    assert [one for one in run(engine) if one[0] != "+"] == [plain(one) for one in theirs if one[0] != "+"]
    assert len(theirs) > len(LACKED) + 20


def plain(line: str) -> str:
    """A line without DFSR.WnR, which the manual leaves open for debug exceptions, and QEMU leaves clear."""
    words = line.split()
    at = next((n for n, word in enumerate(words) if word == "D"), None)
    if at is not None:
        words[at + 1] = f"{int(words[at + 1], 16) & ~WRITE:08x}"
    return " ".join(words)


@cache
def run(engine: str) -> tuple[str, ...]:
    """The guest's lines on one of our engines."""
    options = MachineOptions(engine=engine)
    machine = MACHINES["arm-virt"](load_core("armv7ve"), parse_elf(image().elf, "debug_events.elf"), options)
    said = bytearray()
    machine.console.add_sink(said.extend)
    machine.run(20_000_000)
    lines = said.decode().splitlines()
    return tuple(plain(line) for line in lines)


def test_a_debugger_reads_what_is_watched() -> None:
    """Its own look at memory is no access of the guest's: nothing is told, and nothing changes."""
    code = """
        mov r0, #0
        mcr p14, 0, r0, c1, c0, 4
        mov r0, #1 << 15
        mcr p14, 0, r0, c0, c2, 2
        ldr r8, =0x40100000
        ldr r7, [r8, #64]
        mcr p14, 0, r8, c0, c0, 6
        ldr r0, =0x1fff
        mcr p14, 0, r0, c0, c0, 7
        isb sy
    1:  b 1b
    """
    machine = arm(code, "arm-kvm")
    machine.run(40)
    core = machine.vcpus[0].core
    before = core.snapshot()
    assert core.field("DBGDSCR", "MDBGen") == 1
    assert core.read("DEBUG_EVENTS") == 2
    assert core.engine.read_memory(0x4010_0000, 4) == bytes(4)
    assert core.snapshot() == before
