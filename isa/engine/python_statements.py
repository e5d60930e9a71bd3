"""Typed statements to lines of Python: the body of one generated function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePath

from ..model import code
from .layout import Slot
from .purity import is_pure_builtin, walk
from .python_bindings import bind_directly
from .python_builtins import builtin
from .python_expressions import Expressions
from .python_helpers import HELPERS
from .python_names import Identifiers
from .python_text import is_name, mask, number

_TABLE_FROM = 8
"""A `match` of this many arms or more finds its arm in a table instead of comparing one after the other."""
_TABLE_VALUES = 1024
"""The most values that such a table may have."""

RESERVED = frozenset({*HELPERS, "cpu", "reg", "cover"})


class Places:
    """Says of a packed line which file and line it is."""

    def __init__(self, files: Sequence[str]) -> None:
        self._files = ["/".join(PurePath(file).parts[-2:]) for file in files]

    def __call__(self, line: int) -> str:
        """Like `power/load.isa:12`; "" where the line is not known."""
        file = line >> 20
        return f"{self._files[file]}:{line & 0xFFFFF}" if line and file < len(self._files) else ""


class Body:
    """Writes one function's body. `tables` collects the dictionaries that its `match`es use, by name."""

    def __init__(
        self,
        register_place: Callable[[str], tuple[str, Slot]],
        functions: Identifiers,
        with_state: frozenset[str],
        places: Places,
        tables: dict[str, str],
        coverage: bool,
    ) -> None:
        self.locals = Identifiers(reserved=RESERVED)
        self._write = Expressions(register_place, functions, with_state, self.locals)
        self._places = places
        self._tables = tables
        self._coverage = coverage
        self._lines: list[str] = []
        self._depth = 1
        self._line = 0
        self._temporaries = 0

    def lines(self, body: Sequence[code.Statement]) -> list[str]:
        """The indented lines of a function's body."""
        self._statements(bind_directly(tuple(body)))
        return self._lines

    def _put(self, text: str) -> None:
        place = self._places(self._line)
        if self._line and place:
            text = f"{text:<{max(1, 88 - 4 * self._depth)}}  # {place}"
            self._line = 0
        self._lines.append("    " * self._depth + text)

    def _statements(self, body: Sequence[code.Statement]) -> None:
        if not body:
            self._put("pass")
        last = 0
        for statement in body:
            if statement.line != last:
                last = self._line = statement.line
                if self._coverage and last:
                    self._put(f"cover({last})")
            self._statement(statement)

    def _nested(self, body: Sequence[code.Statement]) -> None:
        self._depth += 1
        self._statements(body)
        self._depth -= 1

    def _statement(self, s: code.Statement) -> None:
        write = self._write
        if isinstance(s, (code.Let, code.Set)):
            self._put(f"{self.locals[s.name]} = {write.value(s.value)}")
        elif isinstance(s, code.SetRegister):
            self._set_register(s)
        elif isinstance(s, code.SetNext):
            self._put(f"cpu.nia = {write.value(s.value)}")
        elif isinstance(s, code.SetMemory):
            operands = f"{write.value(s.address)}, {s.size}, {write.value(s.value)}"
            self._put(f"cpu.store({operands})" if s.kind == 1 else f"cpu.store_as({operands}, {s.kind})")
        elif isinstance(s, code.SetPhysical):
            self._put(f'cpu.write_physical({write.value(s.address)}, {s.size}, {write.value(s.value)}, "{s.order}")')
        elif isinstance(s, code.CallInto):
            self._put(f"{self._targets(s.names)} = {write.call(s.function, s.arguments)}")
        elif isinstance(s, code.BuiltinInto):
            self._builtin_into(s)
        elif isinstance(s, code.Do):
            self._put(write.value(s.value))
        elif isinstance(s, code.Return):
            self._return(s)
        elif isinstance(s, code.Raise):
            self._put(f'raise Interrupt("{s.interrupt}"{self._tuple(s.arguments)})')
        elif isinstance(s, code.Leave):
            self._put(f'cpu.leave("{s.exit}"{self._tuple(s.arguments)})')
        elif isinstance(s, code.If):
            self._if(s, "if")
        elif isinstance(s, code.Switch):
            self._switch(s)
        else:
            assert isinstance(s, code.For)
            bounds = f"range({write.value(s.first)}, {write.operand(s.last)} + 1)"
            self._put(f"for {self.locals[s.name]} in {bounds}:")
            self._nested(s.body)

    def _tuple(self, values: Sequence[code.Expression]) -> str:
        if not values:
            return ""
        return f", ({self._write.arguments(values)}{',' if len(values) == 1 else ''})"

    def _targets(self, names: Sequence[str]) -> str:
        return ", ".join(self.locals[name] if name else "_" for name in names)

    def _return(self, s: code.Return) -> None:
        self._put(f"return {self._write.arguments(s.values)}" if s.values else "return")

    def _set_register(self, s: code.SetRegister) -> None:
        index = s.index
        # Python evaluates the right side first; the language evaluates the index first.
        if index is not None and not _is_stable(index) and _has_effect(s.value):
            place = self._write.register(s.register, None)
            name = self._temporary()
            self._put(f"{name} = {self._write.index(s.register, index)}")
            self._put(f"{place}[{name}] = {self._write.value(s.value)}")
            return
        self._put(f"{self._write.register(s.register, index)} = {self._write.value(s.value)}")

    def _temporary(self) -> str:
        self._temporaries += 1
        return self.locals[f"_{self._temporaries}"]

    def _builtin_into(self, s: code.BuiltinInto) -> None:
        if s.name == "add_with_carry":
            left, right, carry = (self._write.value(argument) for argument in s.arguments)
            targets = {self.locals[name] for name in s.names if name}
            if is_name(left) and is_name(right) and not targets & {left, right}:
                self._add_with_carry(s, left, right, self._write.operand(s.arguments[2]))
                return
            self._put(f"{self._targets(s.names)} = add_with_carry({left}, {right}, {carry}, {s.arguments[0].width})")
            return
        self._put(f"{self._targets(s.names)} = {builtin(self._write.value, s.name, s.arguments, s.extra)}")

    def _add_with_carry(self, s: code.BuiltinInto, left: str, right: str, carry: str) -> None:
        total, carry_out, overflow = s.names
        width = s.arguments[0].width
        whole = self._temporary()
        self._put(f"{whole} = {left} + {right}" + ("" if carry == "0" else f" + {carry}"))
        sum_ = self.locals[total] if total else self._temporary()
        self._put(f"{sum_} = {whole} & {number(mask(width))}")
        if carry_out:
            self._put(f"{self.locals[carry_out]} = {whole} >> {width}")
        if overflow:
            self._put(f"{self.locals[overflow]} = (({left} ^ {sum_}) & ({right} ^ {sum_})) >> {width - 1}")

    def _if(self, s: code.If, word: str) -> None:
        if not s.then and s.otherwise and word == "if":
            self._put(f"{word} {self._write.condition(code.Unary('!', s.condition, 1))}:")
            self._nested(s.otherwise)
            return
        condition = self._write.condition(s.condition)
        if word == "elif" and self._coverage and s.line:
            condition = f"cover({s.line}) or ({condition})"
        self._put(f"{word} {condition}:")
        self._nested(s.then)
        if len(s.otherwise) == 1 and isinstance(s.otherwise[0], code.If):
            self._line = s.otherwise[0].line
            self._if(s.otherwise[0], "elif")
        elif s.otherwise:
            self._put("else:")
            self._nested(s.otherwise)

    # match

    def _switch(self, s: code.Switch) -> None:
        subject = self._write.value(s.subject)
        if not is_name(subject):
            name = self._temporary()
            self._put(f"{name} = {subject}")
            subject = name
        if not s.cases:
            self._statements(s.default)
            return
        values = sum(last - first + 1 for case in s.cases for first, last in case.ranges)
        if len(s.cases) >= _TABLE_FROM and values <= _TABLE_VALUES:
            self._table_switch(s, subject)
            return
        word = "if"
        for case in s.cases:
            self._put(f"{word} {_test(subject, case.ranges)}:")
            self._nested(case.body)
            word = "elif"
        if s.default:
            self._put("else:")
            self._nested(s.default)

    def _table_switch(self, s: code.Switch, subject: str) -> None:
        table: dict[int, int] = {}
        for arm, case in enumerate(s.cases):
            for first, last in case.ranges:
                for value in range(first, last + 1):
                    table.setdefault(value, arm)
        name = f"ARMS_{len(self._tables)}"
        self._tables[name] = "{" + ", ".join(f"{number(value)}: {arm}" for value, arm in table.items()) + "}"
        chosen = self._temporary()
        self._put(f"{chosen} = {name}.get({subject}, {len(s.cases)})")
        self._halves(chosen, 0, [*(case.body for case in s.cases), s.default])

    def _halves(self, chosen: str, first: int, bodies: Sequence[code.Body]) -> None:
        """A tree of comparisons: arm number `first` + i is bodies[i]."""
        if len(bodies) == 1:
            self._statements(bodies[0])
            return
        middle = len(bodies) // 2
        self._put(f"if {chosen} < {first + middle}:")
        for start, part in ((first, bodies[:middle]), (first + middle, bodies[middle:])):
            self._depth += 1
            self._halves(chosen, start, part)
            self._depth -= 1
            if start == first:
                self._put("else:")


def _test(subject: str, ranges: Sequence[tuple[int, int]]) -> str:
    tests = []
    singles = [number(first) for first, last in ranges if first == last]
    if len(singles) == 1:
        tests.append(f"{subject} == {singles[0]}")
    elif singles:
        tests.append(f"{subject} in ({', '.join(singles)})")
    tests += [f"{number(first)} <= {subject} <= {number(last)}" for first, last in ranges if first != last]
    return " or ".join(tests)


def _is_stable(e: code.Expression) -> bool:
    return not any(
        isinstance(node, (code.Special, code.ReadRegister, code.ReadMemory, code.ReadPhysical, code.Call, code.Builtin))
        for node in walk(e)
    )


def _has_effect(e: code.Expression) -> bool:
    return any(
        isinstance(node, (code.ReadMemory, code.ReadPhysical, code.Call))
        or (isinstance(node, code.Builtin) and not is_pure_builtin(node.name))
        for node in walk(e)
    )
