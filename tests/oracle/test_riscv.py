"""Claims about RISC-V, which is described by the language alone: words against binutils, programs against QEMU."""

from __future__ import annotations

import io
import random
import re
import subprocess
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from trapline.asmgen import Layout, Source, assemble, target_for
from trapline.asmgen.disassembly import Disassembler
from trapline.isa.lang.load import load_core
from trapline.isa.model.items import Form
from trapline.server.boards.machine import MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.described_facts import mode_text
from trapline.server.loading.request import FileAt, LoadRequest
from trapline.server.target.worlds import worlds_now
from trapline.server.verdict import Outcome

from ..patience import HANGS
from . import require
from .riscv_programs import DATA, Program, hypervisor, operations, random_blocks, traps

pytestmark = pytest.mark.oracle
AS, OBJDUMP, QEMU = "riscv64-linux-gnu-as", "riscv64-linux-gnu-objdump", "qemu-system-riscv64"
CPU = "rv64,f=false,d=false,h=true,pmp=false"
"""What the description has; without entries of physical memory protection a hart that has it lets nobody else in."""
PER_FORM = 12


def _run_here(program: Program, folder: Path, engine: str) -> bytes:
    elf, data = folder / "program.elf", folder / "data.bin"
    elf.write_bytes(program.elf)
    data.write_bytes(program.data)
    loads = (FileAt(data, DATA),) if program.data else ()
    machine = build_machine(LoadRequest(elf, load=loads), None, MachineOptions(engine=engine))
    printed = bytearray()
    machine.console.add_sink(printed.extend)
    machine.run(3_000_000)
    assert machine.verdict is not None
    return bytes(printed)


def _run_qemu(program: Program, folder: Path) -> bytes:
    require.oracle(QEMU)
    elf, data = folder / "program.elf", folder / "data.bin"
    elf.write_bytes(program.elf)
    data.write_bytes(program.data)
    loader = ["-device", f"loader,file={data},addr={DATA:#x},force-raw=on"] if program.data else []
    command = [QEMU, "-M", "virt", "-cpu", CPU, "-bios", "none", "-kernel", str(elf), *loader, "-display", "none"]
    done = subprocess.run(
        [*command, "-monitor", "none", "-serial", "stdio"], capture_output=True, stdin=subprocess.DEVNULL,
        timeout=HANGS, check=False,
    )  # fmt: skip
    return done.stdout


@pytest.mark.parametrize("engine", ["reference", "native"])
def test_each_instruction_makes_of_its_operands_what_qemu_does(engine: str, tmp_path: Path) -> None:
    """RV64IMA: edges and random operands, aligned and misaligned accesses, reservations."""
    program = operations(16, 12)
    printed = _run_here(program, tmp_path, engine)
    assert printed.splitlines() == _run_qemu(program, tmp_path).splitlines()
    assert len(printed.splitlines()) > 70


def _random_programs_agree(seed: int, engine: str, tmp_path: Path) -> None:
    program = random_blocks(seed, 60)
    printed = _run_here(program, tmp_path, engine)
    assert printed.splitlines() == _run_qemu(program, tmp_path).splitlines()
    assert len(printed.splitlines()) == 60


@pytest.mark.parametrize(("seed", "engine"), [(1, "reference"), (2, "native")])
def test_random_blocks_leave_what_they_leave_on_qemu(seed: int, engine: str, tmp_path: Path) -> None:
    """Instructions of 16 and 32 bits in a row: registers and memory."""
    _random_programs_agree(seed, engine, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 150))
def test_many_random_blocks_leave_what_they_leave_on_qemu(seed: int, tmp_path: Path) -> None:
    """The same with other seeds, on both engines in turn."""
    _random_programs_agree(seed, ("reference", "native")[seed % 2], tmp_path)


@pytest.mark.parametrize("engine", ["reference", "native"])
def test_traps_modes_and_translation_are_qemus(engine: str, tmp_path: Path) -> None:
    """Cause, value and status of exceptions in machine, supervisor and user mode; delegation, Sv39 with SUM, MXR,
    accessed and dirty bits, misaligned superpages, addresses that are none; interrupts by software and the timer."""
    printed = _run_here(traps(), tmp_path, engine)
    assert printed.splitlines() == _run_qemu(traps(), tmp_path).splitlines()
    assert len(printed.splitlines()) > 100


@pytest.mark.parametrize("engine", ["reference", "native"])
def test_a_hypervisor_and_its_guest_see_what_they_see_on_qemu(engine: str, tmp_path: Path) -> None:
    """What can be written of the hypervisor's registers; hlv and hsv; calls from VS; instructions that are the
    hypervisor's; faults of the guest's stage, of the second, and of the second on the way through the first; delegation
    to the guest, its own traps and interrupts; what VTVM, VTW and VTSR forbid."""
    printed = _run_here(hypervisor(True), tmp_path, engine)
    assert printed.splitlines() == _run_qemu(hypervisor(True), tmp_path).splitlines()
    assert len(printed.splitlines()) > 300


