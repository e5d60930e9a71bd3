"""Claims: gcc's code for POWER7 and the 970 prints on power-bare what it prints under qemu-ppc64.

With and without VSX, with decimal numbers where there are, with libgcc; -O3 -ffast-math makes vectors of the loops.
"""

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
CODE = ("-ffreestanding", "-fno-math-errno", "-fno-pic")
LINKED = ("-nostdlib", "-static", "-no-pie", "-Wl,-Ttext=0x10000", "-Wl,--build-id=none")
LONGEST = 400_000_000
VARIANTS = (
    ("power7", "-mcpu=power7", "-O2"),
    ("power7", "-mcpu=power7", "-O3", "-ffast-math"),
    ("power7", "-mcpu=power7", "-mno-vsx", "-O2"),
    ("power7", "-mcpu=power7", "-mno-vsx", "-O3", "-ffast-math"),
    ("970", "-mcpu=970", "-O2"),
    ("970", "-mcpu=970", "-O3", "-ffast-math"),
)


def gcc(*words: str | Path) -> None:
    """Runs the cross compiler."""
    subprocess.run([oracle("powerpc64-linux-gnu-gcc"), *words], check=True, capture_output=True, text=True)


def linked(start: str, program: Path, options: tuple[str, ...], folder: Path) -> Path:
    """The program with a start file."""
    made = folder / start
    gcc(*CODE, *options, *LINKED, "-o", made, SOURCES / f"{start}.s", program, "-lgcc")
    return made


@pytest.mark.parametrize("source", ["program", "program_power"])
@pytest.mark.parametrize("variant", VARIANTS, ids=" ".join)
def test_a_compiled_program_prints_what_it_prints_under_qemu(
    variant: tuple[str, ...], source: str, tmp_path: Path
) -> None:
    """Checksums of integer, floating-point, decimal, vector, structure and call code."""
    cpu, *options = variant
    program = tmp_path / "program.o"
    gcc(*CODE, *options, "-c", "-o", program, SOURCES / f"{source}.c")
    process = [oracle("qemu-ppc64"), "-cpu", cpu]
    process.append(str(linked("start_power_linux", program, tuple(options), tmp_path)))
    wanted = subprocess.run(process, check=True, capture_output=True, timeout=120).stdout
    core = {"970": "ppc970"}.get(cpu, cpu)
    bare = linked("start_power_bare", program, tuple(options), tmp_path)
    machine = build_machine(LoadRequest(guest=bare), "power-bare", MachineOptions(engine="native", core=core))
    said = bytearray()
    machine.console.add_sink(said.extend)
    verdict = machine.run(LONGEST)
    assert verdict.outcome is Outcome.PASSED, verdict.reason
    assert bytes(said) == wanted
    assert wanted.count(b"\n") >= 4
