"""What generated code finds in `cpu` besides memory: addresses, timers, polls, exits.

The classes of `execution`, `access`, `fetch` and `reference` build on each other: this is the lowest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..model.items import Description
from .decoded import NOTHING, Decoded
from .errors import EngineError
from .generated import Generated
from .interface import ExitTaken
from .layout import POLL, RETIRED, TIMER_AT, TIMERS, TIMERS_SET
from .state import State

NEVER = 1 << 65
"""Later than any number of retired instructions."""

Hook = Callable[..., Any]


class Execution:
    """Registers, hooks and what an instruction can ask of the engine itself."""

    def __init__(self, description: Description, state: State, coverage: set[int] | None) -> None:
        self.description = description
        self.state = state
        self.generated = Generated.of(description, coverage)
        self.reg: Any = state.blocks["thread"].registers
        self.core: Any = state.blocks["core"].registers
        self.partition: Any = state.blocks["partition"].registers
        self.machine: Any = state.blocks["machine"].registers
        self.address_mask = (1 << description.address_width) - 1
        self.cia = 0
        self.nia = 0
        self.instruction: Decoded = NOTHING
        self.retired = state.read(RETIRED)
        self.poll_at = NEVER
        """`retired` count from which on the poll hook is due."""
        self.asked_time = False
        """Set when the description asks how many instructions have completed."""
        self.leaving: ExitTaken | None = None
        self.load_timers()

    def hook(self, name: str) -> Hook | None:
        """A hook's function, bound to this vcpu, or None where the description has none."""
        function = self.description.hooks.get(name)
        return self.bound(function) if function else None

    def bound(self, function: str) -> Hook:
        """A described function as a callable of its own arguments alone. Raises EngineError for an unknown one."""
        if function not in self.generated.functions:
            raise EngineError(f"the description has no function '{function}'")
        return self.generated.bind(function, self, self.reg)

    def constant_hook(self, name: str) -> int | None:
        """The value of a hook that is the same always; None where it depends on state. Absent hooks are 0."""
        function = self.description.hooks.get(name)
        if not function:
            return 0
        return self.generated.constant(function)

    # Built-ins

    def instructions_retired(self) -> int:
        """How many instructions have completed: what all clocks are made of."""
        self.asked_time = True
        return self.retired

    def leave(self, name: str, arguments: tuple[int, ...] = ()) -> None:
        """Ends the run behind the present instruction or interrupt entry."""
        self.leaving = ExitTaken(name, arguments)

    def request_poll(self) -> None:
        """Has the poll hook called before the next instruction."""
        self.state.write(POLL, 1)
        self.poll_at = 0

    def set_timer(self, timer: int, at: int) -> None:
        """Polls once `retired` reaches `at`."""
        timer %= TIMERS
        self.state.write(TIMER_AT, at, timer)
        self.state.write(TIMERS_SET, self.state.read(TIMERS_SET) | 1 << timer)
        self.poll_at = min(self.poll_at, at)

    def cancel_timer(self, timer: int) -> None:
        """Undoes `set_timer`."""
        self.state.write(TIMERS_SET, self.state.read(TIMERS_SET) & ~(1 << timer % TIMERS))
        self.load_timers()

    def load_timers(self) -> None:
        """Finds when the next poll is due from what the state says."""
        is_set = self.state.read(TIMERS_SET)
        times = [self.state.read(TIMER_AT, timer) for timer in range(TIMERS) if is_set >> timer & 1]
        self.poll_at = 0 if self.state.read(POLL) else min(times, default=NEVER)

    def take_poll(self) -> None:
        """Forgets the request and the timers that are due: they are being answered."""
        self.state.write(POLL, 0)
        is_set = self.state.read(TIMERS_SET)
        if not is_set:
            self.poll_at = NEVER
            return
        for timer in range(TIMERS):
            if is_set >> timer & 1 and self.state.read(TIMER_AT, timer) <= self.retired:
                is_set &= ~(1 << timer)
        self.state.write(TIMERS_SET, is_set)
        self.load_timers()
