"""Reports, capsules, and a built suite without Trapline."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest

from trapline.firmware.suites.failures.capsule import Capsule, capsule_of, read_capsule, write_capsule
from trapline.firmware.suites.failures.repro import run_again, stop_symbol
from trapline.firmware.suites.reports.formats import json_lines, junit, tap
from trapline.firmware.suites.reports.outcome import Reported
from trapline.firmware.suites.running.results import Ran, Result, Status
from trapline.firmware.suites.running.runner import BuiltSuite
from trapline.firmware.suites.running.store import Store
from trapline.isa.errors import TraplineError
from trapline.server.verdict import ConsoleVerdict, Outcome, SubTestStatus

from ..oracle import require
from ..patience import HANGS

FAILURE = """TAP version 14
1..3
ok 1 - the partition is made ready
not ok 2 - H_READ(flags=0x0, index=0x10000000000)
  ---
  rule: 'PAPR 2.x, section 14.5.4.1 (power/hypervisor/hcalls_hpt.isa:159)'
  differences:
    - {word: r3, expected: 0xfffffffffffffffc, came: 0xfffffffffffffff9, mask: 0xffffffffffffffff}
  excluded: 0xfffffffffffffff9
  ...
ok 3 - what the partition has now: its page table, its buffers, SPRG0
"""


def _result(test: str, status: Status, console: str = "", note: str = "") -> Result:
    outcome = "passed" if status in (Status.PASS, Status.UNEXPECTED_PASS, Status.FLAKY) else "failed"
    return Result(test, status, Ran(outcome, f"it {outcome}\nand more", console, 100, 0.01), 1, note)


@pytest.fixture
def reported(built: BuiltSuite, tmp_path: Path) -> Reported:
    """A run with a result of each kind, and one test that was not run."""
    names = [one.name for one in built.manifest.tests]
    kinds = dict(zip(names, Status, strict=False))
    found = [
        _result(name, status, FAILURE if status is Status.FAIL else "\x1b ]]> <&>", "why # so")
        for name, status in kinds.items()
    ]
    with Store(tmp_path / "results.sqlite") as store:
        number = store.begin("papr-hcalls", built.folder, "x", "trapline", {}, names[: len(found) + 1])
        store.keep(number, found, 1.5)
    return Reported.read(built, tmp_path / "results.sqlite")


def test_tap_is_read_by_a_reader_of_tap(reported: Reported) -> None:
    """One point a test, TODO for what is expected, and what was not run fails."""
    said = ConsoleVerdict()
    said.feed(tap([reported]).encode())
    assert said.at_power_off("end").outcome is Outcome.FAILED
    statuses = [one.status for one in said.subtests]
    assert len(statuses) == len(Status) + 1
    assert statuses.count(SubTestStatus.FAIL) == 2
    assert statuses.count(SubTestStatus.SKIP) == 1
    assert statuses.count(SubTestStatus.EXPECTED_FAIL) == 2
    assert statuses.count(SubTestStatus.UNEXPECTED_PASS) == 1


def test_junit_xml_is_read_back(reported: Reported) -> None:
    """Whatever a console holds; counts agree with the cases."""
    suite = ElementTree.fromstring(junit([reported])).find("testsuite")
    assert suite is not None
    cases = suite.findall("testcase")
    assert int(suite.get("tests", "")) == len(cases) == len(Status) + 1
    assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure")) == 1
    assert int(suite.get("errors", "")) == len(suite.findall("testcase/error")) == 1
    assert int(suite.get("skipped", "")) == len(suite.findall("testcase/skipped")) == 3
    assert "0xfffffffffffffff9" in (suite.findtext("testcase/failure") or "")


def test_json_lines_have_runs_and_tests(reported: Reported) -> None:
    """Each line by itself; a failure with its step, words and rule."""
    head, *tests = [json.loads(line) for line in json_lines([reported]).splitlines()]
    assert (head["kind"], head["tests"], head["not_run"]) == ("run", len(Status) + 1, 1)
    assert head["counts"] == {status.value: 1 for status in Status}
    (failed,) = [one for one in tests if one["status"] == "fail"]
    (step,) = failed["failed_steps"]
    assert (step["number"], step["excluded"]) == (2, "0xfffffffffffffff9")
    assert step["differences"] == [
        {"word": "r3", "expected": hex((1 << 64) - 4), "came": hex((1 << 64) - 7), "mask": hex((1 << 64) - 1)}
    ]
    assert step["rule"].startswith("PAPR 2.x, section 14.5.4.1")


@pytest.fixture
def capsule(built: BuiltSuite) -> Capsule:
    """Of a failure that is not one here."""
    return capsule_of(built, _result("H_READ-001", Status.FAIL, FAILURE), "trapline:reference")


def test_a_capsule_has_all_of_a_failure(capsule: Capsule, built: BuiltSuite, tmp_path: Path) -> None:
    """It is read back as it was written, the same bytes each time."""
    write_capsule(capsule, tmp_path / "a.capsule")
    write_capsule(capsule, tmp_path / "b.capsule")
    assert (tmp_path / "a.capsule").read_bytes() == (tmp_path / "b.capsule").read_bytes()
    assert read_capsule(tmp_path / "a.capsule") == capsule
    assert capsule.elf == (built.folder / "tests" / "H_READ-001.elf").read_bytes()
    parts = ("", "_vectors", "_console", "_alone", "_macros")
    assert capsule.library.keys() == {f"suite_power{part}.s" for part in parts}
    assert stop_symbol(capsule) == "step_2_last"


def test_a_capsule_that_passes_does_not_fail_as_it_did(capsule: Capsule) -> None:
    """Run again on a machine that has not the fault."""
    run, same = run_again(capsule)
    assert (run.passed, same) == (True, False)


def test_files_that_are_no_capsules_are_refused(capsule: Capsule, tmp_path: Path) -> None:
    """Text, a zip file of something else, a later version."""
    (tmp_path / "text").write_text("no")
    with pytest.raises(TraplineError, match="is no repro capsule"):
        read_capsule(tmp_path / "text")
    later = msgspec.structs.replace(capsule, head=msgspec.structs.replace(capsule.head, format=9))
    write_capsule(later, tmp_path / "later.capsule")
    with pytest.raises(TraplineError, match="format 9"):
        read_capsule(tmp_path / "later.capsule")


@pytest.mark.gdb
def test_gdb_stops_before_the_last_instruction_of_the_failing_step(capsule: Capsule, tmp_path: Path) -> None:
    """`suite repro FILE --gdb`: at the call itself, with its arguments in the registers."""
    require.oracle("gdb-multiarch")
    write_capsule(capsule, tmp_path / "a.capsule")
    command = [sys.executable, "-m", "trapline", "suite", "repro", str(tmp_path / "a.capsule"), "--gdb"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANGS, check=False)
    assert done.returncode == 0, done.stderr
    behind = done.stdout.split("before the last instruction of the step that fails:")[1]
    assert behind.strip().splitlines()[0].split()[-2:] == ["sc", "1"]
    assert any(line.split()[:2] == ["r3", "0xc"] for line in done.stdout.splitlines())


def _standalone(built: BuiltSuite, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", str(built.folder / "run.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=HANGS, check=False)


def test_a_built_suite_runs_without_trapline(built: BuiltSuite, tmp_path: Path) -> None:
    """Its own runner imports nothing but Python's library; any command that prints the console will do."""
    (tmp_path / "good.py").write_text("print('1..2\\nok 1 - a\\nok 2 - b')")
    (tmp_path / "bad.py").write_text("print('1..2\\nok 1 - a')")
    done = _standalone(built, "--tests", "H_READ-00*", "--command", f"{sys.executable} {tmp_path}/good.py {{elf}}")
    assert (done.returncode, done.stdout.count("\nok ")) == (0, 4), done.stderr
    done = _standalone(built, "--tests", "H_READ-00*", "--command", f"{sys.executable} {tmp_path}/bad.py {{elf}}")
    assert done.returncode == 1
    assert done.stdout.count("1 of 2 steps were reported") == 4


@pytest.mark.oracle
def test_tests_pass_on_qemu_too(built: BuiltSuite) -> None:
    """The same ELF files on QEMU's pseries, by the runner that needs no Trapline."""
    require.oracle("qemu-system-ppc64")
    done = _standalone(built, "--tests", "H_[RP]*-00[12]", "-j", "2")
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("\nok ") >= 6
