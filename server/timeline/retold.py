"""A run from its start on, as operations: what a recording keeps, and doing it again with another machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from ..machine.door import DoorEntry
from .operations import Did, Operation, Ran, Stepped
from .timeline import Timeline

_ENDLESS: Final = 1 << 62
_SLICE_SECONDS: Final = 0.02


class RetoldTimeline(Timeline):
    """One that can tell all that was done since the machine's start, and do what another one tells."""

    def keep_all(self) -> None:
        """From the start of the machine on `so_far` has everything, however long a history becomes."""
        self.earlier = []

    def so_far(self) -> list[Operation] | None:
        """What was done up to where the machine stands; None where its start is not known any more."""
        if self.earlier is None:
            return None
        done = self._operations[: self._index]
        if self._index < len(self._operations) and (self._done or not self.in_past):
            last = self._operations[self._index]
            if self.in_past and isinstance(last, Ran):
                last = replace(last, steps=self._done, end=None)
            elif self.in_past and isinstance(last, Stepped):
                last = replace(last, steps=self._done)
            done.append(last)
        return [*self.earlier, *done]

    def relive(self, operations: list[Operation], inputs: Sequence[DoorEntry]) -> Iterator[None]:
        """Does what was done to a machine that was made alike, from its start on, in pieces. Raises TimelineError."""
        self._begin()
        self._operations = operations
        self._stand(0, 0)
        machine, pace = self.machine, self.machine.turns.pace
        machine.door.expect(inputs)
        machine.turns.pace = None
        while not self._is_at_end():
            with self.unarmed():
                self.go_on(_ENDLESS, _SLICE_SECONDS)
            self._mark_sometimes()
            yield
        if self._index < len(operations):
            self._finish(operations[-1])
            if isinstance(operations[-1], Did):
                self._stand(len(operations), 0)
        machine.turns.pace = pace
        machine.door.go_live()
