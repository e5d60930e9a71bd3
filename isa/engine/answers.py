"""Exits that somebody above answers while the run goes on: frequent ones cost no end of a run and no new one."""

from __future__ import annotations

from collections.abc import Mapping

from .interface import ExitAnswer, ExitTaken
from .layout import PC, RETIRED
from .probe import Probe


class Answers(Probe):
    """What the loops of both engines do about an exit that was taken."""

    watching: bool
    _answers: Mapping[str, ExitAnswer] = {}
    _under_way = 1
    """How many instructions of the step under way a cut has to let complete: 0 while an exit is being answered."""

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

    def _sync(self, pc: int) -> None:
        """Writes pc and count to the state."""
        self.state.write(PC, pc)
        self.state.write(RETIRED, self.retired & ((1 << 64) - 1))
