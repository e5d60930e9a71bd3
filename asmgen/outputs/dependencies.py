"""Rules for make: what an output was made from."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def rule(output: Path, files: Iterable[Path]) -> str:
    """`OUTPUT: FILE FILE …` as make reads it, and an empty rule for each file that may go."""
    listed = list(dict.fromkeys(str(file) for file in files))
    first = f"{_quoted(str(output))}: " + " \\\n  ".join(_quoted(file) for file in listed) + "\n"
    return first + "".join(f"\n{_quoted(file)}:\n" for file in listed[1:])


def _quoted(name: str) -> str:
    return name.replace("$", "$$").replace("\\", "\\\\").replace(" ", "\\ ").replace("#", "\\#")
