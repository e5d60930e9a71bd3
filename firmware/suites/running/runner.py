"""The run of a built suite: which tests in what order, again when they fail, judged, and kept as they come."""

from __future__ import annotations

import fnmatch
import random
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from msgspec import structs

from ....isa.errors import TraplineError
from ..making.manifest import Entry, SuiteManifest
from ..standalone.run import known_failure
from .loading import MANUAL
from .results import Ran, Result, Status
from .specs import TargetSpec
from .store import Store
from .workers import Job, run_apart, run_here, worker_count

_KEEP_EVERY = 0.25
"""Seconds between two writes of results."""


@dataclass(frozen=True)
class BuiltSuite:
    """A suite in a folder."""

    folder: Path
    manifest: SuiteManifest

    @staticmethod
    def read(folder: Path) -> BuiltSuite:
        """Raises TraplineError for a folder that is none."""
        import msgspec

        from ..making.build import MANIFEST

        try:
            manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=SuiteManifest)
        except OSError as error:
            raise TraplineError(
                f"{folder} is no built suite: it has no {MANIFEST}",
                "`trapline suite generate NAME -o FOLDER` makes one",
            ) from error
        except msgspec.MsgspecError as error:
            raise TraplineError(f"{folder / MANIFEST}: {error}", "generate the suite anew") from error
        return BuiltSuite(folder, manifest)

    def chosen(self, tests: Sequence[str] = (), tags: Sequence[str] = (), groups: Sequence[str] = ()) -> list[Entry]:
        """Tests by globs of names, by tags, by groups; all if nothing is named.  Raises TraplineError."""
        globs, wanted = list(tests), set(tags)
        for name in groups:
            group = self.manifest.groups.get(name)
            if group is None:
                known = ", ".join(self.manifest.groups) or "none"
                raise TraplineError(f"suite {self.manifest.suite} has no group '{name}'", f"its groups: {known}")
            globs += group.tests
            wanted |= set(group.tags)
        if not globs and not wanted:
            return [_unless_manual(one) for one in self.manifest.tests]
        found = [
            one
            for one in self.manifest.tests
            if wanted & set(one.tags) or any(fnmatch.fnmatchcase(one.name, glob) for glob in globs)
        ]
        if not found:
            what = " ".join([*globs, *sorted(wanted)])
            raise TraplineError(
                f"suite {self.manifest.suite} has no test for '{what}'", "`trapline suite list NAME` lists them"
            )
        return found


def _unless_manual(entry: Entry) -> Entry:
    """kvm-unit-tests' tests of group `nodefault` are run only when they are named."""
    if entry.load is None or entry.load.skip or MANUAL not in entry.tags:
        return entry
    return structs.replace(entry, load=structs.replace(entry.load, skip=f"it is run only when named (group {MANUAL})"))


@dataclass(frozen=True)
class RunOptions:
    """How a suite is run."""

    jobs: int | None = None
    retry: int = 0
    quarantine: tuple[str, ...] = ()
    shuffle: int | None = None
    resume: bool = False
    stop_after: int | None = None
    """Failures after which no other test is begun."""
    cluster: str = ""
    """The scheduler of a cluster that runs the tests."""

    def kept(self) -> dict[str, str]:
        """Those that make a run another run."""
        return {"retry": str(self.retry), "quarantine": " ".join(self.quarantine), "shuffle": str(self.shuffle)}


@dataclass
class Progress:
    """Where a run is, for whoever shows it."""

    total: int
    done: int = 0
    counts: dict[Status, int] = field(default_factory=lambda: dict.fromkeys(Status, 0))
    began: float = field(default_factory=time.perf_counter)
    resumed: int = 0

    @property
    def rate(self) -> float:
        """Tests a second in this sitting."""
        return (self.done - self.resumed) / max(time.perf_counter() - self.began, 1e-6)

    @property
    def left(self) -> float:
        """Seconds that are left, at this rate."""
        return (self.total - self.done) / self.rate if self.rate > 0 else 0.0


