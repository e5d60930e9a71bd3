"""What is followed while instructions are written: registers, variables, the next address, and where ways part and meet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .machine import Surroundings
from .state import Frame, Point, Registers, SideExit, Unsupported
from .values import Parts, Scalar, Value
from .writer import Writer

Targets = frozenset[int | None]
"""Addresses that a value may be; None: any."""


class Flow:
    """State of one guest block's writer. `dead`: nothing can come to the present place."""

    def __init__(self, surroundings: Surroundings, text: Writer, prefix: str) -> None:
        self.surroundings = surroundings
        self.text = text
        self.prefix = prefix
        self.frame = Frame()
        self.registers: Registers = {}
        self.following: Scalar | None = None
        """The next instruction's address where the present one has set it."""
        self.targets: dict[str, Targets] = {}
        self.dead = False
        self.exits: list[SideExit] = []
        self.pc = 0
        self.word = 0
        self.length = 0
        self.sequential = 0
        self.number = 0
        """The present instruction's place in its block."""
        self.depth = 0
        """How many undecided choices surround the present place."""
        self.loads = 0
        self.stores = 0
        self.repeatable = True
        """Whether the instruction can be begun anew after what it has done to memory so far."""
        self._start: Registers = {}
        self._exit: SideExit | None = None

    def begin(self) -> None:
        """Before each instruction."""
        self._start = dict(self.registers)
        self._exit = None
        self.frame = Frame()
        self.following = None
        self.depth = self.loads = self.stores = 0
        self.repeatable = True

    def left(self) -> str:
        """Instructions that may still be executed, the present one included."""
        return self.text.value(f"sub i64 %{self.prefix}left, {self.number}")

    # Ways out

    def side_exit(self) -> str:
        """The label of the way out before the present instruction, which the other tier then executes from its start.

        Raises Unsupported where it cannot be begun anew: it has loaded, and stored since.
        """
        if not self.repeatable:
            raise Unsupported
        if self._exit is None:
            self._exit = SideExit(f"{self.prefix}out{self.number}", self.number, self._start)
            self.exits.append(self._exit)
        return self._exit.label

    def leave_unless(self, condition: Scalar) -> None:
        """Goes on only where a condition holds."""
        if condition == 1:
            return
        if condition == 0:
            self.give_up()
            return
        on = self.text.name()
        self.text.end(f"br i1 {condition}, label %{on}, label %{self.side_exit()}, !prof !0")
        self.text.block(on)

    def give_up(self) -> None:
        """What comes here cannot be done in a region. Raises Unsupported where all ways come here."""
        if self.dead:
            return
        if not self.depth:
            raise Unsupported
        self.text.end(f"br label %{self.side_exit()}")
        self.dead = True

    # Where ways meet

    def point(self, results: Sequence[Value] = ()) -> Point:
        """The end of the present way, which is left open: `join` decides where it goes on."""
        point = Point(
            self.text.label, self.registers, self.following, self.frame.variables, list(results), self.text.hole()
        )
        self.text.ended = True
        self.dead = True
        return point

    def join(self, points: Sequence[Point], widths: Sequence[int]) -> list[Value]:
        """Goes on behind ways that end at `points`; what they returned, of these widths."""
        if not points:
            return [0] * len(widths)
        self.dead = False
        if len(points) == 1:
            return self._resumed(points[0])
        text = self.text
        after = text.name()
        results = [
            [text.scalar_in(point.hole, value, width) for value, width in zip(point.results, widths, strict=True)]
            for point in points
        ]
        variables = self._met_variables(points)
        for point in points:
            point.hole.append(f"  br label %{after}")
        text.block(after)
        labels = [point.label for point in points]
        self._meet_registers(points, labels)
        self.frame.variables = {
            name: (text.phi(width, list(zip(values, labels, strict=True))) if values else kept, width)
            for name, (kept, width, values) in variables.items()
        }
        return [text.phi(width, [(row[at], label) for row, label in zip(results, labels, strict=True)])
                for at, width in enumerate(widths)]  # fmt: skip

    def _resumed(self, point: Point) -> list[Value]:
        if self.text.is_last(point.hole):
            self.text.resume(point.label)
        else:
            after = self.text.name()
            point.hole.append(f"  br label %{after}")
            self.text.block(after)
        self.registers = point.registers
        self.following = point.following
        self.frame.variables = point.variables
        return point.results

    def _met_variables(self, points: Sequence[Point]) -> dict[str, tuple[Value, int, list[Scalar]]]:
        """Each variable's (value, width, values by point): no values where all agree."""
        found: dict[str, tuple[Value, int, list[Scalar]]] = {}
        for name in dict.fromkeys(name for point in points for name in point.variables):
            known = [point.variables[name] for point in points if name in point.variables]
            value, width = known[0]
            if len(known) == len(points) and all(other == value for other, _ in known):
                found[name] = value, width, []
                continue
            values = [
                self.text.scalar_in(point.hole, point.variables.get(name, (0, width))[0], width) for point in points
            ]
            found[name] = 0, width, values
        return found

    def _meet_registers(self, points: Sequence[Point], labels: Sequence[str]) -> None:
        text = self.text
        met: Registers = {}
        for piece in dict.fromkeys(piece for point in points for piece in point.registers):
            values = [
                point.registers[piece] if piece in point.registers else text.before(piece, True) for point in points
            ]
            met[piece] = text.phi(piece.width, list(zip(values, labels, strict=True)))
        self.registers = met
        ends = [self.sequential if point.following is None else point.following for point in points]
        if all(point.following is None for point in points):
            self.following = None
            return
        width = self.surroundings.unit.description.address_width
        self.following = text.phi(width, list(zip(ends, labels, strict=True)))
        if isinstance(self.following, str):
            self.note_targets(self.following, ends)

    def note_targets(self, value: Scalar, choices: Iterable[Scalar]) -> None:
        """Remembers that a value is one of several."""
        found: set[int | None] = set()
        for choice in choices:
            found |= {choice} if isinstance(choice, int) else self.targets.get(choice, frozenset({None}))
        if isinstance(value, str):
            self.targets[value] = frozenset(found)


__all__ = ["Flow", "Parts", "Targets"]
