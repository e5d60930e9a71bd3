"""Interrupt presentation of a partition: one presentation controller a vcpu, interprocessor interrupts, no sources.

PAPR 2.x, section 14.10 "Interrupt support"; PowerPC External Interrupt Architecture (XICS). The least favoured
priority is 0xFF; an interrupt gets through if its priority is a smaller number than CPPR.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

LEAST_FAVOURED: Final = 0xFF
IPI_SOURCE: Final = 2
"""XISR of an interprocessor interrupt; 0 means none, 1 does not occur."""
_PRIORITY_SHIFT: Final = 24


class Presentation(msgspec.Struct):
    """A vcpu's registers: CPPR, MFRR, and the interrupt that is being presented (source, priority)."""

    priority: int = 0
    mfrr: int = LEAST_FAVOURED
    presented: int = 0
    presented_priority: int = LEAST_FAVOURED


class Xics:
    """The presentation controllers. `signal(server, level)` drives a vcpu's external interrupt."""

    def __init__(self, servers: int, signal: Callable[[int, bool], None]) -> None:
        self.presentations = [Presentation() for _ in range(servers)]
        self._signal = signal

    def accept(self, server: int) -> int:
        """H_XIRR: old CPPR and the source; the vcpu now runs at the interrupt's priority."""
        one = self.presentations[server]
        xirr = one.priority << _PRIORITY_SHIFT | one.presented
        if one.presented:
            one.priority = one.presented_priority
            one.presented, one.presented_priority = 0, LEAST_FAVOURED
        self._signal(server, False)
        return xirr

    def end_of_interrupt(self, server: int, xirr: int) -> None:
        """H_EOI: CPPR becomes what `xirr` says; the source may be presented again."""
        self.set_priority(server, xirr >> _PRIORITY_SHIFT & LEAST_FAVOURED)

    def set_priority(self, server: int, priority: int) -> None:
        """H_CPPR. An interrupt that is presented and no more favoured goes back."""
        one = self.presentations[server]
        one.priority = priority & LEAST_FAVOURED
        if one.presented and one.presented_priority >= one.priority:
            one.presented, one.presented_priority = 0, LEAST_FAVOURED
        self._present(server)

    def request_ipi(self, server: int, mfrr: int) -> bool:
        """H_IPI: whether there is such a server. MFRR 0xFF takes a request back that is not accepted yet."""
        if server >= len(self.presentations):
            return False
        one = self.presentations[server]
        one.mfrr = mfrr & LEAST_FAVOURED
        if one.presented == IPI_SOURCE and one.mfrr >= one.priority:
            one.presented, one.presented_priority = 0, LEAST_FAVOURED
        self._present(server)
        return True

    def snapshot(self) -> bytes:
        """The registers of all controllers."""
        return msgspec.msgpack.encode(self.presentations)

    def restore(self, snapshot: bytes) -> None:
        """Takes a snapshot back; the vcpus' inputs are theirs."""
        self.presentations = msgspec.msgpack.decode(snapshot, type=list[Presentation])

    def _present(self, server: int) -> None:
        one = self.presentations[server]
        if one.mfrr < one.priority and one.mfrr < one.presented_priority:
            one.presented, one.presented_priority = IPI_SOURCE, one.mfrr
        self._signal(server, one.presented != 0)
