"""When the next poll is due, in a word that native code reads and writes too (see `poll_text`)."""

from __future__ import annotations

from ...execution import Execution
from ..shared import cpu_layout as cpu

_POLL_AT = cpu.POLL_AT >> 3
_NEVER = (1 << 64) - 1


class NativePolls(Execution):
    """Overrides where the time of the next poll is kept."""

    words: memoryview

    @property
    def poll_at(self) -> int:
        """See `Execution`."""
        return self.words[_POLL_AT]

    @poll_at.setter
    def poll_at(self, at: int) -> None:
        self.words[_POLL_AT] = min(at, _NEVER)
