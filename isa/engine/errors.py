"""What can go wrong inside an engine, and the interrupt as a Python exception."""

from __future__ import annotations

from ..errors import TraplineError


class EngineError(TraplineError):
    """The engine or the description failed while the guest stood at `pc` (None: not while executing)."""

    def __init__(self, message: str, pc: int | None = None, hint: str | None = None) -> None:
        super().__init__(message if pc is None else f"at pc {pc:#x}: {message}", hint)
        self.pc = pc


class GuestFault(TraplineError):
    """An access from outside (a register, the debugger's memory) that the description answers with an interrupt.

    `interrupt` is its name, `arguments` what it would have been raised with. The guest's state did not change.
    """

    def __init__(self, interrupt: str, arguments: tuple[int, ...], doing: str) -> None:
        shown = ", ".join(f"{argument:#x}" for argument in arguments)
        super().__init__(f"{doing} is refused: the core would raise {interrupt}({shown})")
        self.interrupt = interrupt
        self.arguments = arguments


class Interrupt(Exception):
    """`raise name(arguments…)` of a description, on its way to the engine's loop. Never leaves the engine."""

    def __init__(self, name: str, arguments: tuple[int, ...] = ()) -> None:
        super().__init__(name)
        self.name = name
        self.arguments = arguments
