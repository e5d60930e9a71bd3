"""The sub-tests that a guest reports, and the tally that a verdict is made of."""

from __future__ import annotations

from enum import Enum
from typing import Final

import msgspec

MOST_KEPT: Final = 10_000
"""Sub-tests that are listed; those beyond are counted."""


class SubTestStatus(Enum):
    """What one sub-test's line says."""

    PASS = "pass"
    FAIL = "fail"
    SKIP = "skip"
    EXPECTED_FAIL = "xfail"
    """It fails, and that is known: TAP's TODO, kvm-unit-tests' XFAIL and KFAIL."""
    UNEXPECTED_PASS = "xpass"
    """It passes although it was known to fail; kvm-unit-tests' XPASS fails the whole, TAP's TODO does not."""


class SubTest(msgspec.Struct, frozen=True):
    """One line that tells of a test; `name` may be empty, `reason` is that of a skipped or known failure."""

    name: str
    status: SubTestStatus
    reason: str = ""


class Tally(msgspec.Struct):
    """Counts sub-tests by status and keeps the first of them."""

    counts: dict[SubTestStatus, int] = msgspec.field(default_factory=lambda: dict.fromkeys(SubTestStatus, 0))
    kept: list[SubTest] = msgspec.field(default_factory=list)

    def add(self, test: SubTest) -> None:
        """Counts one more."""
        self.counts[test.status] += 1
        if len(self.kept) < MOST_KEPT:
            self.kept.append(test)

    @property
    def some_good(self) -> bool:
        """Whether something passed, or failed as it is known to."""
        good = (SubTestStatus.PASS, SubTestStatus.EXPECTED_FAIL, SubTestStatus.UNEXPECTED_PASS)
        return any(self.counts[status] for status in good)

    @property
    def some_skipped(self) -> bool:
        """Whether something was skipped."""
        return self.counts[SubTestStatus.SKIP] > 0
