"""Typed expressions that take values apart and put them together."""

from __future__ import annotations

from collections.abc import Sequence

from ....model import code
from ..text import FunctionText, symbol
from .flow import Flow
from .folding import fold_binary, fold_resize
from .values import Before, Deferred, Later, Part, Parts, Recipe, Scalar, Value, as_parts, joined


class Bits(Flow):
    """Slices, insertions, extensions; what computes is written by `Evaluate`, which inherits from this."""

    def value(self, e: code.Expression) -> Value:
        """An expression's value; 0 where nothing can come here any more."""
        raise NotImplementedError

    def scalar(self, e: code.Expression) -> Scalar:
        """An expression as a number or one SSA value."""
        return self.text.scalar(self.value(e), e.width)

    def slice_of(self, value: Value, width: int, low: int, to: int) -> Value:
        """Some bits of a value of `width` bits."""
        if not isinstance(value, Parts):
            if isinstance(value, int):
                return value >> low & (1 << to) - 1
            moved = fold_binary(self.text, ">>", value, low, width, 32)
            cut = fold_resize(self.text, moved, width, to)
            self.text.derive(cut, value)
            self.facts.note_slice(cut, value, width, low, to)
            return cut
        found: list[tuple[int, Part]] = []
        start = 0
        for part_width, part in value.parts:
            first, last = max(start, low), min(start + part_width, low + to)
            if first < last:
                found.append((last - first, self.cut(part, part_width, first - start, last - first)))
            start += part_width
        if sum(part_width for part_width, _ in found) < to:
            found.append((to - sum(part_width for part_width, _ in found), 0))
        whole = joined(found)
        if isinstance(whole, Parts) and len(whole.parts) == 1 and isinstance(whole.parts[0][1], Before):
            return self.text.before(whole.parts[0][1].piece, True)
        return whole

    def cut(self, part: Part, width: int, low: int, to: int) -> Part:
        """See `Flow`."""
        if width == to:
            return part
        if isinstance(part, Later):
            return Later(part.deferred, part.low + low, to)
        whole = self.text.before(part.piece, True) if isinstance(part, Before) else part
        cut = self.slice_of(whole, width, low, to)
        assert not isinstance(cut, Parts)
        return cut

    def dynamic_slice_of(self, e: code.DynamicSlice) -> Value:
        """Bits from a place that may not be known."""
        operand = self.value(e.operand)
        low = self.scalar(e.low)
        if isinstance(low, int):
            return self.slice_of(operand, e.operand.width, low, e.width) if low < e.operand.width else 0
        whole = self.text.scalar(operand, e.operand.width)
        moved = fold_binary(self.text, ">>", whole, low, e.operand.width, e.low.width)
        return fold_resize(self.text, moved, e.operand.width, e.width)

    def concat_of(self, e: code.Concat) -> Value:
        """Values side by side."""
        values = [(self.value(part), part.width) for part in e.parts]
        parts: list[tuple[int, Part]] = []
        for value, width in reversed(values):
            parts += as_parts(value, width)
        return joined(parts)

    def insert_of(self, e: code.Insert) -> Value:
        """A value with others of its bits."""
        base = self.value(e.base)
        low = self.scalar(e.low)
        value = self._put_off(e.value)
        if isinstance(low, int):
            if low >= e.width:
                return base
            width = min(e.value.width, e.width - low)
            parts = [*self.parts_of(base, e.width, 0, low), *self.parts_of(value, e.value.width, 0, width)]
            return joined([*parts, *self.parts_of(base, e.width, low + width, e.width)])
        text = self.text
        ones = (1 << min(e.value.width, e.width)) - 1
        hole = fold_binary(text, "<<", ones, low, e.width, e.low.width)
        clear = fold_binary(text, "^", hole, (1 << e.width) - 1, e.width, e.width)
        kept = fold_binary(text, "&", text.scalar(base, e.width), clear, e.width, e.width)
        wide = fold_resize(text, text.scalar(value, e.value.width), e.value.width, e.width)
        moved = fold_binary(text, "<<", wide, low, e.width, e.low.width)
        return fold_binary(text, "|", kept, moved, e.width, e.width)

    def _put_off(self, e: code.Expression) -> Value:
        """A value that becomes part of a register: what a function of its arguments computes is left for later."""
        if not isinstance(e, code.Call) or not self.surroundings.is_harmless(e.function):
            return self.value(e)
        operands = tuple(self.scalar(argument) for argument in e.arguments)
        if all(isinstance(operand, int) for operand in operands):
            return self.value(e)
        function = self.surroundings.unit.description.functions[e.function]
        widths = tuple(parameter.width for parameter in function.parameters)
        types = [f"i{width}" for width in widths]

        def write(text: FunctionText, values: Sequence[Scalar]) -> Scalar:
            passed = "".join(f", {type_} {value}" for type_, value in zip(types, values, strict=True))
            return text.value(f"call fastcc i{e.width} {symbol('f', e.function)}(ptr %cpu{passed})")

        deferred = Deferred(Recipe(e.function, e.width, widths, write), operands)
        return Parts(((e.width, Later(deferred, 0, e.width)),))

    def parts_of(self, value: Value, width: int, first: int, last: int) -> list[tuple[int, Part]]:
        """The parts of bits `first` to `last` (excluded)."""
        found: list[tuple[int, Part]] = []
        start = 0
        for part_width, part in as_parts(value, width):
            low, high = max(start, first), min(start + part_width, last)
            if low < high:
                found.append((high - low, self.cut(part, part_width, low - start, high - low)))
            start += part_width
        return found

    def extend_of(self, e: code.Extend) -> Value:
        """A value with more, or fewer, bits."""
        value = self.value(e.operand)
        width = e.operand.width
        if isinstance(value, Parts) and not e.signed:
            return joined([*value.parts, (e.width - width, 0)]) if e.width > width else value
        narrow = self.text.scalar(value, width)
        if width == 1 < e.width and not e.signed and isinstance(narrow, str):
            return joined([(1, narrow), (e.width - 1, 0)])
        wide = fold_resize(self.text, narrow, width, e.width, e.signed)
        self.text.derive(wide, narrow)
        return wide
