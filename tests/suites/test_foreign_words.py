"""What foreign tests say, and what their lists leave to a shell."""

from __future__ import annotations

import pytest

from trapline.firmware.suites.foreign.shell_words import NotUnderstoodError, expanded
from trapline.firmware.suites.running.loading import Verdict
from trapline.firmware.suites.running.speaking import Speech
from trapline.server.verdict import Ending


def test_a_guest_that_has_not_said_all_is_not_excused_for_its_end() -> None:
    """PASS and then a crash is a crash; PASS and EXIT: STATUS=1 and then a loop is a pass; a status overrules PASS."""

    def judged(kind: str, said: bytes, ending: Ending, status: int | None = None) -> str:
        speech = Speech(Verdict(kind, "good", "bad"))
        speech.feed(said)
        return speech.at_end(ending, "it ended", status)[0]

    assert judged("auto", b"PASS: a\n", Ending.WILD) == "wild"
    assert judged("auto", b"PASS: a\nEXIT: STATUS=1\n", Ending.WILD) == "passed"
    assert judged("auto", b"FAIL: a\nEXIT: STATUS=1\n", Ending.TIMEOUT) == "failed"
    assert judged("exit-line", b"PASS: a\n", Ending.OFF) == "silent"
    assert judged("words", b"EXIT: STATUS=1\n", Ending.OFF) == "silent"
    assert judged("auto", b"PASS\n", Ending.EXIT, 1) == "failed"
    assert judged("off", b"hello\n", Ending.OFF) == "passed"
    assert judged("off", b"FAIL\n", Ending.OFF) == "failed"
    assert judged("exit-code", b"PASS\n", Ending.OFF) == "silent"
    assert judged("pattern", b"good\nbad\n", Ending.OFF) == "failed"
    assert judged("pattern", b"good", Ending.DIED) == "died"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$((($MAX_SMP < 8)?$MAX_SMP:8))", "4"),
        ("$(( MAX ))", None),
        ("`getconf _NPROCESSORS_CONF`", "4"),
        ('date=$(date --date="2006-06-17 UTC" +%s)', "date=1150502400"),
        ("${MAX_SMP}x$ARCH", "4xppc64"),
        ("$UNKNOWN", None),
    ],
)
def test_what_a_shell_would_expand_is_expanded_or_refused(text: str, expected: str | None) -> None:
    """No shell is started: what is not understood is an error that names it."""
    variables = {"MAX_SMP": "4", "ARCH": "ppc64"}
    if expected is None:
        with pytest.raises(NotUnderstoodError):
            expanded(text, variables, 0)
    else:
        assert expanded(text, variables, 0) == expected
