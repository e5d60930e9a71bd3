"""What `suite run` does: suites one behind the other, failures explained, kept and made smaller."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...isa.command_line import echo
from ...isa.errors import TraplineError
from .catalogue import shipped_suites
from .doing import Run, manifest_of
from .failures.capsule import SUFFIX, capsule_of, read_capsule, write_capsule
from .failures.explain import explained, following_command
from .places import Asked, built_suite, cross_section, failures_folder, results_file
from .reports.console import Shown, summary
from .reports.outcome import Reported
from .running.results import Result
from .running.runner import BuiltSuite, run_suite
from .running.specs import TargetSpec, parse_target
from .running.store import Store


def do_run(asked: Run) -> None:
    """See the command."""
    is_whole = bool(asked.names or asked.foreign)
    if asked.options.resume and not is_whole:
        raise TraplineError("--resume needs the suite that was interrupted", "name it")
    names = asked.names if is_whole else tuple(one.name for one in shipped_suites())
    each = [asked.asked(name) for name in names]
    each += [Asked(str(path), is_foreign=True) for path in asked.foreign]
    runs = [run for one in each for run in _run_one(asked, one, is_whole)]
    summary(runs)
    asked.reports.write(runs, (), asked.isa)
    if not all(run.passed for run in runs):
        raise SystemExit(1)


def _run_one(asked: Run, which: Asked, is_whole: bool) -> list[Reported]:
    """A suite on each of its targets."""
    made = built_suite if is_whole else cross_section
    title = which.name if len(which.name) < 40 else Path(which.name).name
    with Shown(title, lambda _: []) as shown:
        suite = made(which, shown.made, asked.options.jobs)
    path = results_file(suite, asked.results)
    targets = asked.targets(suite.manifest)
    done = done_before(path, targets) if asked.options.resume else {}
    runs = []
    for target in targets:
        number = done.get(target)
        if number is None:
            how = f"{'--foreign ' * which.is_foreign}{which.name}{''.join(f' --oracle {one}' for one in asked.oracles)}"
            number = _run_on(asked, suite, target, path, title, how)
        runs.append(Reported.read(suite, path, number))
    return runs


def done_before(path: Path, targets: Sequence[str]) -> dict[str, int]:
    """Of a run on several targets that was interrupted: the targets that came to their end, and their runs' numbers."""
    if not path.exists():
        return {}
    with Store(path) as store:
        runs = store.runs()
    if not runs or runs[-1].target not in targets:
        return {}
    last = targets.index(runs[-1].target)
    whole = targets[: last + (runs[-1].ended is not None)]
    if len(whole) == len(targets):
        return {}
    return {one.target: one.number for one in runs if one.target in whole and one.ended is not None}


def _run_on(asked: Run, suite: BuiltSuite, target: str, path: Path, title: str, how: str) -> int:
    """Runs the tests that are asked for, tells of failures, makes them smaller; the run's number in the store."""
    failed: list[Path] = []

    def explain(result: Result) -> list[str]:
        oracle = target.split(":")[1] if target.startswith("oracle:") else ""
        name = f"{result.test}.{oracle}" if oracle else result.test
        capsule = failures_folder(suite, asked.failures) / f"{name}{SUFFIX}"
        write_capsule(capsule_of(suite, result, target), capsule)
        failed.append(capsule)
        return explained(result, manifest_of(suite, result.test), following_command(capsule))

    manifest = suite.manifest
    shown_as = f"{title} ({target})" if target.startswith("oracle:") else title
    with Shown(shown_as, explain) as shown:
        tests = suite.chosen(asked.tests, asked.tags, asked.groups)
        changes = tuple(str(one) for one in asked.isa)
        foreign = manifest.is_foreign
        oracles = manifest.oracles
        spec = parse_target(target, manifest.machine, manifest.limits, changes, asked.reset, foreign, oracles)
        with Store(path) as store:
            try:
                number = run_suite(suite, tests, spec, asked.options, store, shown.told)
            except KeyboardInterrupt:
                echo(f"interrupted; what was run is kept. Go on with: trapline suite run {how} --resume", err=True)
                raise
    if spec.is_here and not foreign:
        for capsule in failed[: asked.shrink]:
            shrink(capsule, spec)
    return number


def shrink(path: Path, spec: TargetSpec, seconds: float | None = None, where: Path | None = None) -> None:
    """Writes a smaller capsule beside one, if there is a smaller test that fails like it."""
    from .failures.shrink import SECONDS, NotRepeatedError, Shrinker
    from .running.targets import open_target

    capsule = read_capsule(path)
    target = open_target(spec)
    try:
        shrinker = Shrinker(capsule, target, SECONDS if seconds is None else seconds)
        try:
            found = shrinker.smaller()
        finally:
            shrinker.close()
    except NotRepeatedError as error:
        if where is not None:
            raise
        echo(f"{capsule.manifest.suite}/{capsule.manifest.name} cannot be made smaller: {error.message}")
        return
    finally:
        target.close()
    small = where or path.with_name(f"{path.stem}.small{SUFFIX}")
    write_capsule(found.capsule, small)
    calls = f", {found.calls} calls" if found.calls else ""
    echo(f"{capsule.manifest.suite}/{capsule.manifest.name}: {found.instructions} instructions{calls} fail like it:")
    echo(f"  next      {following_command(small)}")
