"""Reads single lines: PASS and FAIL words wherever a test program puts them, and kvm-unit-tests' reports and exit line.

A failure is heard in any place of a line, since one that is overlooked is told as success; a success only where it is
the line's own word: at its begin, or behind a name as in `name: PASS`, `name ... PASSED` or `[ PASSED ] name`.
"""

from __future__ import annotations

import re
from typing import Final

from .subtests import SubTest, SubTestStatus

_WORD: Final = r"\s*(PASS|FAIL|SKIP|XFAIL|XPASS|KFAIL)(?:ED|URE)?(?![A-Za-z_])[:\s]*(.*)$"
_LAST_WORD: Final = r"(.*?)\s*(?::|\.\.+|-)\s*\[?\s*(PASS(?:ED)?|SKIPPED)\s*\]?[.!]?\s*$"
_BRACKETED: Final = r"\s*\[\s*(PASS(?:ED)?|SKIPPED)\s*\]\s*(.*)$"
_FAILED: Final = r"(?<![A-Za-z0-9_])T?FAIL(?:ED|URES?)?(?![A-Za-z0-9_])(?!\s*[:=]\s*(?:0|none)\b)"
_NONE_OF_THEM: Final = r"(?i:\b(?:0|no|zero|without|any|if|expected(?: to)?)\s+)$"
"""What makes of FAIL the tale of something that did not happen: `12 tests, 0 FAILED`."""
_EXIT: Final = "EXIT: STATUS="
_STATUSES: Final = {
    "PASS": SubTestStatus.PASS,
    "FAIL": SubTestStatus.FAIL,
    "SKIP": SubTestStatus.SKIP,
    "XFAIL": SubTestStatus.EXPECTED_FAIL,
    "KFAIL": SubTestStatus.EXPECTED_FAIL,
    "XPASS": SubTestStatus.FAIL,
}
_COLON_ONLY: Final = frozenset({"SKIP", "XFAIL", "XPASS", "KFAIL"})
"""Words that mean something only as kvm-unit-tests writes them, with a colon."""

EXIT_PASSED: Final = frozenset({0, 1})
"""Statuses that kvm-unit-tests' own runner takes for success: it prints exit code N as 2 N + 1."""
EXIT_SKIPPED: Final = 77 << 1 | 1


def read_word(line: str) -> SubTest | None:
    """The sub-test that a line like `PASS`, `FAIL 3` or `SKIP: gicv3` tells of; not `PASSWORD:` or `FAILSAFE`."""
    if not ("PASS" in line or "FAIL" in line or "SKIP" in line):
        return None
    found = re.match(_WORD, line)
    if found is None:
        return _elsewhere(line)
    word, text = found[1], found[2].strip()
    if word in _COLON_ONLY and not line.lstrip().startswith(f"{word}:"):
        return None
    if word == "FAIL" and _fails(line) is None:
        return None
    if word == "PASS" and _fails(text) is not None:
        return SubTest(line.strip(), SubTestStatus.FAIL)
    return SubTest(text, _STATUSES[word])


def _elsewhere(line: str) -> SubTest | None:
    """A word that is not the line's first."""
    if (failed := _fails(line)) is not None:
        name = (line[: failed.start()] + line[failed.end() :]).strip(" \t:.-[]*!")
        return SubTest(name, SubTestStatus.FAIL)
    if (last := re.match(_LAST_WORD, line)) is not None:
        return SubTest(last[1].strip(), _of(last[2]))
    if (bracketed := re.match(_BRACKETED, line)) is not None:
        return SubTest(bracketed[2].strip(), _of(bracketed[1]))
    return None


def _of(word: str) -> SubTestStatus:
    return SubTestStatus.PASS if word.startswith("PASS") else SubTestStatus.SKIP


def _fails(text: str) -> re.Match[str] | None:
    """The first FAIL of a line that says that something failed."""
    if "FAIL" not in text:
        return None
    return next((one for one in re.finditer(_FAILED, text) if not re.search(_NONE_OF_THEM, text[: one.start()])), None)


def read_exit(line: str) -> int | None:
    """N of `EXIT: STATUS=N`."""
    if not line.startswith(_EXIT):
        return None
    found = re.match(r"(\d{1,9})\s*$", line[len(_EXIT) :])
    return None if found is None else int(found[1])
