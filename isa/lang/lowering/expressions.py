"""Expressions to typed code: names, operators, slices, accesses."""

from __future__ import annotations

from ...model import code
from .. import tree
from ..names import fold
from ..names.builtins import ALL_BUILTINS
from ..names.types import BOOL, Type
from ..tree import Span
from .base import Expected, OperandMeaning, Value, one
from .operators import OperatorLowering


class ExpressionLowering(OperatorLowering):
    """Lowers expressions; calls and blocks are the business of the classes above it."""

    def lower(self, expression: tree.Expression, expected: Expected = None) -> Value:
        """The value of an expression. `expected` helps where the expression itself has no width; it is not enforced."""
        if isinstance(expression, tree.IntegerLiteral):
            return Value(literal=expression.value)
        if isinstance(expression, tree.Name):
            return self.lower_name(expression)
        if isinstance(expression, tree.Member):
            return self.lower_member(expression)
        if isinstance(expression, tree.Index):
            return self.lower_index(expression)
        if isinstance(expression, (tree.SliceOf, tree.PartOf)):
            return self.lower_slice(expression)
        if isinstance(expression, tree.CallOf):
            return self.lower_call(expression, one(expected))
        if isinstance(expression, tree.UnaryOf):
            return self.lower_unary(expression, one(expected))
        if isinstance(expression, tree.BinaryOf):
            return self.lower_binary(expression, one(expected))
        if isinstance(expression, tree.TupleOf):
            return self.lower_tuple(expression, expected)
        return self.lower_choice(expression, expected)

    def lower_call(self, call: tree.CallOf, expected: Type | None) -> Value:
        raise NotImplementedError

    def lower_choice(self, choice: tree.IfOf | tree.MatchOf, expected: Expected) -> Value:
        raise NotImplementedError

    def operand_value(self, meaning: OperandMeaning, span: Span) -> Value:
        raise NotImplementedError

    # Names

    def lower_name(self, name: tree.Name) -> Value:
        variable = self.find(name.name)
        if variable is not None:
            if variable.broken:
                raise self.silent()
            return Value((code.Local(variable.name, variable.type.width),), (variable.type,))
        if name.name in self.fields:
            type_ = self.fields[name.name]
            if name.name in self.fixed:
                return Value((code.Const(self.fixed[name.name], type_.width),), (type_,))
            return Value((code.Local(name.name, type_.width),), (type_,))
        if name.name in self.operands:
            return self.operand_value(self.operands[name.name], name.span)
        if name.name in self.env.constants:
            type_ = self.env.constant_types[name.name]
            return Value((code.Const(self.env.constants[name.name].value, type_.width),), (type_,))
        register = self.register(name.name)
        if register is not None:
            if register.count:
                raise self.env.error(
                    "type", f"'{name.name}' is {register.count} registers: say which", name.span, f"{name.name}[…]"
                )
            return Value((self.read_register(register, None),), (Type(register.width, register.type_name),))
        if name.name == self.env.cia:
            return Value((code.Special("cia", self.env.address.width),), (self.env.address,))
        if name.name == self.env.nia:
            return Value((code.Special("nia", self.env.address.width),), (self.env.address,))
        for abi in self.env.abis.values():
            if name.name in abi.return_codes:
                return Value(literal=abi.return_codes[name.name].value)
        if name.name in self.env.enums:
            raise self.env.error(
                "type",
                f"'{name.name}' is an enum: name one of its members",
                name.span,
                f"{name.name}.{next(iter(self.env.enums[name.name].members))}",
            )
        if name.name in ALL_BUILTINS or name.name in self.env.signatures or name.name in self.env.generics:
            raise self.env.error(
                "type", f"'{name.name}' is a function", name.span, "a call's '(' stands directly behind the name"
            )
        raise self.env.unknown("name", name.name, name.span, self.known_names())

    def lower_member(self, member: tree.Member) -> Value:
        if (
            isinstance(member.object, tree.Name)
            and member.object.name in self.env.enums
            and self.find(member.object.name) is None
        ):
            enum = self.env.enums[member.object.name]
            if member.name not in enum.members:
                raise self.env.unknown(f"member of {enum.name}", member.name, member.span, enum.members)
            type_ = Type(enum.width, enum.name)
            return Value((code.Const(enum.members[member.name], enum.width),), (type_,))
        value = self.lower(member.object)
        whole = self.scalar(value, None, member.object.span)
        for part in self.env.fields_of(value.types[0]):
            if part.name == member.name:
                return Value((fold.slice_of(whole, part.low, part.width),), (Type(part.width),))
        known = [part.name for part in self.env.fields_of(value.types[0])]
        if not known:
            raise self.env.error(
                "type", f"{value.types[0]} has no named parts, so it has no '{member.name}'", member.span
            )
        raise self.env.unknown(f"part of {value.types[0]}", member.name, member.span, known)

    # Indexing and slices

    def lower_index(self, index: tree.Index) -> Value:
        if isinstance(index.object, tree.Name) and self.find(index.object.name) is None:
            name = index.object.name
            if name in ("mem", "phys", "phys_be", "phys_le"):
                return self.read_memory(name, index)
            if name in self.env.spaces and name not in self.fields:
                keys = self.space_keys(name, index)
                space = self.env.spaces[name]
                return Value((code.Call(f"{name}.read", keys, space.width),), (Type(space.width),))
            register = self.register(name) if name not in self.fields and name not in self.operands else None
            if register is not None and register.count:
                self.one_index(index)
                element = self.read_register(register, self.any_width(index.arguments[0]))
                return Value((element,), (Type(register.width, register.type_name),))
        banked = self.banked(index)
        if banked is not None:
            name, bank = banked
            argument = self.any_width(index.arguments[0])
            width = self.env.registers[name].width
            return Value(
                (
                    code.Call(
                        f"{name}.{bank}.read",
                        (fold.slice_of(fold.extend(argument, False, max(8, argument.width)), 0, 8),),
                        width,
                    ),
                ),
                (Type(width),),
            )
        self.one_index(index)
        whole = self.scalar(self.lower(index.object), None, index.object.span)
        low = self.bit_position(whole.width, 1, index.arguments[0])
        return Value((fold.dynamic_slice(whole, low, 1),), (BOOL,))

    def lower_slice(self, part: tree.SliceOf | tree.PartOf) -> Value:
        whole = self.scalar(self.lower(part.object), None, part.object.span)
        if isinstance(part, tree.SliceOf):
            first, last = self.number(part.first, "a slice's bound"), self.number(part.last, "a slice's bound")
            low, width = self.env.low_bit(first, last, whole.width, part.span, f"a value of {whole.width} bits")
            return Value((fold.slice_of(whole, low, width),), (Type(width),))
        width = self.number(part.width, "a slice's width")
        if not 1 <= width <= whole.width:
            raise self.env.error(
                "range", f"{width} bits cannot be taken from a value of {whole.width} bits", part.width.span
            )
        return Value(
            (fold.dynamic_slice(whole, self.bit_position(whole.width, width, part.start), width),), (Type(width),)
        )

    def bit_position(self, whole: int, width: int, index: tree.Expression) -> code.Expression:
        """The lowest bit of a part, from an index in the book's numbering."""
        position = self.any_width(index)
        if isinstance(position, code.Const) and position.value + width > whole:
            raise self.env.error(
                "range", f"bit {position.value} and {width - 1} more do not lie in a value of {whole} bits", index.span
            )
        if self.env.numbering == "right":
            return position
        position = fold.extend(position, False, max(8, position.width))
        return fold.binary("-", code.Const(whole - width, position.width), position)

    def one_index(self, index: tree.Index) -> None:
        if len(index.arguments) != 1:
            raise self.env.error("type", f"one index is needed here, not {len(index.arguments)}", index.span)

    # Memory, registers, spaces

    def read_memory(self, name: str, index: tree.Index) -> Value:
        address, size, kind, order = self.access(name, index, 0)
        if name == "mem":
            return Value((code.ReadMemory(address, size, kind, size * 8),), (Type(size * 8),))
        return Value((code.ReadPhysical(address, size, order, size * 8),), (Type(size * 8),))

    def access(self, name: str, index: tree.Index, default_kind: int) -> tuple[code.Expression, int, int, str]:
        """Address, size, access kind and byte order of `mem[…]` or `phys[…]`."""
        if not 2 <= len(index.arguments) <= (3 if name == "mem" else 2):
            raise self.env.error("type", f"{name}[address, size] takes an address and a size", index.span)
        size = self.number(index.arguments[1], "an access's size")
        if size not in (1, 2, 4, 8, 16):
            raise self.env.error("range", f"an access has 1, 2, 4, 8 or 16 bytes, not {size}", index.arguments[1].span)
        kind = self.number(index.arguments[2], "an access's kind") if len(index.arguments) == 3 else default_kind
        type_ = self.env.address if name == "mem" else Type(64)
        order = {"phys_be": "big", "phys_le": "little"}.get(name, self.env.byte_order)
        return self.expr(index.arguments[0], type_, "the address"), size, kind, order

    def space_keys(self, name: str, index: tree.Index) -> tuple[code.Expression, ...]:
        space = self.env.spaces[name]
        if len(index.arguments) != len(space.keys):
            raise self.env.error(
                "type", f"{name} is indexed by {len(space.keys)} numbers, not {len(index.arguments)}", index.span
            )
        keys: list[code.Expression] = []
        for argument, key in zip(index.arguments, space.keys, strict=True):
            mark = len(self.out)
            keys.append(self.expr(argument, Type(key.width), f"key {key.name}"))
            self.keep_order(keys, mark, len(keys) - 1)
        return tuple(keys)
