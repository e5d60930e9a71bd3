"""The language manual's own description: its `isa` blocks in order, and the mistakes that it shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

MANUAL = Path(__file__).resolve().parents[2] / "docs" / "reference" / "language.md"


@dataclass(frozen=True)
class ShownMistake:
    """A block marked `isa error: MESSAGE`."""

    message: str
    text: str


def description() -> str:
    """All blocks marked `isa`, as one file."""
    return "\n".join(re.findall(r"```isa\n(.*?)```", MANUAL.read_text(), re.DOTALL))


def mistakes() -> list[ShownMistake]:
    """The blocks that show mistakes, in order."""
    found = re.findall(r"```isa error: ([^\n]+)\n(.*?)```", MANUAL.read_text(), re.DOTALL)
    return [ShownMistake(message, text) for message, text in found]
