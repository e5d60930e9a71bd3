"""The tutorials are what happens: their files are written, their commands executed, their output compared."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted((DOCS / "tutorials").glob("*.md"))
_FILE = re.compile(r"<!-- file: (\S+) -->\n```\w*\n(.*?)```", re.DOTALL)
_SESSION = re.compile(r"```console\n(.*?)```", re.DOTALL)


def _sessions(text: str) -> list[tuple[str, str]]:
    """(command, what it prints) of a page, in order."""
    found = []
    for session in _SESSION.findall(text):
        for part in re.split(r"(?m)^\$ ", session)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


def _is_as_told(output: str, told: str) -> bool:
    """`...` stands for anything."""
    pattern = "".join(".*" if part == "..." else re.escape(part) for part in re.split(r"(\.\.\.)", told))
    return re.fullmatch(pattern, output, re.DOTALL) is not None


def test_there_are_three() -> None:
    """And each has files and a session."""
    assert len(PAGES) == 3
    assert all(_FILE.search(page.read_text()) and _sessions(page.read_text()) for page in PAGES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_tutorial_is_what_happens(page: Path, tmp_path: Path) -> None:
    """Command by command, what is printed is what the page says."""
    text = page.read_text()
    for name, content in _FILE.findall(text):
        (tmp_path / name).write_text(content)
    commands = tmp_path / "bin"
    commands.mkdir()
    for name, words in (("trapline", "-m trapline"), ("python", "")):
        (commands / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
        (commands / name).chmod(0o755)
    environment = os.environ | {"PATH": f"{commands}:{os.environ['PATH']}"}
    for command, told in _sessions(text):
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert _is_as_told(done.stdout, told), (command, done.stdout, done.stderr, told)
