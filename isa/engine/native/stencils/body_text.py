"""A quick body as a stencil's IR: what an instruction settles is an external symbol, whose address is the number.

LLVM knows such symbols as absolute, with the range of their values, so it neither assumes that they differ from each
other or from 0, nor that they are aligned, and puts them where it would put a constant of that size.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence

import msgspec

from ....model import code
from ....model.items import Form
from ...purity import walk
from ..bodies import Unit
from ..copies import Given, Hole, Settled, TooMuchError, parts_of
from ..floats import assigned_values
from ..handlers import QuickBody, assigned_once
from ..shared import cpu_layout as cpu
from ..text import FunctionText, resize
from .glue_text import absolute, opaque
from .modes import Looks

_WIDEST = 64
"""Bits of the widest number that goes into a hole."""
_WIDEST_CHOICE = 4
"""Bits of the widest number that a stencil is made for, instead of having a hole for it."""
_MOST_TRIED = 1024
"""Words whose fields are tried to find out how large a number can be."""
_SHIFTS = {"<<": "shl", ">>": "lshr", ">>s": "ashr"}
_HALF = 1 << 31


class UnfitError(Exception):
    """The body makes no stencil. Never leaves this package."""


class StencilBody(QuickBody):
    """Writes one; afterwards `holes` and `chosen` are what it needs, `ways` the settled addresses that it may go to,
    with `taken` the places that say so."""

    def __init__(
        self,
        unit: Unit,
        text: FunctionText,
        floats: bool,
        form: Form,
        settled: Settled,
        looks: Looks,
        registers: Mapping[str, int],
        choose: Callable[[code.Expression], int],
        prefix: str,
        bounds: dict[code.Expression, int | None],
    ) -> None:
        """`registers` hold the modes; `choose` gives the number of an expression that is settled by the instruction;
        symbols begin with `prefix`. `bounds` remembers how large numbers can be."""
        super().__init__(unit, text, floats)
        self._settled = settled
        self._looks = looks
        self._registers = registers
        self._choose = choose
        self._prefix = prefix
        self._fields = {field.name: field.width for field in form.fields}
        self._lets: dict[str, code.Expression] = {}
        self._bounds = bounds
        self.holes: dict[Hole, str] = {}
        self.chosen: dict[code.Expression, int] = {}
        self.ways: list[code.Expression] = []
        self.taken: list[str] = []
        self.computes_next = False
        self.apart: set[tuple[int, int]] = set()
        """Where arrays are, behind `cpu`, of which elements are accessed that no hole is for: (first byte, end)."""

    def form(self, form: Form, body: code.Body) -> None:
        """Writes a form's body."""
        self.constant = assigned_once(body, [field.name for field in form.fields])
        self.assigned = assigned_values(body)
        self.body(body)

    # Numbers

    def _is_settled(self, e: code.Expression) -> bool:
        return self._settled.holds(e, lambda name: name in self._lets or name in self._fields)

    def _resolved(self, e: code.Expression) -> code.Expression:
        """The same in terms of fields alone."""
        if isinstance(e, code.Local):
            return self._lets.get(e.name, e)
        if not parts_of(e):
            return e
        changed: dict[str, object] = {}
        for name in e.__struct_fields__:
            part = getattr(e, name)
            if isinstance(part, tuple):
                changed[name] = tuple(self._resolved(one) if isinstance(one, code.Expression) else one for one in part)
            elif isinstance(part, code.Expression):
                changed[name] = self._resolved(part)
        return msgspec.structs.replace(e, **changed)

    def _chosen(self, e: code.Expression) -> int:
        """The number that the stencil is made for."""
        e = self._resolved(e)
        if not any(isinstance(node, (code.Local, code.Special)) for node in walk(e)):
            return self._settled.number(e, Given({}, {}, self._registers))
        if e not in self.chosen:
            self.chosen[e] = self._choose(e)
        return self.chosen[e]

    def _hole(self, hole: Hole) -> str:
        if hole not in self.holes:
            self.holes[hole] = f"@{self._prefix}.{len(self.holes)}"
        return self.holes[hole]

    def _number(self, e: code.Expression) -> str:
        """A hole for a number, as an operand."""
        e, width = self._resolved(e), e.width
        low, last = 0, (1 << width) - 1
        most = self._most(e)
        if most is not None:
            last = most
        elif isinstance(e, code.Extend):
            inner = e.operand.width
            low, last = (-(1 << inner - 1), (1 << inner - 1) - 1) if e.signed else (0, (1 << inner) - 1)
        symbol = self._hole(Hole(e, 0, 1, 0, low, last))
        if width == _WIDEST and (low < -_HALF or last >= _HALF):
            return opaque(self.text, symbol)
        return f"ptrtoint (ptr {symbol} to i{width})"

    def _most(self, e: code.Expression) -> int | None:
        """The largest value of a number that some fields settle; None where that is not known."""
        if e not in self._bounds:
            self._bounds[e] = self._tried(e)
        return self._bounds[e]

    def _tried(self, e: code.Expression) -> int | None:
        names: dict[str, int] = {}
        waiting = [e]
        while waiting:
            found = waiting.pop()
            if isinstance(found, code.Local):
                names[found.name] = found.width
            elif isinstance(found, (code.Special, code.ReadRegister)):
                return None
            waiting += parts_of(found)
        if 1 << sum(names.values()) > _MOST_TRIED:
            return None
        most = 0
        try:
            for values in itertools.product(*(range(1 << width) for width in names.values())):
                given = Given(dict(zip(names, values, strict=True)), {}, {})
                most = max(most, self._settled.number(e, given))
        except TooMuchError:
            return None
        return most

    # Expressions

    def value(self, e: code.Expression) -> str:
        """See `QuickBody`."""
        if isinstance(e, code.Const):
            return str(e.value)
        if self._is_settled(e):
            if e.width == 1:
                return str(self._chosen(e))
            if e.width <= _WIDEST:
                return self._number(e)
            if isinstance(e, code.Local) and e.name in self._lets:
                # Wider than a hole: it is put together from what it was defined as.
                return self.value(self._lets[e.name])
        elif isinstance(e, code.Select) and self._is_settled(e.condition):
            return self.value(e.then if self._chosen(e.condition) else e.otherwise)
        elif isinstance(e, code.Binary) and e.operator in ("&&", "||") and self._is_settled(e.left):
            return self.value(e.right) if self._chosen(e.left) == (e.operator == "&&") else str(int(e.operator == "||"))
        elif isinstance(e, code.DynamicSlice) and self._lies_within(e.low, e.operand.width - 1):
            return self._slice_at(e)
        elif isinstance(e, code.Insert) and self._lies_within(e.low, e.width - e.value.width):
            return self._inserted(e)
        elif isinstance(e, code.Binary) and e.operator in _SHIFTS and self._lies_within(e.right, e.left.width - 1):
            word, amount = _SHIFTS[e.operator], self._amount(e.right, e.width)
            return self.text.value(f"{word} i{e.width} {self.value(e.left)}, {amount}")
        return super().value(e)

    def _lies_within(self, e: code.Expression, most: int) -> bool:
        """Whether a number has a hole, and is never larger than this."""
        if isinstance(e, code.Const) or not self._is_settled(e):
            return False
        found = self._most(self._resolved(e))
        return found is not None and found <= most

    def _amount(self, e: code.Expression, width: int) -> str:
        return self._number(code.Extend(e, False, width) if e.width < width else e if e.width == width else code.Slice(
            e, 0, width))  # fmt: skip

    def _slice_at(self, e: code.DynamicSlice) -> str:
        width = e.operand.width
        moved = self.text.value(f"lshr i{width} {self.value(e.operand)}, {self._amount(e.low, width)}")
        return resize(self.text, moved, width, e.width)

    def _inserted(self, e: code.Insert) -> str:
        text, width = self.text, e.width
        ones = code.Const((1 << e.value.width) - 1, width)
        base = self.value(e.base)
        hole = code.Unary("~", code.Binary("<<", ones, e.low, width), width)
        kept = text.value(f"and i{width} {base}, {self.value(hole)}")
        value = resize(text, self.value(e.value), e.value.width, width)
        moved = text.value(f"shl i{width} {value}, {self._amount(e.low, width)}")
        return text.value(f"or i{width} {kept}, {moved}")

    def register_address(self, register: str, index: code.Expression | None) -> str:
        """See `Expressions`: an index that is settled makes the whole offset one number."""
        text = self.text
        field, slot = self.unit.place(register)
        if index is None or not slot.count or not self._is_settled(index):
            self._sets_apart(register)
            return super().register_address(register, index)
        if field is None:
            base, offset = "%cpu", cpu.THREAD + slot.offset
        else:
            base, offset = text.value(f"load ptr, ptr {text.address('%cpu', field)}, !invariant.load !0"), slot.offset
        hole = Hole(self._resolved(index), slot.elements, slot.size, offset, 0, _HALF - 1)
        return text.address(base, f"ptrtoint (ptr {self._hole(hole)} to i64)")

    def _sets_apart(self, register: str) -> None:
        field, slot = self.unit.place(register)
        if field is None and slot.count:
            self.apart.add((cpu.THREAD + slot.offset, cpu.THREAD + slot.offset + slot.elements * slot.size))

    def call(self, function: str, arguments: Sequence[code.Expression]) -> list[str]:
        """See `Calls`. What a small number tells a function is better known when the code is made."""
        known = [
            code.Const(self._chosen(one), one.width)
            if not isinstance(one, code.Const) and one.width <= _WIDEST_CHOICE and self._is_settled(one) else one
            for one in arguments
        ]  # fmt: skip
        if self._looks.writes_by_call(function):
            raise UnfitError
        described = self.unit.description.functions[function]
        for register in (*described.reads, *described.writes):
            self._sets_apart(register)
        return super().call(function, known)

    # Statements

    def _statement(self, s: code.Statement) -> None:
        text = self.text
        if isinstance(s, code.Let) and s.name in self.constant and self._is_settled(s.value):
            self._lets[s.name] = self._resolved(s.value)
        elif isinstance(s, code.If) and self._is_settled(s.condition):
            self.body(s.then if self._chosen(s.condition) else s.otherwise)
        elif isinstance(s, code.Switch) and s.subject.width <= _WIDEST_CHOICE + 1 and self._is_settled(s.subject):
            subject = self._chosen(s.subject)
            chosen = (case.body for case in s.cases if any(low <= subject <= high for low, high in case.ranges))
            self.body(next(chosen, s.default))
        elif isinstance(s, code.SetNext):
            for place in (self.jumps, *self.taken):
                text.do(f"store i1 false, ptr {place}")
            if self._is_settled(s.value):
                text.do(f"store i1 true, ptr {self._way(self._resolved(s.value))}")
            else:
                self.computes_next = True
                super()._statement(s)
        elif isinstance(s, code.SetRegister) and self._looks.writes(s):
            # Whoever comes behind counts on the modes.
            raise UnfitError
        else:
            super()._statement(s)

    def _way(self, address: code.Expression) -> str:
        if address not in self.ways:
            self.ways.append(address)
            self.taken.append(self.text.variable("i1"))
            self.text.first(f"store i1 false, ptr {self.taken[-1]}")
        return self.taken[self.ways.index(address)]


def bounds_text(holes: Mapping[Hole, str]) -> list[str]:
    """Declarations of holes, with what is known of their numbers."""
    return [absolute(symbol, hole.low, hole.last) for hole, symbol in holes.items()]
