"""`trapline isa fmt`: the house style is what the shipped descriptions have; only blanks change, and only once."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from trapline.isa.lang.load import ARCH
from trapline.isa.lang.products.format import formatted
from trapline.isa.lang.text.tokens import tokens

SHIPPED = [*sorted(ARCH.rglob("*.isa")), ARCH.parent.parent / "docs" / "examples" / "toy8" / "toy8.isa"]


def run_command(*words: str) -> subprocess.CompletedProcess[str]:
    """`trapline` as a user runs it."""
    return subprocess.run([sys.executable, "-m", "trapline", *words], capture_output=True, text=True, check=False)


def _said(text: str) -> list[str]:
    return [one.text.rstrip() for one in tokens(text) if one.kind not in ("space", "line")]


def test_shipped_descriptions_have_the_style() -> None:
    """Formatting changes none of them."""
    assert [str(path) for path in SHIPPED if formatted(path.read_text()) != path.read_text()] == []


def test_tokens_are_the_text() -> None:
    """Nothing of a text is lost between two tokens, whatever stands there."""
    for path in SHIPPED[::7]:
        text = path.read_text()
        assert "".join(one.text for one in tokens(text)) == text
    odd = 'a "unended\n/* unended é ` \\ \x00 syntax x{y} } // z'
    assert "".join(one.text for one in tokens(odd)) == odd


@pytest.mark.parametrize("path", SHIPPED[::9], ids=lambda path: path.name)
def test_only_blanks_change_and_only_once(path: Path) -> None:
    """Of texts whose indentation, blank lines and ends of lines were put in disorder: each word and each comment stays
    in its place, and formatting again changes nothing."""
    chosen = random.Random(path.name)
    text = path.read_text()
    lines = []
    for line in text.split("\n"):
        own = len(line) - len(line.lstrip(" "))
        blanks = " " * (chosen.choice((0, 1, 3, 9)) if chosen.random() < 0.3 else own)
        lines.append(blanks.replace("    ", "\t") + line.strip() + chosen.choice(("", "  ", "\t", "\r")))
        if chosen.random() < 0.05:
            lines += ["", "", ""]
    made = formatted("\n".join(lines))
    assert _said(made) == _said(text)
    assert formatted(made) == made
    assert not re.search(r"[ \t\r]$|\n\n\n", made, re.MULTILINE)


def test_the_command_checks_and_changes(tmp_path: Path) -> None:
    """--check names the file, changes nothing and ends with 1; without it the file is put right; a broken one stays."""
    path = tmp_path / "one.isa"
    path.write_text("// A comment.\nfunction f( x : u8 ) -> u8 {\nlet y=x   // why\n\n\n  return y}\n")
    checked = run_command("isa", "fmt", "--check", str(path))
    assert (checked.returncode, "would be changed" in checked.stderr) == (1, True)
    assert run_command("isa", "fmt", str(path)).returncode == 0
    assert path.read_text() == (
        "// A comment.\nfunction f( x : u8 ) -> u8 {\n    let y = x   // why\n\n    return y }\n"
    )
    assert run_command("isa", "fmt", "--check", str(path)).returncode == 0
    path.write_text("function {\n  x\n")
    broken = run_command("isa", "fmt", str(path))
    assert (broken.returncode, path.read_text()) == (1, "function {\n  x\n")
    assert "one.isa:1:" in broken.stderr
