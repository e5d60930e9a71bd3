"""What a program has done to a machine since its start: enough to do it again, and come to the same state.

A run is a function of its inputs. So the state after some operations is kept by keeping the operations: it takes no
memory for RAM, devices and queues, and forgets none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ...isa.errors import TraplineError

if TYPE_CHECKING:
    from ..boards.machine import Machine as Board

MOST_OPERATIONS: Final = 1 << 20
MOST_BYTES: Final = 1 << 28
"""Of what was written and typed."""


class JournalFullError(TraplineError):
    """Too much was done to the machine from outside to be kept."""


@dataclass(frozen=True, slots=True)
class Ran:
    """Executed so many instructions; `idle`: and found all vcpus waiting then."""

    steps: int
    idle: bool

    def again(self, board: Board) -> None:
        """Does the same."""
        end = board.steps + self.steps
        while board.steps < end and board.verdict is None:
            board.run_slice(end - board.steps)
        if self.idle and board.verdict is None:
            board.run_slice(1)


@dataclass(frozen=True, slots=True)
class Stepped:
    """Stepped a vcpu so many times."""

    vcpu: int
    times: int

    def again(self, board: Board) -> None:
        """Does the same."""
        for _ in range(self.times):
            board.step(board.vcpus[self.vcpu])


@dataclass(frozen=True, slots=True)
class Did:
    """Wrote a register or memory, or typed."""

    again: Callable[[Board], None]


Operation = Ran | Stepped | Did


class Journal:
    """The operations since a machine's start."""

    def __init__(self) -> None:
        self._operations: list[Operation] = []
        self._bytes = 0
        self._is_full = False

    def ran(self, steps: int, idle: bool) -> None:
        """A run, cut as it may be: pieces are one operation."""
        last = self._operations[-1] if self._operations else None
        if isinstance(last, Ran) and not last.idle:
            self._operations[-1] = Ran(last.steps + steps, idle)
        elif steps or idle:
            self._add(Ran(steps, idle), 0)

    def stepped(self, vcpu: int) -> None:
        """A single step."""
        last = self._operations[-1] if self._operations else None
        if isinstance(last, Stepped) and last.vcpu == vcpu:
            self._operations[-1] = Stepped(vcpu, last.times + 1)
        else:
            self._add(Stepped(vcpu, 1), 0)

    def wrote_register(self, vcpu: int, name: str, value: int) -> None:
        """A register was given a value."""
        from ..boards.register_values import apply_registers

        self._add(Did(lambda board: apply_registers(board.vcpus[vcpu].core, [(name, value)])), len(name) + 16)

    def wrote_memory(self, address: int, data: bytes) -> None:
        """Memory was written."""
        kept = bytes(data)

        def again(board: Board) -> None:
            board.memory.write(address, kept)
            for vcpu in board.vcpus:
                vcpu.core.engine.invalidate_code(board.core_address(address), len(kept))

        self._add(Did(again), len(kept))

    def typed(self, data: bytes) -> None:
        """Input for the console."""
        kept = bytes(data)
        self._add(Did(lambda board: board.console.type(kept)), len(kept))

    def operations(self) -> tuple[Operation, ...]:
        """All of them. Raises JournalFullError where some are missing."""
        if self._is_full:
            raise JournalFullError(
                f"more than {MOST_OPERATIONS} operations or {MOST_BYTES:#x} bytes came from outside since the start",
                "take snapshots earlier, or reset() the machine between them",
            )
        return tuple(self._operations)

    @classmethod
    def of(cls, operations: tuple[Operation, ...]) -> Journal:
        """One that begins with these."""
        made = cls()
        made._operations = list(operations)
        return made

    def _add(self, operation: Operation, size: int) -> None:
        self._bytes += size
        if len(self._operations) >= MOST_OPERATIONS or self._bytes > MOST_BYTES:
            self._is_full = True
            self._operations.clear()
        if not self._is_full:
            self._operations.append(operation)
