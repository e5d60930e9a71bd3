"""What is followed while instructions are written: registers, variables, the next address; where ways part and meet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from .facts import Facts
from .machine import Surroundings
from .pieces import Piece
from .state import Frame, Point, Registers, SideExit, Unsupported
from .values import Later, Part, Parts, Scalar, Value, as_parts, joined, side_by_side
from .writer import Lines, Writer

Targets = frozenset[int | None]
"""Addresses that a value may be; None: any."""
_Ends = list[tuple[int, "Value | list[Scalar]"]]
"""A value where ways end, by parts: (width, what all of them have, or what each has)."""


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
        self.facts = Facts()
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
            self._ends(points, [point.results[at] for point in points], width) for at, width in enumerate(widths)
        ]
        known = {name: width for point in points for name, (_, width) in point.variables.items()}
        variables = {
            name: self._ends(points, [point.variables.get(name, (0, width))[0] for point in points], width)
            for name, width in known.items()
        }
        pieces = dict.fromkeys(piece for point in points for piece in point.registers)
        registers = {piece: self._held(points, piece) for piece in pieces}
        for point in points:
            point.hole.append(f"  br label %{after}")
        text.block(after)
        labels = [point.label for point in points]
        self._meet_registers(registers, labels)
        self._meet_following(points, labels)
        self.frame.variables = {name: (self._met(ends, labels), known[name]) for name, ends in variables.items()}
        return [self._met(ends, labels) for ends in results]

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

    def _ends(self, points: Sequence[Point], values: Sequence[Value], width: int) -> _Ends:
        """What a value is where each way ends, as it can be put together behind: by parts where they are few."""
        if all(value == values[0] for value in values):
            return [(width, values[0])]
        apart = side_by_side(values, width, [partial(self._cut_in, point.hole) for point in points])
        if apart is None:
            return [(width, self._in_holes(points, values, width))]
        ends: _Ends = []
        for size, parts in apart:
            same = all(part == parts[0] for part in parts)
            whole = [joined([(size, part)]) for part in parts]
            ends.append((size, whole[0] if same else self._in_holes(points, whole, size)))
        return ends

    def _in_holes(self, points: Sequence[Point], values: Sequence[Value | Later], width: int) -> list[Scalar]:
        return [self.text.scalar_in(point.hole, value, width) for point, value in zip(points, values, strict=True)]

    def _met(self, ends: _Ends, labels: Sequence[str]) -> Value:
        parts: list[tuple[int, Part]] = []
        for width, found in ends:
            if isinstance(found, list):
                parts.append((width, self.text.phi(width, list(zip(found, labels, strict=True)))))
            else:
                parts += as_parts(found, width)
        return joined(parts)

    def _cut_in(self, hole: Lines, part: Part, width: int, low: int, to: int) -> Part:
        with self.text.at(hole):
            return self.cut(part, width, low, to)

    def cut(self, part: Part, width: int, low: int, to: int) -> Part:
        """Some bits of a part of `width` bits."""
        raise NotImplementedError

    def _held(self, points: Sequence[Point], piece: Piece) -> list[Scalar] | Scalar | Later:
        """What a piece holds where each way ends; only one, where all agree."""
        values = [
            point.registers[piece] if piece in point.registers else self.text.before(piece, True) for point in points
        ]
        if all(value == values[0] for value in values):
            return values[0]
        return self._in_holes(points, values, piece.width)

    def _meet_registers(self, held: Mapping[Piece, list[Scalar] | Scalar | Later], labels: Sequence[str]) -> None:
        self.registers = {}
        for piece, found in held.items():
            if isinstance(found, list):
                found = self.text.phi(piece.width, list(zip(found, labels, strict=True)))
            self.registers[piece] = found
            self.text.derive(found, piece)

    def _meet_following(self, points: Sequence[Point], labels: Sequence[str]) -> None:
        if all(point.following is None for point in points):
            self.following = None
            return
        ends = [self.sequential if point.following is None else point.following for point in points]
        width = self.surroundings.unit.description.address_width
        self.following = self.text.phi(width, list(zip(ends, labels, strict=True)))
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
