"""Claims about linking: our objects by GNU ld, gcc's objects and archives by us; the same program runs the same."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from trapline.asmgen import cli
from trapline.isa.errors import TraplineError

from ..oracle import require

FOLDER = Path(__file__).with_name("linked")
STATUS = 236
"""What program.c comes to: helper(3 + 'b', 10**12 / 7), 55 and 7 added, modulo 256."""


@dataclass(frozen=True)
class Kind:
    """A compiler's way to make the C part, and what runs the program."""

    core: str
    start: str
    tools: str
    options: tuple[str, ...]
    run: str
    base: str


ELFV1 = Kind("power7", "start_elfv1.s", "powerpc64-linux-gnu-", ("-mabi=elfv1", "-mcpu=power7", "-O0"), "qemu-ppc64",
             "0x10000000")
ELFV2 = Kind("power7", "start_elfv2.s", "powerpc64-linux-gnu-", ("-mabi=elfv2", "-mcpu=power7", "-O2"), "qemu-ppc64",
             "0x10000000")
ARM = Kind("armv7ve", "start_arm.s", "arm-linux-gnueabihf-", ("-marm", "-march=armv7-a+fp", "-O2"), "qemu-arm",
           "0x10000")
THUMB = Kind("armv7ve", "start_arm.s", "arm-linux-gnueabihf-", ("-mthumb", "-march=armv7-a+fp", "-O1"), "qemu-arm",
             "0x10000")
PLAIN = ("-ffreestanding", "-fno-pic", "-fno-stack-protector")
KINDS = pytest.mark.parametrize("kind", [ELFV1, ELFV2, ARM, THUMB], ids=["elfv1", "elfv2", "arm", "thumb"])


def asm(*arguments: str | Path) -> Result:
    """`trapline asm`."""
    app = typer.Typer()
    cli.register(app)
    return CliRunner().invoke(app, ["asm", *map(str, arguments)])


def compiled(kind: Kind, folder: Path, source: Path = FOLDER / "program.c") -> Path:
    """The C part as gcc's object."""
    compiler = require.oracle(f"{kind.tools}gcc")
    made = folder / f"{source.stem}.o"
    asked = [compiler, *kind.options, *PLAIN, "-g", "-c", source.name, "-o", str(made)]
    subprocess.run(asked, check=True, cwd=source.parent)
    return made


def library(kind: Kind) -> list[str]:
    """The compiler's own archive, where its code calls for it."""
    if kind.core != "armv7ve":
        return []
    asked = [f"{kind.tools}gcc", *kind.options, "-print-libgcc-file-name"]
    return [subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()]


def status_of(kind: Kind, program: Path) -> int:
    """How the program ends under QEMU's user mode."""
    return subprocess.run([require.oracle(kind.run), program], check=False, timeout=60).returncode


@KINDS
def test_gcc_objects_and_archives_are_linked_and_run(kind: Kind, tmp_path: Path) -> None:
    """Our source, gcc's object, the compiler's archive: one program, whose result is right; its DWARF is sound."""
    made = asm("--arch", kind.core, "--base", kind.base, "-o", tmp_path / "program", FOLDER / kind.start,
               compiled(kind, tmp_path), *library(kind))  # fmt: skip
    assert (made.exit_code, made.stdout) == (0, "")
    assert status_of(kind, tmp_path / "program") == STATUS


@KINDS
def test_our_objects_are_linked_by_gnu_ld_and_run(kind: Kind, tmp_path: Path) -> None:
    """The same program, put together by GNU ld."""
    assert asm("--arch", kind.core, "-c", "-o", tmp_path / "start.o", FOLDER / kind.start).exit_code == 0
    linker = require.oracle(f"{kind.tools}ld")
    subprocess.run([linker, "-z", "noexecstack", "-o", tmp_path / "program", tmp_path / "start.o",
                    compiled(kind, tmp_path), *library(kind)], check=True)  # fmt: skip
    assert status_of(kind, tmp_path / "program") == STATUS


def decoded_lines(kind: Kind, made: Path) -> list[str]:
    """The line table of an object as binutils decode it."""
    listed = subprocess.run([require.oracle(f"{kind.tools}objdump"), "--dwarf=decodedline", made], check=True,
                            capture_output=True, text=True).stdout
    return [line for line in listed.splitlines() if line.startswith("program.c")]


@pytest.mark.parametrize("kind", [ELFV1, ELFV2, ARM], ids=["elfv1", "elfv2", "arm"])
def test_a_compilers_lines_are_those_of_gnu_as(kind: Kind, tmp_path: Path) -> None:
    """gcc -S -g, assembled by us and by gcc's assembler: the same rows of the line table."""
    source, ours, theirs = tmp_path / "program.s", tmp_path / "ours.o", compiled(kind, tmp_path)
    compiler = require.oracle(f"{kind.tools}gcc")
    subprocess.run([compiler, *kind.options, *PLAIN, "-g", "-S", "program.c", "-o", source], check=True, cwd=FOLDER)
    assert asm("--arch", kind.core, "-c", "-o", ours, source).exit_code == 0
    rows = decoded_lines(kind, ours)
    assert len(rows) > 20
    assert rows == decoded_lines(kind, theirs)


@KINDS
@pytest.mark.parametrize("is_object", [True, False], ids=["object", "program"])
def test_our_debug_information_is_sound(kind: Kind, is_object: bool, tmp_path: Path) -> None:
    """llvm-dwarfdump finds nothing wrong with what we write of a source's lines and frames."""
    source = tmp_path / "a.s"
    source.write_text(".globl _start\n.type _start, %function\n_start:\n.cfi_startproc\nnop\n.cfi_def_cfa_offset 16\n"
                      "nop\n.cfi_endproc\n.size _start, . - _start\n.section .text.more, \"ax\"\nmore: nop\n")
    made = tmp_path / "made"
    assert asm("--arch", kind.core, *(["-c"] if is_object else []), "-o", made, source).exit_code == 0
    verified = subprocess.run([require.oracle("llvm-dwarfdump"), "--verify", made], check=False, capture_output=True)
    assert (verified.returncode, "No errors" in verified.stdout.decode()) == (0, True)


