"""Claims: random C programs, of Csmith and by gcc, print on power-bare what they print under qemu-ppc64.

Every optimization level, with and without VSX and VMX; a program is told by its seed.
"""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest

from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.loading.request import LoadRequest
from trapline.server.verdict import Outcome

from .require import foreign_file, oracle
from .slices import soak_seeds
from .test_compiled_power import SOURCES, gcc, linked

pytestmark = [pytest.mark.soak, pytest.mark.oracle]

PROGRAMS = 10
LONGEST = 3_000_000_000
SECONDS = 4
"""Of QEMU: a program that takes longer is passed over, since some never end."""
VARIANTS = tuple(
    (cpu, f"-mcpu={cpu}", *more.split())
    for cpu, rows in (
        ("power7", ("-O0", "-O1", "-O2", "-O3", "-Os -mno-vsx", "-O3 -mno-altivec -mno-vsx", "-O3 -funroll-loops")),
        ("970", ("-O0", "-O1", "-O2", "-O3 -maltivec", "-O3 -mno-altivec", "-Os")),
    )
    for more in rows
)


def program(seed: int, folder: Path) -> Path:
    """Csmith's program of that seed; every other one has floating point."""
    made = folder / "program.c"
    floats = "--float" if seed % 2 else "--no-float"
    words = [oracle("csmith"), "--seed", str(seed), "--max-funcs", "6", floats, "--output", str(made)]
    # It leaves a file about its platform where it runs.
    subprocess.run(words, check=True, capture_output=True, timeout=60, cwd=folder)
    return made


def compiled(source: Path, options: tuple[str, ...], folder: Path) -> Path:
    """One object of the program and its library."""
    headers = foreign_file("/usr/include/csmith/csmith.h").parent
    include = ("-nostdinc", "-isystem", SOURCES / "hosted", "-isystem", headers, "-idirafter", own_headers())
    parts = []
    for name, one in (("program.o", source), ("library.o", SOURCES / "csmith_power.c")):
        main = ("-Dmain=csmith_main",) if name == "program.o" else ()
        code = ("-ffreestanding", "-fno-pic", "-fno-strict-aliasing", "-w", "-c")
        gcc(*code, *options, *main, *include, "-o", folder / name, one)
        parts.append(folder / name)
    gcc(*options, "-r", "-nostdlib", "-o", folder / "both.o", *parts)
    return folder / "both.o"


def own_headers() -> str:
    """The folder of gcc's own headers, which need no library."""
    words = [oracle("powerpc64-linux-gnu-gcc"), "-print-file-name=include"]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


def differs(source: Path, variant: tuple[str, ...], folder: Path) -> str | None:
    """What a program prints otherwise, or nothing; None where QEMU does not come to its end."""
    cpu, *options = variant
    made = compiled(source, tuple(options), folder)
    process = [oracle("qemu-ppc64"), "-cpu", cpu, str(linked("start_power_linux", made, tuple(options), folder))]
    try:
        wanted = subprocess.run(process, capture_output=True, timeout=SECONDS, check=True).stdout
    except subprocess.TimeoutExpired:
        return None
    bare = linked("start_power_bare", made, tuple(options), folder)
    core = {"970": "ppc970"}.get(cpu, cpu)
    machine = build_machine(LoadRequest(guest=bare), "power-bare", MachineOptions(engine="native", core=core))
    said = bytearray()
    machine.console.add_sink(said.extend)
    verdict = machine.run(LONGEST)
    if verdict.outcome is Outcome.PASSED and bytes(said) == wanted:
        return ""
    return f"{verdict.reason}: {bytes(said)!r}, QEMU {wanted!r}"


def test_random_programs_print_what_they_print_under_qemu(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ten programs of each seed, each compiled in four ways."""
    compared = 0
    for first in soak_seeds():
        with capsys.disabled():
            print(f"Csmith: programs from {first}", flush=True)
        for seed in range(first, first + PROGRAMS):
            source = program(seed % (1 << 31), tmp_path)
            for variant in random.Random(seed).sample(VARIANTS, 4):
                found = differs(source, variant, tmp_path)
                if found is None:
                    break
                assert not found, f"seed {seed}, {' '.join(variant)}: {found}"
                compared += 1
    assert compared >= PROGRAMS
