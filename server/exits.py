"""Exits of a core, answered by its vcpu while the core runs on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from ..isa.engine.interface import ExitAnswer
from .core import Core
from .hv.exits import OF_USER_SPACE, Exit, OnExit

Perform = Callable[[tuple[int, ...]], Exit | None]
"""Does what an exit of the core asks for, given its arguments; None lets the guest go on."""


class AnswersExits:
    """Base of vcpus: each exit is the vcpu's own business, or that of `on_exit` where user space is asked."""

    on_exit: OnExit | None = None
    _left: Exit | None = None
    """What the run under way is going to end with."""

    def answer_exits(
        self,
        core: Core,
        perform: Callable[[str, tuple[int, ...]], Exit | None],
        quick: Mapping[str, ExitAnswer] = MappingProxyType({}),
    ) -> None:
        """Has `perform` called with each exit of the core, by its name; those of `quick` have answers of their own."""
        answers: dict[str, ExitAnswer] = {
            name: partial(self._answer, partial(perform, name)) for name in core.description.exits
        }
        core.engine.answer_exits(answers | dict(quick))

    def _answer(self, perform: Perform, arguments: tuple[int, ...]) -> bool:
        left = perform(arguments)
        return left is None or self.ask_user_space(left)

    def ask_user_space(self, left: Exit) -> bool:
        """Whether the run goes on, user space having answered; else it ends with the exit."""
        if self.on_exit is not None and isinstance(left, OF_USER_SPACE) and self.on_exit(left):
            return True
        self._left = left
        return False

    def take_left(self) -> Exit | None:
        """What the run ended with; None where it was no exit that this vcpu knows."""
        left, self._left = self._left, None
        return left
