"""Text for the user's console that comes up while the guest runs, kept until the session can send it.

Who tells something is deep inside of the guest's run: a socket that is full, or gone, must not be met there.
"""

from __future__ import annotations

from collections import deque
from typing import Final

_MOST: Final = 4096
"""Pieces of text that wait; what comes beyond is counted."""


class Notes:
    """What is to be told; `add` never fails."""

    def __init__(self) -> None:
        self._waiting: deque[str] = deque()
        self._dropped = 0

    def add(self, text: str) -> None:
        """Have `text` told soon."""
        if len(self._waiting) < _MOST:
            self._waiting.append(text)
        else:
            self._dropped += 1

    def take(self) -> str:
        """All that waits; empty if nothing does."""
        if not self._waiting:
            return ""
        text = "".join(self._waiting)
        self._waiting.clear()
        if self._dropped:
            text += f"... and {self._dropped} more, which came faster than they can be shown\n"
            self._dropped = 0
        return text
