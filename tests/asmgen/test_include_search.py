"""Claims about where included files are looked for: beside the file that names them, then in the folders of -I."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from trapline.asmgen import cli
from trapline.isa.errors import TraplineError


def _text(source: Path, *options: str) -> str:
    """The contents of .text of the object, in hexadecimal. Raises TraplineError as the command does."""
    from elftools.elf.elffile import ELFFile

    app = typer.Typer()
    cli.register(app)
    made = source.with_suffix(".o")
    done = CliRunner().invoke(app, ["asm", "--arch", "power7", "-c", *options, "-o", str(made), str(source)])
    if isinstance(done.exception, TraplineError):
        raise done.exception
    assert done.exit_code == 0, done.output
    with made.open("rb") as stream:
        section = ELFFile(stream).get_section_by_name(".text")
        assert section is not None
        return bytes(section.data()).hex()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Sources that include files of other folders, which include their neighbours; `twice.i` stands in three places."""
    for folder, value in ((".", 1), ("kernel", 2), ("headers", 3)):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "twice.i").write_text(f"        .byte {value}\n")
    (tmp_path / "headers" / "only.i").write_text('        .byte 9\n        .include "twice.i"\n')
    (tmp_path / "kernel" / "entry.i").write_text('        .include "twice.i"\n        .include "only.i"\n')
    (tmp_path / "main.s").write_text('        .include "kernel/entry.i"\n        .include "twice.i"\n')
    return tmp_path


def test_a_file_inside_an_included_file_is_looked_for_beside_that_one(tree: Path) -> None:
    """kernel/entry.i finds kernel/twice.i; headers/only.i, found by -I, finds headers/twice.i; main.s its own."""
    assert _text(tree / "main.s", "-I", str(tree / "headers")) == "02090301"


def test_folders_of_the_command_line_come_second_and_in_order(tree: Path) -> None:
    """What stands beside the file wins; of two folders the first."""
    (tree / "second").mkdir()
    (tree / "second" / "only.i").write_text("        .byte 8\n")
    options = ("-I", str(tree / "second"), "-I", str(tree / "headers"))
    assert _text(tree / "main.s", *options) == "020801"


def test_bytes_of_files_are_looked_for_in_the_same_way(tree: Path) -> None:
    """`.incbin` inside an included file."""
    (tree / "kernel" / "image.bin").write_bytes(b"\x07\x08")
    (tree / "kernel" / "blob.i").write_text('        .incbin "image.bin"\n')
    (tree / "main.s").write_text('        .include "kernel/blob.i"\n')
    assert _text(tree / "main.s") == "0708"
