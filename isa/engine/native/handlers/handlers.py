"""Handlers: the threaded code that executes one instruction and goes on to the next entry's handler.

A handler is called with (cpu, its entry, the instruction's address, instructions left). It returns, with PC and LEFT
stored, when the loop outside has something to do; what it returns says why.
"""

from __future__ import annotations

from collections.abc import Sequence

from ....model import code
from ....model.code import Function
from ....model.items import Field, Form
from ...purity import walk
from ..bodies import Unit, may_change_set
from ..floats import assigned_values
from ..shared import cpu_layout as cpu
from ..shared import own_symbol
from ..text import FunctionText, resize, symbol
from .entry_text import CONVENTION, HANDLER, attend, enter, jump, leave_for, spent, stop, tail
from .statements import Statements, assigned_once


def function_text(unit: Unit, function: Function) -> str:
    """The definition of a described function."""
    text = FunctionText()
    type_ = unit.results(function)
    fails = unit.fails(function.name)

    def returned(values: Sequence[str]) -> None:
        types = [f"i{width}" for width in function.results]
        parts = list(zip(types, values, strict=True))
        if fails:
            parts.insert(0, ("i32", "0"))
        text.end(_return(text, type_, parts))

    body = Statements(unit, text, returned)
    if fails:
        body.status = text.variable("i32")
    names = [parameter.name for parameter in function.parameters]
    body.constant = assigned_once(function.body, names)
    body.assigned = assigned_values(function.body)
    for at, parameter in enumerate(function.parameters):
        body.declare(parameter.name, parameter.width, f"%p{at}")
    body.body(function.body)
    if not text.ended:
        returned(["0"] * len(function.results))
    if fails:
        text.block("failed")
        status = text.value(f"load i32, ptr {body.status}")
        parts = [("i32", status), *((f"i{width}", "0") for width in function.results)]
        text.end(_return(text, type_, parts))
    return text.text(unit.head(function))


def _return(text: FunctionText, type_: str, parts: Sequence[tuple[str, str]]) -> str:
    if not parts:
        return "ret void"
    if len(parts) == 1:
        return f"ret {type_} {parts[0][1]}"
    whole = "poison"
    for at, (part, value) in enumerate(parts):
        whole = text.value(f"insertvalue {type_} {whole}, {part} {value}, {at}")
    return f"ret {type_} {whole}"


def form_text(unit: Unit, form: Form, is_rare: bool = False) -> str:
    """The definition of a form's handler; `is_rare`: it need not be fast."""
    text = FunctionText()
    effects = unit.effects.form(form)
    width = unit.description.address_width
    length = form.length // 8
    body = Statements(unit, text, lambda _: text.end("br label %done"))
    body.is_rare = is_rare
    following = wrapped(text, text.value(f"add i64 %pc, {length}"), width)
    if effects.fails or effects.observes:
        text.set_field(cpu.CIA, "%pc")
        text.set_field(cpu.LEFT, "%left")
        text.set_field(cpu.ENTRY, "%at", "ptr")
    if effects.fails or effects.observes or effects.next:
        text.set_field(cpu.NIA, following)
    if effects.context:
        text.set_field(cpu.REFETCH, "0")
    if effects.fails:
        body.status = text.variable("i32")
    word = text.value(f"load i32, ptr {text.address('%at', 8)}")
    body.specials = {"cia": resize(text, "%pc", 64, width), "word": word, "length": str(length)}
    store_fields(body, form.fields, form.body, word)
    body.body(form.body)
    text.block("done")
    if form.after:
        body.call(form.after, ())
    _go_on(unit, text, form, following)
    if effects.fails:
        text.block("failed")
        status = text.value(f"load i32, ptr {body.status}")
        text.branch(text.value(f"icmp eq i32 {status}, {cpu.RAISED_STATUS}"), "raised", "stopped")
        text.block("raised")
        enter(text)
        text.block("stopped")
        stop(text, "%pc", "%left", status)
    return text.text(f"define internal {CONVENTION} i32 {own_symbol(form.name)}{HANDLER}")


def wrapped(text: FunctionText, address: str, width: int) -> str:
    """An address of 64 bits modulo 2^width."""
    return address if width == 64 else text.value(f"and i64 {address}, {(1 << width) - 1}")


def store_fields(body: Statements, fields: Sequence[Field], statements: code.Body, word: str) -> None:
    """Makes the fields of the instruction word that a body reads its variables."""
    text = body.text
    body.constant = assigned_once(statements, [field.name for field in fields])
    body.assigned = assigned_values(statements)
    used = {node.name for node in walk(statements) if isinstance(node, code.Local)}
    for field in fields:
        if field.name not in used:
            continue
        value = "0"
        for piece in field.pieces:
            bits = text.value(f"lshr i32 {word}, {piece.word_low}")
            bits = text.value(f"and i32 {bits}, {(1 << piece.width) - 1}")
            bits = text.value(f"shl i32 {bits}, {piece.field_low}")
            value = bits if value == "0" else text.value(f"or i32 {value}, {bits}")
        body.declare(field.name, field.width, resize(text, value, 32, field.width))


def _go_on(unit: Unit, text: FunctionText, form: Form, following: str) -> None:
    """From a completed instruction to the next."""
    description = unit.description
    effects = unit.effects.form(form)
    left = text.value("sub i64 %left, 1")
    nia = text.field(cpu.NIA) if effects.next else following
    if effects.attends:
        waiting = text.value(f"icmp ne i64 {text.field(cpu.ATTENTION)}, 0")
        on = text.name()
        text.end(f"br i1 {waiting}, label %attention, label %{on}, !prof !1")
        text.block("attention")
        attend(text, nia, left)
        text.block(on)
    on, out = text.name(), text.name()
    text.end(f"br i1 {text.value(f'icmp eq i64 {left}, 0')}, label %{out}, label %{on}, !prof !1")
    text.block(out)
    spent(text, nia)
    text.block(on)
    if effects.context:
        same, other = text.name(), text.name()
        text.branch(text.value(f"icmp eq i64 {text.field(cpu.REFETCH)}, 0"), same, other)
        text.block(other)
        jump(text, nia, left)
        text.block(same)
    after: code.Body = (code.Do(0, code.Call(form.after, (), 0)),) if form.after else ()
    if may_change_set(description, (*form.body, *after)):
        leave_other_set(unit, text, form, nia, left)
    instruction_set = description.instruction_sets[form.instruction_set]
    if effects.next:
        sequential, elsewhere = text.name(), text.name()
        text.branch(text.value(f"icmp eq i64 {nia}, {following}"), sequential, elsewhere)
        text.block(elsewhere)
        leave_for(text, nia, left, instruction_set.unit // 8)
        text.block(sequential)
    tail(text, text.address("%at", cpu.CODE_ENTRY * (form.length // instruction_set.unit)), following, left)


def leave_other_set(unit: Unit, text: FunctionText, form: Form, nia: str, left: str) -> None:
    """Looks the next instruction up anew if this one has changed the instruction set."""
    description = unit.description
    width = description.functions[description.set_state].results[0]
    state = text.value(f"call fastcc i{width} {symbol('f', description.set_state)}(ptr %cpu)")
    present = description.instruction_sets[form.instruction_set].code
    same, other = text.name(), text.name()
    text.branch(text.value(f"icmp eq i{width} {state}, {present}"), same, other)
    text.block(other)
    jump(text, nia, left)
    text.block(same)