def test_modes_and_worlds_have_names(tmp_path: Path) -> None:
    """What a debugger shows of a hypervisor and its guest, and what it can be asked to stop in."""
    elf = tmp_path / "guest.elf"
    elf.write_bytes(hypervisor(True).elf)
    machine = build_machine(LoadRequest(elf), None, MachineOptions(engine="reference"))
    core, modes, worlds = machine.vcpus[0].core, set[str](), set[str]()
    while machine.verdict is None or machine.verdict.outcome is Outcome.BUDGET:
        modes.add(mode_text(core))
        worlds.update(worlds_now(core))
        machine.run(13)
    named = {"machine", "supervisor", "virtual supervisor", "virtual user"}
    assert modes == {f"{name} mode" for name in named}
    assert worlds == {name.replace(" ", "_") for name in named} | {"guest", "host", "translated"}


def test_where_qemu_differs_a_guests_traps_are_the_manuals(tmp_path: Path) -> None:
    """Causes and values, in order, of what QEMU 7.2 tells otherwise; Volume II, sections 8.2.4, 8.5.1, 8.6.1."""
    lines = [int(line, 16) for line in _run_here(hypervisor(False), tmp_path, "reference").splitlines()]
    traps = [tuple(lines[at + 1 : at + 3]) for at, line in enumerate(lines) if line in (0x1111, 0x2222)]
    for trap in (
        (21, 0x4000_0000),  # hlvx wants a page that can be executed; the next one finds one
        (22, 0x6C02_C973),  # hlv in a guest, with its own word
        (23, 0x1_0000_0000), (20, 0x1_0000_0000),  # implicit accesses: the fault is that of the access itself
        (2, 0xFFFF_FFFF), (2, 0x3000_2373),  # an illegal instruction that the guest takes itself
        (22, 0x1000_2373), (22, 0x1020_0073), (22, 0x1200_0073),  # sstatus, sret, sfence.vma of a guest's user
        (22, 0x1800_2973),  # satp, with VTVM
    ):  # fmt: skip
        assert trap in traps, trap


def _words(form: Form, chosen: random.Random) -> list[int]:
    found = []
    for _ in range(PER_FORM):
        free = ~(form.mask | form.should_mask) & (1 << form.length) - 1
        found.append(form.match | form.should_be | chosen.getrandbits(32) & free)
    return found


def test_what_is_written_of_a_word_is_the_same_word_to_binutils(tmp_path: Path) -> None:
    """Every form's words as text: GNU as makes the words of it again, and so do we; objdump knows all of them."""
    require.oracle(AS)
    description = load_core("rv64")
    target, chosen = target_for(description), random.Random(39)
    disassembler = Disassembler(target)
    forms = sorted(description.forms.values(), key=lambda form: form.length)
    told: list[tuple[int, int, str]] = []
    source, place = "", 0
    for length, switch in (16, ".option rvc"), (32, ".option norvc"):
        source += f"        {switch}\n"
        for word in (word for form in forms if form.length == length for word in _words(form, chosen)):
            found = disassembler.word(word, length // 8, place, disassembler.instruction_set())
            if not found.text.startswith("."):
                text = found.text if found.target is None else _relative(found.text, place)
                told.append((word, length // 8, text))
                source += f"        {text}\n"
                place += length // 8
    assert len({text.split()[0] for _, _, text in told}) > 130
    path, made = tmp_path / "all.s", tmp_path / "all.o"
    path.write_text(source)
    done = subprocess.run(
        [AS, "-march=rv64imach_zicsr_zifencei", "-mno-relax", "-o", str(made), str(path)],
        capture_output=True, text=True, check=False, timeout=HANGS,
    )  # fmt: skip
    assert done.stderr == ""
    theirs = _text_of(made.read_bytes())
    ours = _text_of(assemble([Source("all.s", source)], target, Layout(base=0)).elf)
    wrong, at = [], 0
    for word, size, text in told:
        their, own = (int.from_bytes(data[at : at + size], "little") for data in (theirs, ours))
        if not word == their == own:
            wrong.append(f"{text}: {word:0{2 * size}x}, to GNU as {their:x}, to us {own:x}")
        at += size
    assert wrong == []
    assert len(theirs) == len(ours) == at
    listed = subprocess.run([OBJDUMP, "-d", str(made)], capture_output=True, text=True, check=True, timeout=HANGS)
    assert re.findall(r"\t(?:\.\dbyte|\.word|\.insn|unimp)\b.*", listed.stdout) == []


def _relative(text: str, place: int) -> str:
    """Targets as distances from the line."""
    return re.sub(r"\b0x([0-9a-f]+)$", lambda found: f".{_signed(int(found[1], 16)) - place:+d}", text)


def _signed(address: int) -> int:
    return address - (1 << 64) if address >> 63 else address


def _text_of(raw: bytes) -> bytes:
    section = ELFFile(io.BytesIO(raw)).get_section_by_name(".text")
    assert section is not None
    return bytes(section.data())
