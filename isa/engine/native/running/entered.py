"""What native code entered Python for, by kind: a kernel in its usual life has next to no reason to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from ..shared import Operation
from ..shared import cpu_layout as cpu

_STATUSES: Final = {
    cpu.RAISED_STATUS: "an interrupt's entry",
    cpu.FAILED_STATUS: "a failure",
    cpu.ATTENTION_STATUS: "an exit, a poll, or somebody who waits",
    cpu.MISS_STATUS: "a page of code that is not known",
    cpu.UNDECODED_STATUS: "a page of code to decode",
    cpu.STOP_STATUS: "a breakpoint",
    cpu.STEP_STATUS: "an instruction to be executed alone",
    cpu.HOT_STATUS: "hot code",
    cpu.UNBUILT_STATUS: "an instruction without native code yet",
    cpu.SPLIT_STATUS: "an instruction over two pages",
    cpu.STALE_STATUS: "a region with other modes",
}


class Entered:
    """Counts by number, which cost nothing worth mentioning where it happens."""

    def __init__(self, operations: Mapping[int, Operation]) -> None:
        self._operations = operations
        self.requests: Counter[int] = Counter()
        """By the numbers of operations."""
        self.statuses = [0] * (max(_STATUSES) + 1)
        """By what native code came back with."""

    def kinds(self) -> Mapping[str, int]:
        """How often for each kind, the most frequent first. The end of a stretch is none."""
        found = {name: self.statuses[status] for status, name in _STATUSES.items()}
        for number, count in self.requests.items():
            name = self._operations[number].name
            found[name] = found.get(name, 0) + count
        return {name: count for name, count in sorted(found.items(), key=lambda one: -one[1]) if count}
