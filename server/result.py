"""What a run was: its verdict, the sub-tests that the guest told of, figures, and the end of its console.

`trapline run --json` prints it (the schema stands in docs/guide/ci.md), `trapline.run` returns it.
"""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import structs

from .boards.machine import Machine
from .boards.statistics import Statistics
from .verdict import Expectation, Outcome, SubTest, Verdict

FORMAT: Final = 1
"""Version of the JSON form: it changes when a member changes its meaning or goes; others may be added."""
CONSOLE_KEPT: Final = 1 << 16
"""Bytes of the console that a result has: the last ones."""


class ConsoleTail:
    """A sink that keeps the end of what a console says."""

    def __init__(self, most: int = CONSOLE_KEPT) -> None:
        self._most = most
        self._kept = bytearray()
        self.total = 0
        """Bytes said in all."""

    def feed(self, data: bytes) -> None:
        """A sink for `Console.add_sink`."""
        self.total += len(data)
        self._kept += data
        if len(self._kept) > 2 * self._most:
            del self._kept[: -self._most]

    @property
    def kept(self) -> bytes:
        """The last bytes."""
        return bytes(self._kept[-self._most :])


class VcpuEnd(msgspec.Struct, frozen=True):
    """Where a vcpu was at the end. `pc` is its next instruction's address, `instructions` what it completed."""

    number: int
    state: str
    pc: int
    instructions: int


class Result(msgspec.Struct, frozen=True):
    """A run and its end."""

    verdict: Verdict
    failure: str | None
    """The first line that says that something failed, if there was one."""
    subtests: tuple[SubTest, ...]
    subtest_counts: dict[str, int]
    """By status: pass, fail, skip, xfail, xpass; also of those that are not listed."""
    statistics: Statistics
    host_seconds: float
    console: bytes
    """The last `CONSOLE_KEPT` bytes."""
    console_bytes: int
    """How many bytes it was in all."""
    machine: str
    core: str
    engine: str
    guest: str
    ram_size: int
    vcpus: tuple[VcpuEnd, ...]

    @classmethod
    def of(cls, machine: Machine, verdict: Verdict, host_seconds: float, console: ConsoleTail) -> Result:
        """Of a machine that has come to a verdict."""
        said = machine.said
        subtests = said.subtests
        return cls(
            verdict=verdict,
            failure=said.failure,
            subtests=subtests,
            subtest_counts={status.value: count for status, count in said.tally.counts.items()},
            statistics=machine.statistics(),
            host_seconds=host_seconds,
            console=console.kept,
            console_bytes=console.total,
            machine=machine.NAME,
            core=machine.description.core,
            engine=machine.options.engine or "",
            guest=str(machine.elf.path),
            ram_size=machine.ram.size,
            vcpus=tuple(
                VcpuEnd(vcpu.number, vcpu.mp_state.value, vcpu.core.pc, vcpu.core.retired) for vcpu in machine.vcpus
            ),
        )

    @property
    def outcome(self) -> Outcome:
        """What the run means."""
        return self.verdict.outcome

    @property
    def passed(self) -> bool:
        """Whether the guest said that it passed, and nothing said otherwise."""
        return self.verdict.outcome is Outcome.PASSED

    @property
    def status(self) -> int:
        """The exit status of `trapline run` for this."""
        return self.verdict.status

    @property
    def reason(self) -> str:
        """In words, how it came about."""
        return self.verdict.reason

    @property
    def instructions(self) -> int:
        """Instructions completed by all vcpus."""
        return self.statistics.instructions

    def meets(self, expected: Expectation) -> bool:
        """Whether the run came to what was expected."""
        return expected.is_met(self.verdict, self.failure)

    def as_dict(self, expected: Expectation | None = None) -> dict[str, object]:
        """As `run --json` has it."""
        expected = expected or Expectation()
        verdict = self.verdict
        return {
            "format": FORMAT,
            "verdict": verdict.outcome.name.lower(),
            "status": expected.exit_status(verdict, self.failure),
            "ending": verdict.ending.value,
            "reason": verdict.reason,
            "expected": str(expected),
            "met": self.meets(expected),
            "guest_status": verdict.guest_status,
            "failure": self.failure,
            "subtests": [{"name": one.name, "status": one.status.value, "reason": one.reason} for one in self.subtests],
            "subtest_counts": self.subtest_counts,
            "guest": self.guest,
            "machine": {
                "name": self.machine,
                "core": self.core,
                "engine": self.engine,
                "ram_bytes": self.ram_size,
                "vcpus": [structs.asdict(vcpu) for vcpu in self.vcpus],
            },
            "counters": structs.asdict(self.statistics),
            "host_seconds": self.host_seconds,
            "console": {"bytes": self.console_bytes, "tail": self.console.decode("utf-8", "replace")},
        }

    def as_json(self, expected: Expectation | None = None) -> str:
        """The same as JSON text."""
        # Only where it is asked for: a start would feel it.
        import json

        return json.dumps(self.as_dict(expected), indent=2)
