"""Running a suite: verdicts, retries, quarantine, shuffling, and that nothing is lost whatever ends the runner."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from trapline.firmware.suites.definition import ExpectedFailure, Limits
from trapline.firmware.suites.failures.explain import explained
from trapline.firmware.suites.making.build import Wanted, cases_of
from trapline.firmware.suites.making.manifest import CaseManifest
from trapline.firmware.suites.running.judging import judged
from trapline.firmware.suites.running.results import Ran, Result, Status, failed_steps
from trapline.firmware.suites.running.runner import BuiltSuite, RunOptions, run_suite
from trapline.firmware.suites.running.specs import TargetSpec, parse_target
from trapline.firmware.suites.running.store import Store
from trapline.firmware.suites.running.targets import open_target
from trapline.firmware.suites.running.workers import Job, run_apart
from trapline.firmware.suites.standalone.run import known_failure
from trapline.isa.errors import TraplineError
from trapline.isa.lang.load import load_core

WRONG_READ = """replace hypercall H_READ = 0x0C "Read an entry, or four, of the page table" in papr real_mode {
    arguments  flags : hpt_flags, index : hpt_index
    returns    H_SUCCESS(read_first : u64, read_second : u64) | H_PARAMETER | H_NOT_FOUND
    body {
        if index >= hpt_entries() { return H_NOT_FOUND }
        let first = phys_be[hpte_address(index), 8]
        return H_SUCCESS(shown_first(first), shown_second(index, first))
    }
}
"""
"""Wrong beyond the table, with an answer that the call has not in the suite's description; and for four entries."""


def _spec(suite: BuiltSuite, target: str = "trapline:reference", changes: tuple[str, ...] = ()) -> TargetSpec:
    return parse_target(target, suite.manifest.machine, suite.manifest.limits, changes)


def _run(
    suite: BuiltSuite,
    where: Path,
    spec: TargetSpec,
    options: RunOptions | None = None,
    tests: tuple[str, ...] = (),
) -> dict[str, Result]:
    with Store(where) as store:
        number = run_suite(suite, suite.chosen(tests), spec, options or RunOptions(jobs=1), store)
        return {one.test: one for one in store.results(number)}


def _plain(results: dict[str, Result]) -> dict[str, tuple[Status, str, str]]:
    """What a result says, without how long it took."""
    return {name: (one.status, one.run.outcome, one.run.console) for name, one in results.items()}


