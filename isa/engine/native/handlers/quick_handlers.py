"""Handlers of variants: quick bodies, without anything that only the engine needs.

Where such a body cannot go on (an access misses the soft TLB, an interrupt is raised) nothing has changed yet, and the
form's own handler executes the instruction.
"""

from __future__ import annotations

from collections.abc import Sequence

from ....model import code
from ....model.items import Form
from ...purity import walk
from ..bodies import Unit, Variant, may_change_set
from ..floats import FORMATS, Format, quick_of, usual_text
from ..memory import find_beside, host_of, ordered, tlb_entry
from ..shared import cpu_layout as cpu
from ..shared import own_symbol, variant_symbol
from ..text import FunctionText, resize
from .entry_text import CONVENTION, HANDLER, leave_for, spent, tail
from .handlers import leave_other_set, store_fields, wrapped
from .statements import Statements


class QuickBody(Statements):
    """Writes a quick body. `next` holds the next address, and `jumps` whether it has been set."""

    def __init__(self, unit: Unit, text: FunctionText, floats: bool) -> None:
        """`floats`: it has floating point."""
        super().__init__(unit, text, lambda _: text.end("br label %done"))
        self._floats = floats
        self._finite: dict[str, Format] = {}
        """Values that are finite numbers."""
        self._changed = False
        """Whether something may have been changed: then it is too late to leave."""
        self.next = text.variable("i64")
        self.jumps = text.variable("i1")
        text.do(f"store i1 false, ptr {self.jumps}")

    def value(self, e: code.Expression) -> str:
        """See `Expressions`."""
        if self._is_never(e):
            return "0"
        if not isinstance(e, code.ReadMemory):
            return super().value(e)
        text = self.text
        address = resize(text, self.value(e.address), e.address.width, 64)
        entry = self._hit(cpu.LOADS, e.size, cpu.LOAD_ENTRY, address)
        return ordered(text, text.value(f"load i{e.width}, ptr {host_of(text, entry, address)}, align 1"), e.size)

    def builtin(
        self, name: str, arguments: Sequence[code.Expression], extra: tuple[int, ...], results: Sequence[int]
    ) -> list[str]:
        """See `Expressions`."""
        quick = quick_of(name, tuple(argument.width for argument in arguments), extra)
        if quick is None or not self.unit.has_fma or self._changed:
            return super().builtin(name, arguments, extra, results)
        values = [self.value(argument) for argument in arguments]
        rounding = values.pop() if quick.rounds else ""
        result, flags = usual_text(self.text, quick, values, rounding, "own")
        if quick.makes_float:
            self._finite[result] = FORMATS[quick.to]
        return [result, flags][: len(results)]

    def _is_never(self, e: code.Expression) -> bool:
        """Whether an expression asks if a finite number has the exponent of infinities and NaNs."""
        if not isinstance(e, code.Binary) or e.operator != "==" or not isinstance(e.left, code.Slice):
            return False
        of = e.left.operand
        form = self._finite.get(self.values.get(of.name, "")) if isinstance(of, code.Local) else None
        if form is None or (e.left.low, e.left.width) != (form.fraction, form.exponents.bit_length()):
            return False
        return isinstance(e.right, code.Const) and e.right.value == form.exponents

    def _hit(self, table: int, size: int, entry_size: int, address: str) -> str:
        """The soft TLB's entry for an access; goes on only where there is one."""
        hit, entry = tlb_entry(self.text, table, size, entry_size, address)
        on = self.text.name()
        self.text.end(f"br i1 {hit}, label %{on}, label %own, !prof !0")
        self.text.block(on)
        return entry

    def _store(self, s: code.SetMemory) -> None:
        text = self.text
        address = resize(text, self.value(s.address), s.address.width, 64)
        value = ordered(text, self.value(s.value), s.size)
        hit, entry = tlb_entry(text, cpu.STORES, s.size, cpu.STORE_ENTRY, address)
        usual, near, on = (text.name() for _ in range(3))
        text.end(f"br i1 {hit}, label %{usual}, label %{near}, !prof !0")
        text.block(near)
        found = find_beside(text, address, s.size, True, "own")
        text.do(f"store i{8 * s.size} {value}, ptr {found}, align 1")
        text.end(f"br label %{on}")
        text.block(usual)
        text.do(f"store i{8 * s.size} {value}, ptr {host_of(text, entry, address)}, align 1")
        text.do(f"store i8 1, ptr {text.value(f'load ptr, ptr {text.address(entry, 16)}')}")
        text.block(on)

    def call(self, function: str, arguments: Sequence[code.Expression]) -> list[str]:
        """See `Expressions`."""
        found = super().call(function, arguments)
        self._changed = self._changed or bool(self.unit.description.functions[function].writes)
        return found

    def how(self, function: str = "") -> str:
        """See `Expressions`. In place of its call, what finishes a floating-point result knows how it was made."""
        finishes = self._floats and self.unit.description.functions[function].writes
        return " alwaysinline" if finishes else super().how(function)

    def _statement(self, s: code.Statement) -> None:
        text = self.text
        if isinstance(s, code.SetRegister):
            super()._statement(s)
            self._changed = True
        elif isinstance(s, code.SetNext):
            value = resize(text, self.value(s.value), s.value.width, 64)
            text.do(f"store i64 {value}, ptr {self.next}")
            text.do(f"store i1 true, ptr {self.jumps}")
        elif isinstance(s, code.SetMemory):
            self._store(s)
            self._changed = True
        elif isinstance(s, code.Raise):
            text.end("br label %own")
        elif isinstance(s, code.For):
            # The second time round comes behind what the first has changed.
            self._changed = True
            super()._statement(s)
        else:
            super()._statement(s)