def write(folder: Path, **texts: str) -> dict[str, Path]:
    """Sources of those names."""
    paths = {name: folder / f"{name}.s" for name in texts}
    for name, text in texts.items():
        paths[name].write_text(text)
    return paths


def objects(folder: Path, **texts: str) -> dict[str, Path]:
    """The sources as objects of ours, for POWER7."""
    made = {}
    for name, path in write(folder, **texts).items():
        made[name] = folder / f"{name}.o"
        assert asm("--arch", "power7", "-c", "-o", made[name], path).exit_code == 0
    return made


def test_only_members_that_define_something_missing_are_taken(tmp_path: Path) -> None:
    """Of an archive: what is asked for, and what that asks for; never a member for a weak reference."""
    made = objects(tmp_path, a=".globl one\none: bl two\nblr\n", b=".globl two\ntwo: blr\n",
                   c=".globl three\nthree: sc\n", main=".globl _start\n_start: bl one\n.weak three\nbl three\nnop\n")
    members = [made[name] for name in "abc"]
    subprocess.run([require.oracle("powerpc64-linux-gnu-ar"), "rc", tmp_path / "lib.a", *members], check=True)
    done = asm("--arch", "power7", "--map", "-", "-o", tmp_path / "p", made["main"], tmp_path / "lib.a")
    assert done.exit_code == 0
    names = {line.split()[-1] for line in done.output.splitlines()}
    assert {"one", "two", "_start"} <= names
    assert "three" not in names


def test_each_undefined_symbol_is_one_error_at_link_time(tmp_path: Path) -> None:
    """None at assembly; at the link the name, and the place that first asks for it."""
    made = objects(tmp_path, main="_start: bl gone\nbl gone\nlis r3, lost@ha\n")
    done = asm("--arch", "power7", "-o", tmp_path / "p", made["main"])
    assert done.exit_code == 2
    assert done.output.count("nothing defines 'gone'") == 1
    assert done.output.count("nothing defines 'lost'") == 1
    assert "main.o(.text+0x0)" in done.output
    assert done.output.endswith("2 errors\n")


def test_two_definitions_and_a_branch_that_does_not_reach_are_errors(tmp_path: Path) -> None:
    """Both files are named; a distance is told with the range."""
    twice = objects(tmp_path, a=".globl f\nf: blr\n", b=".globl f\nf: nop\n")
    done = asm("--arch", "power7", "-o", tmp_path / "p", *twice.values())
    assert "'f' is defined in" in done.output
    assert "a.o" in done.output
    assert "b.o" in done.output
    far = objects(tmp_path, c=".globl _start\n_start: beq far\n", d='.section .far, "ax"\n.globl far\nfar: blr\n')
    done = asm("--arch", "power7", "--place", ".far=0x100000", "-o", tmp_path / "p", *far.values())
    assert done.exit_code == 2
    assert "c.o(.text+0x0)" in done.output
    assert "-32768..32764" in done.output


@pytest.mark.parametrize("cut", [20, 64, 200, 400, 700])
def test_a_damaged_object_is_one_clear_error(cut: int, tmp_path: Path) -> None:
    """Cut short anywhere: the file is named, and nothing is written."""
    made = objects(tmp_path, a=".globl _start\n_start: bl x\n.data\n.quad x\n")["a"]
    (tmp_path / "cut.o").write_bytes(made.read_bytes()[:cut])
    done = asm("--arch", "power7", "-o", tmp_path / "p", tmp_path / "cut.o")
    assert isinstance(done.exception, TraplineError)
    assert "cut.o" in done.exception.message
    assert not (tmp_path / "p").exists()


def test_an_object_of_another_machine_or_byte_order_is_told(tmp_path: Path) -> None:
    """What it is for, and what the program is."""
    source = write(tmp_path, a="nop\n")["a"]
    assert asm("--arch", "armv7ve", "-c", "-o", tmp_path / "arm.o", source).exit_code == 0
    assert asm("--arch", "power7", "-c", "--order", "little", "-o", tmp_path / "little.o", source).exit_code == 0
    for file, said in (("arm.o", "EM_ARM"), ("little.o", "little-endian, and the program is big-endian")):
        done = asm("--arch", "power7", "-o", tmp_path / "p", tmp_path / file)
        assert isinstance(done.exception, TraplineError)
        assert said in done.exception.message


def test_places_of_sources_count_when_objects_are_linked(tmp_path: Path) -> None:
    """`.place` in a source, sections that merge by name, and the linker's own symbols."""
    made = objects(tmp_path, a='.section .text.hot, "ax"\n.globl hot\nhot: blr\n.bss\n.globl room\nroom: .skip 8\n')
    source = write(tmp_path, main=".place .vectors, 0x100\n.section .vectors, \"ax\"\nba _start\n.text\n.globl _start\n"
                                  "_start: bl hot\n.data\n.quad __bss_start, _end, room\n")["main"]
    done = asm("--arch", "power7", "--base", "0x2000", "--map", "-", "-o", tmp_path / "p", source, made["a"])
    assert done.exit_code == 0
    lines = [line.split() for line in done.output.splitlines()]
    assert [".vectors", "0x100"] == next(line for line in lines if line[0] == ".vectors")[:2]
    assert ["0x2004", "0", "global", "hot"] in lines
