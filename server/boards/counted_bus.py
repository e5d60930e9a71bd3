"""A machine's bus as accesses in the middle of an instruction see it: each counts as an exit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..hv.kvm import Mmio
from ..machine import events
from ..machine.bus import Unclaimed
from .exit_names import exit_names

if TYPE_CHECKING:
    from .machine import Machine


class CountedBus:
    """Over a machine's bus."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._bus = machine.bus
        self._exits = machine.exits

    def read(self, address: int, size: int, vcpu: int | None = None) -> int | Unclaimed:
        """See `Bus`."""
        if events.Exit in self._machine.events.wanted:
            self._publish(Mmio(address, size, False), vcpu)
        found = self._bus.read(address, size, vcpu)
        if isinstance(found, int):
            self._exits["mmio"] += 1
        return found

    def write(self, address: int, size: int, value: int, vcpu: int | None = None) -> Unclaimed | None:
        """See `Bus`."""
        if events.Exit in self._machine.events.wanted:
            self._publish(Mmio(address, size, True, value.to_bytes(size, "little")), vcpu)
        refused = self._bus.write(address, size, value, vcpu)
        if refused is None:
            self._exits["mmio"] += 1
        return refused

    def _publish(self, access: Mmio, vcpu: int | None) -> None:
        machine = self._machine
        machine.events.publish(events.Exit(machine.clock.now, vcpu, *exit_names(access)))
