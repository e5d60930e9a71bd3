"""What `suite run` does: suites one behind the other, failures explained, kept and made smaller."""

from __future__ import annotations

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
    runs = [_run_one(asked, one, is_whole) for one in each]
    summary(runs)
    asked.reports.write(runs, (), asked.isa)
    if not all(run.passed for run in runs):
        raise SystemExit(1)


def _run_one(asked: Run, which: Asked, is_whole: bool) -> Reported:
    made = built_suite if is_whole else cross_section
    name = which.name
    title = name if len(name) < 40 else Path(name).name
    suite: BuiltSuite | None = None

    failed: list[Path] = []

    def explain(result: Result) -> list[str]:
        assert suite is not None
        path = failures_folder(suite, asked.failures) / f"{result.test}{SUFFIX}"
        write_capsule(capsule_of(suite, result, asked.target), path)
        failed.append(path)
        return explained(result, manifest_of(suite, result.test), following_command(path))

    with Shown(title, explain) as shown:
        suite = made(which, shown.made, asked.options.jobs)
        manifest = suite.manifest
        tests = suite.chosen(asked.tests, asked.tags, asked.groups)
        changes = tuple(str(one) for one in asked.isa)
        foreign = manifest.is_foreign
        spec = parse_target(asked.target, manifest.machine, manifest.limits, changes, asked.reset, foreign)
        path = results_file(suite, asked.results)
        with Store(path) as store:
            try:
                number = run_suite(suite, tests, spec, asked.options, store, shown.told)
            except KeyboardInterrupt:
                how = "--foreign " * which.is_foreign + name
                echo(f"interrupted; what was run is kept. Go on with: trapline suite run {how} --resume", err=True)
                raise
    if spec.kind == "trapline" and not foreign:
        for capsule in failed[: asked.shrink]:
            shrink(capsule, spec)
    return Reported.read(suite, path, number)


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
