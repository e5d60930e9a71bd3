"""Typed expressions to IR."""

from __future__ import annotations

from ....model import code
from ...purity import is_pure_builtin, walk
from ..bodies import Unit
from ..shared import cpu_layout as cpu
from ..text import FunctionText, binary, resize, shift
from .calls import Calls

_SPECIAL_FIELDS = {"cia": cpu.CIA, "nia": cpu.NIA}


class Expressions(Calls):
    """Evaluates expressions of one function into `text`."""

    def __init__(self, unit: Unit, text: FunctionText) -> None:
        super().__init__(unit, text)
        self.locals: dict[str, tuple[str, int]] = {}
        """Address on the stack and width of each variable."""
        self.constant: frozenset[str] = frozenset()
        """Variables that get their value in one place, before they are read."""
        self.values: dict[str, str] = {}
        """Values of those."""
        self.specials: dict[str, str] = {}
        """Values of specials that are known here."""

    def local(self, name: str, width: int) -> str:
        """The address of a variable, which is made where it is new."""
        if name not in self.locals:
            self.locals[name] = (self.text.variable(f"i{width}"), width)
        return self.locals[name][0]

    def declare(self, name: str, width: int, value: str) -> None:
        """Gives a variable its first value."""
        if name in self.constant:
            self.values[name] = value
        else:
            self.text.do(f"store i{width} {value}, ptr {self.local(name, width)}")

    def value(self, e: code.Expression) -> str:
        """An expression's value."""
        text = self.text
        if isinstance(e, code.Const):
            return str(e.value)
        if isinstance(e, code.Local):
            known = self.values.get(e.name)
            return known or text.value(f"load i{e.width}, ptr {self.local(e.name, e.width)}")
        if isinstance(e, code.Special):
            return self._special(e)
        if isinstance(e, code.ReadRegister):
            return self._read_register(e)
        if isinstance(e, code.Binary):
            return self._binary(e)
        if isinstance(e, code.Unary):
            return self._unary(e)
        if isinstance(e, code.Extend):
            return resize(text, self.value(e.operand), e.operand.width, e.width, e.signed)
        if isinstance(e, code.Slice):
            return self._slice(self.value(e.operand), e.operand.width, e.low, e.width)
        if isinstance(e, code.DynamicSlice):
            operand, low = self.value(e.operand), self.value(e.low)
            moved = shift(text, "lshr", operand, low, e.operand.width, e.low.width)
            return resize(text, moved, e.operand.width, e.width)
        if isinstance(e, code.Concat):
            return self._concat(e)
        if isinstance(e, code.Insert):
            return self._insert(e)
        if isinstance(e, code.Select):
            return self._select(e)
        if isinstance(e, code.ReadMemory):
            address = resize(text, self.value(e.address), e.address.width, 64)
            return self.checked(f"@load.{e.size}.{e.kind}(ptr %cpu, i64 {address})", (e.width,))[0]
        if isinstance(e, code.ReadPhysical):
            address = resize(text, self.value(e.address), e.address.width, 64)
            return self.checked(f"@physical.load.{e.size}.{e.order}(ptr %cpu, i64 {address})", (e.width,))[0]
        if isinstance(e, code.Call):
            results = self.call(e.function, e.arguments)
            return results[0] if results else ""
        return self._one_builtin(e)

    def _one_builtin(self, e: code.Builtin) -> str:
        results = self.builtin(e.name, e.arguments, e.extra, (e.width,) if e.width else ())
        return results[0] if results else ""

    # Places

    def register_address(self, register: str, index: code.Expression | None) -> str:
        """The address of a register, or of the element that an index stands for."""
        text = self.text
        field, slot = self.unit.place(register)
        if field is None:
            base, offset = "%cpu", cpu.THREAD + slot.offset
        else:
            base, offset = text.value(f"load ptr, ptr {text.address('%cpu', field)}, !invariant.load !0"), slot.offset
        if index is None:
            return text.address(base, offset)
        if isinstance(index, code.Const):
            return text.address(base, offset + index.value % slot.elements * slot.size)
        number = self.value(index)
        if (1 << index.width) > slot.elements:
            number = text.value(f"urem i{index.width} {number}, {slot.elements}")
        wide = resize(text, number, index.width, 64)
        start = text.address(base, offset)
        return text.address(start, text.value(f"mul i64 {wide}, {slot.size}"))

    def _read_register(self, e: code.ReadRegister) -> str:
        slot = self.unit.place(e.register)[1]
        address = self.register_address(e.register, e.index)
        bits = slot.size * 8
        value = self.text.value(f"load i{bits}, ptr {address}, align {min(slot.size, 8)}")
        return resize(self.text, value, bits, e.width)

    def _special(self, e: code.Special) -> str:
        if e.name in self.specials:
            return self.specials[e.name]
        text = self.text
        if e.name in _SPECIAL_FIELDS:
            return resize(text, text.field(_SPECIAL_FIELDS[e.name]), 64, e.width)
        if e.name == "retired":
            return text.value(f"sub i64 {text.field(cpu.BASE)}, {text.field(cpu.LEFT)}")
        entry = text.field(cpu.ENTRY, "ptr")
        place, bits = (8, 32) if e.name == "word" else (12, 16)
        return resize(text, text.value(f"load i{bits}, ptr {text.address(entry, place)}"), bits, e.width)

    # Operators

    def _unary(self, e: code.Unary) -> str:
        value = self.value(e.operand)
        if e.operator == "-":
            return self.text.value(f"sub i{e.width} 0, {value}")
        return self.text.value(f"xor i{e.width} {value}, -1")

    def _binary(self, e: code.Binary) -> str:
        if e.operator in ("&&", "||") and not is_simple(e.right):
            if e.operator == "&&":
                return self._branching(e.left, e.right, code.Const(0, 1), 1)
            return self._branching(e.left, code.Const(1, 1), e.right, 1)
        left = self.value(e.left)
        right = self.value(e.right)
        return binary(self.text, e.operator, left, right, e.left.width, e.right.width)

    def _select(self, e: code.Select) -> str:
        if is_simple(e.then) and is_simple(e.otherwise):
            condition, then, otherwise = self.value(e.condition), self.value(e.then), self.value(e.otherwise)
            return self.text.value(f"select i1 {condition}, i{e.width} {then}, i{e.width} {otherwise}")
        return self._branching(e.condition, e.then, e.otherwise, e.width)

    def _branching(
        self, condition: code.Expression, then: code.Expression, otherwise: code.Expression, width: int
    ) -> str:
        text = self.text
        result = text.variable(f"i{width}")
        first, second, after = text.name(), text.name(), text.name()
        text.branch(self.value(condition), first, second)
        for name, side in ((first, then), (second, otherwise)):
            text.block(name)
            text.do(f"store i{width} {self.value(side)}, ptr {result}")
            text.end(f"br label %{after}")
        text.block(after)
        return text.value(f"load i{width}, ptr {result}")

    def _slice(self, value: str, width: int, low: int, to: int) -> str:
        moved = shift(self.text, "lshr", value, str(low), width, 32)
        return resize(self.text, moved, width, to)

    def _concat(self, e: code.Concat) -> str:
        result = ""
        low = e.width
        for part in e.parts:
            low -= part.width
            value = resize(self.text, self.value(part), part.width, e.width)
            value = shift(self.text, "shl", value, str(low), e.width, 32)
            result = self.text.value(f"or i{e.width} {result}, {value}") if result else value
        return result

    def _insert(self, e: code.Insert) -> str:
        text, width = self.text, e.width
        base, low, value = self.value(e.base), self.value(e.low), self.value(e.value)
        ones = str((1 << min(e.value.width, width)) - 1)
        hole = shift(text, "shl", ones, low, width, e.low.width)
        kept = text.value(f"and i{width} {base}, {text.value(f'xor i{width} {hole}, -1')}")
        moved = shift(text, "shl", resize(text, value, e.value.width, width), low, width, e.low.width)
        return text.value(f"or i{width} {kept}, {moved}")


def is_simple(e: code.Expression) -> bool:
    """Whether it does no harm, and costs little, to evaluate an expression that is not needed."""
    return not any(
        isinstance(node, (code.ReadMemory, code.ReadPhysical, code.Call))
        or (isinstance(node, code.Builtin) and (not is_pure_builtin(node.name) or node.name.startswith("fp_")))
        for node in walk(e)
    )
