"""Failing tests are made smaller, and fail for the same reason; gdb stops before the divergence."""

from __future__ import annotations

from pathlib import Path

import pytest

from trapline.firmware.suites.catalogue import find_suite
from trapline.firmware.suites.failures.capsule import capsule_of, read_capsule, write_capsule
from trapline.firmware.suites.failures.explain import same_reason
from trapline.firmware.suites.failures.reading import case_of
from trapline.firmware.suites.failures.repro import run_again
from trapline.firmware.suites.failures.shrink import NotRepeatedError, Shrinker
from trapline.firmware.suites.making.build import MadeTest, Maker, Wanted, build_suite, cases_of, steps_of
from trapline.firmware.suites.making.case import Case
from trapline.firmware.suites.making.guests import POWER
from trapline.firmware.suites.making.manifest import CaseManifest
from trapline.firmware.suites.making.source import source_of
from trapline.firmware.suites.running.results import failed_steps
from trapline.firmware.suites.running.runner import BuiltSuite, RunOptions, run_suite
from trapline.firmware.suites.running.specs import parse_target
from trapline.firmware.suites.running.store import Store
from trapline.firmware.suites.running.targets import open_target

from .faults import FAULTS, Fault

MOST_INSTRUCTIONS, MOST_CALLS = 12, 3


def test_a_source_is_read_back_as_the_case_that_it_was_made_of(wanted: Wanted) -> None:
    """Code, what is behind it, data, titles: made again, it is the same text but for comments."""
    maker = Maker(wanted)
    for case in cases_of(wanted)[:3]:
        assert isinstance(case, Case)
        manifest = _manifest(maker, case)
        again = case_of(manifest, source_of(case, POWER, ()), POWER)
        assert [(one.code, one.after) for one in again.steps] == [(one.code, one.after) for one in case.steps]
        assert again.data == case.data


def _manifest(maker: Maker, case: Case) -> CaseManifest:
    made = maker.make(case)
    assert isinstance(made, MadeTest)
    suite = find_suite("papr-hcalls")
    head = (1, suite.name, case.name, case.title, case.tags, 1, suite.generator, 1, "", "power7", "")
    return CaseManifest(*head, suite.machine, suite.limits, "", "", steps_of(made))


def shrunk(fault: Fault, where: Path) -> None:
    """Builds the fault's test from the right description, runs it on the wrong one, and makes it smaller."""
    wanted = Wanted(find_suite(fault.suite), seed=1, only=fault.tests)
    build_suite(wanted, where / "built")
    suite = BuiltSuite.read(where / "built")
    (where / "wrong.isa").write_text(fault.text)
    changes = (str(where / "wrong.isa"),)
    spec = parse_target("trapline:reference", suite.manifest.machine, suite.manifest.limits, changes)
    with Store(where / "results.sqlite") as store:
        number = run_suite(suite, suite.chosen(), spec, RunOptions(jobs=1), store)
        results = [one for one in store.results(number) if one.status.fails_the_run]
    assert results, f"{fault.name}: nothing of {fault.tests} fails"
    capsule = capsule_of(suite, results[0], "trapline:reference")
    target = open_target(spec)
    shrinker = Shrinker(capsule, target, 600.0)
    found = shrinker.smaller()
    shrinker.close()
    target.close()
    assert found.instructions <= MOST_INSTRUCTIONS or found.calls <= MOST_CALLS, found.capsule.source
    write_capsule(found.capsule, where / "small.capsule")
    small = read_capsule(where / "small.capsule")
    assert small.head.shrunk_from == results[0].test
    assert same_reason(failed_steps(small.head.result.run.console), failed_steps(results[0].run.console))
    run, same = run_again(small, None, changes)
    assert same, run.console
    run, same = run_again(small, None, ())
    assert run.passed, "without the fault the smaller test passes"


@pytest.mark.parametrize("fault", FAULTS[:2], ids=lambda one: one.name)
def test_a_planted_fault_s_test_gets_small_and_fails_for_the_same_reason(fault: Fault, tmp_path: Path) -> None:
    """At most 12 instructions or 3 calls; without the fault it passes."""
    shrunk(fault, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("fault", FAULTS[2:], ids=lambda one: one.name)
def test_each_planted_fault_s_test_gets_small(fault: Fault, tmp_path: Path) -> None:
    """The same for all of them."""
    shrunk(fault, tmp_path)


def test_what_does_not_fail_again_is_not_made_smaller(built: BuiltSuite, tmp_path: Path) -> None:
    """A failure that was the machine's, not the test's."""
    fault = FAULTS[0]
    (tmp_path / "wrong.isa").write_text(fault.text)
    manifest = built.manifest
    wrong = parse_target("trapline:reference", manifest.machine, manifest.limits, (str(tmp_path / "wrong.isa"),))
    with Store(tmp_path / "results.sqlite") as store:
        number = run_suite(built, built.chosen(("H_READ-00*",)), wrong, RunOptions(jobs=1), store)
        result = next(one for one in store.results(number) if one.status.fails_the_run)
    right = open_target(parse_target("trapline:reference", manifest.machine, manifest.limits))
    shrinker = Shrinker(capsule_of(built, result, "trapline"), right)
    with pytest.raises(NotRepeatedError, match="does not fail like that any more"):
        shrinker.smaller()
    shrinker.close()
    right.close()
