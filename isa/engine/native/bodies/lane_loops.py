"""Loops over elements, all times round at once: what they assign in statements without a loop.

Such a loop goes round a known number of times and computes with numbers alone. It puts its results at places of a
variable that do not overlap, or collects a condition; nothing it does depends on an earlier time round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ....model import code
from ...purity import walk
from ..text import LANES
from .lane_values import LaneOperations, Lanes, NoLanesError, Same, Value, is_known

_MOST_TIMES = 128
_DEEPEST = 8

Scope = dict[str, Value]


class LoopLanes(LaneOperations):
    """Does one loop."""

    def __init__(
        self,
        functions: Mapping[str, code.Function],
        loop: code.For,
        outside: Mapping[str, int],
        taken: set[str],
        backwards: bool = False,
    ) -> None:
        """`outside` are the variables, with their widths, that are there before the loop. `backwards`: the last time
        round is the first lane. Raises NoLanesError."""
        if not isinstance(loop.first, code.Const) or not isinstance(loop.last, code.Const):
            raise NoLanesError
        count = loop.last.value - loop.first.value + 1
        if not 1 <= count <= _MOST_TIMES:
            raise NoLanesError
        super().__init__(count, loop.line, taken)
        self._functions = functions
        self._outside = outside
        self._depth = 0
        self.descends = False
        """Whether elements are taken, or put, from the highest down: lanes are better the other way round."""
        self._put: dict[str, code.Expression] = {}
        """What variables from outside are by now."""
        self._covered: dict[str, int] = {}
        """Bits of them that have been put."""
        self._collected: dict[str, str] = {}
        """Variables that collect, and by which operator."""
        carried = {node.name for node in walk(loop.body) if isinstance(node, code.Set)} & outside.keys()
        scope: Scope = {name: Same(code.Local(name, width)) for name, width in outside.items() if name not in carried}
        numbers = range(loop.first.value, loop.last.value + 1)
        scope[loop.name] = self.known(numbers[::-1] if backwards else numbers, loop.width)
        self._body(loop.body, scope)
        for name, expression in self._put.items():
            self.out.append(code.Set(self.line, name, expression))

    # Statements

    def _body(self, body: Sequence[code.Statement], scope: Scope) -> list[Value] | None:
        """What is returned, if something is."""
        for at, s in enumerate(body):
            if isinstance(s, code.Let):
                scope[s.name] = self._value(s.value, scope)
            elif isinstance(s, code.Set):
                self._set(s, scope)
            elif isinstance(s, code.CallInto):
                self._bind(s.names, self._call(s.function, s.arguments, scope), scope)
            elif isinstance(s, code.BuiltinInto):
                self._bind(s.names, self._builtin(s.name, s.arguments, s.extra, scope), scope)
            elif isinstance(s, code.For):
                self._for(s, scope)
            elif isinstance(s, code.If):
                return self._if(s, body[at + 1 :], scope)
            elif isinstance(s, code.Return):
                return [self._value(value, scope) for value in s.values]
            elif not (isinstance(s, code.Do) and isinstance(s.value, code.Const)):
                raise NoLanesError
        return None

    def _bind(self, names: Sequence[str], values: Sequence[Value], scope: Scope) -> None:
        for name, value in zip(names, values, strict=True):
            if name:
                scope[name] = value

    def _set(self, s: code.Set, scope: Scope) -> None:
        if s.name in scope:
            scope[s.name] = self._value(s.value, scope)
        elif self._depth:
            raise NoLanesError
        elif isinstance(s.value, code.Insert) and s.value.base == code.Local(s.name, s.value.width):
            self._insert(s.name, s.value, scope)
        else:
            self._collect(s.name, s.value, scope)

    def _insert(self, name: str, e: code.Insert, scope: Scope) -> None:
        """Lanes put to their places of a variable."""
        lows, value = self.numbers(self._value(e.low, scope)), self._value(e.value, scope)
        width = value.width
        covered = self._covered.get(name, 0)
        for low in lows:
            ones = (1 << width) - 1 << low
            if low % width or ones >> e.width or covered & ones:
                raise NoLanesError
            covered |= ones
        if e.width % width or name in self._collected:
            raise NoLanesError
        self._covered[name] = covered
        places = self._places(lows, width)
        if places == tuple(range(e.width // width)):
            self._put[name] = self.flat(value)
            return
        base = self._put.get(name, code.Local(name, e.width))
        extra = (width, e.width // width, *places)
        self._put[name] = self.fresh(code.Builtin(f"{LANES}put", (base, self.flat(value)), extra, e.width))

    def _places(self, lows: Sequence[int], width: int) -> tuple[int, ...]:
        self.descends = self.descends or (len(lows) > 1 and lows[0] > lows[-1])
        return tuple(low // width for low in lows)

    def _collect(self, name: str, e: code.Expression, scope: Scope) -> None:
        """One bit that is set, or cleared, at any time round."""
        width = self._outside[name]
        if not isinstance(e, code.Binary) or e.operator not in ("|", "||", "&", "&&") or width != 1:
            raise NoLanesError
        operator = e.operator[0]
        if self._collected.setdefault(name, operator) != operator or name in self._covered:
            raise NoLanesError
        own = code.Local(name, width)
        if e.left == own:
            self._gather(name, operator, self._value(e.right, scope))
        elif isinstance(e.left, code.Binary) and e.left.operator == e.operator:
            self._collect(name, e.left, scope)
            self._gather(name, operator, self._value(e.right, scope))
        else:
            raise NoLanesError

    def _gather(self, name: str, operator: str, value: Value) -> None:
        if is_known(value) and set(self.numbers(value)) == {int(operator == "&")}:
            return
        whole = self.flat(value)
        ones = (1 << self.count) - 1
        compare, number = ("!=", 0) if operator == "|" else ("==", ones)
        found = code.Binary(compare, whole, code.Const(number, self.count), 1)
        before = self._put.get(name, code.Local(name, 1))
        self._put[name] = self.fresh(code.Binary(operator, before, found, 1))

    def _for(self, s: code.For, scope: Scope) -> None:
        """A loop in the loop: one time round after the other."""
        first, last = (self.numbers(self._value(e, scope)) for e in (s.first, s.last))
        if min(first) != max(first) or min(last) != max(last) or last[0] - first[0] >= _MOST_TIMES:
            raise NoLanesError
        self._depth += 1
        for number in range(first[0], last[0] + 1):
            scope[s.name] = Same(code.Const(number, s.width))
            if self._body(s.body, scope) is not None:
                raise NoLanesError
        self._depth -= 1

    def _if(self, s: code.If, rest: Sequence[code.Statement], scope: Scope) -> list[Value] | None:
        """Both ways, and which of their values are meant."""
        condition = self._value(s.condition, scope)
        self._depth += 1
        ends: list[tuple[Scope, list[Value] | None]] = []
        for arm in (s.then, s.otherwise):
            inner = dict(scope)
            ends.append((inner, self._body((*arm, *rest), inner)))
        self._depth -= 1
        (then, first), (otherwise, second) = ends
        if (first is None) != (second is None):
            raise NoLanesError
        for name in scope:
            scope[name] = self.select(condition, then[name], otherwise[name])
        if first is None or second is None:
            return None
        return [self.select(condition, *pair) for pair in zip(first, second, strict=True)]

    # Expressions

    def _value(self, e: code.Expression, scope: Scope) -> Value:
        if isinstance(e, code.Const):
            return Same(e)
        if isinstance(e, code.Local):
            if e.name not in scope:
                # Of an earlier time round.
                raise NoLanesError
            return scope[e.name]
        if isinstance(e, code.Binary):
            return self.binary(e.operator, self._value(e.left, scope), self._value(e.right, scope), e.width)
        if isinstance(e, code.Unary):
            operand = self._value(e.operand, scope)
            if isinstance(operand, Same) and not is_known(operand):
                return Same(code.Unary(e.operator, operand.expression, e.width))
            return self.unary(e.operator, operand)
        if isinstance(e, code.Extend):
            return self.resized(self._value(e.operand, scope), e.signed, e.width)
        if isinstance(e, code.Slice):
            return self._slice(self._value(e.operand, scope), e.low, e.width)
        if isinstance(e, code.DynamicSlice):
            return self._slice_at(self._value(e.operand, scope), self._value(e.low, scope), e.width)
        if isinstance(e, code.Concat):
            return self._concat([self._value(part, scope) for part in e.parts], e.width)
        if isinstance(e, code.Select):
            condition, then, otherwise = (self._value(part, scope) for part in (e.condition, e.then, e.otherwise))
            return self.select(condition, then, otherwise)
        if isinstance(e, code.Call):
            return self._call(e.function, e.arguments, scope)[0]
        if isinstance(e, code.Builtin):
            return self._builtin(e.name, e.arguments, e.extra, scope)[0]
        raise NoLanesError

    def _slice(self, value: Value, low: int, width: int) -> Value:
        if isinstance(value, Same) and not is_known(value):
            return Same(code.Slice(value.expression, low, width))
        if low:
            value = self.binary(">>", value, Same(code.Const(low, value.width)), value.width)
        return self.resized(value, False, width)

    def _slice_at(self, value: Value, low: Value, width: int) -> Value:
        """Elements of what is the same each time: at known places, or at places that are computed."""
        if not isinstance(value, Same) or value.width % width:
            raise NoLanesError
        if isinstance(low, Same) and (self.count > 1 or not is_known(low)):
            return Same(code.DynamicSlice(value.expression, low.expression, width))
        size = value.width // width
        if is_known(low):
            if any(number % width or number >= value.width for number in self.numbers(low)):
                raise NoLanesError
            places = self._places(self.numbers(low), width)
            if places == tuple(range(size)) and isinstance(value.expression, code.Local):
                return Lanes(value.expression.name, width, (1 << width) - 1)
            made = code.Builtin(f"{LANES}take", (value.expression,), (width, size, *places), width * self.count)
            return Lanes(self.fresh(made).name, width, (1 << width) - 1)
        shift = width.bit_length() - 1
        if width != 1 << shift or self.zeros(low) < shift or self.most(low) >= value.width or width < low.width:
            raise NoLanesError
        place = self.binary(">>", low, Same(code.Const(shift, low.width)), low.width)
        lanes = self.flat(self.resized(place, False, width))
        made = code.Builtin(f"{LANES}look_up", (value.expression, lanes), (width, self.count, size), width * self.count)
        return Lanes(self.fresh(made).name, width, (1 << width) - 1)

    def _concat(self, parts: Sequence[Value], width: int) -> Value:
        if all(isinstance(part, Same) for part in parts) and not all(map(is_known, parts)):
            return Same(code.Concat(tuple(part.expression for part in parts if isinstance(part, Same)), width))
        whole: Value = Same(code.Const(0, width))
        most = zeros = low = 0
        first = True
        for part in reversed(parts):
            moved = self.resized(part, False, width)
            if low:
                moved = self.binary("<<", moved, Same(code.Const(low, width)), width)
            whole = moved if first else self.binary("|", whole, moved, width)
            zeros = low + self.zeros(part) if self.zeros(part) < part.width and zeros == low else (
                low + part.width if zeros == low else zeros)  # fmt: skip
            most |= self.most(part) << low
            low += part.width
            first = False
        return Lanes(whole.name, width, most, zeros) if isinstance(whole, Lanes) else whole

    def _call(self, function: str, arguments: Sequence[code.Expression], scope: Scope) -> list[Value]:
        described = self._functions[function]
        values = [self._value(argument, scope) for argument in arguments]
        if self._depth > _DEEPEST:
            raise NoLanesError
        self._depth += 1
        inner = {parameter.name: value for parameter, value in zip(described.parameters, values, strict=True)}
        results = self._body(described.body, inner)
        self._depth -= 1
        if results is None:
            raise NoLanesError
        return results

    def _builtin(
        self, name: str, arguments: Sequence[code.Expression], extra: tuple[int, ...], scope: Scope
    ) -> list[Value]:
        values = [self._value(argument, scope) for argument in arguments]
        if name.startswith("saturate_"):
            return self._saturated(values[0], extra[0], name == "saturate_signed")
        if name == "replicate":
            return [self._replicated(values[0], extra[0])]
        if name in ("rotate_left", "rotate_right"):
            value, amount = values
            if value.width != amount.width or value.width & value.width - 1:
                raise NoLanesError
            amount = self.unary("-", amount) if name == "rotate_right" else amount
            return [self.built("rotate", (value, amount), (), value.width)]
        raise NoLanesError

    def _replicated(self, value: Value, times: int) -> Value:
        width = value.width * times
        if isinstance(value, Same) and not is_known(value):
            return Same(code.Builtin("replicate", (value.expression,), (times,), width))
        if value.width == 1:
            return self.resized(value, True, width)
        ones = Same(code.Const(sum(1 << at * value.width for at in range(times)), width))
        return self.binary("*", self.resized(value, False, width), ones, width)

    def _saturated(self, value: Value, bits: int, is_signed: bool) -> list[Value]:
        """The value, which is signed, at the nearest end of the range where it is beyond, and whether it was."""
        work = max(value.width, bits + 1)
        wide = self.resized(value, True, work)
        top, bottom = ((1 << bits - 1) - 1, -(1 << bits - 1) & (1 << work) - 1) if is_signed else ((1 << bits) - 1, 0)
        ends = [Same(code.Const(number, work)) for number in (top, bottom)]
        over, under = self.binary(">s", wide, ends[0], 1), self.binary("<s", wide, ends[1], 1)
        limited = self.select(under, ends[1], self.select(over, ends[0], wide))
        return [self.resized(limited, False, bits), self.binary("|", over, under, 1)]
