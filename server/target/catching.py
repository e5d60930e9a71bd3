"""Catchpoints: stops where something happens that no address stands for, such as a hypercall, an exit or an interrupt.

They listen to the machine's one event stream, forwards and backwards alike: what is done again happens again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final

from ...isa.errors import TraplineError
from ...isa.model.items import Description
from ..boards.exit_names import KIND_NAMES
from ..boards.machine import Machine
from ..machine import events
from ..machine.events import Event, EventStream, Subscription
from ..timeline.backwards import Caught

MOST: Final = 256


@dataclass(frozen=True, slots=True)
class Kind:
    """What can be caught: `event` is its class, `attribute` what a name is compared with (None: it takes no name)."""

    event: type[Event]
    attribute: str | None = None
    names: Callable[[Description], Iterable[str]] = lambda description: ()
    """The names there are; none: any."""


KINDS: Final = {
    "hcall": Kind(events.Hcall, "name", lambda description: (c.name for c in description.hypercalls.values())),
    "exit": Kind(events.Exit, "reason", lambda description: KIND_NAMES),
    "interrupt": Kind(events.Interrupt, "name", lambda description: description.interrupts),
    "hyp-trap": Kind(events.HypTrap, "name"),
    "world-switch": Kind(events.WorldSwitch),
    "hpte-change": Kind(events.HptChange),
    "nap": Kind(events.Nap),
    "wake": Kind(events.Wake, "reason"),
}


class CatchError(TraplineError):
    """There is no such catchpoint, or nothing that it could catch."""


@dataclass(frozen=True, slots=True)
class Catchpoint:
    """Catches events of a kind; `name` None: all of them."""

    number: int
    kind: str
    name: str | None

    def __str__(self) -> str:
        return f"catchpoint {self.number}: {self.kind}" + (f" {self.name}" if self.name is not None else "")


class Catchpoints:
    """Those of one session, on whatever machine runs now."""

    def __init__(self) -> None:
        self.enabled = True
        """Whether they stop the machine."""
        self._all: dict[int, tuple[Catchpoint, Subscription]] = {}
        self._machine: Machine | None = None
        self._made = 0
        self._caught: Caught | None = None

    @property
    def points(self) -> list[Catchpoint]:
        """In the order in which they were made."""
        return [point for point, _ in self._all.values()]

    def move(self, machine: Machine) -> None:
        """They are on this machine from now on."""
        known = self.points
        self.clear()
        self._machine = machine
        for point in known:
            self._put(point)

    def add(self, kind: str, name: str | None) -> Catchpoint:
        """Raises CatchError."""
        assert self._machine is not None
        found = KINDS.get(kind)
        if found is None:
            raise CatchError(f"nothing is called {kind[:40]!r}", f"there are {', '.join(KINDS)}")
        if name is not None:
            if found.attribute is None:
                raise CatchError(f"a {kind} has no name to choose by", f"write catch {kind}")
            names = list(found.names(self._machine.description))
            if names and name not in names:
                near = [one for one in names if one.lower() == name.lower()]
                raise CatchError(f"no {kind} is called {name[:40]!r}", f"did you mean {near[0]}?" if near else "")
        if len(self._all) >= MOST:
            raise CatchError(f"there are {MOST} catchpoints already", "delete some")
        self._made += 1
        point = Catchpoint(self._made, kind, name)
        self._put(point)
        return point

    def remove(self, number: int) -> None:
        """Raises CatchError."""
        if number not in self._all:
            raise CatchError(f"there is no catchpoint {number}", "catch alone lists them")
        _, subscription = self._all.pop(number)
        self._stream().unsubscribe(subscription)

    def clear(self) -> None:
        """Removes all."""
        for number in list(self._all):
            self.remove(number)
        self._caught = None

    def take(self) -> Caught | None:
        """What was caught since the last call."""
        caught, self._caught = self._caught, None
        return caught

    def _put(self, point: Catchpoint) -> None:
        listener = partial(self._happened, point)
        self._all[point.number] = (point, self._stream().subscribe(KINDS[point.kind].event, listener))

    def _stream(self) -> EventStream:
        assert self._machine is not None
        return self._machine.events

    def _happened(self, point: Catchpoint, event: Event) -> None:
        attribute = KINDS[point.kind].attribute
        if not self.enabled or self._caught is not None or self._machine is None:
            return
        if point.name is not None and attribute is not None and getattr(event, attribute) != point.name:
            return
        self.halt(event.vcpu, f"C{str(point)[1:]}: {event}")

    def halt(self, number: int | None, text: str) -> None:
        """Has the run end behind the present instruction, which vcpu `number` executes, and tells why."""
        if not self.enabled or self._caught is not None or self._machine is None:
            return
        vcpu = self._machine.turns.current
        self._machine.brake.press()
        vcpu.core.engine.cut(1, 1)
        if number is not None and vcpu.number != number:
            vcpu = next((one for one in self._machine.vcpus if one.number == number), vcpu)
        self._caught = Caught(vcpu, text)
