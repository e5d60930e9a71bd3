"""What happened to the guests of several partitions: each is diagnosed by itself, with its own names and memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from ..tree.vcpu import MachineVcpu
from ..wild.diagnosis import Diagnosis
from ..wild.looks import Hot, Looks
from ..wild.report import Wild
from .machine import Machine


class _AllLooks(Looks):
    """Looks at all of them; what is found is remembered with its partition."""

    def __init__(self, members: Sequence[Machine], owner: Mapping[MachineVcpu, Machine]) -> None:
        self._members = members
        self._owner = owner
        self.found_in = members[0]

    def left(self, steps: int) -> int:
        """See `Looks`."""
        return min(one.diagnosis.looks.left(steps) for one in self._members)

    def look(self, steps: int, running: MachineVcpu) -> Wild | None:
        """See `Looks`."""
        for member in self._members:
            own = running if self._owner[running] is member else member.vcpus[0]
            found = member.diagnosis.looks.look(steps, own)
            if found is not None and member.verdict is None:
                self.found_in = member
                return found
        return None

    def hottest(self, most: int = 3) -> list[Hot]:
        """See `Looks`: of the first partition."""
        return self._members[0].diagnosis.looks.hottest(most)


class AllDiagnosed(Diagnosis):
    """See the module."""

    def __init__(self, members: Sequence[Machine], owner: Mapping[MachineVcpu, Machine]) -> None:
        first = members[0].diagnosis
        self.names, self.reporter = first.names, first.reporter
        self._members = members
        self._owner = owner
        self._seen = _AllLooks(members, owner)
        self.looks = self._seen

    def strayed(self, vcpu: MachineVcpu, row: int) -> Wild:
        """See `Diagnosis`."""
        self._seen.found_in = self._owner[vcpu]
        return self._seen.found_in.diagnosis.strayed(vcpu, row)

    def vcpu_of(self, wild: Wild) -> MachineVcpu:
        """See `Diagnosis`."""
        return self._seen.found_in.diagnosis.vcpu_of(wild)

    def whereabouts(self) -> str:
        """See `Diagnosis`."""
        told = (f"partition {n}: {one.diagnosis.whereabouts()}" for n, one in enumerate(self._members, 1))
        return "; ".join(told)

    def last_interrupt(self, vcpu: MachineVcpu) -> str:
        """See `Diagnosis`."""
        return self._owner[vcpu].diagnosis.last_interrupt(vcpu)

    def counts(self) -> Counter[str]:
        """See `Diagnosis`."""
        found: Counter[str] = Counter()
        for one in self._members:
            found.update(one.diagnosis.counts())
        return found

    def count_lines(self) -> list[str]:
        """See `Diagnosis`."""
        return [line for one in self._members for line in one.diagnosis.count_lines()]

    def last_lines(self) -> list[str]:
        """See `Diagnosis`."""
        lines = []
        for number, one in enumerate(self._members, 1):
            lines += [f"partition {number}, {line}" for line in one.diagnosis.last_lines()]
        return lines
