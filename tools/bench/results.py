"""What a measurement comes to, as `--json` writes it. Times are in seconds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from .statistics import Summary, summary

FORMAT: Final = 1
"""Of the file; grows when a reader would have to know of a change."""

NATIVE, INTERPRETER, REFERENCE, QEMU, UNICORN, HOST = (
    "native",
    "interpreter",
    "reference",
    "qemu",
    "unicorn",
    "host",
)
"""Names of the peers."""

STEPS: Final = "steps"
"""The name under which single steps are measured; `runs` counts steps."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One kernel on one peer: seconds for one run, a sample a round. `instructions` and `events` are those of a run."""

    arch: str
    kernel: str
    kind: str
    form: str
    peer: str
    runs: int
    seconds: tuple[float, ...]
    wall_seconds: tuple[float, ...]
    instructions: int | None
    events: int
    unit: str

    @property
    def time(self) -> Summary:
        """Of one run, in seconds."""
        return summary(self.seconds)

    @property
    def instructions_per_second(self) -> float | None:
        """Guest instructions, at the median."""
        return None if self.instructions is None else _rate(self.instructions, self.time.median)

    @property
    def events_per_second(self) -> float | None:
        """What the kernel is about, at the median."""
        return _rate(self.events, self.time.median) if self.events else None


@dataclass(frozen=True, slots=True)
class Missing:
    """A peer that could not be asked, and why."""

    arch: str
    peer: str
    reason: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A peer that did not do what it should: no time is given then."""

    arch: str
    kernel: str
    peer: str
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A target of the native engine: `value` is at least (or `at_most`) `wanted` if it is met; None: not measured."""

    arch: str
    title: str
    wanted: float
    at_most: bool
    value: float | None
    unit: str
    detail: str

    @property
    def met(self) -> bool | None:
        """Whether it is met, or None."""
        if self.value is None:
            return None
        return self.value <= self.wanted if self.at_most else self.value >= self.wanted


@dataclass(frozen=True)
class Results:
    """Everything. `clock` is cpu or wall: which one `seconds` is of. `machine` says where it was measured."""

    version: str
    clock: str
    machine: dict[str, str]
    measurements: list[Measurement] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    format: int = FORMAT

    def find(self, arch: str, kernel: str, peer: str) -> Measurement | None:
        """The measurement of a kernel on a peer, if there is one."""
        for one in self.measurements:
            if (one.arch, one.kernel, one.peer) == (arch, kernel, peer):
                return one
        return None

    def ratio(self, arch: str, kernel: str, peer: str, other: str) -> float | None:
        """How many times faster `peer` is than `other`; None if one of them is not there."""
        one, two = self.find(arch, kernel, peer), self.find(arch, kernel, other)
        return None if one is None or two is None else _rate(two.time.median, one.time.median)

    def kernels(self, arch: str, kind: str | None = None) -> Iterator[str]:
        """Names of the kernels measured, each once, in their order."""
        seen = set()
        for one in self.measurements:
            if one.arch == arch and kind in (None, one.kind) and one.kernel not in seen:
                seen.add(one.kernel)
                yield one.kernel

    def ratios(self, arch: str, kind: str, peer: str, other: str) -> dict[str, float]:
        """By kernel, where both are there."""
        found = {kernel: self.ratio(arch, kernel, peer, other) for kernel in self.kernels(arch, kind)}
        return {kernel: ratio for kernel, ratio in found.items() if ratio is not None}


def _rate(count: float, seconds: float) -> float | None:
    """None for what was too short to be timed."""
    return count / seconds if count > 0 and seconds > 0 else None
