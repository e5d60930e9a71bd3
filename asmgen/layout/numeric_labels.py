"""Numeric labels: `1:` may be defined again and again; `1b` is the last one above, `1f` the next one below."""

from __future__ import annotations

from .symbol import numeric_name


class NumericLabels(dict[int, int]):
    """How often each number has been a label in a file so far."""

    def define(self, number: int) -> str:
        """The name of the label that the number is now."""
        count = self[number] = self.get(number, 0) + 1
        return numeric_name(number, count)

    def named(self, number: int, direction: str) -> str:
        """The name of the label that `1b` or `1f` means; empty for a `1b` with no `1:` above."""
        count = self.get(number, 0) + (direction == "f")
        return numeric_name(number, count) if count else ""
