"""Typed bodies with some of a form's fields known: choices that these settle are made, calls that get simpler by it
become part of the body. The result does what the body does wherever the fields are as assumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import msgspec

from ....model import code
from ....model.items import Form
from ...purity import walk
from .fold_facts import Facts
from .fold_values import Known, Names, Table, Value, ValueFolder

_DEEPEST = 8
_LATE = (code.ReadMemory, code.ReadPhysical)
"""What must be evaluated where it stands, if at all."""


class _Frame:
    """The function whose statements are folded: how its variables are called here, and what it returns."""

    def __init__(self, prefix: str, mutable: frozenset[str], widths: Sequence[int] | None) -> None:
        self.prefix = prefix
        self.mutable = mutable
        self.widths = widths
        """Of the results; None for a form's own body."""
        self.returned: list[list[Value]] = []


class _Refused(Exception):
    """A function cannot take the place of its call."""


class BodyFolder(ValueFolder):
    """Folds one form's body, once."""

    def __init__(self, facts: Facts) -> None:
        super().__init__()
        self._facts = facts
        self._count = 0
        self._frames: list[_Frame] = []
        self._callers: list[str] = []
        self._hoisting = True
        self._assigned: set[str] = set()
        """Variables, as they are called here, that are assigned to."""

    def form(self, form: Form, allowed: Mapping[str, Sequence[int]]) -> code.Body:
        """The body where fields have one of the values that are allowed; behind it the call of `after`."""
        names = self._begin(form, allowed)
        out: list[code.Statement] = []
        body = form.body
        if form.after:
            body = (*body, code.Do(0, code.Call(form.after, (), 0)))
        self._body(body, names, out)
        return tuple(out)

    def known(self, form: Form, e: code.Expression, allowed: Mapping[str, Sequence[int]]) -> Known:
        """What is known of an expression over the form's fields."""
        return self._top(e, 0, self._begin(form, allowed), []).known

    def _begin(self, form: Form, allowed: Mapping[str, Sequence[int]]) -> Names:
        self.length = form.length // 8
        names: Names = {}
        for field in form.fields:
            known: Known = None
            if field.fixed >= 0:
                known = field.fixed
            elif field.name in allowed:
                numbers = tuple(allowed[field.name])
                known = numbers[0] if len(numbers) == 1 else Table(field.name, numbers)
            local = code.Local(field.name, field.width)
            names[field.name] = Value(code.Const(known, field.width) if isinstance(known, int) else local, known)
        self._frames.append(_Frame("", self._facts.mutable(form.body), None))
        return names

    # Statements

    def _body(self, body: Sequence[code.Statement], names: Names, out: list[code.Statement]) -> bool:
        """Folds statements; whether nothing comes behind them."""
        for at, statement in enumerate(body):
            if isinstance(statement, (code.If, code.Switch)):
                ended = self._choice(statement, body[at + 1 :], names, out)
                if ended is not None:
                    return ended
            elif self._plain(statement, names, out):
                return True
        return False

    def _choice(
        self, s: code.If | code.Switch, rest: Sequence[code.Statement], names: Names, out: list[code.Statement]
    ) -> bool | None:
        """A choice; None: what comes behind it is still to be done."""
        subject = self._top(s.condition if isinstance(s, code.If) else s.subject, s.line, names, out)
        arms = [s.then, s.otherwise] if isinstance(s, code.If) else [*(case.body for case in s.cases), s.default]
        if isinstance(subject.known, int):
            self.settled += 1
            out.append(code.Do(s.line, code.Const(0, 1)))
            return self._body((*arms[_chosen(s, subject.known)], *rest), names, out)
        self.note(subject.known)
        # An arm that returns ends the function: what comes behind the choice belongs to the other arms.
        leaves = self._facts.returns(s)
        made: list[code.Body] = []
        scopes: list[Names] = []
        all_ended = True
        for arm in arms:
            scope = dict(names)
            inner: list[code.Statement] = []
            ended = self._body((*arm, *rest) if leaves else arm, scope, inner)
            made.append(tuple(inner))
            all_ended = all_ended and ended
            if not ended:
                scopes.append(scope)
        if isinstance(s, code.If):
            out.append(code.If(s.line, subject.expression, made[0], made[1]))
        else:
            cases = tuple(
                code.SwitchCase(case.ranges, body) for case, body in zip(s.cases, made[:-1], strict=True)
            )
            out.append(code.Switch(s.line, subject.expression, cases, made[-1]))
        if leaves or all_ended:
            return all_ended
        self._merge(names, scopes)
        return None

    def _merge(self, names: Names, scopes: Sequence[Names]) -> None:
        frame = self._frames[-1]
        for name in frame.mutable & names.keys():
            seen = {scope[name] for scope in scopes}
            if len(seen) > 1:
                width = names[name].expression.width
                names[name] = Value(code.Local(frame.prefix + name, width), None)
            else:
                names[name] = seen.pop()

    def _plain(self, s: code.Statement, names: Names, out: list[code.Statement]) -> bool:
        frame = self._frames[-1]
        if isinstance(s, code.Let):
            self._name(s.name, self._top(s.value, s.line, names, out), s.line, names, out)
        elif isinstance(s, code.Set):
            value = self._top(s.value, s.line, names, out)
            out.append(code.Set(s.line, frame.prefix + s.name, value.expression))
            local = code.Local(frame.prefix + s.name, s.value.width)
            constant = isinstance(value.known, int)
            names[s.name] = value if constant else Value(local, value.known)
        elif isinstance(s, code.CallInto):
            found = self._inlined(s.function, s.arguments, s.line, names, out)
            if isinstance(found, tuple):
                out.append(code.CallInto(s.line, self._declared(s, names), s.widths, s.function, found))
            else:
                for name, value in zip(s.names, found, strict=True):
                    if name:
                        self._name(name, value, s.line, names, out)
        elif isinstance(s, code.BuiltinInto):
            arguments = tuple(self._inner(argument, names, out).expression for argument in s.arguments)
            out.append(code.BuiltinInto(s.line, self._declared(s, names), s.widths, s.name, arguments, s.extra))
        elif isinstance(s, code.Do):
            if isinstance(s.value, code.Call):
                found = self._inlined(s.value.function, s.value.arguments, s.line, names, out)
                if isinstance(found, tuple):
                    out.append(code.Do(s.line, code.Call(s.value.function, found, s.value.width)))
            else:
                out.append(code.Do(s.line, self._inner(s.value, names, out).expression))
        elif isinstance(s, code.For):
            self._for(s, names, out)
        elif isinstance(s, code.Return):
            self._return(s, names, out)
            return True
        else:
            out.append(self._effect(s, names, out))
            return isinstance(s, code.Raise)
        return False

    def _declared(self, s: code.CallInto | code.BuiltinInto, names: Names) -> tuple[str, ...]:
        prefix = self._frames[-1].prefix
        for name, width in zip(s.names, s.widths, strict=True):
            if name:
                names[name] = Value(code.Local(prefix + name, width), None)
        return tuple(name and prefix + name for name in s.names)

    def _effect(self, s: code.Statement, names: Names, out: list[code.Statement]) -> code.Statement:
        """Statements whose expressions are all that changes."""
        if isinstance(s, code.SetRegister):
            value = self._top(s.value, s.line, names, out).expression
            index = s.index if s.index is None else self._inner(s.index, names, out).expression
            return code.SetRegister(s.line, s.register, index, value)
        if isinstance(s, code.SetNext):
            return code.SetNext(s.line, self._top(s.value, s.line, names, out).expression)
        if isinstance(s, (code.SetMemory, code.SetPhysical)):
            address = self._inner(s.address, names, out).expression
            value = self._inner(s.value, names, out).expression
            return msgspec.structs.replace(s, address=address, value=value)
        assert isinstance(s, (code.Raise, code.Leave))
        arguments = tuple(self._inner(argument, names, out).expression for argument in s.arguments)
        return msgspec.structs.replace(s, arguments=arguments)

    def _for(self, s: code.For, names: Names, out: list[code.Statement]) -> None:
        if len(self._frames) > 1 and any(isinstance(node, code.Return) for node in walk(s.body)):
            raise _Refused
        frame = self._frames[-1]
        first, last = self._inner(s.first, names, out), self._inner(s.last, names, out)
        for name in {node.name for node in walk(s.body) if isinstance(node, code.Set)}:
            if name in names:
                names[name] = Value(code.Local(frame.prefix + name, names[name].expression.width), None)
        scope = {**names, s.name: Value(code.Local(frame.prefix + s.name, s.width), None)}
        body: list[code.Statement] = []
        self._body(s.body, scope, body)
        out.append(
            code.For(s.line, frame.prefix + s.name, s.width, first.expression, last.expression, tuple(body))
        )

    def _return(self, s: code.Return, names: Names, out: list[code.Statement]) -> None:
        frame = self._frames[-1]
        evaluate = self._inner if len(s.values) > 1 else partial(self._top, line=s.line)
        values = [evaluate(value, names=names, out=out) for value in s.values]
        if frame.widths is None:
            out.append(code.Return(s.line, tuple(value.expression for value in values)))
            return
        for at, value in enumerate(values):
            out.append(code.Let(s.line, f"{frame.prefix}={at}", frame.widths[at], value.expression))
        frame.returned.append(values)

    def _name(self, name: str, value: Value, line: int, names: Names, out: list[code.Statement]) -> None:
        """Declares a variable, or has the name stand for another that stays as it is."""
        frame = self._frames[-1]
        local = code.Local(frame.prefix + name, value.expression.width)
        if name in frame.mutable:
            self._assigned.add(local.name)
        elif isinstance(value.expression, code.Local) and value.expression.name not in self._assigned:
            names[name] = value
            out.append(code.Do(line, code.Const(0, 1)))
            return
        out.append(code.Let(line, local.name, local.width, value.expression))
        names[name] = value if isinstance(value.known, int) else Value(local, value.known)

    # Expressions and calls

    def _inner(self, e: code.Expression, names: Names, out: list[code.Statement]) -> Value:
        """An expression of which only calls that change nothing are done beforehand."""
        before = self._hoisting
        self._hoisting = self._facts.is_harmless(e)
        try:
            return self.value(e, names, out)
        finally:
            self._hoisting = before

    def _top(self, e: code.Expression, line: int, names: Names, out: list[code.Statement]) -> Value:
        """An expression that is all that its statement evaluates first."""
        if not isinstance(e, code.Call):
            return self._inner(e, names, out)
        found = self._inlined(e.function, e.arguments, line, names, out)
        return Value(code.Call(e.function, found, e.width), None) if isinstance(found, tuple) else found[0]

    def call(self, e: code.Call, names: Names, out: list[code.Statement]) -> Value:
        """See `ValueFolder`."""
        if self._hoisting and not any(isinstance(node, _LATE) for node in walk(e.arguments)):
            found = self._inlined(e.function, e.arguments, 0, names, out)
            return Value(code.Call(e.function, found, e.width), None) if isinstance(found, tuple) else found[0]
        arguments = tuple(self.value(argument, names, out).expression for argument in e.arguments)
        return Value(code.Call(e.function, arguments, e.width), None)

    def _in_order(
        self, arguments: Sequence[code.Expression], line: int, names: Names, out: list[code.Statement]
    ) -> list[Value]:
        """The values of arguments; what stands before one that does something is evaluated before it."""
        values: list[Value] = []
        last = max((at for at, e in enumerate(arguments) if not self._facts.is_harmless(e)), default=-1)
        for at, argument in enumerate(arguments):
            value = self._top(argument, line, names, out)
            if at < last and not isinstance(value.expression, (code.Const, code.Local)):
                self._count += 1
                local = code.Local(f"{self._count}.", argument.width)
                out.append(code.Let(line, local.name, local.width, value.expression))
                value = Value(local, value.known)
            values.append(value)
        return values

    def _inlined(
        self, function: str, arguments: Sequence[code.Expression], line: int, names: Names, out: list[code.Statement]
    ) -> list[Value] | tuple[code.Expression, ...]:
        """The results of a function that has taken the place of its call, or else the arguments of the call."""
        values = self._in_order(arguments, line, names, out)
        kept = tuple(value.expression for value in values)
        in_any_case = self._facts.is_small(function) or self._facts.meddles(function)
        hopeful = in_any_case or any(value.known is not None for value in values)
        if not hopeful or function in self._callers or len(self._frames) > _DEEPEST:
            return kept
        start, settled, described = len(out), self.settled, self._facts.functions[function]
        self._count += 1
        frame = _Frame(f"{self._count}.", self._facts.mutable(described.body), described.results)
        self._frames.append(frame)
        self._callers.append(function)
        try:
            scope: Names = {}
            out.append(code.Do(line, code.Const(0, 1)))
            for parameter, value in zip(described.parameters, values, strict=True):
                self._name(parameter.name, value, line, scope, out)
            self._body(described.body, scope, out)
        except _Refused:
            del out[start:]
            return kept
        finally:
            self._frames.pop()
            self._callers.pop()
        if not in_any_case and settled == self.settled:
            del out[start:]
            return kept
        return [_result(frame, at, width) for at, width in enumerate(described.results)]


def _chosen(s: code.If | code.Switch, number: int) -> int:
    if isinstance(s, code.If):
        return 0 if number else 1
    for at, case in enumerate(s.cases):
        if any(first <= number <= last for first, last in case.ranges):
            return at
    return len(s.cases)


def _result(frame: _Frame, at: int, width: int) -> Value:
    local = code.Local(f"{frame.prefix}={at}", width)
    seen = {values[at].known for values in frame.returned}
    known = seen.pop() if len(seen) == 1 else None
    return Value(code.Const(known, width) if isinstance(known, int) else local, known)
