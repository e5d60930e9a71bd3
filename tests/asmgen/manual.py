"""The assembler manual's blocks: sources that assemble, mistakes with their messages, and Python to run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

MANUAL = Path(__file__).resolve().parents[2] / "docs" / "reference" / "assembler.md"
_BLOCK = re.compile(r"```asm (error )?(\w+)(?:: ([^\n]+))?\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class ShownSource:
    """A block for a core; `message` is the error that it gets, or empty."""

    core: str
    message: str
    text: str


def sources() -> list[ShownSource]:
    """The blocks marked `asm`, in order."""
    return [ShownSource(core, message, text) for _, core, message, text in _BLOCK.findall(MANUAL.read_text())]


def python_blocks() -> list[str]:
    """The blocks marked `python` of this manual and of that for generators, in order."""
    pages = (MANUAL, MANUAL.with_name("generators.md"))
    return [block for page in pages for block in re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)]
