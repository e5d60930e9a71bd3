"""What a machine says about its partitions where it has one: it is that partition. `several.py` says more."""

from __future__ import annotations

from ..machine.console import Console
from ..verdict import Verdict


class OnePartition:
    """See the module."""

    console: Console
    verdict: Verdict | None
    ended: frozenset[int] = frozenset()
    """Numbers of partitions whose guests have ended, while others go on."""

    def finish(self, partition: int, verdict: Verdict) -> None:
        """Ends a partition's guest from outside."""
        self.verdict = verdict

    def mute(self, muted: bool) -> None:
        """Whether guests say again what they have said."""
        self.console.is_muted = muted
