"""Claims about semihosting's files: those of one folder of the host's, and nothing outside of it."""

import os
from pathlib import Path

import pytest

from trapline.server.boards.host_folder import FolderError, HostFolder
from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.target import MachineTarget
from trapline.server.timeline.recording import Origin, RecordingError

from .guests import ARM_BASE, RAM, guest, output

_DATA = """
.macro name label, text
\\label: .asciz "\\text"
.balign 4
.endm
name input, "in.txt"
name result, "sub/out.txt"
name other, "other.txt"
name outside, "../secret"
text: .ascii "written"
.balign 4
block: .space 16
buffer: .space 64
"""


def _open(name: str, mode: int, length: int) -> str:
    """Opens a file; its handle is in r5."""
    return (
        f"ldr r1, =block\nldr r2, ={name}\nstr r2, [r1]\nmov r2, #{mode}\nstr r2, [r1, #4]\nmov r2, #{length}\n"
        "str r2, [r1, #8]\nmov r0, #1\nsvc #0x123456\nmov r5, r0\n"
    )


def _move(number: int, place: str, count: int) -> str:
    """SYS_READ or SYS_WRITE; what it gives is in r6."""
    return (
        f"ldr r1, =block\nstr r5, [r1]\nldr r2, ={place}\nstr r2, [r1, #4]\nmov r2, #{count}\nstr r2, [r1, #8]\n"
        f"mov r0, #{number}\nsvc #0x123456\nmov r6, r0\n"
    )


_CLOSE = "ldr r1, =block\nstr r5, [r1]\nmov r0, #2\nsvc #0x123456\n"
_SHOW = "ldr r1, =buffer\nmov r0, #4\nsvc #0x123456\n"
_LEAVE = "movw r1, #0x26\nmovt r1, #2\nmov r0, #0x18\nsvc #0x123456\n"


def _machine(code: str, folder: Path | None, engine: str = "native") -> Machine:
    text = f"_start:\nmov sp, #0x41000000\n{code}\n9: b 9b\n.ltorg\n.balign 4\n{_DATA}\n"
    options = MachineOptions(ram_size=RAM, engine=engine, semihosting=folder is None, semihosting_folder=folder)
    return build_machine(guest(text, "armv7ve", ARM_BASE), "arm-virt", options)


@pytest.mark.parametrize("engine", ["native", "reference"])
def test_a_program_reads_and_writes_files_of_the_folder(tmp_path: Path, engine: str) -> None:
    """SYS_OPEN, SYS_READ, SYS_WRITE, SYS_CLOSE, and at the end of the program what it has not closed."""
    (tmp_path / "in.txt").write_bytes(b"from the host")
    (tmp_path / "sub").mkdir()
    code = _open("input", 0, 6) + _move(6, "buffer", 63) + _SHOW + _open("result", 4, 11) + _move(5, "text", 7)
    machine = _machine(code + _LEAVE, tmp_path, engine)
    said = output(machine)
    machine.run(10_000)
    assert bytes(said) == b"from the host"
    assert (tmp_path / "sub" / "out.txt").read_bytes() == b"written"
    assert (tmp_path / "in.txt").read_bytes() == b"from the host"


def test_appending_reading_back_renaming_and_removing(tmp_path: Path) -> None:
    """Mode a+; the file is closed, has another name then, and the other one is gone."""
    (tmp_path / "in.txt").write_bytes(b"first ")
    (tmp_path / "other.txt").write_bytes(b"old")
    rename = (
        "ldr r1, =block\nldr r2, =input\nstr r2, [r1]\nmov r2, #6\nstr r2, [r1, #4]\nldr r2, =other\nstr r2, [r1, #8]\n"
        "mov r2, #9\nstr r2, [r1, #12]\nmov r0, #15\nsvc #0x123456\nmov r7, r0\n"
    )
    machine = _machine(_open("input", 10, 6) + _move(5, "text", 7) + _CLOSE + rename + _LEAVE, tmp_path)
    machine.run(10_000)
    assert machine.vcpus[0].core.read("R", 7) == 0
    assert (tmp_path / "other.txt").read_bytes() == b"first written"
    assert not (tmp_path / "in.txt").exists()


@pytest.mark.parametrize("folder", [True, False])
def test_what_lies_outside_cannot_be_opened(tmp_path: Path, folder: bool) -> None:
    """`..` is refused; without a folder everything is. The program is told -1."""
    (tmp_path / "secret").write_bytes(b"secret")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "in.txt").write_bytes(b"x")
    name, length = ("outside", 9) if folder else ("input", 6)
    machine = _machine(_open(name, 0, length) + "9: b 9b\n", inside if folder else None)
    machine.run(2000)
    assert machine.vcpus[0].core.read("R", 5) == 0xFFFF_FFFF


def test_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    """Absolute names, `..`, links to files and to folders, devices and pipes, for reading and for writing."""
    (tmp_path / "secret").write_bytes(b"secret")
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "good").write_bytes(b"good")
    (root / "link").symlink_to(tmp_path / "secret")
    (root / "away").symlink_to(tmp_path)
    (root / "inner").symlink_to(root / "sub")
    os.mkfifo(root / "pipe")
    folder = HostFolder(root)
    assert folder.read("sub/good") == b"good"
    assert folder.write("sub/new", b"new")
    for name in (
        "../secret", "sub/../../secret", str(tmp_path / "secret"), "link", "away/secret", "inner/good", "pipe", "", ".",
        "sub", "none", "\0", "a" * 5000,
    ):  # fmt: skip
        assert folder.read(name) is None, name
        if name != "none":
            assert not folder.write(name, b"x"), name
        folder.remove(name) if name != "sub/good" else None
    assert (tmp_path / "secret").read_bytes() == b"secret"
    with pytest.raises(FolderError):
        HostFolder(tmp_path / "nowhere")


def test_a_run_that_is_done_again_finds_what_it_found(tmp_path: Path) -> None:
    """The host changes the file meanwhile: the past stays what it was, and nothing is written a second time."""
    (tmp_path / "in.txt").write_bytes(b"before")
    (tmp_path / "sub").mkdir()
    code = _open("input", 0, 6) + _move(6, "buffer", 6) + _open("result", 4, 11) + _move(5, "text", 7) + _CLOSE
    machine = _machine(code, tmp_path)
    target = MachineTarget(lambda: machine)
    target.timeline.run_slice(200, None, None)
    result = tmp_path / "sub" / "out.txt"
    assert result.read_bytes() == b"written"
    state = machine.vcpus[0].core.state.snapshot()
    (tmp_path / "in.txt").write_bytes(b"after!")
    result.unlink()
    target.timeline.visit(1)
    target.timeline.visit(200)
    assert machine.vcpus[0].core.state.snapshot() == state
    assert not result.exists()


def test_such_a_run_is_not_recorded(tmp_path: Path) -> None:
    """It says so, before anything runs."""
    from trapline.server.loading.request import LoadRequest

    program = tmp_path / "guest.elf"
    program.write_bytes(b"")
    with pytest.raises(RecordingError, match="is not recorded"):
        Origin.of(LoadRequest(program), MachineOptions(semihosting_folder=tmp_path))
