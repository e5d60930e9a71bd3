"""What a test came to, and what that means for the suite."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

import msgspec

CONSOLE_KEPT: Final = 16 << 10


class Ran(msgspec.Struct, frozen=True):
    """One run of a test on a target. `outcome` is a name of `trapline.Outcome` in lower case, or `error`: it could not
    be begun."""

    outcome: str
    reason: str
    console: str
    instructions: int | None
    """Guest instructions; None where the target does not tell."""
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether the guest says so."""
        return self.outcome == "passed"


class Status(Enum):
    """What a result counts as."""

    PASS = "pass"
    FAIL = "fail"
    SKIP = "skip"
    EXPECTED_FAIL = "xfail"
    """It fails, and the suite says why."""
    UNEXPECTED_PASS = "xpass"
    """It passes although the suite says that it fails: no failure, but told."""
    FLAKY = "flaky"
    """It failed and passed when it was run again: no failure, but told."""
    QUARANTINED = "quarantined"
    """It fails, and the user has put it aside."""

    @property
    def fails_the_run(self) -> bool:
        """Whether the run's exit status is 1 for it."""
        return self is Status.FAIL


class Result(msgspec.Struct, frozen=True):
    """The result of a test in a run."""

    test: str
    status: Status
    run: Ran
    attempts: int
    note: str = ""
    """The reason of an expected failure."""


class Difference(msgspec.Struct, frozen=True):
    """A word that is not as expected."""

    word: str
    expected: int
    came: int
    mask: int


class FailedStep(msgspec.Struct, frozen=True):
    """A test point that is `not ok`. `excluded`: the answer that no `returns` of the description has, if it is that."""

    number: int
    title: str
    rule: str
    differences: tuple[Difference, ...]
    excluded: int | None


_POINT: Final = re.compile(r"^not ok (\d+) - (.*?)\r?$", re.MULTILINE)
_RULE: Final = re.compile(r"^  rule: '(.*)'\r?$", re.MULTILINE)
_WORD: Final = re.compile(r"\{word: ([\w.]+), expected: (0x[0-9a-f]+), came: (0x[0-9a-f]+), mask: (0x[0-9a-f]+)\}")
_EXCLUDED: Final = re.compile(r"^  excluded: (0x[0-9a-f]+)", re.MULTILINE)


def failed_steps(console: str) -> list[FailedStep]:
    """The failures that a test of a suite tells of on its console, as the guest library writes them."""
    found = []
    for point in _POINT.finditer(console):
        rest = console[point.end() :]
        rest = re.split(r"^(?:not )?ok \d+", rest, maxsplit=1, flags=re.MULTILINE)[0]
        rule, excluded = _RULE.search(rest), _EXCLUDED.search(rest)
        differences = tuple(
            Difference(word, int(expected, 16), int(came, 16), int(mask, 16))
            for word, expected, came, mask in _WORD.findall(rest)
        )
        found.append(
            FailedStep(
                int(point[1]),
                point[2],
                "" if rule is None else rule[1],
                differences,
                None if excluded is None else int(excluded[1], 16),
            )
        )
    return found
