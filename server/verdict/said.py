"""Reads a console along with the user, and judges a guest by what it said: FAIL is sticky, silence no success."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from .outcome import Ending, Outcome, Verdict
from .subtests import SubTest, SubTestStatus, Tally
from .tap import AllSkipped, Mistake, Points, TapReader
from .words import EXIT_PASSED, EXIT_SKIPPED, read_exit, read_word

_LONGEST_LINE: Final = 512
_PREFIX: Final = r"\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? "
"""What Linux puts in front of the lines of its log."""
_UNSEEN: Final = r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]"
"""Colours, and what a serial line that is being set up brings."""


class Convention(Enum):
    """A way in which guests tell how their tests went."""

    TAP = "tap"
    WORDS = "words"
    EXIT_LINE = "exit-line"


class ConsoleVerdict:
    """What the lines of a console say about the tests that the guest runs."""

    def __init__(self, conventions: frozenset[Convention] = frozenset(Convention)) -> None:
        """`conventions`: what counts; lines of other ones mean nothing."""
        self._conventions = conventions
        self._line = bytearray()
        self._so_far: ConsoleVerdict | None = None
        self._tap = TapReader()
        self._tally = Tally()
        self._last: str | None = None
        self._failure: str | None = None
        self._good_exit = False
        self._all_skipped: str | None = None
        self._exit_status: int | None = None

    def feed(self, data: bytes) -> None:
        """A sink for `Console.add_sink`."""
        self._so_far = None
        if b"\n" not in data and b"\r" not in data:
            self._line += data[: max(0, _LONGEST_LINE - len(self._line))]
            return
        first, *others = data.replace(b"\r", b"\n").split(b"\n")
        self._line += first[: max(0, _LONGEST_LINE - len(self._line))]
        self._end_line()
        for line in others[:-1]:
            self._line += line[:_LONGEST_LINE]
            self._end_line()
        self._line += others[-1][:_LONGEST_LINE]

    # What was said so far, also by a line whose end is not written

    @property
    def last(self) -> str | None:
        """The last line that told something, or None if there was none yet."""
        return self._now._last

    @property
    def failure(self) -> str | None:
        """The first line, or what else, that says that something failed; whatever is said later."""
        return self._now._failure

    @property
    def tally(self) -> Tally:
        """The sub-tests, counted."""
        return self._now._tally

    @property
    def subtests(self) -> tuple[SubTest, ...]:
        """The sub-tests; the first `MOST_KEPT`."""
        return tuple(self.tally.kept)

    @property
    def exit_status(self) -> int | None:
        """N of the last `EXIT: STATUS=N`."""
        return self._now._exit_status

    @property
    def is_complete(self) -> bool:
        """Whether all was said that is to be: `EXIT: STATUS=N`, or TAP up to the end of its plan."""
        return self.exit_status is not None or self._now._tap.is_complete

    @property
    def _now(self) -> ConsoleVerdict:
        """As if the line that is being written ended here. It may go on, and mean something else: `PASS` may become
        `PASSWORD:`, so looking takes nothing in."""
        if not self._line:
            return self
        if self._so_far is None:
            # Seldom: a start would feel it.
            import copy

            self._so_far = copy.deepcopy(self)
            self._so_far._end_line()
        return self._so_far

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
        behind = "" if self.last is None else f" after {self.last!r}"
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
        now = self._now
        if now._good_exit or now._tally.some_good:
            return Verdict(Outcome.PASSED, f"{how} after {now._last!r}", ending, status)
        if now._all_skipped is not None or now._tally.some_skipped:
            return Verdict(Outcome.SKIPPED, f"{how}, and everything was skipped: {now._last!r}", ending, status)
        return Verdict(Outcome.SILENT, f"{how} and told no verdict (PASS or FAIL, TAP, EXIT: STATUS=N)", ending, status)

    def _failure_at_end(self) -> str | None:
        now = self._now
        if now._failure is None and (unfinished := now._tap.unfinished()) is not None:
            return unfinished.reason
        return now._failure

    # Lines

    def _end_line(self) -> None:
        text = self._line.decode("utf-8", "replace")
        self._line.clear()
        if not text.isprintable():
            text = re.sub(_UNSEEN, "", text)
        if text:
            self._judge(re.sub(_PREFIX, "", text, count=1).rstrip() if "[" in text else text.rstrip())

    def _judge(self, line: str) -> None:
        """Takes one line in."""
        status = read_exit(line) if Convention.EXIT_LINE in self._conventions else None
        if status is not None:
            self._exit(status, line)
            return
        found = self._tap.read(line) if Convention.TAP in self._conventions else None
        if found is None and Convention.WORDS in self._conventions and not self._tap.explains(line):
            found = read_word(line)
        if found is None:
            return
        self._last = line
        if isinstance(found, Mistake):
            self._failure = self._failure or found.reason
        elif isinstance(found, AllSkipped):
            self._all_skipped = found.reason
        else:
            for point in found.subtests if isinstance(found, Points) else (found,):
                self._tally.add(point)
                if point.status is SubTestStatus.FAIL:
                    self._failure = self._failure or (line if found is point else f"not ok - {point.name}")

    def _exit(self, status: int, line: str) -> None:
        self._last, self._exit_status = line, status
        if status in EXIT_PASSED:
            self._good_exit = True
        elif status == EXIT_SKIPPED:
            self._all_skipped = line
        else:
            self._failure = self._failure or line
