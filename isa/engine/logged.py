"""An engine's log of interrupts: those that the reference engine's machinery enters, or that are handed on to it."""

from __future__ import annotations

from ..model.items import Description
from .answers import Answers
from .errors import Interrupt
from .interface import Bus, PhysicalMemory
from .interrupt_log import RETURNS, Entered, InterruptLog, log_size
from .state import State

_DOUBLEWORD = (1 << 64) - 1


class Logged(Answers):
    """Keeps `interrupts`."""

    def __init__(
        self,
        description: Description,
        state: State,
        memory: PhysicalMemory,
        bus: Bus,
        vcpu: int,
        coverage: set[int] | None,
    ) -> None:
        super().__init__(description, state, memory, bus, vcpu, coverage)
        self._numbers_of = {name: number for number, name in enumerate(description.interrupts)}
        self._returns = self.hook("returns")
        self.interrupts = self.make_log(len(description.interrupts))

    def make_log(self, interrupts: int) -> InterruptLog:
        """An empty log for so many interrupts."""
        return InterruptLog(memoryview(bytearray(log_size(interrupts))).cast("Q"))

    def note_entered(
        self, raised: Interrupt, completes: bool, following: int, between: bool, set_code: int
    ) -> None:
        """An interrupt was entered: CIA is what it came from, NIA where it led. Before, `following` was NIA, and
        `set_code` told the instruction set."""
        instruction = self.instruction
        entered = self._entered(raised.name, raised.arguments, self.cia, self.nia, between)
        entered.word, entered.length, entered.set_code = instruction.word, instruction.length, set_code
        entered.left = self.leaving is not None
        self.interrupts.note(entered, completes, following, self._returned())

    def entered_outside(self, interrupt: str, arguments: tuple[int, ...], address: int) -> None:
        """See `Engine`."""
        self.interrupts.forward(self._entered(interrupt, arguments, address, self.pc, False), self._returned())

    def _entered(self, name: str, arguments: tuple[int, ...], address: int, went: int, between: bool) -> Entered:
        first, second = (*arguments, 0, 0)[:2]
        values = (first & _DOUBLEWORD, second & _DOUBLEWORD)
        return Entered(self._numbers_of[name], address, went, 0, 0, self.retired, values, between)

    def _returned(self) -> int:
        """What the hook `returns` says; without it each interrupt counts as returned from."""
        if self._returns is None:
            return self.interrupts.words[RETURNS] + 1 & _DOUBLEWORD
        returns: int = self._returns()
        return returns
