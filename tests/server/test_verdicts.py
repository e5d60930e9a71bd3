"""What a guest's console says about its tests, and what is expected of a run."""

from __future__ import annotations

import pytest

from trapline.server.verdict import (
    ConsoleVerdict,
    Ending,
    Expectation,
    ExpectationError,
    Outcome,
    SubTestStatus,
    Verdict,
)
from trapline.server.verdict.subtests import MOST_KEPT


def said(text: str, pieces: int = 1 << 20) -> ConsoleVerdict:
    """A console on which `text` has been printed, in pieces of some bytes."""
    console, data = ConsoleVerdict(), text.encode()
    for at in range(0, len(data), pieces):
        console.feed(data[at : at + pieces])
    return console


CONSOLES = [
    # What other floors of this project, and most test programs, do.
    ("PASS\n", Outcome.PASSED),
    ("PASS", Outcome.PASSED),
    ("hello\r\nPASS suite\r\n", Outcome.PASSED),
    ("FAIL 3\n", Outcome.FAILED),
    ("FAIL 3\nPASS suite\n", Outcome.FAILED),
    ("PASS a\nFAILED b\nPASS c\n", Outcome.FAILED),
    ("\x1b[31mFAIL\x1b[0m 3\nPASS\n", Outcome.FAILED),
    ("  FAIL: indented\nPASS\n", Outcome.FAILED),
    ("[    1.203344] FAIL: in Linux' log\nPASS\n", Outcome.FAILED),
    ("x" * 5000 + "\nPASS\n", Outcome.PASSED),
    # Silence, and words that only look alike.
    ("", Outcome.SILENT),
    ("all is well\n", Outcome.SILENT),
    ("PASSWORD: ", Outcome.SILENT),
    ("FAILSAFE mode\n", Outcome.SILENT),
    ("it did not PASS\n", Outcome.SILENT),
    ("skipping\nSKIP this\n", Outcome.SILENT),
    # Words behind a name, in brackets, in a summary: a failure is heard, a success where it is the line's word.
    ("timer: FAIL\nPASS\n", Outcome.FAILED),
    ("timer ... FAILED\nPASS\n", Outcome.FAILED),
    ("[ FAIL ] timer\nPASS\n", Outcome.FAILED),
    ("[  FAILED  ] timer (3 ms)\n[  PASSED  ] 1 test.\n", Outcome.FAILED),
    ("test.c:12:test_add:FAIL: Expected 1 Was 2\nPASS\n", Outcome.FAILED),
    ("*** 2 of 3 tests FAILED ***\nPASS\n", Outcome.FAILED),
    ("mmap01 1 TFAIL : no memory\nPASS\n", Outcome.FAILED),
    ("PASS: 2 FAIL: 1\n", Outcome.FAILED),
    ("PASS: 2 FAIL: 0\n", Outcome.PASSED),
    ("a: PASS\n3 tests, 0 FAILED\n", Outcome.PASSED),
    ("PASS\nFAILED: 0\n", Outcome.PASSED),
    ("FAIL=0\n", Outcome.SILENT),
    ("PASS\nno FAILURES\n", Outcome.PASSED),
    ("timer: PASS\n", Outcome.PASSED),
    ("timer ... PASSED\n", Outcome.PASSED),
    ("[ PASS ] timer\n", Outcome.PASSED),
    ("[  PASSED  ] 1 test.\n", Outcome.PASSED),
    ("timer ... SKIPPED\n", Outcome.SKIPPED),
    ("PASS\nMAX_FAIL_COUNT is 3\n", Outcome.PASSED),
    ("PASS\nfailed over to the second disk\n", Outcome.PASSED),
    # kvm-unit-tests: reports, and the exit line with 2 N + 1.
    ("PASS: selftest: setup\nSUMMARY: 1 tests\n\nEXIT: STATUS=1\n", Outcome.PASSED),
    ("EXIT: STATUS=1\n", Outcome.PASSED),
    ("PASS: one\nEXIT: STATUS=3\n", Outcome.FAILED),
    ("EXIT: STATUS=3\n", Outcome.FAILED),
    ("EXIT: STATUS=255\n", Outcome.FAILED),
    ("FAIL: one\nEXIT: STATUS=1\n", Outcome.FAILED),
    ("XFAIL: known\nEXIT: STATUS=1\n", Outcome.PASSED),
    ("XPASS: known\nEXIT: STATUS=1\n", Outcome.FAILED),
    ("SKIP: gicv3\nEXIT: STATUS=155\n", Outcome.SKIPPED),
    # TAP
    ("TAP version 13\n1..2\nok 1 - a\nok 2 - b\n", Outcome.PASSED),
    ("ok 1 - a\nok 2 - b\n1..2\n", Outcome.PASSED),
    ("ok 1 - a\n", Outcome.PASSED),
    ("1..2\nok\nok\n", Outcome.PASSED),
    ("ok - a\nok - b\n1..2\n", Outcome.PASSED),
    ("ok\nok\nok\n1..3\n", Outcome.PASSED),
    ("ok - a\nnot ok - b\n1..2\n", Outcome.FAILED),
    ("ok - a\nnot ok b\n1..2\n", Outcome.FAILED),
    ("ok - a\nok - b # SKIP no timer\n1..2\n", Outcome.PASSED),
    ("ok - a\n1..2\n", Outcome.FAILED),
    ("ok - after a FAIL the bus is free\n1..1\n", Outcome.PASSED),
    ("1..1\nok 1 - bus\n# the log: FAIL\n", Outcome.PASSED),
    ("1..1\n    FAIL: inner, as planned\nok 1 - bus\n", Outcome.PASSED),
    ("# FAIL: a heading\n", Outcome.FAILED),
    ("ok - a\nok - b\n1..2\nok - c\n", Outcome.FAILED),
    ("1..2\nok 1 - a\nnot ok 2 - b\n", Outcome.FAILED),
    ("not ok 1 - a\nok 2 - b\nPASS\n", Outcome.FAILED),
    ("1..2\nok 1 - a\nok 2 - b # SKIP no timer\n", Outcome.PASSED),
    ("1..1\nok 1 # skip no timer\n", Outcome.SKIPPED),
    ("1..1\nnot ok 1 - b # TODO later\n", Outcome.PASSED),
    ("1..1\nok 1 - b # TODO works\n", Outcome.PASSED),
    ("1..1\nnot ok 1 - b \\# TODO is text\n", Outcome.FAILED),
    ("1..0 # SKIP no such core\n", Outcome.SKIPPED),
    ("TAP version 14\n1..1\n    not ok 1 - inner, as planned\n    1..1\nok 1 - outer\n", Outcome.PASSED),
    ("1..1\nok 1\n  ---\n  not ok: in YAML\n  ...\n", Outcome.PASSED),
    ("1..3\nok 1\nok 2\n", Outcome.FAILED),
    ("1..1\nok 1\nok 2\n", Outcome.FAILED),
    ("1..3\nok 1\nok 3\n", Outcome.FAILED),
    ("1..2\nok 1\nok 1\n", Outcome.FAILED),
    ("TAP version 13\nok 1\n", Outcome.FAILED),
    ("1..2\n1..2\nok 1\nok 2\n", Outcome.FAILED),
    ("1..2\nok 1\nBail out! no memory\n", Outcome.FAILED),
    ("KTAP version 1\n1..1\nok 1 a\nKTAP version 1\n1..1\nok 1 b\n", Outcome.PASSED),
    ("KTAP version 1\n1..2\nok 1 a\nKTAP version 1\n1..1\nok 1 b\n", Outcome.FAILED),
    ("checking memory\nok\nok so far\n", Outcome.SILENT),
]


