"""What a breakage is, and all of them."""

from __future__ import annotations

from dataclasses import dataclass


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


def all_breakages() -> tuple[Breakage, ...]:
    """Those of the description, then those of the model."""
    from .description_lines import DESCRIPTION
    from .model_lines import MODEL

    return DESCRIPTION + MODEL
