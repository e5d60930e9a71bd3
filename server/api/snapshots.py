"""Snapshots: a state of a machine to come back to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...isa.errors import TraplineError
from ..verdict import Verdict
from .journal import Operation

if TYPE_CHECKING:
    from ..boards.machine import Machine as Board


class SnapshotMismatchError(TraplineError):
    """A machine did not come to a snapshot's state: it is not the machine that the snapshot was taken of."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How a machine came to a state, and the registers by which it is known again. Made by `Machine.snapshot`."""

    operations: tuple[Operation, ...]
    registers: tuple[bytes, ...]
    """Of each vcpu."""
    time: int
    """Guest time, in instructions completed."""
    verdict: Verdict | None
    """How the guest had ended, if it had."""

    def check(self, board: Board) -> None:
        """Raises SnapshotMismatchError where the machine is in another state."""
        if (registers_of(board), board.clock.now) != (self.registers, self.time):
            raise SnapshotMismatchError(
                f"played again, the machine is elsewhere than it was at instruction {self.time}",
                "restore a snapshot on the machine that it was taken of, with files that have not changed",
            )


def registers_of(board: Board) -> tuple[bytes, ...]:
    """All registers of each vcpu."""
    return tuple(vcpu.core.snapshot() for vcpu in board.vcpus)
