"""Breakpoints: gdb's, with their conditions and commands, and the monitor's, which know a world.

Engines stop at addresses. Whether a stop there counts is asked of the core that came to it, in the middle of its run
(`Core.heeds`): one that does not costs no more than the question. Nothing is written to the guest's memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from ...isa.errors import TraplineError
from ..rsp.agent import AgentError, Program, Surroundings
from ..rsp.errors import TargetError
from ..rsp.target import BreakpointKind, Programs
from ..tree.vcpu import MachineVcpu
from .worlds import World

MOST: Final = 1 << 16
"""Of the monitor's."""

Around = Callable[[MachineVcpu], Surroundings]
Question = Callable[[], int]


class PointError(TraplineError):
    """There is no such breakpoint, or can be none."""


@dataclass(frozen=True, slots=True)
class Point:
    """A breakpoint of the monitor's: in `world` (None: anywhere), named by `number`."""

    number: int
    address: int
    world: World | None
    place: str
    """The address as people read it."""

    def __str__(self) -> str:
        return f"breakpoint {self.number}: {self.place}" + (f", {self.world}" if self.world is not None else "")


@dataclass(slots=True)
class _Place:
    """All breakpoints of an address: gdb's by (partition, how), the monitor's by number."""

    kinds: dict[tuple[int, BreakpointKind], int] = field(default_factory=dict)
    programs: dict[tuple[int, BreakpointKind], Programs] = field(default_factory=dict)
    points: dict[int, Point] = field(default_factory=dict)

    @property
    def asks(self) -> bool:
        """Whether it must be known what a stop here is."""
        return bool(self.programs or self.points)


