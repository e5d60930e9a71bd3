"""How a guest's run ended, and what that means as a process's exit status (docs/reference/machines.md).

A guest that has something to say about itself prints a line that begins with PASS or FAIL and switches its
machine off. That works the same on QEMU's boards, and needs no device that real machines lack.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

_LONGEST_LINE: Final = 512


class Outcome(Enum):
    """Ways to end; the value is the exit status of `trapline run`."""

    PASSED = 0
    """Switched off, and no line of its console says FAIL last."""
    FAILED = 1
    """Switched off after a line that begins with FAIL."""
    BUDGET = 3
    """Still running when --max-instructions were used up."""
    DIED = 4
    """The guest or the model could not go on: checkstop, os-term, an internal error."""
    IDLE = 5
    """Every vcpu waits, and nothing that could wake one is to come; neither PASS nor FAIL was printed."""
    LEFT = 6
    """The user left it, or the debugger killed it."""
    WILD = 7
    """It runs wild: nothing that it does can lead anywhere any more. The reason names the first cause."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, and in words how it came about."""

    outcome: Outcome
    reason: str

    @property
    def status(self) -> int:
        """Exit status, 0 to 255."""
        return self.outcome.value

    def __str__(self) -> str:
        return f"{self.outcome.name.lower()}: {self.reason}"


class ConsoleVerdict:
    """Reads a console along with the user and remembers the last line that begins with PASS or FAIL."""

    def __init__(self) -> None:
        self._line = b""
        self.last: str | None = None
        """That line, or None if there was none yet."""

    def feed(self, data: bytes) -> None:
        """A sink for `Console.add_sink`."""
        lines = (self._line + data).replace(b"\r", b"\n").split(b"\n")
        for line in lines:
            if line.startswith((b"PASS", b"FAIL")):
                self.last = line[:_LONGEST_LINE].decode("utf-8", "replace")
        self._line = lines[-1][:_LONGEST_LINE]

    def at_power_off(self, how: str) -> Verdict:
        """The verdict of a guest that switched its machine off by `how`."""
        if self.last is None:
            return Verdict(Outcome.PASSED, how)
        outcome = Outcome.FAILED if self.last.startswith("FAIL") else Outcome.PASSED
        return Verdict(outcome, f"{how} after {self.last!r}")

    def at_idle(self, how: str) -> Verdict:
        """The verdict of a guest that waits for nothing: as if it were switched off, if it has said PASS or FAIL."""
        return Verdict(Outcome.IDLE, how) if self.last is None else self.at_power_off(how)
