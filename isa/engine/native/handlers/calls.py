"""Calls in IR: of described functions, of built-ins, and of the engine for what only it can do."""

from __future__ import annotations

import abc
from collections.abc import Sequence

from ....model import code
from ..bodies import CONTEXT_BUILTINS, FLUSH_BUILTINS, POLL_BUILTINS, Unit
from ..floats import Assigned, Quick, quick_of
from ..memory import emit_flush
from ..shared import Operation
from ..shared import cpu_layout as cpu
from ..text import EMITTED, FunctionText, emit_builtin, resize, symbol
from .poll_text import emit_poll_builtin


class Calls(abc.ABC):
    """Writes calls of one function into `text`. A failure branches to `failed`, its status stored first."""

    def __init__(self, unit: Unit, text: FunctionText) -> None:
        self.unit = unit
        self.text = text
        self.assigned: Assigned = {}
        """What variables may be."""
        self.status = ""
        """Where the status is stored before `failed` is branched to; "" in a body that cannot fail."""
        self.is_rare = False
        """Whether code that is short is better than code that is fast."""

    @abc.abstractmethod
    def value(self, e: code.Expression) -> str:
        """An expression's value."""

    def call(self, function: str, arguments: Sequence[code.Expression]) -> list[str]:
        """Calls a described function; its results."""
        described = self.unit.description.functions[function]
        values = [f"i{argument.width} {self.value(argument)}" for argument in arguments]
        call = f"{symbol('f', function)}({', '.join(['ptr %cpu', *values])})"
        if self.unit.fails(function):
            return self.checked(call, described.results)
        type_ = self.unit.results(described)
        if not described.results:
            self.text.do(f"call fastcc void {call}{self.how(function)}")
            return []
        result = self.text.value(f"call fastcc {type_} {call}{self.how(function)}")
        if len(described.results) == 1:
            return [result]
        return [self.text.value(f"extractvalue {type_} {result}, {at}") for at in range(len(described.results))]

    def how(self, function: str = "") -> str:
        """How LLVM is to treat a call, of a described function perhaps."""
        return " noinline" if self.is_rare else ""

    def checked(self, call: str, widths: Sequence[int]) -> list[str]:
        """Calls something that returns a status and results; a failure leaves this function."""
        text = self.text
        if not widths:
            status = text.value(f"call fastcc i32 {call}{self.how()}")
            self.leave_on_failure(status)
            return []
        type_ = "{" + ", ".join(["i32", *(f"i{width}" for width in widths)]) + "}"
        result = text.value(f"call fastcc {type_} {call}{self.how()}")
        self.leave_on_failure(text.value(f"extractvalue {type_} {result}, 0"))
        return [text.value(f"extractvalue {type_} {result}, {at + 1}") for at in range(len(widths))]

    def leave_on_failure(self, status: str) -> None:
        """Goes on only where `status` is 0."""
        text = self.text
        bad = text.value(f"icmp ne i32 {status}, 0")
        text.do(f"store i32 {status}, ptr {self.status}")
        on = text.name()
        text.end(f"br i1 {bad}, label %failed, label %{on}, !prof !1")
        text.block(on)

    def builtin(
        self, name: str, arguments: Sequence[code.Expression], extra: tuple[int, ...], results: Sequence[int]
    ) -> list[str]:
        """A built-in's results."""
        text = self.text
        if name in EMITTED:
            return emit_builtin(text, name, [(self.value(argument), argument.width) for argument in arguments], extra)
        if name in CONTEXT_BUILTINS:
            text.set_field(cpu.REFETCH, "1")
        if name == "context_changed":
            text.set_field(cpu.CONTEXT, str(cpu.NOWHERE))
            return []
        if name == "instructions_retired":
            return [text.value(f"sub i64 {text.field(cpu.BASE)}, {text.field(cpu.LEFT)}")]
        values = [(self.value(argument), argument.width) for argument in arguments]
        if name in FLUSH_BUILTINS:
            emit_flush(text, name, values)
            return []
        if name in POLL_BUILTINS:
            emit_poll_builtin(self.unit, text, name, values)
            return []
        widths = tuple(argument.width for argument in arguments)
        operation = Operation(name, extra, "", widths)
        if name == "code_changed":
            self._code_changed(operation, values)
            return []
        if name == "is_ram":
            return self._is_ram(operation, values, results)
        if name == "translated" and self.unit.description.hooks.get("translate"):
            return self._translated(operation, values, results)
        quick = quick_of(name, widths, extra)
        if quick is not None:
            never_asks = self.unit.effects.roundings.never_asks(name, arguments, extra, self.assigned)
            return self._quick(quick, operation, values, results, never_asks)
        return self.request(operation, values, results)

    def _quick(
        self,
        quick: Quick,
        operation: Operation,
        values: Sequence[tuple[str, int]],
        results: Sequence[int],
        never_asks: bool,
    ) -> list[str]:
        """Floating point: native, but for roundings that there are not, of which the engine tells."""
        text = self.text
        operands = ", ".join(f"i{width} {value}" for value, width in values)
        answer = text.value(f"call fastcc {quick.type} {quick.symbol}({operands})")
        if never_asks:
            return [text.value(f"extractvalue {quick.type} {answer}, {at + 1}") for at in range(len(results))]
        places = [text.variable(f"i{width}") for width in results]
        done, slow, after = text.name(), text.name(), text.name()
        applies = text.value(f"extractvalue {quick.type} {answer}, 0")
        text.end(f"br i1 {applies}, label %{done}, label %{slow}, !prof !0")
        text.block(done)
        for at, (place, width) in enumerate(zip(places, results, strict=True)):
            text.do(f"store i{width} {text.value(f'extractvalue {quick.type} {answer}, {at + 1}')}, ptr {place}")
        text.end(f"br label %{after}")
        text.block(slow)
        for place, width, value in zip(places, results, self.request(operation, values, results), strict=True):
            text.do(f"store i{width} {value}, ptr {place}")
        text.block(after)
        return [text.value(f"load i{width}, ptr {place}") for place, width in zip(places, results, strict=True)]

    def _is_ram(self, operation: Operation, values: Sequence[tuple[str, int]], results: Sequence[int]) -> list[str]:
        """Slots that native code has been shown are RAM; the engine knows whether there are others."""
        text = self.text
        place = text.variable("i1")
        text.do(f"store i1 true, ptr {place}")
        address, size = (resize(text, value, width, 64) for value, width in values)
        slot = text.value(f"call fastcc ptr @find_slot(ptr %cpu, i64 {address}, i64 {size})")
        asked, after = text.name(), text.name()
        text.branch(text.value(f"icmp eq ptr {slot}, null"), asked, after)
        text.block(asked)
        text.do(f"store i1 {self.request(operation, values, results)[0]}, ptr {place}")
        text.block(after)
        return [text.value(f"load i1, ptr {place}")]

    def _translated(self, operation: Operation, values: Sequence[tuple[str, int]], results: Sequence[int]) -> list[str]:
        """The translate hook answers; the engine is asked where it wants to be."""
        text = self.text
        (address,) = (resize(text, value, width, 64) for value, width in values)
        (kind,) = operation.constants
        type_ = "{" + ", ".join(["i32", *(f"i{width}" for width in results)]) + "}"
        answer = text.value(f"call fastcc {type_} @translated(ptr %cpu, i64 {address}, i64 {kind})")
        status = text.value(f"extractvalue {type_} {answer}, 0")
        places = [text.variable(f"i{width}") for width in results]
        done, asked, after = text.name(), text.name(), text.name()
        unfilled = text.value(f"icmp eq i32 {status}, {cpu.UNFILLED_STATUS}")
        text.end(f"br i1 {unfilled}, label %{asked}, label %{done}, !prof !1")
        text.block(done)
        self.leave_on_failure(status)
        for at, (place, width) in enumerate(zip(places, results, strict=True)):
            text.do(f"store i{width} {text.value(f'extractvalue {type_} {answer}, {at + 1}')}, ptr {place}")
        text.end(f"br label %{after}")
        text.block(asked)
        for place, width, value in zip(places, results, self.request(operation, values, results), strict=True):
            text.do(f"store i{width} {value}, ptr {place}")
        text.block(after)
        return [text.value(f"load i{width}, ptr {place}") for place, width in zip(places, results, strict=True)]

    def _code_changed(self, operation: Operation, values: Sequence[tuple[str, int]]) -> None:
        """Nothing where no code was decoded from a short range."""
        text = self.text
        asked, after = text.name(), text.name()
        pa, size = (resize(text, value, width, 64) for value, width in values)
        text.branch(text.value(f"call fastcc i1 @holds_code(ptr %cpu, i64 {pa}, i64 {size})"), asked, after)
        text.block(asked)
        self.request(operation, values, ())
        text.block(after)

    def request(self, operation: Operation, values: Sequence[tuple[str, int]], results: Sequence[int]) -> list[str]:
        """Asks the engine for an operation."""
        text = self.text
        for at, (value, width) in enumerate(values):
            text.set_field(cpu.SCRATCH + 16 * at, resize(text, value, width, 128), "i128")
        number = self.unit.operations.number(operation)
        self.leave_on_failure(text.value(f"call fastcc i32 @request(ptr %cpu, i64 {number})"))
        found = [text.field(cpu.SCRATCH + 16 * at, "i128") for at in range(len(results))]
        return [resize(text, value, 128, width) for value, width in zip(found, results, strict=True)]