@pytest.fixture(scope="module")
def results(built: BuiltSuite, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """One run of the small suite on the native engine."""
    return _run(built, tmp_path_factory.mktemp("run") / "results.sqlite", _spec(built, "trapline"))


def test_a_suite_passes_on_the_engine_that_did_not_make_it(built: BuiltSuite, results: dict[str, Result]) -> None:
    """Expectations come from the reference engine; the native one meets them, and each test tells all its steps."""
    assert results.keys() == {one.name for one in built.manifest.tests}
    for one in built.manifest.tests:
        result = results[one.name]
        assert result.status is Status.PASS, result.run.console
        assert result.run.console.count("\nok ") == one.steps
        assert result.run.instructions is not None
        assert result.run.instructions < 20_000


@pytest.fixture(scope="module")
def wrong(built: BuiltSuite, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """The same suite on a machine whose H_READ is wrong."""
    folder = tmp_path_factory.mktemp("wrong")
    (folder / "wrong.isa").write_text(WRONG_READ)
    return _run(built, folder / "results.sqlite", _spec(built, changes=(str(folder / "wrong.isa"),)))


def test_a_planted_fault_is_found_and_explained(built: BuiltSuite, wrong: dict[str, Result]) -> None:
    """What was expected, what came, by which rule; an answer that `returns` excludes is told as such."""
    failed = {name for name, one in wrong.items() if one.status is Status.FAIL}
    assert failed
    assert all(name.startswith(("H_READ-0", "sequence")) for name in failed)
    texts = []
    for name in sorted(failed):
        entry = next(one for one in built.manifest.tests if one.name == name)
        manifest = msgspec.json.decode((built.folder / entry.manifest).read_bytes(), type=CaseManifest)
        texts.append("\n".join(explained(wrong[name], manifest, "NEXT")))
    beyond = next(text for text in texts if "excluded" in text)
    assert "expected  r3 = 0xfffffffffffffffc (H_PARAMETER)" in beyond
    assert "came      r3 = 0xfffffffffffffff9" in beyond
    assert "0xfffffffffffffff9 is no answer of this call; it has H_SUCCESS, H_PARAMETER" in beyond
    assert "rule      PAPR 2.x, section 14.5.4.1" in beyond
    assert beyond.endswith("next      NEXT")


def test_a_guest_that_says_nothing_or_stops_half_way_has_not_passed(built: BuiltSuite) -> None:
    """The judge of foreign targets: a plan that is not finished, silence, a status, time that is over."""
    whole = b"TAP version 14\n1..2\nok 1 - a\nok 2 - b\n"
    assert judged(whole, False, 0, 5)[0] == "passed"
    assert judged(whole, True, 0, 5)[0] == "passed"
    assert judged(whole, False, 1, 5)[0] == "died"
    assert judged(whole[:-9], False, 0, 5)[0] == "failed"
    assert judged(whole[:-9], True, 0, 5)[0] == "timeout"
    assert judged(b"", False, 0, 5)[0] == "silent"
    assert judged(b"", True, 0, 5)[0] == "timeout"
    assert judged(whole.replace(b"ok 2", b"not ok 2"), False, 0, 5)[0] == "failed"


def test_expected_failures_quarantine_and_retry_are_told_apart(
    built: BuiltSuite, wrong: dict[str, Result], tmp_path: Path
) -> None:
    """A known failure is xfail, one put aside quarantined, one known to fail that passes xpass; the rest fails."""
    (tmp_path / "wrong.isa").write_text(WRONG_READ)
    spec = _spec(built, changes=(str(tmp_path / "wrong.isa"),))
    bad = sorted(name for name, one in wrong.items() if one.status is Status.FAIL and name.startswith("H_READ"))
    known = (ExpectedFailure(bad[0], "known", "trapline"), ExpectedFailure("H_CEDE-*", "not so", "trap*"))
    suite = replace(built, manifest=msgspec.structs.replace(built.manifest, expected_failures=known))
    options = RunOptions(jobs=1, quarantine=(bad[1],), retry=1)
    found = _run(suite, tmp_path / "r.sqlite", spec, options, ("H_READ-0*", "H_CEDE-*", "H_PROTECT-001"))
    assert found[bad[0]].status is Status.EXPECTED_FAIL
    assert found[bad[0]].note == "known"
    assert found[bad[1]].status is Status.QUARANTINED
    assert found[bad[1]].attempts == 2
    assert found["H_CEDE-001"].status is Status.UNEXPECTED_PASS
    assert found["H_PROTECT-001"].status is Status.PASS


def test_what_may_fail_in_one_way_fails_in_no_other(wrong: dict[str, Result]) -> None:
    """The differences have to be those that the suite tells of, all of them; what passes is not looked at."""
    name, one = next((name, one) for name, one in sorted(wrong.items()) if one.status is Status.FAIL)
    ways = [f"{each.word} {each.expected & each.mask:#x} *" for step in failed_steps(one.run.console)
            for each in step.differences]  # fmt: skip

    def reason(outcome: str, console: str, *differs: str) -> str | None:
        known = [{"tests": "H_*", "target": "qemu", "reason": "so", "differs": differs}]
        return known_failure(known, name, "qemu", outcome, console)

    assert ways
    assert reason("failed", one.run.console, *ways) == "so"
    assert reason("failed", one.run.console, *ways[1:]) is (None if len({*ways}) == len(ways) else "so")
    assert reason("failed", one.run.console, "r3 0x0 0x1", "timeout") is None
    assert reason("timeout", "", "r3 0x0 0x1", "timeout") == "so"
    assert reason("passed", "", *ways) is None
    assert reason("failed", one.run.console) == "so"
    assert known_failure([], name, "qemu", "failed", one.run.console) is None


def test_return_codes_of_known_failures_are_the_descriptions(built: BuiltSuite) -> None:
    """A built suite has their numbers, and needs no description."""
    one = ExpectedFailure("H_*", "so", differs=("r3 H_PARAMETER 0xe4", "timeout"))
    assert one.in_numbers(load_core("power7")).differs == ("r3 0xfffffffffffffffc 0xe4", "timeout")
    ways = [way for known in built.manifest.expected_failures for way in known.differs]
    assert any("0xfffffffffffffffc" in way for way in ways)
    assert not any("H_" in way for way in ways)


def test_a_test_that_passes_at_its_second_try_is_flaky(built: BuiltSuite, tmp_path: Path) -> None:
    """By a command that fails the first time it sees a test."""
    script = tmp_path / "flaky.py"
    script.write_text(
        "import pathlib, sys\n"
        "seen = pathlib.Path(sys.argv[1] + '.' + pathlib.Path(sys.argv[2]).name)\n"
        "print('1..1'); print('ok 1' if seen.exists() else 'not ok 1 - x'); seen.touch()\n"
    )
    spec = _spec(built, f"command:{sys.executable} {script} {tmp_path}/seen {{elf}}")
    found = _run(built, tmp_path / "r.sqlite", spec, RunOptions(jobs=1, retry=2), ("H_PROTECT-*",))
    assert {one.status for one in found.values()} == {Status.FLAKY}
    assert {one.attempts for one in found.values()} == {2}
    without = _run(built, tmp_path / "r2.sqlite", spec, RunOptions(jobs=1, shuffle=3), ("H_PROTECT-*",))
    assert {one.status for one in without.values()} == {Status.PASS}


def test_an_order_that_a_seed_makes_changes_no_result(
    built: BuiltSuite, results: dict[str, Result], tmp_path: Path
) -> None:
    """Tests begin from the same state, whichever ran before on the same machine, in however many processes."""
    spec = _spec(built)
    shuffled = _run(built, tmp_path / "a.sqlite", spec, RunOptions(jobs=1, shuffle=7))
    apart = _run(built, tmp_path / "b.sqlite", spec, RunOptions(jobs=2))
    assert _plain(shuffled) == _plain(apart) == _plain(results)


def test_a_worker_that_dies_costs_its_test_and_nothing_else(built: BuiltSuite) -> None:
    """It is begun again, and given up when its worker dies again; all others have their results."""
    from collections import deque

    spec = _spec(built)
    jobs = deque(Job(one.name, built.folder / one.elf) for one in built.manifest.tests[:3])
    done: dict[str, Ran] = {}
    killed = False
    for job, run in run_apart(spec, jobs, 1):
        done[job.test] = run
        if not killed:
            killed = True
            for child in _children():
                os.kill(child, signal.SIGKILL)
    assert len(done) == 3
    assert all(run.passed for run in done.values())


def _children() -> list[int]:
    import multiprocessing

    return [one.pid for one in multiprocessing.active_children() if one.pid is not None]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("qemo", "there is no target 'qemo'"),
        ("trapline:fast", "there is no engine 'fast'"),
        ("command:true", "does not say where the test goes"),
        ("remote:here", "no port"),
    ],
)
def test_a_target_that_there_is_not_is_told(built: BuiltSuite, text: str, told: str) -> None:
    """With what there is."""
    with pytest.raises(TraplineError, match=told) as raised:
        _spec(built, text)
    assert raised.value.hint


