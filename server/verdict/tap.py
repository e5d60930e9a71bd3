"""Reads the Test Anything Protocol, versions 12 to 14, and KTAP's top level, line by line.

Indented lines (subtests, YAML blocks) are the business of the test point that follows them and are passed over.
Without a version line or a plan only numbered test points count, so that a boot log's "ok" is not taken for one, and
`not ok` or `not ok - name`, which nothing else writes. Unnumbered ones before them count once a plan as long comes.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from .subtests import MOST_KEPT, SubTest, SubTestStatus

_VERSION: Final = r"(?i:K?TAP version \d+\s*)$"
_PLAN: Final = r"1\.\.(\d{1,9})\s*(?:#\s*(.*))?$"
_POINT: Final = r"(not )?ok\b(?:\s+(\d{1,9})(?=\s|$))?\s*(-\s*)?(.*)$"
_DASHED: Final = r"(not )?ok\b\s*-\s"
_DIRECTIVE: Final = r"^(.*?)(?<!\\)#\s*((?i:SKIP|TODO))\S*\s*(.*)$"
_BAIL_OUT: Final = r"(?i:Bail out!)\s*(.*)$"
_POINTS: Final = ("ok", "not ok")


class Mistake(msgspec.Struct, frozen=True):
    """Something that fails the whole: a broken plan, a bail-out."""

    reason: str


class AllSkipped(msgspec.Struct, frozen=True):
    """A plan of no tests."""

    reason: str


class Points(msgspec.Struct, frozen=True):
    """Test points that a plan behind them has made such."""

    subtests: tuple[SubTest, ...]


class TapReader:
    """One guest's TAP, which may be several documents one behind the other, each with a version line of its own."""

    def __init__(self) -> None:
        self._begin()
        self._versioned = False

    def _begin(self) -> None:
        self._planned: int | None = None
        self._done = 0
        self._plan_is_last = False
        self._perhaps: list[tuple[SubTest, bool]] = []
        """Unnumbered points of a document that has no version and no plan yet, and whether each has been told."""

    def read(self, line: str) -> SubTest | Mistake | AllSkipped | Points | None:
        """What a line means; None: it is no TAP, or only a plan or a version."""
        if line[:1] in (" ", "\t"):
            return None
        if "tap" in line[:4].lower() and re.match(_VERSION, line):
            unfinished = self.unfinished()
            self._begin()
            self._versioned = True
            return unfinished
        if line.startswith("1..") and (plan := re.match(_PLAN, line)) is not None:
            return self._plan(int(plan[1]), plan[2] or "")
        if line[:4].lower() == "bail" and (bail := re.match(_BAIL_OUT, line)) is not None:
            return Mistake(f"bail out: {bail[1] or 'no reason given'}")
        if line.startswith(_POINTS) and (point := re.match(_POINT, line)) is not None:
            return self._point(point[1] is not None, point[2], point[3] is not None, point[4].strip())
        return None

    def explains(self, line: str) -> bool:
        """Whether a line that is no test point is part of TAP: a diagnostic, of a subtest, a point before its plan."""
        begun = self._versioned or self._planned is not None or self._done > 0
        if begun and line[:1] in ("#", " ", "\t"):
            return True
        return line.startswith(_POINTS) and re.match(_DASHED, line) is not None

    @property
    def is_complete(self) -> bool:
        """Whether there was a plan, and all of it has been reported."""
        return self._planned is not None and self._done == self._planned

    def unfinished(self) -> Mistake | None:
        """What is wrong if nothing more comes."""
        if self._planned is None:
            return Mistake("TAP without a plan: 1..N is missing") if self._versioned else None
        if self._done != self._planned:
            return Mistake(f"the plan is 1..{self._planned}, and {self._done} were reported")
        return None

    def _plan(self, planned: int, directive: str) -> Mistake | AllSkipped | Points | None:
        if self._planned is not None:
            return Mistake(f"a second plan, 1..{planned}, behind 1..{self._planned}")
        self._planned = planned
        perhaps, self._perhaps = self._perhaps, []
        if perhaps and planned == len(perhaps):
            self._done, self._plan_is_last = planned, True
            return Points(tuple(one for one, told in perhaps if not told))
        self._plan_is_last = self._done > 0
        return AllSkipped(directive) if planned == 0 else None

    def _point(self, failed: bool, number: str | None, dashed: bool, text: str) -> SubTest | Mistake | None:
        expected = self._versioned or self._planned is not None
        if number is None and not expected:
            told = failed and (dashed or not text)
            point = _subtest(failed, number, text)
            if len(self._perhaps) <= MOST_KEPT:
                self._perhaps.append((point, told))
            self._done += told
            return point if told else None
        if self._plan_is_last:
            return Mistake(f"a test point behind the plan at the end: {text or number or 'ok'}")
        self._done += 1
        if number is not None and int(number) != self._done:
            # Said once; the count goes on from what the guest believes.
            expected_number, self._done = self._done, int(number)
            return Mistake(f"test point {number} where {expected_number} was to come")
        return _subtest(failed, number, text)


def _subtest(failed: bool, number: str | None, text: str) -> SubTest:
    directive = re.match(_DIRECTIVE, text) if "#" in text else None
    name = (directive[1] if directive is not None else text).strip().replace("\\#", "#")
    name = name.removesuffix(" -").strip() or (f"test {number}" if number is not None else "")
    if directive is None:
        return SubTest(name, SubTestStatus.FAIL if failed else SubTestStatus.PASS)
    reason = directive[3].strip()
    if directive[2].upper() == "TODO":
        return SubTest(name, SubTestStatus.EXPECTED_FAIL if failed else SubTestStatus.UNEXPECTED_PASS, reason)
    return SubTest(name, SubTestStatus.FAIL if failed else SubTestStatus.SKIP, reason)
