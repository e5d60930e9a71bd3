"""What can stand left of '=': variables, registers, parts of them, memory, spaces."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...model import code
from .. import tree
from ..names import fold
from ..names.types import BOOL, Type
from .base import is_stable
from .calls import CallLowering


@dataclass
class Place:
    """A target, resolved once. `expressions` are its index, keys or address; `inner` what a part belongs to."""

    kind: str
    type: Type
    name: str = ""
    expressions: list[code.Expression] = field(default_factory=list)
    size: int = 0
    access: int = 0
    order: str = ""
    inner: Place | None = None


class PlaceLowering(CallLowering):
    """Resolves targets, reads and writes them."""

    def place(self, target: tree.Expression) -> Place:
        """The place that an expression names; `Mistake` if it names none."""
        if isinstance(target, tree.Name):
            return self._named(target)
        if isinstance(target, tree.Member):
            inner = self._inner(target.object)
            for part in self.env.fields_of(inner.type):
                if part.name == target.name:
                    return Place("part", Type(part.width), expressions=[code.Const(part.low, 8)], inner=inner)
            raise self.env.unknown(
                f"part of {inner.type}",
                target.name,
                target.span,
                [part.name for part in self.env.fields_of(inner.type)],
            )
        if isinstance(target, tree.Index):
            return self._indexed(target)
        if isinstance(target, (tree.SliceOf, tree.PartOf)):
            inner = self._inner(target.object)
            if isinstance(target, tree.SliceOf):
                first, last = self.number(target.first, "a slice's bound"), self.number(target.last, "a slice's bound")
                low, width = self.env.low_bit(
                    first, last, inner.type.width, target.span, f"a value of {inner.type.width} bits"
                )
                return Place("part", Type(width), expressions=[code.Const(low, 8)], inner=inner)
            width = self.number(target.width, "a slice's width")
            if not 1 <= width <= inner.type.width:
                raise self.env.error("range", f"{width} bits do not lie in {inner.type.width} bits", target.width.span)
            return Place(
                "part", Type(width), expressions=[self.bit_position(inner.type.width, width, target.start)], inner=inner
            )
        raise self.env.error(
            "assign",
            "this cannot be assigned to",
            target.span,
            "a variable, register, part of one, mem[…], phys[…] or a space can",
        )

    def _inner(self, target: tree.Expression) -> Place:
        inner = self.place(target)
        if inner.kind in ("memory", "physical", "space"):
            raise self.env.error("assign", "only a whole memory or space access can be assigned to", target.span)
        for index, expression in enumerate(inner.expressions):
            if not is_stable(expression):
                inner.expressions[index] = self.temporary(expression)
        return inner

    def _named(self, target: tree.Name) -> Place:
        variable = self.find(target.name)
        if variable is not None:
            if variable.broken:
                raise self.silent()
            if not variable.mutable:
                raise self.env.error(
                    "assign", f"'{target.name}' cannot be assigned again", target.span, "declare it with `var`"
                )
            return Place("local", variable.type, variable.name)
        if target.name == self.env.nia:
            return Place("next", self.env.address)
        register = None if target.name in self.fields else self.register(target.name)
        if register is not None and not register.count:
            if register.kind == "view" and not register.write_function:
                raise self.env.error("assign", f"view {register.name} has no `write`", target.span)
            return Place(register.kind, Type(register.width, register.type_name), register.name)
        if register is not None:
            raise self.env.error(
                "type", f"'{target.name}' is {register.count} registers: say which", target.span, f"{target.name}[…]"
            )
        if (
            target.name in self.fields
            or target.name in self.operands
            or target.name in self.env.constants
            or target.name == self.env.cia
        ):
            raise self.env.error("assign", f"'{target.name}' cannot be assigned to", target.span)
        raise self.env.unknown("name", target.name, target.span, self.known_names())

    def _indexed(self, target: tree.Index) -> Place:
        if isinstance(target.object, tree.Name) and self.find(target.object.name) is None:
            name = target.object.name
            if name in ("mem", "phys", "phys_be", "phys_le"):
                address, size, kind, order = self.access(name, target, 1)
                return Place(
                    "memory" if name == "mem" else "physical", Type(size * 8), "", [address], size, kind, order
                )
            if name in self.env.spaces and name not in self.fields:
                return Place("space", Type(self.env.spaces[name].width), name, list(self.space_keys(name, target)))
            register = self.register(name) if name not in self.fields else None
            if register is not None and register.count:
                self.one_index(target)
                return Place(
                    register.kind,
                    Type(register.width, register.type_name),
                    register.name,
                    [self.any_width(target.arguments[0])],
                )
        banked = self.banked(target)
        if banked is not None:
            name, bank = banked
            argument = self.any_width(target.arguments[0])
            return Place("bank", Type(self.env.registers[name].width), f"{name}.{bank}", [argument])
        self.one_index(target)
        inner = self._inner(target.object)
        return Place(
            "part", BOOL, expressions=[self.bit_position(inner.type.width, 1, target.arguments[0])], inner=inner
        )

    def load(self, place: Place) -> code.Expression:
        """What stands there now."""
        width = place.type.width
        if place.kind == "local":
            return code.Local(place.name, width)
        if place.kind == "next":
            return code.Special("nia", width)
        if place.kind == "bank":
            return code.Call(f"{place.name}.read", (self._small(place.expressions[0]),), width)
        if place.kind == "part":
            assert place.inner is not None
            return fold.dynamic_slice(self.load(place.inner), place.expressions[0], width)
        return self.read_register(self.env.registers[place.name], place.expressions[0] if place.expressions else None)

    def store(self, place: Place, value: code.Expression) -> None:
        """Puts out the statement that writes it."""
        if place.kind == "local":
            self.emit(code.Set(self.line, place.name, value))
        elif place.kind == "next":
            self.emit(code.SetNext(self.line, value))
        elif place.kind == "storage":
            index = place.expressions[0] if place.expressions else None
            zero = self.env.zeros.get(place.name)
            if index is not None and zero is not None:
                self._store_beside(place.name, index, zero, value)
            else:
                self.emit(code.SetRegister(self.line, place.name, index, value))
        elif place.kind == "view":
            register = self.env.registers[place.name]
            arguments = (*(self._small(index) for index in place.expressions), value)
            self.emit(code.Do(self.line, code.Call(register.write_function, arguments, 0)))
        elif place.kind == "bank":
            self.emit(
                code.Do(self.line, code.Call(f"{place.name}.write", (self._small(place.expressions[0]), value), 0))
            )
        elif place.kind == "space":
            self.emit(code.Do(self.line, code.Call(f"{place.name}.write", (*place.expressions, value), 0)))
        elif place.kind == "memory":
            self.emit(code.SetMemory(self.line, place.expressions[0], place.size, place.access, value))
        elif place.kind == "physical":
            self.emit(code.SetPhysical(self.line, place.expressions[0], place.size, place.order, value))
        else:
            assert place.inner is not None
            base = self.load(place.inner)
            self.store(place.inner, code.Insert(base, place.expressions[0], value, base.width))

    def _store_beside(self, name: str, index: code.Expression, zero: int, value: code.Expression) -> None:
        """Writes an element of an array, unless it is the one that is always 0."""
        if not is_stable(index):
            index = self.temporary(index)
        is_other = fold.binary("!=", index, code.Const(zero, index.width))
        written = code.SetRegister(self.line, name, index, value)
        if not isinstance(is_other, code.Const):
            self.emit(code.If(self.line, is_other, (written,), ()))
        elif is_other.value:
            self.emit(written)

    def _small(self, index: code.Expression) -> code.Expression:
        return fold.slice_of(fold.extend(index, False, max(8, index.width)), 0, 8)
