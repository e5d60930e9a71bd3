"""Expressions that an instruction's word, its address and the present modes settle, and their values.

What a stencil leaves open is such an expression: whoever copies it computes the number that goes into the hole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from ....model import code
from ....model.code import Function
from ...purity import only_reads, walk
from ..text import number_of_binary, numbers_of_builtin

_KNOWN_SPECIALS = ("cia", "word", "length")
_DIVISIONS = ("/", "%", "/s", "%s")
_COMPUTED = frozenset({
    "rotate_left", "rotate_right", "count_trailing_zeros", "bit_reverse", "byte_reverse", "count_leading_zeros",
    "count_ones", "replicate", "add_with_carry",
})  # fmt: skip
"""Built-ins that `numbers_of_builtin` knows, besides those that saturate."""
_MOST_STEPS = 2000
"""Statements of functions that are followed for one number."""


class Mode(msgspec.Struct, frozen=True, array_like=True):
    """Bits of a register of the thread that select how instructions work: `width` from bit `low`."""

    register: str
    low: int
    width: int

    @property
    def mask(self) -> int:
        """Of these bits in their register."""
        return (1 << self.width) - 1 << self.low


class TooMuchError(Exception):
    """A number would take too long to find. Never leaves this package."""


class Given(msgspec.Struct):
    """What settles numbers: fields of the instruction, specials by name, registers as far as their bits are modes."""

    fields: Mapping[str, int]
    specials: Mapping[str, int]
    registers: Mapping[str, int]
    steps: int = msgspec.field(default=_MOST_STEPS)


class Settled:
    """Which expressions of a description are settled, given which bits of registers are modes."""

    def __init__(self, functions: Mapping[str, Function], modes: Sequence[Mode]) -> None:
        self.functions = functions
        self._modes = {(mode.register, mode.low, mode.width) for mode in modes}
        self._pure: dict[str, bool] = {}

    def is_mode(self, e: code.Expression) -> bool:
        """Whether an expression is a mode's bits."""
        return (
            isinstance(e, code.Slice)
            and isinstance(e.operand, code.ReadRegister)
            and (e.operand.register, e.low, e.width) in self._modes
        )

    def holds(self, e: code.Expression, names: Callable[[str], bool]) -> bool:
        """Whether an expression is settled; `names` says it of variables."""
        if isinstance(e, code.Const) or self.is_mode(e):
            return True
        if isinstance(e, code.Local):
            return names(e.name)
        if isinstance(e, code.Special):
            return e.name in _KNOWN_SPECIALS
        if isinstance(e, (code.ReadRegister, code.ReadMemory, code.ReadPhysical)):
            return False
        return self._is_computed(e) and all(self.holds(part, names) for part in parts_of(e))

    def _is_computed(self, node: object) -> bool:
        """Whether a node itself is of a kind that `number` knows."""
        if isinstance(node, (code.Builtin, code.BuiltinInto)):
            return node.name.startswith("saturate_") or node.name in _COMPUTED
        if isinstance(node, (code.Call, code.CallInto)):
            return self.is_pure(node.function)
        return not (isinstance(node, code.Binary) and node.operator in _DIVISIONS)

    def is_pure(self, function: str) -> bool:
        """Whether a function computes with its arguments, and modes, alone."""
        found = self._pure.get(function)
        if found is None:
            self._pure[function] = False  # one that calls itself is not
            found = only_reads(self.functions, function) and self._computes(function)
            self._pure[function] = found
        return found

    def _computes(self, function: str) -> bool:
        body = self.functions[function].body
        bits = 0
        for node in walk(body):
            if isinstance(node, code.Slice) and self.is_mode(node):
                bits += 1
            elif isinstance(node, code.ReadRegister):
                bits -= 1
            elif not self._is_computed(node):
                return False
        # Every read of a register is a mode's.
        return bits == 0

    # Values

    def number(self, e: code.Expression, given: Given, names: Mapping[str, int] | None = None) -> int:
        """A settled expression's value. Raises TooMuchError."""
        if isinstance(e, code.Local):
            return (given.fields if names is None else names)[e.name]
        if isinstance(e, code.Const):
            return e.value
        return _VALUES[type(e)](self, e, given, names)

    def built_in(self, name: str, numbers: list[int], width: int, extra: tuple[int, ...]) -> list[int]:
        """A built-in's results."""
        found = numbers_of_builtin(name, numbers, width, extra)
        assert found is not None
        return found

    def called(self, name: str, arguments: list[int], given: Given) -> list[int]:
        """A function's results."""
        function = self.functions[name]
        names = {parameter.name: number for parameter, number in zip(function.parameters, arguments, strict=True)}
        found = self._run(function.body, names, given)
        return [0] * len(function.results) if found is None else found

    def _run(self, body: code.Body, names: dict[str, int], given: Given) -> list[int] | None:
        for s in body:
            given.steps -= 1
            if given.steps < 0:
                raise TooMuchError
            found = self._statement(s, names, given)
            if found is not None:
                return found
        return None

    def _statement(self, s: code.Statement, names: dict[str, int], given: Given) -> list[int] | None:
        def value(e: code.Expression) -> int:
            return self.number(e, given, names)

        if isinstance(s, (code.Let, code.Set)):
            names[s.name] = value(s.value)
        elif isinstance(s, code.Return):
            return [value(one) for one in s.values]
        elif isinstance(s, code.If):
            return self._run(s.then if value(s.condition) else s.otherwise, names, given)
        elif isinstance(s, code.Switch):
            subject = value(s.subject)
            chosen = (case.body for case in s.cases if any(low <= subject <= high for low, high in case.ranges))
            return self._run(next(chosen, s.default), names, given)
        elif isinstance(s, code.For):
            for number in range(value(s.first), value(s.last) + 1):
                names[s.name] = number
                found = self._run(s.body, names, given)
                if found is not None:
                    return found
        elif isinstance(s, code.CallInto):
            results = self.called(s.function, [value(one) for one in s.arguments], given)
            names.update(zip(s.names, results, strict=True))
        else:
            assert isinstance(s, code.BuiltinInto)
            numbers = [value(one) for one in s.arguments]
            names.update(zip(s.names, self.built_in(s.name, numbers, s.arguments[0].width, s.extra), strict=True))
        return None

