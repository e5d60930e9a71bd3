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
from .instruction_watch import InstructionWatch, NotWatchedError

MOST: Final = 256
_SYSCALLS: Final = "system_calls"
"""`@system_calls(interrupt = NAME, number = "GPR[0]")`: how a guest calls its own kernel, and where the number is."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What can be caught: `event` is its class, `attribute` what a name is compared with (None: it takes no name)."""

    event: type[Event] | None
    """None: no event tells of it, `InstructionWatch` does."""
    attribute: str | None = None
    names: Callable[[Description], Iterable[str]] = lambda description: ()
    """The names there are; none: any."""


KINDS: Final = {
    "hcall": Kind(events.Hcall, "name", lambda description: (c.name for c in description.hypercalls.values())),
    "exit": Kind(events.Exit, "reason", lambda description: KIND_NAMES),
    "interrupt": Kind(events.Interrupt, "name", lambda description: description.interrupts),
    "hyp-trap": Kind(events.HypTrap, "name"),
    "world-switch": Kind(events.WorldSwitch),
    "register": Kind(None, "name", lambda description: description.registers),
    "tlbie": Kind(None),
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


def _element(name: str) -> tuple[str, int | None]:
    """NAME[3] in its parts."""
    plain, bracket, index = name.partition("[")
    index = index.removesuffix("]")
    return plain, int(index) if bracket and index.isascii() and index.isdigit() else None


class Catchpoints:
    """Those of one session, on whatever machine runs now."""

    def __init__(self) -> None:
        self.enabled = True
        """Whether they stop the machine."""
        self._all: dict[int, tuple[Catchpoint, Subscription | None]] = {}
        self._instructions: InstructionWatch | None = None
        self._machine: Machine | None = None
        self._syscalls: frozenset[int] | None = None
        """gdb's `catch syscall`: numbers, none of them for each; None: it catches none."""
        self._listening: list[Subscription] = []
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
        self._instructions = InstructionWatch(machine, self.halt)
        for point in known:
            self._put(point)
        self._listening = []
        self.catch_syscalls(self._syscalls)

    def add(self, kind: str, name: str | None) -> Catchpoint:
        """Raises CatchError."""
        assert self._machine is not None
        found = KINDS.get(kind)
        if found is None:
            raise CatchError(f"nothing is called {kind[:40]!r}", f"there are {', '.join(KINDS)}")
        element: int | None = None
        if kind == "register" and name is None:
            raise CatchError("say which register", "catch register NAME, as the description has it, or NAME[3]")
        if name is not None:
            if found.attribute is None:
                raise CatchError(f"a {kind} has no name to choose by", f"write catch {kind}")
            names = [*found.names(self._machine.description)]
            if found.event is None:
                name, element = _element(name)
            if names and name not in names:
                near = [one for one in names if one.lower() == name.lower()]
                raise CatchError(f"no {kind} is called {name[:40]!r}", f"did you mean {near[0]}?" if near else "")
        if len(self._all) >= MOST:
            raise CatchError(f"there are {MOST} catchpoints already", "delete some")
        self._made += 1
        point = Catchpoint(self._made, kind, name if element is None else f"{name}[{element}]")
        try:
            self._put(point)
        except NotWatchedError as error:
            raise CatchError(error.message, error.hint) from error
        return point

    def remove(self, number: int) -> None:
        """Raises CatchError."""
        if number not in self._all:
            raise CatchError(f"there is no catchpoint {number}", "catch alone lists them")
        _, subscription = self._all.pop(number)
        if subscription is not None:
            self._stream().unsubscribe(subscription)
        elif self._instructions is not None:
            self._instructions.forget(number)

    def clear(self) -> None:
        """Removes all."""
        for number in list(self._all):
            self.remove(number)
        self._caught = None

    def tell_again(self) -> None:
        """Engines have told somebody else meanwhile: they tell this one again."""
        if self._instructions is not None:
            self._instructions.apply()

    def look_anew(self) -> None:
        """The machine was put to another moment, or changed from outside."""
        if self._instructions is not None:
            self._instructions.look_anew()

    def take(self) -> Caught | None:
        """What was caught since the last call."""
        caught, self._caught = self._caught, None
        return caught

    def _put(self, point: Catchpoint) -> None:
        kind, text = KINDS[point.kind].event, f"C{str(point)[1:]}"
        assert self._instructions is not None
        if kind is not None:
            self._all[point.number] = (point, self._stream().subscribe(kind, partial(self._happened, point)))
            return
        if point.kind == "register":
            name, element = _element(point.name or "")
            self._instructions.watch_register(point.number, text, name, element)
        else:
            self._instructions.watch_flushes(point.number, text)
        self._all[point.number] = (point, None)

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

    def catch_syscalls(self, numbers: frozenset[int] | None) -> None:
        """See `rsp.target.Syscalls`: hypercalls when they are answered, and the guest's own when they are entered."""
        self._syscalls = numbers
        for subscription in self._listening:
            self._stream().unsubscribe(subscription)
        self._listening = []
        if numbers is not None:
            told = ((events.Hcall, self._called), (events.Interrupt, self._entered))
            self._listening = [self._stream().subscribe(kind, listener) for kind, listener in told]

    def _called(self, event: Event) -> None:
        if isinstance(event, events.Hcall):
            self._syscall(event.vcpu, event.number, True)

    def _entered(self, event: Event) -> None:
        assert self._machine is not None
        notes = self._machine.description.annotations.get(_SYSCALLS, {})
        if isinstance(event, events.Interrupt) and event.name == notes.get("interrupt"):
            register, index = _element(str(notes["number"]))
            self._syscall(event.vcpu, self._machine.turns.current.core.read(register, index), False)

    def _syscall(self, vcpu: int | None, number: int, is_return: bool) -> None:
        if self._syscalls is not None and (not self._syscalls or number in self._syscalls):
            self.halt(vcpu, f"system call {number:#x}", (number, is_return))

    def halt(self, number: int | None, text: str, syscall: tuple[int, bool] | None = None) -> None:
        """Has the run end behind the present instruction, which vcpu `number` executes, and tells why."""
        if not self.enabled or self._caught is not None or self._machine is None:
            return
        vcpu = self._machine.turns.current
        self._machine.brake.press()
        vcpu.core.engine.cut(1, 1)
        if number is not None and vcpu.number != number:
            vcpu = next((one for one in self._machine.vcpus if one.number == number), vcpu)
        self._caught = Caught(vcpu, text, syscall)