@pytest.mark.parametrize(("text", "outcome"), CONSOLES)
def test_a_guest_that_switches_off_is_judged_by_its_console(text: str, outcome: Outcome) -> None:
    """Only what says so passes; FAIL is sticky; an unfinished plan is a failure. However the bytes come in."""
    for pieces in (1 << 20, 7, 1):
        assert said(text, pieces).at_power_off("off").outcome is outcome


def test_looking_at_an_unfinished_line_changes_nothing() -> None:
    """The line is judged once, though somebody asked in the middle of it whether the guest has told something."""
    console = said("1..1\nok 1 - half")
    assert console.last == "ok 1 - half"
    console.feed(b" and the rest\n")
    assert console.at_power_off("off").outcome is Outcome.PASSED
    assert len(console.subtests) == 1


def test_subtests_are_listed_with_their_names() -> None:
    """TAP, kvm-unit-tests and single words side by side, in the order in which they were printed."""
    console = said("ok 1 - a\nok 2 - b # SKIP no timer\nPASS: c: d\nXFAIL: e\nFAIL\n")
    assert [(one.name, one.status.value, one.reason) for one in console.subtests] == [
        ("a", "pass", ""),
        ("b", "skip", "no timer"),
        ("c: d", "pass", ""),
        ("e", "xfail", ""),
        ("", "fail", ""),
    ]
    assert console.failure == "FAIL"


def test_a_flood_of_subtests_is_counted_and_not_kept() -> None:
    """Memory is bounded whatever a guest prints."""
    console = said("PASS\n" * (MOST_KEPT + 500))
    assert len(console.subtests) == MOST_KEPT
    assert console.tally.counts[SubTestStatus.PASS] == MOST_KEPT + 500


@pytest.mark.parametrize(
    ("text", "reset", "idle"),
    [
        ("", Outcome.RESET, Outcome.IDLE),
        ("PASS\n", Outcome.RESET, Outcome.PASSED),
        ("FAIL\n", Outcome.FAILED, Outcome.FAILED),
        ("1..2\nok 1\n", Outcome.FAILED, Outcome.FAILED),
    ],
)
def test_resets_and_waiting_have_outcomes_of_their_own(text: str, reset: Outcome, idle: Outcome) -> None:
    """A reset is never a success by itself; a guest that waits is judged if it has told something."""
    assert said(text).at_reset("reset").outcome is reset
    assert said(text).at_idle("waits").outcome is idle