def test_tests_are_chosen_by_glob_tag_and_group(built: BuiltSuite) -> None:
    """And a choice that is empty is an error, not a run of nothing that passes."""
    assert [one.name for one in built.chosen(["H_READ-00[12]"])] == ["H_READ-001", "H_READ-002"]
    assert {one.name for one in built.chosen(tags=["problem-state"])} == {"H_READ-problem-state"}
    assert all("real_mode" in one.tags for one in built.chosen(groups=["quick"]))
    for given in ({"tests": ["H_REED*"]}, {"tags": ["nothing"]}, {"groups": ["none"]}):
        with pytest.raises(TraplineError, match="has no"):
            built.chosen(**given)


def test_results_files_of_others_are_refused(tmp_path: Path) -> None:
    """A text file, and one of a later version."""
    (tmp_path / "text").write_text("no database, " * 100)
    with pytest.raises(TraplineError, match="cannot be used for results"):
        Store(tmp_path / "text")


def test_what_a_console_tells_is_read_with_carriage_returns(wrong: dict[str, Result]) -> None:
    """A serial line's console has them."""
    console = next(one.run.console for one in wrong.values() if one.status is Status.FAIL)
    assert failed_steps(console) == failed_steps(console.replace("\n", "\r\n"))
    assert failed_steps(console)[0].differences


def test_limits_of_a_suite_end_a_test(built: BuiltSuite) -> None:
    """A test that needs more instructions than it may is no success."""
    spec = parse_target("trapline:reference", built.manifest.machine, Limits(instructions=100, seconds=20))
    target = open_target(spec)
    run = target.run(built.folder / built.manifest.tests[0].elf)
    target.close()
    assert run.outcome == "budget"


def test_names_of_cases_are_unique(wanted: Wanted) -> None:
    """What the runner keys results by."""
    names = [one.name for one in cases_of(replace(wanted, only=()))]
    assert len(names) == len(set(names))
