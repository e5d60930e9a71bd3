"""By which rule something holds: the book and section that a description's file names at its head, and the item's line.

Each file of a description begins with a comment that says what it covers and which section of which book. So a new item
has its rule without another word.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from ....isa.model.items import Description

_BOOK: Final = re.compile(r"Power ISA|PAPR|Power Architecture|ARM DDI|PSCI|Section|Linux")
_SECTION: Final = re.compile(r"\b(sections?|chapter|appendix|part)\b|\b[A-D]\d", re.IGNORECASE)
_LONGEST: Final = 100
_ARCHITECTURES: Final = Path(__file__).resolve().parents[3] / "isa" / "arch"


class Rules:
    """The rules of one description."""

    def __init__(self, description: Description) -> None:
        self._files = description.files

    def at(self, line: int) -> str:
        """The rule of an item, by its place: `book, section (file:line)`."""
        file = self._files[line >> 20] if line >> 20 < len(self._files) else ""
        return f"{_book_of(file)} ({file}:{line & 0xFFFFF})".lstrip()


@cache
def _book_of(file: str) -> str:
    path = Path(file) if Path(file).is_absolute() else _ARCHITECTURES / file
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    head = []
    for one in lines:
        if not one.startswith("//"):
            break
        head.append(one[2:].strip())
    for sentence in re.split(r"(?<=[.;:])\s+(?=[A-Z])", " ".join(head)):
        if _BOOK.search(sentence) and _SECTION.search(sentence):
            text = re.split(r"; |, with ", sentence)[0].rstrip(".: ")
            return text if len(text) <= _LONGEST else text[: _LONGEST - 2].rsplit(" ", 1)[0] + " …"
    return ""
