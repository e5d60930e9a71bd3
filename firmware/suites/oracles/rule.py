"""What a suite's file says of an oracle."""

from __future__ import annotations

import fnmatch
from typing import Final

import msgspec

ORACLE_NAMES: Final = ("engines", "transparency", "stub", "non-interference", "migration", "schedule")
"""All that there are (`catalogue.ORACLES`), for those who need not load them."""


_SUMS: Final = {"gprs": "r", "regs": "r", "dregs": "d"}
"""Words that are made of others, by the first letter of those."""


class LeaveOut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Tests (globs) of which an oracle says nothing, and why.

    With `words` only these words are not compared there; with `endings` (globs) only runs that end so.
    """

    reason: str
    tests: tuple[str, ...] = ("*",)
    words: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    worlds: tuple[str, ...] = ()
    """In these worlds alone; empty: in all."""


class OracleRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[oracles.NAME]`. With `always` each `suite run` on Trapline asks the oracle, else one with `--oracle NAME`."""

    always: bool = False
    worlds: tuple[str, ...] = ()
    """Of those that the oracle has; empty: all that a test of its machine can run in."""
    points: int = 3
    """Moments at which a machine moves."""
    quanta: tuple[int, ...] = (1, 61, 997, 200_000)
    """Instructions of a turn, for other interleavings than the usual one."""
    leave_out: tuple[LeaveOut, ...] = ()

    def refuses(self, test: str, world: str) -> str | None:
        """Why the oracle says nothing of a test in a world."""
        for one in self._of(test, world):
            if not one.words and not one.endings:
                return one.reason
        return None

    def excuses(self, test: str, world: str, ending: str) -> str | None:
        """Why a run that came to another end says nothing."""
        for one in self._of(test, world):
            if any(fnmatch.fnmatchcase(ending, glob) for glob in one.endings):
                return one.reason
        return None

    def unlike(self, test: str, world: str) -> frozenset[str]:
        """Words that need not be the same."""
        words = {word for one in self._of(test, world) for word in one.words}
        for whole, first in _SUMS.items():
            if any(word[0] == first and word[1:].partition(".")[0].isdigit() for word in words):
                words |= {whole}
        return frozenset(words)

    def _of(self, test: str, world: str) -> list[LeaveOut]:
        return [
            one
            for one in self.leave_out
            if (not one.worlds or world in one.worlds) and any(fnmatch.fnmatchcase(test, glob) for glob in one.tests)
        ]
