"""Typed statements to IR."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from ....model import code
from ...purity import walk
from ..bodies import Unit
from ..shared import cpu_layout as cpu
from ..text import FunctionText, resize
from .expressions import Expressions

_SWITCH_VALUES = 256
"""Cases with more values than this are compared by their bounds."""

def assigned_once(body: Sequence[code.Statement], declared: Iterable[str]) -> frozenset[str]:
    """The names of variables that get a value in one place only."""
    times = Counter(declared)
    for node in walk(tuple(body)):
        if isinstance(node, (code.Let, code.Set, code.For)):
            times[node.name] += 1
        elif isinstance(node, (code.CallInto, code.BuiltinInto)):
            times.update(node.names)
        if isinstance(node, code.For):
            # The loop writes it anew each time.
            times[node.name] += 1
    return frozenset(name for name, count in times.items() if count == 1)


Finish = Callable[[Sequence[str]], None]
"""Ends a function, given the values that it returns."""


class Statements(Expressions):
    """Writes the statements of one body; `returned` writes what `return` means there."""

    def __init__(self, unit: Unit, text: FunctionText, returned: Finish) -> None:
        super().__init__(unit, text)
        self._returned = returned

    def body(self, body: Sequence[code.Statement]) -> None:
        """All statements, in order; the present block may have ended then."""
        for statement in body:
            if self.text.ended:
                return
            self._statement(statement)

    def _statement(self, s: code.Statement) -> None:
        text = self.text
        if self.unit.covered is not None and s.line:
            place = self.unit.covered.setdefault(s.line, len(self.unit.covered))
            text.do(f"store i8 1, ptr getelementptr (i8, ptr @covered, i64 {place})")
        if isinstance(s, code.Let):
            self.declare(s.name, s.width, self.value(s.value))
        elif isinstance(s, code.Set):
            value = self.value(s.value)
            address, width = self.locals[s.name]
            text.do(f"store i{width} {value}, ptr {address}")
        elif isinstance(s, code.CallInto):
            self._bind(s.names, s.widths, self.call(s.function, s.arguments))
        elif isinstance(s, code.BuiltinInto):
            self._bind(s.names, s.widths, self.builtin(s.name, s.arguments, s.extra, s.widths))
        elif isinstance(s, code.SetRegister):
            self._set_register(s)
        elif isinstance(s, code.SetNext):
            text.set_field(cpu.NIA, resize(text, self.value(s.value), s.value.width, 64))
        elif isinstance(s, code.SetMemory):
            address = resize(text, self.value(s.address), s.address.width, 64)
            value = self.value(s.value)
            self.checked(f"@store.{s.size}.{s.kind}(ptr %cpu, i64 {address}, i{8 * s.size} {value})", ())
        elif isinstance(s, code.SetPhysical):
            address = resize(text, self.value(s.address), s.address.width, 64)
            value = self.value(s.value)
            self.checked(f"@physical.store.{s.size}.{s.order}(ptr %cpu, i64 {address}, i{8 * s.size} {value})", ())
        elif isinstance(s, code.Do):
            self.value(s.value)
        elif isinstance(s, code.If):
            self._if(s)
        elif isinstance(s, code.Switch):
            self._switch(s)
        elif isinstance(s, code.For):
            self._for(s)
        elif isinstance(s, code.Return):
            self._returned([self.value(value) for value in s.values])
        elif isinstance(s, code.Raise):
            self._raise(s)
        else:
            self._leave(s)

    def _bind(self, names: Sequence[str], widths: Sequence[int], values: Sequence[str]) -> None:
        for name, width, value in zip(names, widths, values, strict=True):
            if name:
                self.declare(name, width, value)

    def _set_register(self, s: code.SetRegister) -> None:
        slot = self.unit.place(s.register)[1]
        address = self.register_address(s.register, s.index)
        bits = slot.size * 8
        value = resize(self.text, self.value(s.value), s.value.width, bits)
        self.text.do(f"store i{bits} {value}, ptr {address}, align {min(slot.size, 8)}")

    def _if(self, s: code.If) -> None:
        text = self.text
        then, otherwise, after = text.name(), text.name(), text.name()
        text.branch(self.value(s.condition), then, otherwise)
        for name, body in ((then, s.then), (otherwise, s.otherwise)):
            text.block(name)
            self.body(body)
            text.end(f"br label %{after}")
        text.block(after)

    def _switch(self, s: code.Switch) -> None:
        text, width = self.text, s.subject.width
        subject = self.value(s.subject)
        after = text.name()
        bodies = [(text.name(), case.body) for case in s.cases]
        default = text.name()
        ranges = [
            (first, last, name) for (name, _), case in zip(bodies, s.cases, strict=True) for first, last in case.ranges
        ]
        if sum(last - first + 1 for first, last, _ in ranges) <= _SWITCH_VALUES:
            table: dict[int, str] = {}
            for first, last, name in ranges:
                for value in range(first, last + 1):
                    table.setdefault(value, name)
            arms = " ".join(f"i{width} {value}, label %{name}" for value, name in table.items())
            text.end(f"switch i{width} {subject}, label %{default} [ {arms} ]")
        else:
            for first, last, name in ranges:
                above = text.value(f"icmp uge i{width} {subject}, {first}")
                below = text.value(f"icmp ule i{width} {subject}, {last}")
                on = text.name()
                text.branch(text.value(f"and i1 {above}, {below}"), name, on)
                text.block(on)
            text.end(f"br label %{default}")
        for name, body in [*bodies, (default, s.default)]:
            text.block(name)
            self.body(body)
            text.end(f"br label %{after}")
        text.block(after)

    def _for(self, s: code.For) -> None:
        text, type_ = self.text, f"i{s.width}"
        first, last = self.value(s.first), self.value(s.last)
        place = self.local(s.name, s.width)
        counter = text.variable(type_)
        body, step, after = text.name(), text.name(), text.name()
        text.do(f"store {type_} {first}, ptr {counter}")
        text.branch(text.value(f"icmp ule {type_} {first}, {last}"), body, after)
        text.block(body)
        text.do(f"store {type_} {text.value(f'load {type_}, ptr {counter}')}, ptr {place}")
        self.body(s.body)
        if not text.ended:
            now = text.value(f"load {type_}, ptr {counter}")
            text.branch(text.value(f"icmp eq {type_} {now}, {last}"), after, step)
        text.block(step)
        now = text.value(f"load {type_}, ptr {counter}")
        text.do(f"store {type_} {text.value(f'add {type_} {now}, 1')}, ptr {counter}")
        text.end(f"br label %{body}")
        text.block(after)

    def _arguments(self, arguments: Sequence[code.Expression], start: int) -> None:
        text = self.text
        for at, argument in enumerate([(self.value(argument), argument.width) for argument in arguments]):
            text.set_field(start + 16 * at, resize(text, *argument, 128), "i128")

    def _raise(self, s: code.Raise) -> None:
        self._arguments(s.arguments, cpu.ARGUMENTS)
        self.text.set_field(cpu.RAISED, str(self.unit.interrupts[s.interrupt]))
        self.text.do(f"store i32 {cpu.RAISED_STATUS}, ptr {self.status}")
        self.text.end("br label %failed")

    def _leave(self, s: code.Leave) -> None:
        self._arguments(s.arguments, cpu.EXIT_ARGUMENTS)
        self.text.set_field(cpu.EXIT, str(self.unit.exits[s.exit] + 1))
        self.text.set_field(cpu.ATTENTION, str(cpu.LOOP_WAITS))
