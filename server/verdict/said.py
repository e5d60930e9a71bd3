"""Reads a console along with the user, and judges a guest by what it said: FAIL is sticky, silence no success."""

from __future__ import annotations

import re
from typing import Final

from .outcome import Ending, Outcome, Verdict
from .subtests import SubTest, SubTestStatus, Tally
from .tap import AllSkipped, Mistake, TapReader
from .words import EXIT_PASSED, EXIT_SKIPPED, read_exit, read_word

_LONGEST_LINE: Final = 512
_PREFIXES: Final = re.compile(r"\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? ")
"""What Linux puts in front of the lines of its log."""
_COLOURS: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_LINE_ENDS: Final = re.compile(rb"[\r\n]")


class ConsoleVerdict:
    """What the lines of a console say about the tests that the guest runs."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._told = False
        """Whether the line that is being written has been judged already."""
        self._tap = TapReader()
        self.tally = Tally()
        self._last: str | None = None
        self._failure: str | None = None
        self._good_exit = False
        self._all_skipped: str | None = None
        self.exit_status: int | None = None
        """N of the last `EXIT: STATUS=N`."""

    def feed(self, data: bytes) -> None:
        """A sink for `Console.add_sink`."""
        if _LINE_ENDS.search(data) is None:
            self._line += data[: max(0, _LONGEST_LINE - len(self._line))]
            return
        first, *others = _LINE_ENDS.split(data)
        self._line += first[: max(0, _LONGEST_LINE - len(self._line))]
        self._end_line()
        for line in others[:-1]:
            self._line += line[:_LONGEST_LINE]
            self._end_line()
        self._line += others[-1][:_LONGEST_LINE]

    @property
    def last(self) -> str | None:
        """The last line that told something, or None if there was none yet; also one whose end is not written."""
        self._settle()
        return self._last

    @property
    def failure(self) -> str | None:
        """The first line, or what else, that says that something failed; whatever is said later."""
        self._settle()
        return self._failure

    @property
    def subtests(self) -> tuple[SubTest, ...]:
        """The sub-tests so far; the first `MOST_KEPT`."""
        self._settle()
        return tuple(self.tally.kept)

    # Verdicts

    def at_power_off(self, how: str) -> Verdict:
        """The verdict of a guest that switched its machine off by `how`."""
        return self._judged(how, Ending.OFF)

    def at_idle(self, how: str) -> Verdict:
        """The verdict of a guest that waits for nothing: as if it were switched off, if it has told something."""
        return Verdict(Outcome.IDLE, how) if self.last is None else self._judged(how, Ending.IDLE)

    def at_reset(self, how: str) -> Verdict:
        """The verdict of a guest that asked for a reset: no end that a test comes to, so never passed."""
        if (failure := self._failure_at_end()) is not None:
            return Verdict(Outcome.FAILED, f"{how} after {failure!r}", Ending.RESET, self.exit_status)
        behind = "" if self._last is None else f" after {self._last!r}"
        return Verdict(Outcome.RESET, how + behind, Ending.RESET, self.exit_status)

    def at_exit(self, status: int, how: str) -> Verdict:
        """The verdict of a guest that left with a status: 0 is a success, unless something has failed before."""
        failure = self._failure_at_end()
        if status == 0 and failure is None:
            return Verdict(Outcome.PASSED, f"{how} with status 0", Ending.EXIT, status)
        reason = f"{how} with status {status}"
        if failure is not None:
            reason += f" after {failure!r}"
        return Verdict(Outcome.FAILED, reason, Ending.EXIT, status)

    def _judged(self, how: str, ending: Ending) -> Verdict:
        failure = self._failure_at_end()
        status = self.exit_status
        if failure is not None:
            return Verdict(Outcome.FAILED, f"{how} after {failure!r}", ending, status)
        if self._good_exit or self.tally.some_good:
            return Verdict(Outcome.PASSED, f"{how} after {self._last!r}", ending, status)
        if self._all_skipped is not None or self.tally.some_skipped:
            return Verdict(Outcome.SKIPPED, f"{how}, and everything was skipped: {self._last!r}", ending, status)
        return Verdict(Outcome.SILENT, f"{how} and told no verdict (PASS or FAIL, TAP, EXIT: STATUS=N)", ending, status)

    def _failure_at_end(self) -> str | None:
        self._settle()
        if self._failure is None and (unfinished := self._tap.unfinished()) is not None:
            return unfinished.reason
        return self._failure

    # Lines

    def _end_line(self) -> None:
        self._settle()
        self._line.clear()
        self._told = False

    def _settle(self) -> None:
        """Judges the present line, if that has not been done."""
        if not self._line or self._told:
            return
        text = _COLOURS.sub("", self._line.decode("utf-8", "replace"))
        if self._judge(_PREFIXES.sub("", text, count=1).rstrip()):
            self._told = True

    def _judge(self, line: str) -> bool:
        """Takes one line in; whether it told something."""
        status = read_exit(line)
        if status is not None:
            self._exit(status, line)
            return True
        found = self._tap.read(line) or read_word(line)
        if found is None:
            return False
        self._last = line
        if isinstance(found, Mistake):
            self._failure = self._failure or found.reason
        elif isinstance(found, AllSkipped):
            self._all_skipped = found.reason
        else:
            self.tally.add(found)
            if found.status is SubTestStatus.FAIL:
                self._failure = self._failure or line
        return True

    def _exit(self, status: int, line: str) -> None:
        self._last, self.exit_status = line, status
        if status in EXIT_PASSED:
            self._good_exit = True
        elif status == EXIT_SKIPPED:
            self._all_skipped = line
        else:
            self._failure = self._failure or line
