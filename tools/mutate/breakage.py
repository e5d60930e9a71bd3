"""What a breakage is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NO_GUEST: Final = ""
"""In the place of a guest: the suites alone are to notice."""


@dataclass(frozen=True, slots=True)
class Breakage:
    """`line`, which stands once in `file` (below the package), becomes `broken`; `guest` is to notice."""

    file: str
    guest: str
    line: str
    broken: str

    @property
    def title(self) -> str:
        """File and broken line, in short."""
        place, broken = self.file.rsplit("/", 1)[-1], " ".join(self.broken.split())
        return f"{place}: {broken}" if broken else f"{place}, without: {' '.join(self.line.split())}"


def of_file(file: str, guest: str, *lines: tuple[str, str]) -> tuple[Breakage, ...]:
    """Breakages of one file, which one guest is to notice: lines, and what becomes of them."""
    return tuple(Breakage(file, guest, line, broken) for line, broken in lines)