@pytest.mark.parametrize(
    ("text", "status", "outcome"),
    [("", 0, Outcome.PASSED), ("", 3, Outcome.FAILED), ("PASS\n", 3, Outcome.FAILED), ("FAIL\n", 0, Outcome.FAILED)],
)
def test_an_exit_status_is_a_verdict(text: str, status: int, outcome: Outcome) -> None:
    """0 is positive, unless FAIL was said."""
    verdict = said(text).at_exit(status, "exit")
    assert (verdict.outcome, verdict.guest_status, verdict.ending) == (outcome, status, Ending.EXIT)


def test_each_outcome_has_a_status_of_its_own() -> None:
    """Only PASSED is 0; 2 is left to mistakes of the user's."""
    statuses = [outcome.value for outcome in Outcome]
    assert len(set(statuses)) == len(statuses)
    assert [outcome for outcome in Outcome if outcome.value == 0] == [Outcome.PASSED]
    assert 2 not in statuses


@pytest.mark.parametrize(
    ("words", "text", "how", "status"),
    [
        ([], "PASS\n", "off", 0),
        ([], "", "off", 8),
        ([], "", "reset", 9),
        (["off"], "", "off", 0),
        (["off"], "PASS\n", "off", 0),
        (["off"], "FAIL\n", "off", 1),
        (["off"], "", "reset", 9),
        (["reset"], "PASS\n", "reset", 0),
        (["reset"], "FAIL\n", "reset", 1),
        (["reset"], "PASS\n", "off", 1),
        (["fail"], "FAIL\n", "off", 0),
        (["fail"], "PASS\n", "off", 1),
        (["skip,pass"], "1..0 # SKIP\n", "off", 0),
        (["pass", "silent"], "", "off", 0),
        (["status=3"], "EXIT: STATUS=3\n", "off", 0),
        (["status=3"], "EXIT: STATUS=5\n", "off", 1),
        (["status=5"], "", "exit 5", 0),
        (["status=0"], "FAIL\n", "exit 0", 1),
    ],
)
def test_expectations_decide_the_exit_status(words: list[str], text: str, how: str, status: int) -> None:
    """0 if the run came to what was expected, else the status of what happened; a FAIL line is never overlooked."""
    console = said(text)
    if how.startswith("exit"):
        verdict = console.at_exit(int(how.split()[1]), how)
    else:
        verdict = console.at_reset(how) if how == "reset" else console.at_power_off(how)
    assert Expectation.parse(words).exit_status(verdict, console.failure) == status


def test_a_budget_may_be_expected_but_no_failure_before_it() -> None:
    """Still running after N instructions is what a smoke test wants; it had better not have failed meanwhile."""
    expected, verdict = Expectation.parse(["budget"]), Verdict(Outcome.BUDGET, "still running")
    assert expected.exit_status(verdict) == 0
    assert expected.exit_status(verdict, "FAIL 3") == Outcome.BUDGET.value


@pytest.mark.parametrize("word", ["paß", "", "status=", "status=-1", "status=0x10", "status=99999999999", "resett"])
def test_an_expectation_that_nothing_meets_is_refused(word: str) -> None:
    """With what could have been meant."""
    with pytest.raises(ExpectationError) as refused:
        Expectation.parse([word])
    assert refused.value.hint


@pytest.mark.parametrize(
    ("parts", "outcome", "passed"),
    [
        ((b"1..2", b"\nok 1\nok 2\n"), Outcome.PASSED, 2),
        ((b"1..1", b"0\n" + b"".join(b"ok %d\n" % n for n in range(1, 11))), Outcome.PASSED, 10),
        ((b"TAP version 1", b"4\n1..1\nok 1\n"), Outcome.PASSED, 1),
        ((b"PASS", b"WORD: \n"), Outcome.SILENT, 0),
        ((b"1..1\nok 1 - a", b" # SKIP no board\n"), Outcome.SKIPPED, 0),
        ((b"PASS\nEXIT: STATUS=1", b"3\n"), Outcome.FAILED, 1),
        ((b"PASS",), Outcome.PASSED, 1),
    ],
)
def test_looking_at_half_a_line_takes_nothing_in(parts: tuple[bytes, ...], outcome: Outcome, passed: int) -> None:
    """Whoever asks while a line is being written (an idle guest's terminal, a budget's result) changes no verdict."""
    console = ConsoleVerdict()
    for part in parts:
        console.feed(part)
        assert (console.last, console.failure, console.subtests) == (console.last, console.failure, console.subtests)
    assert console.at_power_off("off").outcome is outcome
    assert console.tally.counts[SubTestStatus.PASS] == passed


@pytest.mark.parametrize("line", ["not ok - lost", "not ok", "\0FAIL 3", "\x7fFAIL", "\x08\x08FAIL"])
def test_a_failure_is_read_without_a_number_and_behind_noise(line: str) -> None:
    """A test point that fails needs no plan; what a line that is being set up brings hides no FAIL."""
    console = ConsoleVerdict()
    console.feed(f"{line}\nPASS\n".encode())
    assert console.at_power_off("off").outcome is Outcome.FAILED