class Points:
    """Those of a session. `around` gives what expressions are evaluated with, `pid_of` the process of a vcpu."""

    def __init__(self, around: Around, pid_of: Callable[[MachineVcpu], int]) -> None:
        self._around = around
        self._pid_of = pid_of
        self._places: dict[int, _Place] = {}
        self._asking: set[int] = set()
        """Addresses of places that ask."""
        self._by_number: dict[int, Point] = {}
        self._made = 0
        self._questions: dict[tuple[int, MachineVcpu], list[tuple[list[Question], list[Question], Programs]]] = {}
        self.is_quiet = False
        """Whether commands print nothing: what they would print has been printed."""
        self.hits: dict[MachineVcpu, Point] = {}
        """The monitor's that a vcpu stopped at last."""

    def stops(self, address: int, pid: int) -> bool:
        """Whether the vcpus of a partition stop at an address: gdb's belong to one, the monitor's to all."""
        place = self._places.get(address)
        return place is not None and (bool(place.points) or any(one == pid for one, _ in place.kinds))

    @property
    def addresses(self) -> frozenset[int]:
        """Where the engines stop."""
        return frozenset(self._places)

    @property
    def asks(self) -> bool:
        """Whether cores must ask about their stops."""
        return bool(self._asking)

    def __iter__(self) -> Iterator[Point]:
        """The monitor's, in the order in which they were made."""
        return iter(self._by_number.values())

    def insert(self, pid: int, how: BreakpointKind, address: int, kind: int) -> bool:
        """gdb's; whether it is the first one there."""
        is_first = address not in self._places
        self._places.setdefault(address, _Place()).kinds[pid, how] = kind
        return is_first

    def program(self, pid: int, how: BreakpointKind, address: int, programs: Programs) -> None:
        """What gdb's evaluates from now on."""
        place = self._places[address]
        if programs.conditions or programs.commands:
            place.programs[pid, how] = programs
        else:
            place.programs.pop((pid, how), None)
        self._changed(address, place)

    def conditions(self, address: int) -> tuple[Program, ...]:
        """Those of which one must hold for a stop at an address, if that is all there is to a stop there."""
        place = self._places.get(address)
        if place is None or place.points or any(key not in place.programs for key in place.kinds):
            return ()
        found = place.programs.values()
        return () if any(one.commands for one in found) else tuple(p for one in found for p in one.conditions)

    def remove(self, pid: int, how: BreakpointKind, address: int) -> bool:
        """gdb's; whether none is left there."""
        place = self._places.get(address)
        if place is None:
            return False
        place.kinds.pop((pid, how), None)
        place.programs.pop((pid, how), None)
        return self._left(address, place)

    def add(self, address: int, world: World | None, place: str) -> Point:
        """The monitor's. Raises PointError."""
        if len(self._by_number) >= MOST:
            raise PointError(f"there are {MOST} breakpoints already", "delete some")
        self._made += 1
        point = Point(self._made, address, world, place)
        self._by_number[point.number] = point
        there = self._places.setdefault(address, _Place())
        there.points[point.number] = point
        self._changed(address, there)
        return point

    def delete(self, number: int) -> bool:
        """The monitor's; whether none is left at its address. Raises PointError."""
        point = self._by_number.pop(number, None)
        if point is None:
            raise PointError(f"there is no breakpoint {number}", "break alone lists the monitor's")
        place = self._places[point.address]
        del place.points[number]
        self.hits.clear()
        return self._left(point.address, place)

    def forget_machine(self) -> None:
        """What was made for the vcpus of a machine that is gone."""
        self._questions.clear()
        self.hits.clear()

    def how(self, address: int) -> frozenset[BreakpointKind]:
        """How gdb's at an address were inserted."""
        place = self._places.get(address)
        return frozenset(how for _, how in place.kinds) if place is not None else frozenset()

    def counts(self, vcpu: MachineVcpu, address: int) -> bool:
        """Whether the stop of a vcpu that has come to an address is to be told; executes commands if it is not."""
        place = self._places.get(address)
        if place is None:
            return True
        self.hits.pop(vcpu, None)
        pid = self._pid_of(vcpu)
        counts = any(key not in place.programs for key in place.kinds if key[0] == pid)
        if place.programs:
            counts |= self._programs_count(vcpu, address, place)
        hit = next((p for p in place.points.values() if p.world is None or p.world.holds(vcpu.core)), None)
        if hit is not None and not counts:
            self.hits[vcpu] = hit
        return counts or hit is not None

    def _programs_count(self, vcpu: MachineVcpu, address: int, place: _Place) -> bool:
        asked = self._questions.get((address, vcpu))
        if asked is None:
            pid = self._pid_of(vcpu)
            own = [one for key, one in place.programs.items() if key[0] == pid]
            asked = self._questions[address, vcpu] = [self._bound(vcpu, one) for one in own]
        counts = False
        for conditions, commands, programs in asked:
            try:
                if conditions and not any(question() for question in conditions):
                    continue
            except (AgentError, TargetError):
                # As gdbserver does: what cannot be evaluated stops, and gdb says why.
                counts = True
                continue
            if not commands:
                counts = True
                continue
            self._execute(commands, programs)
        return counts

    def _execute(self, commands: list[Question], programs: Programs) -> None:
        if self.is_quiet:
            return
        try:
            for command in commands:
                command()
        except (AgentError, TargetError) as error:
            programs.tell(f"A breakpoint's command cannot be executed: {error}\n")

    def _bound(self, vcpu: MachineVcpu, programs: Programs) -> tuple[list[Question], list[Question], Programs]:
        around = self._around(vcpu)
        printing = Surroundings(
            around.register, around.memory, around.read_string, programs.tell, around.variables, around.long_bits
        )
        return (
            [condition.bind(around) for condition in programs.conditions],
            [command.bind(printing) for command in programs.commands],
            programs,
        )

    def _changed(self, address: int, place: _Place) -> None:
        self._questions.clear()
        (self._asking.add if place.asks else self._asking.discard)(address)

    def _left(self, address: int, place: _Place) -> bool:
        self._changed(address, place)
        if place.kinds or place.points:
            return False
        del self._places[address]
        return True

