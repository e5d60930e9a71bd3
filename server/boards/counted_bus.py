"""The bus as accesses in the middle of an instruction see it: each counts as an exit, and is told as one."""

from __future__ import annotations

from collections import Counter

from ..hv.kvm import Mmio
from ..machine import events
from ..machine.bus import Bus, Unclaimed
from ..machine.clock import GuestClock
from .exit_names import exit_names


class CountedBus:
    """See `Machine.user_space_devices`."""

    def __init__(self, bus: Bus, exits: Counter[str], stream: events.EventStream, clock: GuestClock) -> None:
        self._bus = bus
        self._exits = exits
        self._events = stream
        self._clock = clock

    def read(self, address: int, size: int, vcpu: int | None = None) -> int | Unclaimed:
        """See `Bus`."""
        if events.Exit in self._events.wanted:
            self._publish(Mmio(address, size, False), vcpu)
        found = self._bus.read(address, size, vcpu)
        if isinstance(found, int):
            self._exits["mmio"] += 1
        return found

    def write(self, address: int, size: int, value: int, vcpu: int | None = None) -> Unclaimed | None:
        """See `Bus`."""
        if events.Exit in self._events.wanted:
            self._publish(Mmio(address, size, True, value.to_bytes(size, "little")), vcpu)
        refused = self._bus.write(address, size, value, vcpu)
        if refused is None:
            self._exits["mmio"] += 1
        return refused

    def _publish(self, access: Mmio, vcpu: int | None) -> None:
        self._events.publish(events.Exit(self._clock.now, vcpu, *exit_names(access)))
