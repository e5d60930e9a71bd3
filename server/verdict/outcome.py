"""The outcomes of a run, each with an exit status of its own: only a positive verdict is 0."""

from __future__ import annotations

from enum import Enum

import msgspec


class Outcome(Enum):
    """What a run means; the value is the exit status of `trapline run`. 2 is a mistake of the user's."""

    PASSED = 0
    """The guest said that it passed, nothing said FAIL, and it switched its machine off or waits for nothing."""
    FAILED = 1
    """The guest said FAIL at any time (or `not ok`, or left its plan unfinished), or left with a status but 0."""
    BUDGET = 3
    """Still running when --max-instructions were used up."""
    DIED = 4
    """The guest or the model could not go on: checkstop, os-term, an internal error."""
    IDLE = 5
    """Every vcpu waits, and nothing that could wake one is to come; no verdict was printed."""
    LEFT = 6
    """The user left it, or the debugger killed it."""
    WILD = 7
    """It runs wild: nothing that it does can lead anywhere any more. The reason names the first cause."""
    SILENT = 8
    """Switched off without a verdict: nobody knows whether it did what it should."""
    RESET = 9
    """The guest asked for a reset of its machine."""
    TIMEOUT = 10
    """Still running when --timeout seconds of the host's time were over."""
    SKIPPED = 77
    """Everything that the guest was to test was skipped; the status is that of GNU automake and kvm-unit-tests."""


class Ending(Enum):
    """How the run came to its end, whatever it means."""

    OFF = "off"
    """Switched off: RTAS power-off, PSCI SYSTEM_OFF."""
    EXIT = "exit"
    """Left with a status: semihosting SYS_EXIT, the debug-exit device."""
    RESET = "reset"
    IDLE = "idle"
    DIED = "died"
    BUDGET = "budget"
    TIMEOUT = "timeout"
    WILD = "wild"
    LEFT = "left"


_ENDINGS = {
    Outcome.BUDGET: Ending.BUDGET,
    Outcome.DIED: Ending.DIED,
    Outcome.IDLE: Ending.IDLE,
    Outcome.LEFT: Ending.LEFT,
    Outcome.RESET: Ending.RESET,
    Outcome.TIMEOUT: Ending.TIMEOUT,
    Outcome.WILD: Ending.WILD,
}


class Verdict(msgspec.Struct, frozen=True):
    """The outcome, and in words how it came about."""

    outcome: Outcome
    reason: str
    how: Ending | None = None
    """None: as the outcome says."""
    guest_status: int | None = None
    """What the guest gave as its exit status, if it gave one."""

    @property
    def status(self) -> int:
        """Exit status, 0 to 255."""
        return self.outcome.value

    @property
    def ending(self) -> Ending:
        """How the run came to its end."""
        return self.how or _ENDINGS.get(self.outcome, Ending.OFF)

    def __str__(self) -> str:
        return f"{self.outcome.name.lower()}: {self.reason}"
