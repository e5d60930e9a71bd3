"""Described functions as Python calls them: arguments and results in the scratch places, and the status returned."""

from __future__ import annotations

from ....model.code import Function
from ..bodies import Unit
from ..shared import call_symbol
from ..shared import cpu_layout as cpu
from ..text import FunctionText, resize, symbol


def call_text(unit: Unit, function: Function) -> str:
    """The entry of one function; it has the platform's calling convention."""
    text = FunctionText()
    arguments = "".join(
        f", i{parameter.width} " + resize(text, text.field(cpu.SCRATCH + 16 * at, "i128"), 128, parameter.width)
        for at, parameter in enumerate(function.parameters)
    )
    type_ = unit.results(function)
    call = f"call fastcc {type_} {symbol('f', function.name)}(ptr %cpu{arguments})"
    fails = unit.fails(function.name)
    count = len(function.results) + fails
    if type_ == "void":
        text.do(call)
        found = []
    else:
        result = text.value(call)
        found = [result] if count == 1 else [text.value(f"extractvalue {type_} {result}, {at}") for at in range(count)]
    status = found.pop(0) if fails else "0"
    for at, (value, width) in enumerate(zip(found, function.results, strict=True)):
        text.set_field(cpu.SCRATCH + 16 * at, resize(text, value, width, 128), "i128")
    text.end(f"ret i32 {status}")
    return text.text(f"define internal i32 {call_symbol(function.name)}(ptr %cpu)")
