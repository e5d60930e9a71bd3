"""A vcpu that is a core and nothing else: the guest's own code is what its traps reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Final

from ...isa.engine.errors import GuestFault
from ..core import Core, CoreExit, FaultIn, no_faults_in
from ..exits import AnswersExits
from ..hv.kvm import INTERRUPTED, DebugStop, Exit, Halt, InternalError, MpState, RanWild

Special = Callable[["BareVcpu", tuple[int, ...]], Exit | None]
"""What a machine does about an exit of the description; None goes on."""


_OUTPUTS: Final = {
    "update_timer_outputs": ("timer_outputs_changed", "TIMER_OUTPUTS"),
    "update_maintenance": ("maintenance_changed", "MAINTENANCE_OUTPUT"),
}
"""By the described function that says whether an output of the core has changed: the exit for it, the register."""


class BareVcpu(AnswersExits):
    """See `vcpu.MachineVcpu`. Exits by name: those in `special` are the machine's, waiting is understood here."""

    def __init__(self, number: int, core: Core, special: Mapping[str, Special]) -> None:
        self.number = number
        self.core = core
        self.mp_state = MpState.RUNNABLE
        self._special = special
        functions = core.description.functions
        self.waits_for_event = False
        """Whether it is WFE that it waits in."""
        self._power = "poll_power_saving" in functions
        self._outputs = {update: left for update, left in _OUTPUTS.items() if update in functions}
        self.answer_exits(core, self._exit)

    def run(self, instructions: int) -> Exit:
        """Runs the core; comes back at the end of the budget, when it waits, or with what a special exit gave."""
        end = self.core.steps + instructions
        while (budget := end - self.core.steps) > 0:
            hit = self.core.take_watch_hit()
            left = self._handle(self.core.run(budget) if hit is None else hit)
            if left is not None:
                return left
        return INTERRUPTED

    def step(self, start: int, end: int, most: int) -> Exit | None:
        """See `MachineVcpu`."""
        stop = self.core.step(start, end, most)
        return None if stop is None else self._handle(stop) or INTERRUPTED

    def _handle(self, stop: CoreExit) -> Exit | None:
        match stop.name:
            case "budget":
                return INTERRUPTED
            case "debug":
                return DebugStop(stop.address, stop.is_watchpoint, stop.is_write)
            case "wild":
                return RanWild(stop.arguments[0])
        return self.take_left()

    def _exit(self, name: str, arguments: tuple[int, ...]) -> Exit | None:
        match name:
            case "power_saving" | "waiting_for_interrupt" | "waiting_for_event":
                self.waits_for_event = name == "waiting_for_event"
                self.mp_state = MpState.HALTED
                return Halt()
            case "checkstop":
                if self.core.fetched_nothing():
                    return RanWild()
                return InternalError(f"checkstop at pc {self.core.pc:#x}: a machine check came while MSR.ME was zero")
        special = self._special.get(name)
        if special is None:
            return InternalError(f"the core left with '{name}', which this machine does not handle")
        return special(self, arguments)

    def wakes(self) -> bool:
        """As the description says: what ends power-saving mode, or WFI and WFE."""
        if self._power:
            try:
                self.core.call("poll_power_saving")
            except GuestFault:
                return True  # a system reset is what ends it
            return self.core.read("POWER_SAVING") == 0
        for update, (name, register) in self._outputs.items():
            (changed,) = self.core.call(update)
            if changed:
                self._special[name](self, (self.core.read(register),))
        if self.waits_for_event and self.core.read("EVENT_REGISTER"):
            self.core.set_input("EVENT_REGISTER", 0)
            return True
        (pending,) = self.core.ask("wake_up_pending")
        return bool(pending)

    def debugging(self) -> AbstractContextManager[FaultIn]:
        """A bare core's translations are all the guest's."""
        return no_faults_in()

    def wake_time(self) -> int | None:
        """When the next timer of the core is due."""
        return self.core.next_timer()
