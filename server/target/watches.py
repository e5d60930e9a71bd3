"""The monitor's watchpoints: on physical addresses, whatever leads there, and on devices' registers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from ...isa.engine.interface import WatchKind, Watchpoint
from ...isa.errors import TraplineError
from ..boards.machine import Machine
from ..machine.events import DeviceAccess, Subscription

MOST: Final = 256
KINDS: Final = {"read": WatchKind.READ, "write": WatchKind.WRITE, "access": WatchKind.ACCESS}


class WatchError(TraplineError):
    """There is no such watchpoint, or can be none."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Of `size` bytes. `physical` is a core's physical address; None: `offset` in the registers of `device`."""

    number: int
    place: str
    size: int
    kind: WatchKind
    physical: int | None
    device: str = ""
    offset: int = 0

    def __str__(self) -> str:
        kind = next(name for name, kind in KINDS.items() if kind is self.kind)
        return f"watchpoint {self.number}: {kind} of {self.size} bytes at {self.place}"


class Watches:
    """Those of one session, on whatever machine runs now. `halt` stops the machine behind the present instruction."""

    def __init__(self, halt: Callable[[int | None, str], None]) -> None:
        self._halt = halt
        self._all: dict[int, tuple[Watch, Subscription | None]] = {}
        self._machine: Machine | None = None
        self._made = 0

    def __iter__(self) -> Iterator[Watch]:
        return iter([watch for watch, _ in self._all.values()])

    @property
    def watchpoints(self) -> list[Watchpoint]:
        """What engines are to watch."""
        return [Watchpoint(one.physical, one.size, one.kind, True) for one in self if one.physical is not None]

    def at(self, address: int) -> Watch | None:
        """The one that watches a physical address."""
        return next((one for one in self if one.physical is not None and 0 <= address - one.physical < one.size), None)

    def move(self, machine: Machine) -> None:
        """They are on this machine from now on."""
        known = list(self)
        self.clear()
        self._machine = machine
        for watch in known:
            self._put(watch)

    def add(
        self, place: str, size: int, kind: WatchKind, physical: int | None, device: str = "", offset: int = 0
    ) -> Watch:
        """Raises WatchError."""
        if len(self._all) >= MOST:
            raise WatchError(f"there are {MOST} watchpoints already", "delete some")
        self._made += 1
        watch = Watch(self._made, place, size, kind, physical, device, offset)
        self._put(watch)
        return watch

    def remove(self, number: int) -> None:
        """Raises WatchError."""
        if number not in self._all:
            raise WatchError(f"there is no watchpoint {number}", "watch alone lists the monitor's")
        _, subscription = self._all.pop(number)
        if subscription is not None and self._machine is not None:
            self._machine.events.unsubscribe(subscription)

    def clear(self) -> None:
        """Removes all."""
        for number in list(self._all):
            self.remove(number)

    def _put(self, watch: Watch) -> None:
        assert self._machine is not None
        listens = watch.physical is None
        told = self._machine.events.subscribe(DeviceAccess, partial(self._accessed, watch)) if listens else None
        self._all[watch.number] = (watch, told)

    def _accessed(self, watch: Watch, event: DeviceAccess) -> None:
        first, last = watch.offset, watch.offset + watch.size
        kind = WatchKind.WRITE if event.is_write else WatchKind.READ
        is_there = first < event.offset + event.size and event.offset < last
        if event.device == watch.device and kind & watch.kind and is_there:
            how = "store of" if event.is_write else "load, which gave"
            where = f"{event.size} bytes at offset {event.offset:#x} of {event.device}"
            self._halt(event.vcpu, f"W{str(watch)[1:]}: {how} {event.value:#x}, {where}")
