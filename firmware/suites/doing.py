"""What the commands of `trapline suite` do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from ...isa.command_line import echo
from ...isa.errors import TraplineError, reason_of
from .catalogue import find_suite, shipped_suites
from .failures.capsule import SUFFIX
from .failures.explain import explained, following_command
from .making.case import Case
from .making.manifest import CaseManifest, SuiteManifest, foreign_manifest
from .places import (
    Asked,
    built_suite,
    default_jobs,
    failures_folder,
    is_built,
    is_foreign,
    results_file,
    wanted_of,
)
from .reports.console import Shown, summary
from .reports.outcome import Reported
from .running.runner import BuiltSuite, RunOptions


@dataclass(frozen=True)
class Reports:
    """Files that a run is reported into."""

    tap: Path | None = None
    junit: Path | None = None
    json: Path | None = None
    html: Path | None = None
    perfetto: Path | None = None

    def write(self, runs: Sequence[Reported], before: Sequence[Reported] = (), changes: Sequence[Path] = ()) -> None:
        """Raises TraplineError for a file that cannot be written."""
        from .reports.formats import json_lines, junit, tap
        from .reports.page import page
        from .reports.timeline import perfetto, timelines

        isa = [str(one) for one in changes]
        found = [one for run in runs for one in timelines(run, isa)] if self.html or self.perfetto else []

        def compared(runs: Sequence[Reported]) -> str:
            from .reports.walks import walked

            return page(runs, before, found, [one for run in runs for one in walked(run, isa)])

        def traced(runs: Sequence[Reported]) -> str:
            return perfetto(found)

        kinds = (
            (self.tap, tap),
            (self.junit, junit),
            (self.json, json_lines),
            (self.html, compared),
            (self.perfetto, traced),
        )
        for path, made in kinds:
            if path is not None:
                try:
                    path.write_text(made(runs), encoding="utf-8")
                except OSError as error:
                    raise TraplineError(f"cannot write {path}: {reason_of(error)}", "name another file") from error


@dataclass(frozen=True)
class Run:
    """What `suite run` was asked for."""

    names: tuple[str, ...]
    foreign: tuple[Path, ...] = ()
    target: str = "trapline"
    oracles: tuple[str, ...] = ()
    reset: str = ""
    tests: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    seed: int | None = None
    full: bool = False
    steer: bool = False
    isa: tuple[Path, ...] = ()
    rebuild: bool = False
    options: RunOptions = field(default_factory=RunOptions)
    shrink: int = 0
    """How many failures' tests are made smaller."""
    results: Path | None = None
    failures: Path | None = None
    reports: Reports = field(default_factory=Reports)

    def targets(self, manifest: SuiteManifest) -> list[str]:
        """What the tests are run on, one after the other: the target, or oracles; with Trapline's machines also those
        oracles that the suite always asks. Raises TraplineError for oracles that have no machine here."""
        kind, _, engine = self.target.partition(":")
        if self.oracles and kind != "trapline":
            raise TraplineError(
                f"--oracle compares machines of Trapline's, and --target is {self.target}",
                "leave --target out, or use --target trapline:ENGINE",
            )
        always = [name for name, rule in manifest.oracles.items() if rule.always and kind == "trapline"]
        named = [f"oracle:{name}:{engine}" if engine else f"oracle:{name}" for name in self.oracles or always]
        return named if self.oracles else [self.target, *named]

    def asked(self, name: str) -> Asked:
        """For one of the suites."""
        changes = tuple(str(one) for one in self.isa)
        return Asked(name, self.seed, self.full, changes, self.rebuild, steer=self.steer)


def do_list(names: Sequence[str], tags: Sequence[str]) -> None:
    """See the command."""
    if not names:
        for suite in shipped_suites():
            echo(f"{suite.name:18} {suite.machine.name:10} {suite.machine.core:8} {suite.title}")
        return
    for name in names:
        if is_built(name) or is_foreign(name):
            entries = [(one.name, one.title, one.tags) for one in built_suite(Asked(name)).manifest.tests]
        else:
            from .making.build import cases_of

            cases = [one for one in cases_of(wanted_of(Asked(name))) if isinstance(one, Case)]
            entries = [(one.name, one.title, one.tags) for one in cases]
        width = max(len(one) for one, _, _ in entries)
        for test, title, has in entries:
            if not tags or set(tags) & set(has):
                echo(f"{test:{width}}  {title}")


def do_generate(
    name: str,
    output: Path | None,
    tar: Path | None,
    seed: int | None,
    full: bool,
    steer: bool,
    jobs: int | None,
    isa: Sequence[Path],
) -> None:
    """See the command."""
    from .making.build import build_suite, pack

    wanted = wanted_of(Asked(name, seed, full, tuple(str(one) for one in isa), steer=steer))
    folder = output or Path(wanted.suite.name)
    with Shown(wanted.suite.name, lambda _: []) as shown:
        manifest = build_suite(wanted, folder, jobs or default_jobs(), shown.made)
    echo(f"{folder}: {len(manifest.tests)} tests; run them with: trapline suite run {folder}")
    for one in manifest.left_out:
        echo(f"left out: {one.name}: {one.reason.splitlines()[0]}")
    if tar is not None:
        pack(folder, tar)
        echo(f"{tar}: the same as one file; without Trapline: tar xf {tar} && python3 {folder.name}/run.py")


def manifest_of(suite: BuiltSuite, test: str) -> CaseManifest:
    """A test's own manifest."""
    entry = next(one for one in suite.manifest.tests if one.name == test)
    if entry.load is not None:
        return foreign_manifest(suite.manifest, entry)
    return msgspec.json.decode((suite.folder / entry.manifest).read_bytes(), type=CaseManifest)


def do_report(
    names: Sequence[str], number: int | None, results: Path | None, compare: int | None, reports: Reports
) -> None:
    """See the command."""
    runs, before = [], []
    for name in names:
        suite = built_suite(Asked(name))
        path = results_file(suite, results)
        runs.append(Reported.read(suite, path, number))
        if compare is not None:
            before.append(Reported.read(suite, path, compare))
        for one in runs[-1].results:
            if one.status.fails_the_run:
                capsule = failures_folder(suite, None) / f"{one.test}{SUFFIX}"
                echo("\n".join(explained(one, manifest_of(suite, one.test), following_command(capsule))))
    for at, earlier in enumerate(before):
        _tell_changes(runs[at], earlier)
    summary(runs)
    reports.write(runs, before)


def _tell_changes(run: Reported, earlier: Reported) -> None:
    """Tests whose status is another one than in an earlier run."""
    was = {one.test: one.status.value for one in earlier.results}
    for one in run.results:
        before = was.get(one.test, "not run")
        if before != one.status.value:
            echo(f"{run.record.suite}/{one.test}: {before} in run {earlier.record.number}, {one.status.value} now")


def do_new(folder: Path) -> None:
    """See the command."""
    from .template import GENERATOR, definition

    if folder.exists():
        raise TraplineError(f"{folder} is there already", "name a new folder")
    try:
        folder.mkdir(parents=True)
        (folder / f"{folder.name}.toml").write_text(definition(folder.name))
        (folder / "generator.py").write_text(GENERATOR)
        find_suite(str(folder / f"{folder.name}.toml"))
    except OSError as error:
        raise TraplineError(f"cannot write {folder}: {reason_of(error)}", "name another folder") from error
    echo(f"{folder}: a suite with one test; run it with: trapline suite run {folder}/{folder.name}.toml")