def run_suite(
    suite: BuiltSuite,
    tests: Sequence[Entry],
    spec: TargetSpec,
    options: RunOptions,
    store: Store,
    told: Callable[[Progress, Result | None], None] | None = None,
) -> int:
    """Runs the tests, keeps results as they come, and returns the run's number in the store.

    An unfinished run of the same tests, options and target is gone on with if `options.resume`. Raises TraplineError
    where the target is not there; what was run until then is kept.
    """
    manifest = suite.manifest
    target = f"{spec.kind}:{spec.detail}" if spec.detail else spec.kind
    kept = options.kept()
    names = [one.name for one in tests]
    before = store.unfinished(target, kept, manifest.description) if options.resume else None
    if before is not None and list(before.tests) != names:
        before = None
    if before is None:
        number = store.begin(manifest.suite, suite.folder, manifest.description, target, kept, names)
        have: dict[str, Result] = {}
    else:
        number = before.number
        have = {one.test: one for one in store.results(number)}
    order = [one for one in tests if one.name not in have]
    if options.shuffle is not None:
        random.Random(options.shuffle).shuffle(order)
    progress = Progress(len(tests), len(have), resumed=len(have))
    for one in have.values():
        progress.counts[one.status] += 1
    if told is not None:
        told(progress, None)
    waiting: list[Result] = []
    last = time.perf_counter()
    try:
        for result in _results(suite, order, spec, options):
            waiting.append(result)
            progress.done += 1
            progress.counts[result.status] += 1
            if told is not None:
                told(progress, result)
            now = time.perf_counter()
            if now - last >= _KEEP_EVERY:
                store.keep(number, waiting, now - last)
                waiting, last = [], now
    finally:
        store.keep(number, waiting, time.perf_counter() - last)
    if progress.done == progress.total:
        store.end(number)
    return number


def _results(suite: BuiltSuite, order: Iterable[Entry], spec: TargetSpec, options: RunOptions) -> Iterator[Result]:
    jobs = deque[Job]()
    for one in order:
        if one.load is not None and one.load.skip:
            yield Result(one.name, Status.SKIP, Ran("skipped", one.load.skip, "", None, 0.0), 0, one.load.skip)
        else:
            jobs.append(Job(one.name, suite.folder / one.elf, 1, one.load))
    count = 1 if options.cluster else worker_count(options.jobs, jobs)
    failures = 0
    first: dict[str, Ran] = {}
    known = msgspec.to_builtins(suite.manifest.expected_failures)
    if options.cluster:
        from .cluster import run_on_cluster

        runs = run_on_cluster(spec, jobs, options.cluster)
    else:
        runs = run_here(spec, jobs) if count == 1 else run_apart(spec, jobs, count)
    for job, run in runs:
        reason = known_failure(known, job.test, spec.name, run.outcome, run.console)
        failed = run.outcome not in ("passed", "skipped")
        if failed and reason is None and job.attempt <= options.retry:
            first.setdefault(job.test, run)
            jobs.append(Job(job.test, job.elf, job.attempt + 1, job.loading))
            continue
        status, note = _judged(job, run, reason, options)
        kept = first.get(job.test, run) if status is Status.FLAKY else run
        yield Result(job.test, status, kept, job.attempt, note)
        failures += status.fails_the_run
        if options.stop_after is not None and failures >= options.stop_after:
            jobs.clear()


def _judged(job: Job, run: Ran, reason: str | None, options: RunOptions) -> tuple[Status, str]:
    if run.outcome == "skipped":
        return Status.SKIP, run.reason
    if run.passed:
        if reason is not None:
            return Status.UNEXPECTED_PASS, reason
        return (Status.PASS, "") if job.attempt == 1 else (Status.FLAKY, f"passed at attempt {job.attempt}")
    if reason is not None:
        return Status.EXPECTED_FAIL, reason
    if any(fnmatch.fnmatchcase(job.test, glob) for glob in options.quarantine):
        return Status.QUARANTINED, "in quarantine"
    return Status.FAIL, ""
