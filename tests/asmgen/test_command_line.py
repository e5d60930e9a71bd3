"""Claims about `trapline asm` and `trapline disasm`."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from trapline.asmgen import cli
from trapline.isa.errors import TraplineError


def run(*arguments: str) -> Result:
    """Run the commands of this folder."""
    app = typer.Typer()
    cli.register(app)
    return CliRunner().invoke(app, list(arguments))


def test_several_files_become_one_elf_and_back(tmp_path: Path) -> None:
    """What asm links, disasm lists with labels and addresses."""
    (tmp_path / "a.s").write_text("_start: bl f\n.word 7\n")
    (tmp_path / "b.s").write_text(".globl f\nf: bx lr\n")
    output = tmp_path / "out.elf"
    made = run("asm", "--arch", "armv7ve", "--base", "0x8000", "-o", str(output),
               str(tmp_path / "a.s"), str(tmp_path / "b.s"))  # fmt: skip
    assert (made.exit_code, made.stdout) == (0, "")
    listed = run("disasm", "--arch", "armv7ve", str(output))
    assert listed.stdout.splitlines() == [
        "section .text",
        "_start:",
        "    8000:  eb000000  bl 0x8008  /* <f> */",
        "    8004:  .byte 0x07, 0x00, 0x00, 0x00",
        "f:",
        "    8008:  e12fff1e  bx lr",
    ]


def test_words_are_disassembled_at_their_address() -> None:
    """--hex takes words; what has no text is a number with the reason."""
    listed = run("disasm", "--arch", "power7", "--address", "0x100", "--hex", "48000008", "0")
    assert listed.stdout.splitlines() == [
        "     100:  48000008  b .+0x8",
        "     104:  00000000  .long 0x00000000  /* no instruction has this encoding */",
    ]


def test_errors_are_printed_with_their_number_and_status_2(tmp_path: Path) -> None:
    """Each error with its place, then how many; no file is written."""
    source = tmp_path / "bad.s"
    source.write_text("addi r3, r4\nbogus\n")
    done = run("asm", "--arch", "power7", "-o", str(tmp_path / "out.elf"), str(source))
    assert done.exit_code == 2
    assert f"{source}:1:12: error: expected ','" in done.output
    assert done.output.endswith("2 errors\n")
    assert not (tmp_path / "out.elf").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("asm", "--arch", "power7", "missing.s"), "cannot read missing.s: No such file or directory"),
        (("asm", "--arch", "power7", "--base", "x", "missing.s"), "'x' is not a number"),
        (("disasm", "--arch", "power7", "a", "b"), "one ELF file is disassembled at a time"),
        (("disasm", "--arch", "power7", "--hex", "wxyz"), "'wxyz' is not a hexadecimal number"),
        (("disasm", "--arch", "power7", "--hex", "0", "--set", "T32"), "there is no instruction set 'T32'"),
        (("disasm", "--arch", "power8", "--hex", "0"), "power8"),
        (("disasm", "--arch", "power7", __file__), "as an ELF file"),
    ],
)
def test_a_mistake_of_the_user_is_one_clear_error(arguments: tuple[str, ...], message: str) -> None:
    """What the command line shows as one message and status 2."""
    done = run(*arguments)
    assert isinstance(done.exception, TraplineError)
    assert message in done.exception.message
