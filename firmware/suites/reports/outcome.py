"""A run as reports see it: its record, its tests and their results."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ....isa.errors import TraplineError
from ..running.results import Result, Status
from ..running.runner import BuiltSuite
from ..running.store import RunRecord, Store


@dataclass(frozen=True)
class Reported:
    """`results` are in the order of the suite's tests; a test that has none was not run."""

    record: RunRecord
    suite: BuiltSuite
    results: tuple[Result, ...]

    @staticmethod
    def read(suite: BuiltSuite, results: Path, number: int | None = None) -> Reported:
        """A run by its number, or the last one.  Raises TraplineError."""
        if not results.exists():
            raise TraplineError(f"suite {suite.manifest.suite} has no results yet", "`trapline suite run` makes some")
        with Store(results) as store:
            record = store.run(number)
            found = {one.test: one for one in store.results(record.number)}
        order = [one.name for one in suite.manifest.tests if one.name in found]
        return Reported(record, suite, tuple(found[name] for name in order))

    @property
    def counts(self) -> Counter[Status]:
        """Results by status."""
        return Counter(one.status for one in self.results)

    @property
    def not_run(self) -> int:
        """Tests of the run that have no result."""
        return len(self.record.tests) - len(self.results)

    @property
    def passed(self) -> bool:
        """Whether everything was run and nothing fails it."""
        return not self.not_run and not any(one.status.fails_the_run for one in self.results)

    def title(self, test: str) -> str:
        """What a test is about."""
        return next((one.title for one in self.suite.manifest.tests if one.name == test), "")
