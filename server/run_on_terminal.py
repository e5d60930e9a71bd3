"""Runs a machine to its end with its console on file descriptors, as `trapline run` does."""

from __future__ import annotations

from typing import Final

from ..isa.errors import TraplineError, reason_of
from .boards.machine import SLICE_SECONDS, Machine
from .limits import Limits, Watch
from .machine.terminal import Typed, bound_terminal
from .tree.ends import Idle, Strayed
from .verdict import Outcome, Verdict

_IDLE_SECONDS: Final = 0.05


class ConsoleLostError(TraplineError):
    """What the guest prints cannot be written."""


def run_on_terminal(machine: Machine, limits: Limits, input_fd: int, output_fd: int) -> Verdict:
    """Runs to the guest's end or a limit; Ctrl-] on a terminal leaves.

    Raises BrokenPipeError when nobody reads the console any more, ConsoleLostError when it cannot be written.
    """
    with bound_terminal(machine.console, input_fd, output_fd) as terminal:
        state = Typed.NOTHING
        if terminal.is_tty:
            machine.pace_idle(terminal.wait)
        watch = Watch(machine, limits)
        while machine.verdict is None:
            over = watch.over()
            if over is not None:
                return over
            end = machine.run_slice(watch.left(), seconds=SLICE_SECONDS)
            if terminal.failure is not None:
                break
            if isinstance(end, Strayed):
                machine.end_wild()
                break
            idle = isinstance(end, Idle)
            # A person may still type something that wakes a vcpu; a pipe that has ended will not.
            typing_wakes = terminal.is_tty and machine.console.is_heard
            if idle and (not typing_wakes or machine.said.last is not None) and state is not Typed.INPUT:
                machine.end_idle()
                break
            state = terminal.poll(_IDLE_SECONDS if idle else 0.0)
            if state is Typed.LEAVE:
                return Verdict(Outcome.LEFT, "left by Ctrl-]")
        _check(terminal.failure)
        assert machine.verdict is not None
        return machine.verdict


def _check(failure: OSError | None) -> None:
    if isinstance(failure, BrokenPipeError):
        raise failure
    if failure is not None:
        reason = reason_of(failure)
        raise ConsoleLostError(
            f"cannot write the guest's console: {reason}", "give standard output a place with room"
        ) from failure
