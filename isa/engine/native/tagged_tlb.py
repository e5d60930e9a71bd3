"""Python's cached translations, kept in step with those of native code."""

from __future__ import annotations

from ..softtlb import Context, SoftTlb
from . import cpu_layout as cpu


class TaggedTlb(SoftTlb):
    """Remembers for which tag a context was asked last, and whether contexts were given up since `restarted` was
    looked at. Forgets everything when native code has dropped translations."""

    latest = 0
    restarted = False

    def __init__(self, vcpu: memoryview) -> None:
        """`vcpu` are the words of the vcpu's area."""
        super().__init__()
        self._vcpu = vcpu

    def look(self) -> None:
        """Finds out whether native code has dropped translations."""
        if self._vcpu[cpu.DROPPED >> 3]:
            self._vcpu[cpu.DROPPED >> 3] = 0
            self.clear()

    def context(self, tag: int) -> Context:
        """See `SoftTlb`."""
        self.look()
        self.latest = tag
        known = len(self._contexts)
        found = super().context(tag)
        self.restarted |= len(self._contexts) < known
        return found
