"""Claims: gcc's A32 and T32 code, with vectors and libgcc, prints on our boards what it prints under qemu-arm."""

import subprocess
from pathlib import Path

import pytest

from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.loading.request import LoadRequest
from trapline.server.verdict import Outcome
from trapline.tests.oracle.require import oracle

pytestmark = pytest.mark.oracle

SOURCES = Path(__file__).with_name("compiled")
CODE = ("-march=armv7ve", "-mfpu=neon-vfpv4", "-mfloat-abi=hard", "-ffreestanding", "-fno-math-errno", "-fno-pic")
LINKED = ("-nostdlib", "-static", "-no-pie", "-Wl,-Ttext=0x40010000", "-Wl,--build-id=none")
LONGEST = 400_000_000


def gcc(*words: str | Path) -> None:
    """Runs the cross compiler."""
    subprocess.run([oracle("arm-linux-gnueabihf-gcc"), *words], check=True, capture_output=True, text=True)


def linked(start: str, program: Path, folder: Path) -> Path:
    """The program with a start file."""
    made = folder / start
    gcc(*CODE, *LINKED, "-o", made, SOURCES / f"{start}.s", program, "-lgcc")
    return made


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
    program = tmp_path / "program.o"
    gcc(*CODE, instruction_set, level, "-c", "-o", program, SOURCES / "program.c")
    process = [oracle("qemu-arm"), "-cpu", "cortex-a15", str(linked("start_linux", program, tmp_path))]
    wanted = subprocess.run(process, check=True, capture_output=True, timeout=120).stdout
    options = MachineOptions(engine="native", semihosting=board == "arm-virt")
    machine = build_machine(LoadRequest(guest=linked(STARTS[board], program, tmp_path)), board, options)
    said = bytearray()
    machine.console.add_sink(said.extend)
    verdict = machine.run(LONGEST)
    assert verdict.outcome is Outcome.PASSED, verdict.reason
    assert bytes(said) == wanted
