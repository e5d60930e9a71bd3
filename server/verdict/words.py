"""Reads single lines: PASS and FAIL words, and kvm-unit-tests' reports and exit line."""

from __future__ import annotations

import re
from typing import Final

from .subtests import SubTest, SubTestStatus

_WORD: Final = re.compile(r"\s*(PASS|FAIL|SKIP|XFAIL|XPASS|KFAIL)(?:ED|URE)?(?![A-Za-z_])[:\s]*(.*)$")
_EXIT: Final = re.compile(r"EXIT: STATUS=(\d{1,9})\s*$")
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
    found = _WORD.match(line)
    if found is None:
        return None
    word, text = found[1], found[2].strip()
    if word in _COLON_ONLY and not line.lstrip().startswith(f"{word}:"):
        return None
    return SubTest(text, _STATUSES[word])


def read_exit(line: str) -> int | None:
    """N of `EXIT: STATUS=N`."""
    found = _EXIT.match(line)
    return None if found is None else int(found[1])
