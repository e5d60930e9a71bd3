"""Stops at what single instructions do and no event tells of: a register that changes, cached translations that are
invalidated.

Engines execute the instructions that can do it one by one, and tell of each; what is compared then are values. An
interrupt's entry and a hypervisor model's work change registers as well: these are looked at when their events come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from ...isa.engine.kept import kept_product
from ...isa.engine.purity import walk
from ...isa.errors import TraplineError
from ...isa.model import code
from ...isa.model.items import Description
from ..boards.machine import Machine
from ..core import Core
from ..machine import events
from ..machine.events import Event, Subscription

_FLUSH: Final = "tlb_flush"
"""How the built-ins begin that drop cached translations."""

Halt = Callable[[int, str], None]


class NotWatchedError(TraplineError):
    """The core has no such register, or nothing in it that could be watched."""


@dataclass(slots=True)
class _Watched:
    """A register of one vcpu: its storage, and what that held when it was last looked at."""

    core: Core
    places: tuple[tuple[str, int | None], ...]
    held: tuple[int, ...] = ()

    def look(self) -> tuple[int, ...]:
        return tuple(self.core.read(name, index) for name, index in self.places)

    def changed(self) -> tuple[int, int] | None:
        """(before, now) of the first part that has changed since."""
        now, before = self.look(), self.held
        self.held = now
        return next(((one, other) for one, other in zip(before, now, strict=True) if one != other), None)


class InstructionWatch:
    """What is watched on one machine. `halt` stops it behind the present instruction, and is told the vcpu and why."""

    def __init__(self, machine: Machine, halt: Halt) -> None:
        self._machine = machine
        self._halt = halt
        self._registers: dict[int, tuple[str, str, list[_Watched]]] = {}
        """By catchpoint: its text, the register, and where it is."""
        self._flushes: dict[int, str] = {}
        self._seen: dict[int, int] = {}
        """By vcpu: invalidations that its engine had counted."""
        self._subscriptions: list[Subscription] = []

    def watch_register(self, number: int, text: str, register: str, index: int | None) -> None:
        """Stops where a register of any vcpu changes. Raises NotWatchedError."""
        places = tuple(places_of(self._machine.description, register, index))
        if not places:
            raise NotWatchedError(f"nothing in {register} could be seen to change", "watch a register with storage")
        self._registers[number] = (text, register, [_Watched(vcpu.core, places) for vcpu in self._machine.vcpus])
        self.apply()

    def watch_flushes(self, number: int, text: str) -> None:
        """Stops where cached translations are invalidated."""
        self._flushes[number] = text
        self.apply()

    def forget(self, number: int) -> None:
        """No more of that catchpoint."""
        self._registers.pop(number, None)
        self._flushes.pop(number, None)
        self.apply()

    def look_anew(self) -> None:
        """The machine was put to another moment, or changed from outside: that is no change of its own."""
        for _, _, watched in self._registers.values():
            for one in watched:
                one.held = one.look()
        for at, vcpu in enumerate(self._machine.vcpus):
            self._seen[at] = vcpu.core.engine.invalidations

    def apply(self) -> None:
        """Has the engines tell of what is watched."""
        description, stream = self._machine.description, self._machine.events
        forms: set[str] = set()
        for _, _, watched in self._registers.values():
            names = {name for one in watched for name, _ in one.places}
            forms |= {form.name for form in description.forms.values() if names & set(form.writes)}
        if self._flushes:
            forms |= flushing_forms(description)
        for subscription in self._subscriptions:
            stream.unsubscribe(subscription)
        self._subscriptions = []
        if self._registers:
            kinds: tuple[type[Event], ...] = (events.Interrupt, events.Exit, events.Hcall)
            self._subscriptions = [stream.subscribe(kind, self._happened) for kind in kinds]
        self.look_anew()
        for at, vcpu in enumerate(self._machine.vcpus):
            told = partial(self._executed, at) if forms else None
            vcpu.core.engine.tell_of(frozenset(forms), told)

    def _happened(self, event: Event) -> None:
        current = self._machine.turns.current
        self._compare(next(at for at, vcpu in enumerate(self._machine.vcpus) if vcpu is current))

    def _executed(self, at: int) -> None:
        """Behind an instruction of a vcpu that may have done it."""
        self._compare(at)
        count = self._machine.vcpus[at].core.engine.invalidations
        if count != self._seen[at]:
            self._seen[at] = count
            for text in self._flushes.values():
                self._halt(self._machine.vcpus[at].number, f"{text}: cached translations were invalidated")

    def _compare(self, at: int) -> None:
        for text, register, watched in self._registers.values():
            change = watched[at].changed()
            if change is not None:
                before, now = change
                self._halt(self._machine.vcpus[at].number, f"{text}: {register} {before:#x} -> {now:#x}")


def places_of(description: Description, register: str, index: int | None) -> Iterator[tuple[str, int | None]]:
    """The storage of a register or a view, elements by their numbers (`index` None: all)."""
    found = description.registers.get(register)
    if found is None:
        raise NotWatchedError(f"the description has no register {register[:40]!r}", "an element is GPR[3]")
    if index is not None and not 0 <= index < found.count:
        raise NotWatchedError(f"{register} has no element {index}")
    names = [register]
    if found.kind != "storage":
        if not found.write_function:
            raise NotWatchedError(f"{register} cannot be written")
        names = sorted(description.functions[found.write_function].writes)
    for name in names:
        one = description.registers.get(name)
        if one is None or one.kind != "storage":
            continue
        if not one.count:
            yield name, None
        elif index is not None and name == register:
            yield name, index
        else:
            yield from ((name, at) for at in range(one.count))


def flushing_forms(description: Description) -> frozenset[str]:
    """Instructions that may invalidate cached translations."""
    return kept_product(description.fingerprint, "flushing-forms", lambda: _flushing_forms(description))


def _flushing_forms(description: Description) -> frozenset[str]:
    flushing: set[str] = set()
    bodies = {name: tuple(one.body) for name, one in description.functions.items()}
    while True:
        found = {name for name, body in bodies.items() if name not in flushing and _flushes(body, flushing)}
        if not found:
            break
        flushing |= found
    return frozenset(form.name for form in description.forms.values() if _flushes(tuple(form.body), flushing))


def _flushes(body: tuple[code.Statement, ...], functions: set[str]) -> bool:
    for node in walk(body):
        if isinstance(node, code.Call | code.CallInto) and node.function in functions:
            return True
        if str(getattr(node, "name", "")).startswith(_FLUSH) or str(getattr(node, "builtin", "")).startswith(_FLUSH):
            return True
    return False
