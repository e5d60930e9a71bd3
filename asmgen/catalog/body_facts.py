"""What an instruction's body says of its operands and of memory: which registers a field names, read or written.

A field names a register where it is the index of a register array, in the body or in a function that it is handed to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from ...isa.model import code
from ...isa.model.items import Description, Form

LOOP = "(loop)"
"""Stands for the variable of a loop where it is an index: the registers of a list."""


@dataclass(frozen=True, slots=True, order=True)
class Access:
    """An access to a register array: `register` is the array, `role` read or written."""

    register: str
    role: str


@dataclass(frozen=True, slots=True, order=True)
class MemoryAccess:
    """An access to memory: `kind` load or store, `size` in bytes."""

    kind: str
    size: int


@dataclass
class Facts:
    """Accesses by the name of the field or parameter that is the index; memory; the functions that are called."""

    indexed: dict[str, set[Access]] = field(default_factory=dict)
    memory: set[MemoryAccess] = field(default_factory=set)
    called: set[str] = field(default_factory=set)
    spaces: set[str] = field(default_factory=set)


Constants = tuple[tuple[str, int], ...]
"""Parameters whose values are known, by name."""


class BodyFacts:
    """Facts of the bodies of one description; those of its functions are found once."""

    def __init__(self, description: Description) -> None:
        self._description = description
        self._known: dict[tuple[str, Constants], Facts] = {}
        self.spaces = frozenset(description.spaces)

    def of_form(self, form: Form) -> Facts:
        """The facts of an instruction."""
        facts = Facts()
        known = {one.name: one.fixed for one in form.fields if one.fixed >= 0}
        _Walk(self, facts, {}, known).body(form.body)
        return facts

    def of_function(self, name: str, constants: Constants = ()) -> Facts:
        """The facts of a described function, some of whose parameters are known numbers.

        None while it is being looked at, so that recursion ends.
        """
        key = (name, constants)
        known = self._known.get(key)
        if known is not None:
            return known
        facts = self._known[key] = Facts()
        function = self._description.functions.get(name)
        if function is not None:
            _Walk(self, facts, {}, dict(constants)).body(function.body)
        return facts

    def parameters(self, name: str) -> list[str]:
        """The names of a function's parameters."""
        function = self._description.functions.get(name)
        return [one.name for one in function.parameters] if function is not None else []


_STATEMENTS = (code.Let, code.Set, code.SetRegister, code.SetMemory, code.For, code.CallInto, code.If)


class _Walk:
    """Goes through one body with what its variables are made of."""

    def __init__(
        self, whole: BodyFacts, facts: Facts, roots: dict[str, frozenset[str]], known: dict[str, int]
    ) -> None:
        self._whole = whole
        self._facts = facts
        self._roots = roots
        self._known = known

    def body(self, statements: Iterable[object]) -> None:
        """All statements in order."""
        for statement in statements:
            self._statement(statement)

    def _statement(self, node: object) -> None:
        if isinstance(node, code.Let | code.Set):
            self._roots[node.name] = self._roots.get(node.name, frozenset()) | self._of(node.value)
        elif isinstance(node, code.SetRegister) and node.index is not None:
            self._indexed(node.index, Access(node.register, "written"))
        elif isinstance(node, code.SetMemory):
            self._facts.memory.add(MemoryAccess("store", node.size))
        elif isinstance(node, code.For):
            self._roots[node.name] = frozenset({LOOP}) | self._of(node.first)
        elif isinstance(node, code.CallInto):
            self._call(node.function, node.arguments)
        if isinstance(node, code.If):
            condition = self._number(node.condition)
            self._part(node.condition)
            if condition != 0:
                self.body(node.then)
            if condition is None or condition == 0:
                self.body(node.otherwise)
            return
        self._parts(node)

    def _parts(self, node: object) -> None:
        if isinstance(node, code.ReadRegister) and node.index is not None:
            self._indexed(node.index, Access(node.register, "read"))
        elif isinstance(node, code.ReadMemory):
            self._facts.memory.add(MemoryAccess("load", node.size))
        elif isinstance(node, code.Call):
            self._call(node.function, node.arguments)
        if isinstance(node, msgspec.Struct):
            for name in node.__struct_fields__:
                self._part(getattr(node, name))

    def _part(self, value: object) -> None:
        if isinstance(value, tuple):
            for one in value:
                self._part(one)
        elif isinstance(value, _STATEMENTS):
            self._statement(value)
        elif isinstance(value, msgspec.Struct):
            self._parts(value)

    def _indexed(self, index: code.Expression, access: Access) -> None:
        for root in self._of(index):
            self._facts.indexed.setdefault(root, set()).add(access)

    def _call(self, function: str, arguments: tuple[code.Expression, ...]) -> None:
        pairs = list(zip(self._whole.parameters(function), arguments, strict=False))
        numbers = [(parameter, self._number(argument)) for parameter, argument in pairs]
        facts = self._whole.of_function(function, tuple((name, n) for name, n in numbers if n is not None))
        self._facts.memory |= facts.memory
        space = function.rpartition(".")[0]
        if space in self._whole.spaces:
            # What is asked for there depends on the register.
            self._facts.spaces.add(space)
        else:
            self._facts.called |= {function} | facts.called
            self._facts.spaces |= facts.spaces
        for parameter, argument in pairs:
            for access in facts.indexed.get(parameter, ()):
                self._indexed(argument, access)
        for access in facts.indexed.get(LOOP, ()):
            self._facts.indexed.setdefault(LOOP, set()).add(access)

    def _number(self, expression: object) -> int | None:
        """The value of an expression over known numbers, where it is one; enough for what chooses between cases."""
        if isinstance(expression, code.Const):
            return expression.value
        if isinstance(expression, code.Local):
            return self._known.get(expression.name)
        if isinstance(expression, code.Extend) and not expression.signed:
            return self._number(expression.operand)
        if isinstance(expression, code.Unary) and expression.operator == "!":
            operand = self._number(expression.operand)
            return None if operand is None else int(not operand)
        if isinstance(expression, code.Binary):
            left, right = self._number(expression.left), self._number(expression.right)
            if expression.operator == "&&" and 0 in (left, right):
                return 0
            if left is None or right is None:
                return None
            compared = {"==": left == right, "!=": left != right, "&&": left and right, "||": left or right}
            return int(bool(compared[expression.operator])) if expression.operator in compared else None
        return None

    def _of(self, expression: object) -> frozenset[str]:
        """The fields and parameters that a value is made of, but not what was read through them."""
        if isinstance(expression, code.Local):
            return self._roots.get(expression.name, frozenset({expression.name}))
        if isinstance(expression, code.ReadRegister | code.ReadMemory | code.ReadPhysical | code.Call):
            return frozenset()
        if isinstance(expression, code.Select):
            return self._of(expression.then) | self._of(expression.otherwise)
        found: frozenset[str] = frozenset()
        if isinstance(expression, tuple):
            for one in expression:
                found |= self._of(one)
        elif isinstance(expression, msgspec.Struct):
            for name in expression.__struct_fields__:
                found |= self._of(getattr(expression, name))
        return found
