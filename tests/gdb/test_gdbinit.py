"""Claims about the script that `trapline gdbinit` prints: its commands work, with Python and without."""

import re
from pathlib import Path

import pytest

from trapline.server.gdb_script import script

from .conftest import Output, RunGdb
from .machines import ONE_EACH, Board, serve

pytestmark = pytest.mark.gdb


def _text(output: Output) -> str:
    return "\n".join([output.text, *output.errors])


@ONE_EACH
def test_its_commands_lead_to_the_monitor(run_gdb: RunGdb, board: Board, tmp_path: Path) -> None:
    """With expressions of gdb's; registers with fields print them, and have a command that tells each."""
    file = tmp_path / "trapline.gdb"
    file.write_text(script())
    register, shown = ("MSR", "lpcr") if board.is_power else ("CPSR", "sctlr")
    with serve(board) as server:
        output = run_gdb(
            server, f"source {file}", "break store", "continue", "walk $pc fetch", "explain", "last 2", "stepi",
            "who-wrote &counter 4", f"trapline-register {register}", f"print ${shown}", "view guest",
            "view current", "goto-moment start", "trapline-register NOTHING",
        )  # fmt: skip
    text = _text(output)
    assert "as the description translates it" in text
    assert "now it would do this" in text
    assert "`monitor goto" in text
    assert re.search(rf"^{register} = 0x\w+  \w+", text, re.MULTILINE)
    assert re.search(r"^\$\d+ = 0x\w+ \[.*\]$", text, re.MULTILINE)
    assert "there is no 'NOTHING'" in text
    assert "history ends" not in text


def test_a_gdb_without_python_has_the_first_part() -> None:
    """Nothing of it stands behind the place where such a gdb stops reading."""
    plain, _, python = script().partition("\npython\n")
    assert "define walk" in plain
    assert "define " not in python
    assert python.rstrip().endswith("\nend")