def variant_text(unit: Unit, variant: Variant, number: int) -> str:
    """The definition of a variant's handler."""
    text = FunctionText()
    form, width = variant.form, unit.description.address_width
    length = form.length // 8
    body = QuickBody(unit, text, unit.effects.body(variant.body).floats)
    following = wrapped(text, text.value(f"add i64 %pc, {length}"), width)
    word = text.value(f"load i32, ptr {text.address('%at', 8)}")
    body.specials = {"cia": resize(text, "%pc", 64, width), "word": word, "length": str(length)}
    store_fields(body, form.fields, variant.body, word)
    body.body(variant.body)
    text.block("done")
    left = text.value("sub i64 %left, 1")
    jumps = any(isinstance(node, code.SetNext) for node in walk(variant.body))
    switches = may_change_set(unit.description, variant.body)
    if jumps:
        text.branch(text.value(f"load i1, ptr {body.jumps}"), "jumps", "follows")
        text.block("jumps")
        _go_on(unit, text, form, text.value(f"load i64, ptr {body.next}"), left, switches, True)
        text.block("follows")
    _go_on(unit, text, form, following, left, switches, False)
    text.block("own")
    own = text.value(
        f"musttail call {CONVENTION} i32 {own_symbol(form.name)}(ptr %cpu, ptr %at, i64 %pc, i64 %left)"
    )
    text.end(f"ret i32 {own}")
    return text.text(f"define internal {CONVENTION} i32 {variant_symbol(form.name, number)}{HANDLER}")


def _go_on(unit: Unit, text: FunctionText, form: Form, nia: str, left: str, switches: bool, jumps: bool) -> None:
    """To the next instruction, jumped to or not; `switches`: it may be one of another instruction set."""
    on, out = text.name(), text.name()
    text.end(f"br i1 {text.value(f'icmp eq i64 {left}, 0')}, label %{out}, label %{on}, !prof !1")
    text.block(out)
    spent(text, nia)
    text.block(on)
    if switches:
        leave_other_set(unit, text, form, nia, left)
    instruction_set = unit.description.instruction_sets[form.instruction_set]
    if jumps:
        leave_for(text, nia, left, instruction_set.unit // 8)
    else:
        tail(text, text.address("%at", cpu.CODE_ENTRY * (form.length // instruction_set.unit)), nia, left)
