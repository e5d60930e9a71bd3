"""What a run is expected to come to (`--expect`): the exit status is 0 if it does, else it tells what happened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from ...isa.errors import TraplineError
from .outcome import Ending, Outcome, Verdict

_OUTCOMES: Final = {
    "pass": Outcome.PASSED,
    "fail": Outcome.FAILED,
    "skip": Outcome.SKIPPED,
    "silent": Outcome.SILENT,
    "reset": Outcome.RESET,
    "idle": Outcome.IDLE,
    "died": Outcome.DIED,
    "wild": Outcome.WILD,
    "budget": Outcome.BUDGET,
    "timeout": Outcome.TIMEOUT,
}
_OFF: Final = "off"
_STATUS: Final = "status="
_CLEAN: Final = (Outcome.PASSED, Outcome.SILENT, Outcome.SKIPPED)
EXPECTATIONS: Final = (_OFF, *_OUTCOMES, f"{_STATUS}N")
UNEXPECTED: Final = 1
"""The exit status of a run that passed and was expected to do something else."""


class ExpectationError(TraplineError):
    """`--expect` names nothing that a run can come to."""


class Expectation(msgspec.Struct, frozen=True):
    """Any of some ends: `off` is switched off or left with status 0, whatever was said but FAIL."""

    outcomes: frozenset[Outcome] = frozenset({Outcome.PASSED})
    off: bool = False
    statuses: frozenset[int] = frozenset()

    @classmethod
    def parse(cls, words: Sequence[str]) -> Expectation:
        """From the option's values, each one or several with commas between. Raises ExpectationError."""
        names = [name.strip() for word in words for name in word.split(",")]
        if not names:
            return cls()
        outcomes, statuses, off = set(), set(), False
        for name in names:
            if name == _OFF:
                off = True
            elif name in _OUTCOMES:
                outcomes.add(_OUTCOMES[name])
            elif name.startswith(_STATUS):
                statuses.add(_number(name))
            else:
                import difflib

                close = difflib.get_close_matches(name, EXPECTATIONS, 1)
                hint = f"did you mean {close[0]}?" if close else f"use one of {', '.join(EXPECTATIONS)}"
                raise ExpectationError(f"--expect {name}: no run ends like that", hint)
        return cls(frozenset(outcomes), off, frozenset(statuses))

    def is_met(self, verdict: Verdict, failure: str | None = None) -> bool:
        """Whether the run came to that. `failure` is what the guest said of a failure, at whatever time."""
        if verdict.guest_status is not None and verdict.guest_status in self.statuses:
            # A FAIL line that the status does not tell of is a failure none the less.
            return failure is None or verdict.guest_status != 0
        if failure is not None:
            return Outcome.FAILED in self.outcomes and verdict.outcome is Outcome.FAILED
        if self.off and verdict.outcome in _CLEAN and verdict.ending in (Ending.OFF, Ending.EXIT, Ending.IDLE):
            return True
        return verdict.outcome in self.outcomes

    def exit_status(self, verdict: Verdict, failure: str | None = None) -> int:
        """What the process ends with."""
        return 0 if self.is_met(verdict, failure) else verdict.status or UNEXPECTED

    def __str__(self) -> str:
        names = [name for name, outcome in _OUTCOMES.items() if outcome in self.outcomes]
        names += [_OFF] * self.off + [f"{_STATUS}{number}" for number in sorted(self.statuses)]
        return " or ".join(names)


def _number(name: str) -> int:
    text = name.removeprefix(_STATUS)
    if not text.isascii() or not text.isdigit() or len(text) > 10:
        raise ExpectationError(f"--expect {name}: the status is no number", "write --expect status=3")
    return int(text)