Names = Mapping[str, int] | None


def _special(_: Settled, e: code.Special, given: Given, __: Names) -> int:
    return given.specials[e.name] & (1 << e.width) - 1


def _register(_: Settled, e: code.ReadRegister, given: Given, __: Names) -> int:
    return given.registers[e.register]


def _unary(of: Settled, e: code.Unary, given: Given, names: Names) -> int:
    operand = of.number(e.operand, given, names)
    return (-operand if e.operator == "-" else ~operand) & (1 << e.width) - 1


def _binary(of: Settled, e: code.Binary, given: Given, names: Names) -> int:
    left, right = of.number(e.left, given, names), of.number(e.right, given, names)
    found = number_of_binary(e.operator, left, right, e.left.width)
    assert found is not None
    return found


def _select(of: Settled, e: code.Select, given: Given, names: Names) -> int:
    return of.number(e.then if of.number(e.condition, given, names) else e.otherwise, given, names)


def _extend(of: Settled, e: code.Extend, given: Given, names: Names) -> int:
    operand, width = of.number(e.operand, given, names), e.operand.width
    negative = e.signed and operand >> width - 1
    return (operand - (1 << width) if negative else operand) & (1 << e.width) - 1


def _slice(of: Settled, e: code.Slice, given: Given, names: Names) -> int:
    return of.number(e.operand, given, names) >> e.low & (1 << e.width) - 1


def _dynamic_slice(of: Settled, e: code.DynamicSlice, given: Given, names: Names) -> int:
    return of.number(e.operand, given, names) >> of.number(e.low, given, names) & (1 << e.width) - 1


def _concat(of: Settled, e: code.Concat, given: Given, names: Names) -> int:
    whole = 0
    for part in e.parts:
        whole = whole << part.width | of.number(part, given, names)
    return whole


def _insert(of: Settled, e: code.Insert, given: Given, names: Names) -> int:
    base, low = of.number(e.base, given, names), of.number(e.low, given, names)
    hole = (1 << e.value.width) - 1 << low if low < e.width else 0
    inserted = of.number(e.value, given, names) << low if low < e.width else 0
    return (base & ~hole | inserted) & (1 << e.width) - 1


def _call(of: Settled, e: code.Call, given: Given, names: Names) -> int:
    return of.called(e.function, [of.number(argument, given, names) for argument in e.arguments], given)[0]


def _builtin(of: Settled, e: code.Builtin, given: Given, names: Names) -> int:
    numbers = [of.number(one, given, names) for one in e.arguments]
    return of.built_in(e.name, numbers, e.arguments[0].width, e.extra)[0]


_VALUES: dict[type, Callable[[Settled, Any, Given, Names], int]] = {
    code.Special: _special, code.ReadRegister: _register, code.Unary: _unary, code.Binary: _binary,
    code.Select: _select, code.Extend: _extend, code.Slice: _slice, code.DynamicSlice: _dynamic_slice,
    code.Concat: _concat, code.Insert: _insert, code.Call: _call, code.Builtin: _builtin,
}  # fmt: skip


def parts_of(e: code.Expression) -> list[code.Expression]:
    """The expressions that an expression is directly made of."""
    found: list[Any] = []
    for name in e.__struct_fields__:
        part = getattr(e, name)
        if isinstance(part, tuple):
            found += [one for one in part if isinstance(one, code.Expression)]
        elif isinstance(part, code.Expression):
            found.append(part)
    return found
