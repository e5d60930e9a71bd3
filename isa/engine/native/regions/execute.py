"""Typed statements of one instruction, with its fields known; described functions are written in place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from ....model import code
from .accesses import store_text
from .evaluate import Evaluate
from .folding import fold_binary, fold_resize
from .state import Frame, Point, Unsupported
from .values import Before, Later, Part, Scalar, Value

_LONGEST_LOOP = 64
"""Times that a loop is written out."""
_DEEPEST = 40
"""Calls within each other, beyond which an instruction is no matter for a region."""


class Execute(Evaluate):
    """Statements of bodies."""

    calls = 0

    def body(self, body: Sequence[code.Statement]) -> None:
        """All statements, in order."""
        for statement in body:
            if self.dead:
                return
            self._statement(statement)

    def _statement(self, s: code.Statement) -> None:
        if isinstance(s, code.Let):
            self.frame.variables[s.name] = self.value(s.value), s.width
        elif isinstance(s, code.Set):
            width = self.frame.variables[s.name][1]
            self.frame.variables[s.name] = self.value(s.value), width
        elif isinstance(s, code.SetRegister):
            self._set_register(s)
        elif isinstance(s, code.If):
            self._if(s)
        elif isinstance(s, code.Do):
            self.value(s.value)
        elif isinstance(s, code.Return):
            results = [self.value(value) for value in s.values]
            if not self.dead:
                self._return(results)
        elif isinstance(s, code.CallInto):
            self._bind(s.names, s.widths, self.call(s.function, s.arguments))
        elif isinstance(s, code.BuiltinInto):
            self._bind(s.names, s.widths, self.builtin(s.name, s.arguments, s.extra, s.widths))
        elif isinstance(s, code.SetNext):
            self.following = self.scalar(s.value)
        elif isinstance(s, code.SetMemory):
            self._store(s)
        elif isinstance(s, code.Switch):
            self._switch(s)
        elif isinstance(s, code.For):
            self._for(s)
        else:
            self.give_up()

    def _return(self, results: Sequence[Value]) -> None:
        point = self.point(results)
        point.variables = {}
        self.frame.returns.append(point)

    def _bind(self, names: Sequence[str], widths: Sequence[int], values: Sequence[Value]) -> None:
        for name, width, value in zip(names, widths, values, strict=True):
            if name:
                self.frame.variables[name] = value, width

    def _set_register(self, s: code.SetRegister) -> None:
        value = self.value(s.value)
        pieces = self.pieces_of(s.register, s.index)
        if self.dead:
            return
        changed = dict(self.registers)
        for piece in pieces:
            parts = self.parts_of(value, s.value.width, piece.low, piece.low + piece.width)
            only = parts[0][1] if len(parts) == 1 else None
            if only == Before(piece):
                changed.pop(piece, None)
            else:
                changed[piece] = only if isinstance(only, Later) else self._whole(parts, piece.width)
                self.text.derive(changed[piece], piece)
        self.registers = changed

    def _whole(self, parts: Sequence[tuple[int, Part]], width: int) -> Scalar:
        whole: Scalar = 0
        low = 0
        for part_width, part in parts:
            wide = fold_resize(self.text, self.text.resolved(part), part_width, width)
            moved = fold_binary(self.text, "<<", wide, low, width, 32)
            whole = fold_binary(self.text, "|", whole, moved, width, width)
            low += part_width
        return whole

    def _store(self, s: code.SetMemory) -> None:
        address = self.scalar(s.address)
        value = self.scalar(s.value)
        if s.kind != 1:
            self.give_up()
        if self.dead:
            return
        wide = fold_resize(self.text, address, s.address.width, 64)
        self.text.derive(wide, address)
        big = self.hook("big_endian") if s.size > 1 else 0
        store_text(self.text, str(wide), s.size, value, big, self.side_exit())
        self.stores += 1
        if self.loads:
            self.repeatable = False

    # Calls

    def call(self, function: str, arguments: Sequence[code.Expression]) -> list[Value]:
        """See `Evaluate`."""
        described = self.surroundings.unit.description.functions[function]
        values = [self.value(argument) for argument in arguments]
        return self.called(described, values)

    def called(self, function: code.Function, values: Sequence[Value]) -> list[Value]:
        """Calls a function with these arguments."""
        if self.dead:
            return [0] * len(function.results)
        if self.calls >= _DEEPEST:
            raise Unsupported
        caller = self.frame
        self.frame = Frame({
            parameter.name: (value, parameter.width)
            for parameter, value in zip(function.parameters, values, strict=True)
        })
        self.calls += 1
        self.body(function.body)
        self.calls -= 1
        if not self.dead:
            self._return([0] * len(function.results))
        results = self.join(self.frame.returns, function.results)
        self.frame = caller
        return results

    def hook(self, name: str) -> Scalar:
        """What a hook without parameters, of one bit, answers."""
        unit = self.surroundings.unit
        constant = unit.constant_hook(name)
        if constant is not None:
            return constant
        function = unit.description.functions[unit.description.hooks[name]]
        return self.text.scalar(self.called(function, ())[0], 1)

    # Choices

    def choose(self, condition: str, then: code.Expression, otherwise: code.Expression, width: int) -> Value:
        """See `Evaluate`."""

        def side(e: code.Expression) -> Callable[[], list[Value]]:
            return lambda: [self.value(e)]

        return self._parted(condition, [side(then), side(otherwise)], (width,))[0]

    def _if(self, s: code.If) -> None:
        condition = self.scalar(s.condition)
        if self.dead:
            return
        if isinstance(condition, int):
            self.body(s.then if condition else s.otherwise)
            return
        self._parted(condition, [self._arm(s.then), self._arm(s.otherwise)], ())

    def _arm(self, body: Sequence[code.Statement]) -> Callable[[], list[Value]]:
        def run() -> list[Value]:
            self.body(body)
            return []

        return run

    def _parted(
        self, condition: str, arms: Sequence[Callable[[], list[Value]]], widths: Sequence[int]
    ) -> list[Value]:
        """Two ways, of which a condition chooses."""
        text = self.text
        then, otherwise = text.name(), text.name()
        branch = text.hole()
        text.ended = True
        points, died = self._ways((then, otherwise), arms)
        weights = ", !prof !1" if died == [True, False] else ", !prof !0" if died == [False, True] else ""
        branch.append(f"  br i1 {condition}, label %{then}, label %{otherwise}{weights}")
        return self.join(points, widths)

    def _ways(
        self, labels: Sequence[str], arms: Sequence[Callable[[], list[Value]]]
    ) -> tuple[list[Point], list[bool]]:
        """Writes each way from the present state; the ends of those that have one, and which left the region."""
        registers, following, variables, facts = self.registers, self.following, self.frame.variables, self.facts
        points: list[Point] = []
        died: list[bool] = []
        self.depth += 1
        for label, arm in zip(labels, arms, strict=True):
            self.text.block(label)
            self.dead = False
            self.registers, self.following, self.frame.variables = registers, following, dict(variables)
            self.facts = facts.copy()
            returns = len(self.frame.returns)
            results = arm()
            died.append(self.dead and len(self.frame.returns) == returns)
            if not self.dead:
                points.append(self.point(results))
        self.depth -= 1
        self.dead = True
        self.facts = facts
        return points, died

    def _switch(self, s: code.Switch) -> None:
        subject = self.scalar(s.subject)
        if self.dead:
            return
        if isinstance(subject, int):
            self.body(_chosen(s, subject))
        else:
            self._cases(subject, s.subject.width, s.cases, s.default)

    def _cases(
        self, subject: str, width: int, cases: Sequence[code.SwitchCase], default: Sequence[code.Statement]
    ) -> list[Value]:
        if not cases:
            self.body(default)
            return []
        whole: Scalar = 0
        for first, last in cases[0].ranges:
            whole = fold_binary(self.text, "|", whole, self._between(subject, first, last, width), 1, 1)
        if isinstance(whole, int):
            raise Unsupported
        rest = partial(self._cases, subject, width, cases[1:], default)
        return self._parted(whole, [self._arm(cases[0].body), rest], ())

    def _between(self, subject: str, first: int, last: int, width: int) -> Scalar:
        if first == last:
            return self.text.value(f"icmp eq i{width} {subject}, {first}")
        moved = fold_binary(self.text, "-", subject, first, width, width)
        return fold_binary(self.text, "<=", moved, last - first, width, width)

    def _for(self, s: code.For) -> None:
        first, last = self.scalar(s.first), self.scalar(s.last)
        if self.dead:
            return
        if not isinstance(first, int) or not isinstance(last, int) or last - first >= _LONGEST_LOOP:
            raise Unsupported
        for number in range(first, last + 1):
            self.frame.variables[s.name] = number, s.width
            self.body(s.body)


def _chosen(s: code.Switch, subject: int) -> Sequence[code.Statement]:
    for case in s.cases:
        if any(first <= subject <= last for first, last in case.ranges):
            return case.body
    return s.default
