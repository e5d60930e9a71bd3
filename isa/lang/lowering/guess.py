"""Looks ahead for the type of an expression, without effect, so that `zero_extend(x)` and numbers learn their width."""

from __future__ import annotations

from ...model import code
from ...model import items as model
from .. import tree
from ..names import fold
from ..names.builtins import ALL_BUILTINS, BUILTINS, CONSTANT_LAST
from ..names.environment import Mistake
from ..names.generics import instance_of
from ..names.types import BOOL, Type, bits
from .base import LoweringBase


class Guess(LoweringBase):
    """Name look-ups, and `guess`."""

    def register(self, name: str) -> model.Register | None:
        """A register by its name; a device's own come first."""
        if self.device:
            own = self.env.registers.get(f"{self.device}.{name}")
            if own is not None:
                return own
        return self.env.registers.get(name)

    def read_register(self, register: model.Register, index: code.Expression | None) -> code.Expression:
        """Storage, or a view's function."""
        if register.kind == "view":
            arguments = () if index is None else (fold.slice_of(fold.extend(index, False, max(8, index.width)), 0, 8),)
            return code.Call(register.read_function, arguments, register.width)
        return code.ReadRegister(register.name, index, register.width)

    def banked(self, index: tree.Index) -> tuple[str, str] | None:
        """(register, bank) of `X.fast[6]`, or None if it is not of that form."""
        if not isinstance(index.object, tree.Member) or not isinstance(index.object.object, tree.Name):
            return None
        name = index.object.object.name
        if name not in self.env.banks or self.find(name) is not None:
            return None
        members = self.env.enums[f"{name}_bank"].members
        if index.object.name not in members:
            raise self.env.unknown(f"bank of {name}", index.object.name, index.object.span, members)
        return name, index.object.name

    def instance(self, index: tree.Index) -> str:
        """The function that `f[8, g]` names in front of its arguments."""
        named = index.object
        if not isinstance(named, tree.Name) or self.find(named.name) is not None:
            raise self.env.error("type", "only a function can be called", index.span)
        if named.name in self.env.signatures or named.name in ALL_BUILTINS:
            raise self.env.error("type", f"{named.name} has no compile-time parameters", index.span, "leave out […]")
        if named.name not in self.env.generics:
            raise self.env.unknown(
                "function with compile-time parameters", named.name, named.span, self.env.generics
            )
        cells = [self._compile_time(argument) for argument in index.arguments]
        return instance_of(self.env, self.env.generics[named.name], cells, index.span)

    def _compile_time(self, argument: tree.Expression) -> tree.Expression:
        if isinstance(argument, tree.Index) and isinstance(argument.object, tree.Name):
            if argument.object.name in self.env.generics:
                cells = tuple(self._compile_time(inner) for inner in argument.arguments)
                return tree.Index(argument.span, argument.object, cells)
        elif isinstance(argument, tree.Name) and self.find(argument.name) is None:
            known = (self.env.signatures, self.env.generics, ALL_BUILTINS)
            if any(argument.name in table for table in known):
                return argument
        number = self._literal(argument)
        if number is None:
            raise self.env.error(
                "constant",
                "a compile-time argument is a constant number or a function's name",
                argument.span,
                "what changes at run time is an argument in parentheses",
            )
        return tree.IntegerLiteral(argument.span, number, str(number))

    def silent(self) -> Mistake:
        """Ends work on something whose cause has been reported."""
        return Mistake("reported already")

    def known_names(self) -> list[str]:
        """All names that an expression could mean here, for suggestions."""
        names = [name for scope in self.scopes for name in scope]
        own = [
            name.split(".", 1)[1] for name in self.env.registers if self.device and name.startswith(f"{self.device}.")
        ]
        plain = [name for name in self.env.registers if "." not in name]
        return [*names, *own, *self.fields, *self.operands, *self.env.constants, *plain, self.env.cia, self.env.nia]

    def guess(self, expression: tree.Expression) -> Type | None:
        """The type that an expression has by itself; None if its place must say, or if it has a mistake."""
        if isinstance(expression, tree.Name):
            return self._guess_name(expression.name)
        if isinstance(expression, tree.Member):
            return self._guess_member(expression)
        if isinstance(expression, tree.Index):
            return self._guess_index(expression)
        if isinstance(expression, tree.SliceOf):
            first, last = self._literal(expression.first), self._literal(expression.last)
            return Type(abs(last - first) + 1) if first is not None and last is not None else None
        if isinstance(expression, tree.PartOf):
            width = self._literal(expression.width)
            return Type(width) if width else None
        if isinstance(expression, tree.CallOf):
            return self._guess_call(expression)
        if isinstance(expression, tree.UnaryOf):
            return BOOL if expression.operator == "!" else self.guess(expression.operand)
        if isinstance(expression, tree.BinaryOf):
            return self._guess_binary(expression)
        if isinstance(expression, tree.IfOf):
            return self._guess_block(expression.then) or (
                self._guess_block(expression.otherwise) if expression.otherwise else None
            )
        if isinstance(expression, tree.MatchOf):
            return next((type_ for type_ in (self._guess_block(arm.body) for arm in expression.arms) if type_), None)
        return None

    def _guess_name(self, name: str) -> Type | None:
        variable = self.find(name)
        if variable is not None:
            return None if variable.broken else variable.type
        if name in self.fields:
            return self.fields[name]
        if name in self.operands:
            meaning = self.operands[name]
            if meaning.types is not None:
                return meaning.types[0] if len(meaning.types) == 1 else None
            if meaning.value is None:
                return Type(sum(self.fields[field].width for field in meaning.fields))
            return None
        if name in self.env.constants:
            return self.env.constant_types[name]
        register = self.register(name)
        if register is not None:
            return Type(register.width, register.type_name)
        return self.env.address if name in (self.env.cia, self.env.nia) else None

    def _guess_member(self, member: tree.Member) -> Type | None:
        if isinstance(member.object, tree.Name) and member.object.name in self.env.enums:
            return Type(self.env.enums[member.object.name].width, member.object.name)
        whole = self.guess(member.object)
        if whole is None:
            return None
        return next((Type(part.width) for part in self.env.fields_of(whole) if part.name == member.name), None)

    def _guess_index(self, index: tree.Index) -> Type | None:
        if isinstance(index.object, tree.Name) and self.find(index.object.name) is None:
            name = index.object.name
            if name in ("mem", "phys", "phys_be", "phys_le") and len(index.arguments) > 1:
                size = self._literal(index.arguments[1])
                return Type(size * 8) if size else None
            if name in self.env.spaces:
                return Type(self.env.spaces[name].width)
            register = self.register(name)
            if register is not None and register.count:
                return Type(register.width, register.type_name)
        if (
            isinstance(index.object, tree.Member)
            and isinstance(index.object.object, tree.Name)
            and index.object.object.name in self.env.banks
        ):
            return Type(self.env.registers[index.object.object.name].width)
        return BOOL

    def _guess_call(self, call: tree.CallOf) -> Type | None:
        if isinstance(call.function, tree.Index):
            try:
                results = self.env.signatures[self.instance(call.function)].results
            except Mistake:
                return None
            return results[0] if len(results) == 1 else None
        if not isinstance(call.function, tree.Name):
            return None
        name = call.function.name
        if bits(name):
            return Type(bits(name))
        if name in self.env.signatures and name not in ALL_BUILTINS:
            results = self.env.signatures[name].results
            return results[0] if len(results) == 1 else None
        if name in ("zero_extend", "sign_extend", "truncate"):
            width = self._literal(call.arguments[1]) if len(call.arguments) > 1 else None
            return Type(width) if width else None
        if name in ("feature", "hypercall"):
            return BOOL
        if name == "instruction_word":
            return Type(32)
        if name == "instruction_length":
            return Type(8)
        if (
            name == "receive"
            and call.arguments
            and isinstance(call.arguments[0], tree.Name)
            and call.arguments[0].name in self.ports
        ):
            return Type(self.ports[call.arguments[0].name].width)
        if name in BUILTINS:
            return self._guess_builtin(name, call)
        return None

    def _guess_builtin(self, name: str, call: tree.CallOf) -> Type | None:
        shape = BUILTINS[name]
        constants: tuple[int, ...] = ()
        if shape.constants:
            place = -1 if name in CONSTANT_LAST else 1
            number = self._literal(call.arguments[place]) if len(call.arguments) > 1 else None
            if number is None:
                return None
            constants = (number,)
        first = self.guess(call.arguments[0]) if call.arguments and shape.widths[:1] == (0,) else Type(1)
        if first is None:
            return None
        results = shape.results(first.width, constants)
        return Type(results[0]) if len(results) == 1 else None

    def _guess_binary(self, operation: tree.BinaryOf) -> Type | None:
        if operation.operator in fold.COMPARISONS or operation.operator in fold.LOGICAL:
            return BOOL
        left = self.guess(operation.left)
        if operation.operator in fold.SHIFTS:
            return left
        right = self.guess(operation.right)
        if operation.operator == "++":
            left_width = left.width if left else _written_width(operation.left)
            right_width = right.width if right else _written_width(operation.right)
            return Type(left_width + right_width) if left_width and right_width else None
        found = left or right
        return Type(found.width) if found else None

    def _guess_block(self, block: tree.Block) -> Type | None:
        if block.statements and isinstance(block.statements[-1], tree.ExpressionStatement):
            return self.guess(block.statements[-1].value)
        return None

    def _literal(self, expression: tree.Expression) -> int | None:
        if any(self.find(name) is not None for name in tree.walk_names(expression)):
            return None
        return self.env.literal(expression)


def _written_width(expression: tree.Expression) -> int:
    if isinstance(expression, tree.IntegerLiteral):
        digits = expression.text[2:].replace("_", "")
        return (
            len(digits)
            if expression.text.startswith("0b")
            else 4 * len(digits)
            if expression.text.startswith("0x")
            else 0
        )
    return 0
