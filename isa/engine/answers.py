"""Exits that somebody above answers while the run goes on: frequent ones cost no end of a run and no new one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet

from .interface import ExitAnswer, ExitTaken
from .interrupt_log import InterruptLog
from .layout import PC, RETIRED
from .probe import Probe


class Answers(Probe):
    """What the loops of both engines do about an exit that was taken."""

    watching: bool
    interrupts: InterruptLog
    _answers: Mapping[str, ExitAnswer] = {}
    _under_way = 1
    """How many instructions of the step under way a cut has to let complete: 0 while an exit is being answered."""
    _told: Callable[[], None] | None = None
    """Called behind instructions that were executed one by one."""

    def answer_exits(self, answers: Mapping[str, ExitAnswer]) -> None:
        """See `Engine`."""
        self._answers = dict(answers)

    def _answered(self, leaving: ExitTaken, pc: int) -> bool:
        """Whether an exit is answered, so that the run goes on. Afterwards the state has the next address, `pc` before.

        Whoever answers sees the vcpu as after a run that ended here.
        """
        self._sync(pc)
        answer = self._answers.get(leaving.name)
        if answer is None:
            return False
        self.cia = pc
        self._under_way = 0
        watching, self.watching = self.watching, False
        try:
            goes_on = answer(leaving.arguments)
        finally:
            self._under_way = 1
            self.watching = watching
        self.leaving = None if goes_on else leaving
        return goes_on

    def tell_of(self, forms: AbstractSet[str], told: Callable[[], None] | None) -> None:
        """See `Engine`; here each instruction is executed by itself."""
        self._told = told

    def _take_report(self) -> int:
        """Tells who listens of interrupts; as in `_tell` the run may be ended here."""
        self._under_way = 0
        try:
            return self.interrupts.take_report()
        finally:
            self._under_way = 1

    def _tell(self) -> None:
        """The instruction counts as done: whoever is told may end the run here."""
        assert self._told is not None
        self._under_way = 0
        try:
            self._told()
        finally:
            self._under_way = 1

    def _sync(self, pc: int) -> None:
        """Writes pc and count to the state."""
        self.state.write(PC, pc)
        self.state.write(RETIRED, self.retired & ((1 << 64) - 1))
