"""Which accesses to memory a body makes, and what may be done before each: the body followed on all ways at once.

Two values that are made in the same way from the same registers have the same origin. Cutting a value to 32 bits or
more keeps it, so distances are those of the low 32 bits of addresses.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ....model import code
from ....model.code import Body, Expression, Function
from ....model.decoder import field_value
from ....model.items import Form
from ...purity import is_pure_builtin
from .origins import (
    PLAIN,
    Value,
    case_of,
    cut_number,
    exact_number,
    joined_number,
    number_of,
    sliced_number,
    sum_of,
    unary_number,
)

_LONGEST_LOOP = 256
_HARMLESS = frozenset({"is_ram", "instructions_retired"})
"""Built-ins that look at state and change none."""


@dataclass(frozen=True, slots=True)
class Access:
    """`late`: effects may come before it, and before all other accesses; `alone`: no other comes before it. `kind` is
    1 for a load, 2 for a store."""

    address: Value
    size: int
    kind: int
    late: bool
    alone: bool


@dataclass(frozen=True, slots=True)
class _Way:
    """What may have happened: effects before any access (`early`), an access (`some`); and whether one has on all ways
    that lead here (`sure`). `age` changes with registers and memory. `alive` False: nothing leads here.
    """

    variables: Mapping[str, Value] = field(default_factory=dict)
    early: bool = False
    some: bool = False
    sure: bool = False
    age: int = 0
    alive: bool = True


class Followed:
    """Follows one body; collects the accesses."""

    def __init__(self, functions: Mapping[str, Function]) -> None:
        self._functions = functions
        self._numbers = itertools.count(1)
        self.found: set[Access] = set()
        self._way = _Way()
        self._returned: list[tuple[_Way, tuple[Value, ...]]] = []

    def form(self, form: Form, word: int | None = None) -> None:
        """Follows a form, or one word of it, and what comes behind it."""
        fields = {found.name: Value(("field", found.name)) for found in form.fields}
        if word is not None:
            fields = {found.name: number_of(field_value(found, word)) for found in form.fields}
        self._way = replace(self._way, variables=fields)
        self._body(form.body)
        ways = [self._way, *(way for way, _ in self._returned)]
        self._returned = []
        self._way = self._joined(ways)
        if form.after:
            self._call(form.after, ())

    def _new(self) -> Value:
        return Value(next(self._numbers))

    # Ways

    def _joined(self, ways: Sequence[_Way]) -> _Way:
        live = [way for way in ways if way.alive]
        if not live:
            return replace(ways[0], alive=False)
        first = live[0]
        variables = {
            name: self._either([way.variables[name] for way in live])
            for name in first.variables if all(name in way.variables for way in live)
        }  # fmt: skip
        return _Way(
            variables,
            any(way.early for way in live),
            any(way.some for way in live),
            all(way.sure for way in live),
            first.age if all(way.age == first.age for way in live) else next(self._numbers),
        )

    def _either(self, values: Sequence[Value]) -> Value:
        first = values[0]
        if any(value.origin != first.origin for value in values):
            return self._new()
        return Value(first.origin, min(value.low for value in values), max(value.high for value in values))

    def _set(self, name: str, value: Value) -> None:
        if name:
            self._way = replace(self._way, variables={**self._way.variables, name: value})

    def _effect(self) -> None:
        way = self._way
        self._way = replace(way, early=way.early or not way.sure, age=next(self._numbers))

    def _access(self, address: Value, size: int, is_store: bool) -> None:
        way = self._way
        self.found.add(Access(address, size, 1 + is_store, way.early, not way.some))
        self._way = replace(way, some=True, sure=True, age=next(self._numbers) if is_store else way.age)

    # Statements

    def _body(self, body: Body) -> None:
        for statement in body:
            if not self._way.alive:
                return
            self._statement(statement)

    def _statement(self, s: code.Statement) -> None:
        if isinstance(s, (code.Let, code.Set)):
            self._set(s.name, self._value(s.value))
        elif isinstance(s, (code.CallInto, code.BuiltinInto)):
            if isinstance(s, code.CallInto):
                values = self._call(s.function, [self._value(argument) for argument in s.arguments])
            else:
                values = self._builtin(s.name, [self._value(argument) for argument in s.arguments], len(s.names))
            for name, value in zip(s.names, values, strict=True):
                self._set(name, value)
        elif isinstance(s, code.SetRegister):
            if s.index is not None:
                self._value(s.index)
            self._value(s.value)
            self._effect()
        elif isinstance(s, code.SetMemory):
            address = self._value(s.address)
            self._value(s.value)
            self._access(address, s.size, is_store=True)
        elif isinstance(s, code.SetPhysical):
            self._value(s.address)
            self._value(s.value)
            self._effect()
        elif isinstance(s, (code.Do, code.SetNext)):
            self._value(s.value)
        elif isinstance(s, code.If):
            known = exact_number(self._value(s.condition))
            self._arms([s.then, s.otherwise] if known is None else [s.then if known else s.otherwise])
        elif isinstance(s, code.Switch):
            subject = exact_number(self._value(s.subject))
            self._arms([*(case.body for case in s.cases), s.default] if subject is None else [case_of(s, subject)])
        elif isinstance(s, code.For):
            self._for(s)
        elif isinstance(s, code.Return):
            results = tuple(self._value(value) for value in s.values)
            self._returned.append((self._way, results))
            self._way = replace(self._way, alive=False)
        else:
            for argument in s.arguments:
                self._value(argument)
            if isinstance(s, code.Leave):
                self._effect()
            else:
                self._way = replace(self._way, alive=False)

    def _arms(self, bodies: Sequence[Body]) -> None:
        start, ways = self._way, []
        for body in bodies:
            self._way = start
            self._body(body)
            ways.append(self._way)
        self._way = self._joined(ways)

    def _for(self, s: code.For) -> None:
        first, last = self._value(s.first), self._value(s.last)
        start, end = exact_number(first), exact_number(last)
        is_exact = start is not None and end is not None
        times = 1 << s.width
        if start is not None and end is not None:
            times = max(0, end - start + 1)
        if times > _LONGEST_LOOP:
            self.found.add(Access(self._new(), 0, 0, late=True, alone=False))
            times = 1
        ways = [self._way]
        for time in range(times):
            self._set(s.name, number_of(start + time) if start is not None else self._new())
            self._body(s.body)
            if is_exact:
                ways = [self._way]
            else:
                ways.append(self._way)
                self._way = self._joined(ways[-2:])
            if not self._way.alive:
                break
        self._way = self._joined(ways)

    # Expressions

    def _value(self, e: Expression) -> Value:
        if isinstance(e, code.Const):
            return number_of(e.value)
        if isinstance(e, code.Local):
            return self._way.variables.get(e.name) or self._new()
        if isinstance(e, (code.ReadMemory, code.ReadPhysical)):
            address = self._value(e.address)
            if isinstance(e, code.ReadMemory):
                self._access(address, e.size, is_store=False)
            return self._new()
        if isinstance(e, code.Call):
            values = self._call(e.function, [self._value(argument) for argument in e.arguments])
            return values[0] if values else self._new()
        if isinstance(e, code.Builtin):
            return self._builtin(e.name, [self._value(argument) for argument in e.arguments], 1)[0]
        if isinstance(e, code.Binary):
            return self._binary(e)
        if isinstance(e, code.Select):
            known = exact_number(self._value(e.condition))
            if known is not None:
                return self._value(e.then if known else e.otherwise)
            return self._either(self._sides([e.then, e.otherwise]))
        if isinstance(e, code.Concat):
            parts = [self._value(part) for part in e.parts]
            return joined_number(e, parts) or Value(("concat", *parts))
        if isinstance(e, code.ReadRegister):
            index = None if e.index is None else self._value(e.index)
            return Value((e.register, index, self._way.age))
        if isinstance(e, code.Special):
            return Value(e.name) if e.name != "nia" else self._new()
        if isinstance(e, (code.Extend, code.Slice)):
            operand = self._value(e.operand)
            if min(e.operand.width, e.width) >= PLAIN and (isinstance(e, code.Extend) or e.low == 0):
                return operand
            return cut_number(e, operand) or Value((type(e), operand, e.width, getattr(e, "low", e.operand.width)))
        if isinstance(e, code.Unary):
            return unary_number(e, operand := self._value(e.operand)) or Value((e.operator, e.width, operand))
        if isinstance(e, code.DynamicSlice):
            operand, low = self._value(e.operand), self._value(e.low)
            return sliced_number(e, operand, low) or Value((e.width, operand, low))
        return Value((e.width, self._value(e.base), self._value(e.low), self._value(e.value)))

    def _sides(self, sides: Sequence[Expression]) -> list[Value]:
        """Values of which one is evaluated."""
        start, ways, values = self._way, [], []
        for side in sides:
            self._way = start
            values.append(self._value(side))
            ways.append(self._way)
        self._way = self._joined(ways)
        return values

    def _binary(self, e: code.Binary) -> Value:
        left = self._value(e.left)
        if e.operator in ("&&", "||"):
            known = exact_number(left)
            if known is not None:
                return self._value(e.right) if known == (e.operator == "&&") else left
            self._sides([e.right, code.Const(0, 1)])
            return self._new()
        right = self._value(e.right)
        found = sum_of(e, left, right)
        return found if found is not None else Value((e.operator, e.width, left, right))

    def _call(self, name: str, arguments: Sequence[Value]) -> list[Value]:
        function = self._functions[name]
        outside, self._returned, returned = self._way, [], self._returned
        names = [parameter.name for parameter in function.parameters]
        self._way = replace(outside, variables=dict(zip(names, arguments, strict=True)))
        self._body(function.body)
        ends, self._returned = self._returned, returned
        ways = [way for way, _ in ends] + [self._way]
        self._way = replace(self._joined(ways), variables=outside.variables)
        if not ends:
            return [self._new() for _ in function.results]
        return [self._either(values) for values in zip(*(values for _, values in ends), strict=True)]

    def _builtin(self, name: str, arguments: Sequence[Value], count: int) -> list[Value]:
        if not is_pure_builtin(name):
            if name not in _HARMLESS:
                self._effect()
            return [self._new() for _ in range(count)]
        return [Value((name, at, *arguments)) for at in range(count)]
