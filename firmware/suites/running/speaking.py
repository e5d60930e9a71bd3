"""Judges a test by the verdict that it speaks: what was said on its console, and how it came to its end."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .loading import Verdict

if TYPE_CHECKING:
    from ....server.verdict import ConsoleVerdict, Ending
    from ....server.verdict import Verdict as Said

_LINE_ENDS: Final = re.compile(r"[\r\n]+")
_LONGEST: Final = 4096
_SKIPPED: Final = 77


class Speech:
    """Listens to one test. `feed` is a sink for consoles."""

    def __init__(self, verdict: Verdict) -> None:
        from ....server.verdict import ConsoleVerdict, Convention

        self._verdict = verdict
        conventions = {one.value: frozenset({one}) for one in Convention}.get(verdict.kind, frozenset(Convention))
        self._said: ConsoleVerdict = ConsoleVerdict(conventions)
        self._line = ""
        self._passed = self._failed = ""

    def feed(self, data: bytes) -> None:
        """What the console says next."""
        self._said.feed(data)
        if self._verdict.kind == "pattern":
            *whole, self._line = _LINE_ENDS.split((self._line + data.decode("utf-8", "replace"))[-_LONGEST:])
            for line in whole:
                self._judge(line)

    @property
    def is_complete(self) -> bool:
        """Whether the test has told all that is to come, so that it need not run on."""
        if self._verdict.kind == "pattern":
            return bool(self._failed)
        return self._verdict.kind not in ("off", "exit-code") and self._said.is_complete

    def at_end(self, ending: Ending, how: str, status: int | None) -> tuple[str, str]:
        """Outcome (a name of `Outcome` in lower case) and reason. `how` tells the end in words, `status` is what the
        guest, or a process, left with."""
        from ....server.verdict import Ending

        kind = self._verdict.kind
        if kind == "exit-code":
            return self._by_status(ending, how, status)
        if kind == "pattern":
            return self._by_pattern(ending, how)
        if kind == "off":
            ended = ending in (Ending.OFF, Ending.IDLE) or (ending is Ending.EXIT and not status)
            if self._said.failure is not None:
                return "failed", f"{how} after {self._said.failure!r}"
            return ("passed", how) if ended else (_outcome(ending), how)
        return self._by_console(ending, how, status)

    def _by_console(self, ending: Ending, how: str, status: int | None) -> tuple[str, str]:
        from ....server.verdict import Ending

        said: Said
        if ending is Ending.OFF:
            said = self._said.at_power_off(how)
        elif ending is Ending.IDLE:
            said = self._said.at_idle(how)
        elif ending is Ending.RESET:
            said = self._said.at_reset(how)
        elif ending is Ending.EXIT:
            said = self._said.at_exit(status or 0, how)
        elif self._said.is_complete and ending is not Ending.DIED:
            said = self._said.at_power_off(f"it had said all ({how})")
        else:
            return _outcome(ending), how
        return said.outcome.name.lower(), said.reason

    def _by_status(self, ending: Ending, how: str, status: int | None) -> tuple[str, str]:
        from ....server.verdict import Ending

        if status is None or ending is not Ending.EXIT:
            quiet = ending in (Ending.OFF, Ending.IDLE)
            return ("silent" if quiet else _outcome(ending)), f"{how}, and left with no status"
        if status == self._verdict.status:
            return "passed", f"{how} with status {status}"
        return ("skipped" if status == _SKIPPED else "failed"), f"{how} with status {status}"

    def _by_pattern(self, ending: Ending, how: str) -> tuple[str, str]:
        from ....server.verdict import Ending

        self._judge(self._line)
        if self._failed:
            return "failed", f"{how} after {self._failed!r}"
        if ending is Ending.DIED:
            return "died", how
        if self._passed:
            return "passed", f"{how} after {self._passed!r}"
        if ending in (Ending.OFF, Ending.IDLE, Ending.EXIT):
            return "silent", f"{how}, and no line fits {self._verdict.passed!r}"
        return _outcome(ending), how

    def _judge(self, line: str) -> None:
        if self._verdict.failed and re.search(self._verdict.failed, line):
            self._failed = self._failed or line
        elif re.search(self._verdict.passed, line):
            self._passed = self._passed or line


def _outcome(ending: Ending) -> str:
    """What an end means that is none which a test comes to by itself."""
    return {"off": "silent", "exit": "failed"}.get(ending.value, ending.value)
