"""Lines that show zeros alone, and what stands for a long run of them."""

from __future__ import annotations

ZEROS = "     ..."
"""Stands for a run of zeros."""
SKIPPED_ZEROS = 8
"""Bytes: shorter runs of zeros are written out."""


class Zeros:
    """A run of lines that show zeros alone: together at least SKIPPED_ZEROS bytes, they become one mark."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._size = 0

    def add(self, line: str, size: int) -> None:
        """Another line, of so many bytes."""
        self.lines.append(line)
        self._size += size

    def end(self) -> list[str]:
        """What the run is shown as; another one begins."""
        shown = [ZEROS] if self._size >= SKIPPED_ZEROS else self.lines
        self.lines, self._size = [], 0
        return shown
