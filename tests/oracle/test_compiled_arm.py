"""Claims: gcc's A32 and T32 code, with vectors and libgcc, prints on our boards what it prints under qemu-arm."""

import subprocess
from functools import cache
from pathlib import Path

import pytest

from trapline.asmgen import Layout, Source, assemble, target_for
from trapline.asmgen.layout.options import Reading
from trapline.firmware.catalogue import FOLDER, find_guest
from trapline.isa.lang.load import load_core
from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.loading.request import FileAt, LoadRequest
from trapline.server.verdict import Outcome
from trapline.tests.oracle.require import oracle

pytestmark = pytest.mark.oracle

SOURCES = Path(__file__).with_name("compiled")
CODE = ("-march=armv7ve", "-mfpu=neon-vfpv4", "-mfloat-abi=hard", "-ffreestanding", "-fno-math-errno", "-fno-pic")
LINKED = ("-nostdlib", "-static", "-no-pie", "-Wl,--build-id=none")
LONGEST = 400_000_000


def gcc(*words: str | Path) -> None:
    """Runs the cross compiler."""
    subprocess.run([oracle("arm-linux-gnueabihf-gcc"), *words], check=True, capture_output=True, text=True)


def linked(start: str, program: Path, folder: Path, base: int = 0x4001_0000) -> Path:
    """The program with a start file."""
    made = folder / start
    gcc(*CODE, *LINKED, f"-Wl,-Ttext={base:#x}", "-o", made, SOURCES / f"{start}.s", program, "-lgcc")
    return made


def compiled(instruction_set: str, level: str, folder: Path) -> tuple[Path, bytes]:
    """The program's object file, and what it prints under qemu-arm."""
    program = folder / "program.o"
    gcc(*CODE, instruction_set, level, "-c", "-o", program, SOURCES / "program.c")
    process = [oracle("qemu-arm"), "-cpu", "cortex-a15", str(linked("start_linux", program, folder))]
    return program, subprocess.run(process, check=True, capture_output=True, timeout=120).stdout


RUNS = [("arm-virt", level) for level in ("-O0", "-O1", "-O2", "-O3", "-Os")] + [("arm-kvm", "-O0"), ("arm-kvm", "-O3")]
STARTS = {"arm-virt": "start_virt", "arm-kvm": "start_bare"}


@pytest.mark.parametrize(("board", "level"), RUNS)
@pytest.mark.parametrize("instruction_set", ["-marm", "-mthumb"])
def test_a_compiled_program_prints_what_it_prints_under_qemu(
    instruction_set: str, board: str, level: str, tmp_path: Path
) -> None:
    """Checksums of integer, floating-point, vector, structure and call code; -O3 makes vectors of the loops.

    On `arm-virt` the host's semihosting takes what it prints, on `arm-kvm` a PL011, and VFP is the model's to switch.
    """
    program, wanted = compiled(instruction_set, level, tmp_path)
    options = MachineOptions(engine="native", semihosting=board == "arm-virt")
    machine = build_machine(LoadRequest(guest=linked(STARTS[board], program, tmp_path)), board, options)
    said = bytearray()
    machine.console.add_sink(said.extend)
    verdict = machine.run(LONGEST)
    assert verdict.outcome is Outcome.PASSED, verdict.reason
    assert bytes(said) == wanted


@pytest.mark.parametrize("level", ["-O0", "-O1", "-O2", "-O3"])
@pytest.mark.parametrize("instruction_set", ["-marm", "-mthumb"])
def test_a_compiled_program_prints_the_same_under_the_host_stub(
    instruction_set: str, level: str, tmp_path: Path
) -> None:
    """Its guest, behind stage 2, with VFP switched lazily by code in Hyp mode; at -O2 on QEMU's `virt`, too."""
    program, wanted = compiled(instruction_set, level, tmp_path)
    guest = linked("start_stubbed", program, tmp_path, 0x4021_0000)
    host = tmp_path / "host.elf"
    host.write_bytes(host_image())
    machine = build_machine(
        LoadRequest(kernel=FileAt(host), load=(FileAt(guest),)), "arm-virt", MachineOptions(engine="native")
    )
    said = bytearray()
    machine.console.add_sink(said.extend)
    verdict = machine.run(LONGEST)
    assert verdict.outcome is Outcome.PASSED, verdict.reason
    assert bytes(said) == wanted + b"PASS program\n"
    if level == "-O2":
        board = ["-M", "virt,virtualization=on", "-cpu", "cortex-a15", "-m", "128", "-kernel", str(host)]
        device = ["-device", f"loader,file={guest}"]
        process = [oracle("qemu-system-arm"), "-nodefaults", "-display", "none", "-serial", "stdio", *board, *device]
        done = subprocess.run(process, stdin=subprocess.DEVNULL, check=True, capture_output=True, timeout=120)
        assert done.stdout == bytes(said)


@cache
def host_image() -> bytes:
    """The host stub with a program of the tests' own."""
    stub = find_guest("arm_world")
    own = SOURCES / "run_program.s"
    names = [name for name in stub.sources if "run_" not in name and not name.startswith("guests/")]
    sources = [Source.read(FOLDER / name) for name in names]
    sources.append(Source(own.name, own.read_text(), FOLDER / "hoststubs" / "arm"))
    reading = Reading(definitions=dict(stub.definitions))
    return assemble(sources, target_for(load_core(stub.core)), Layout(base=stub.base), reading).elf
