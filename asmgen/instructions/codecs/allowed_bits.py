"""Answers about some bits of a word, each asked for once."""

from __future__ import annotations

from collections.abc import Callable

MAX_ANSWERS = 1 << 17


class AllowedBits(dict[int, bool]):
    """Values of some bits of a word that are looked at once; asking for one that is not allowed raises KeyError."""

    def __init__(self, is_allowed: Callable[[int], bool]) -> None:
        super().__init__()
        self._is_allowed = is_allowed

    def __missing__(self, bits: int) -> bool:
        if not self._is_allowed(bits):
            raise KeyError(bits)
        if len(self) >= MAX_ANSWERS:
            self.clear()
        self[bits] = True
        return True
