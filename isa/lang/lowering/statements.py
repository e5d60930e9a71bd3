"""Statements and whole bodies to typed code: the top of the lowering classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...model import code
from ...model import items as model
from .. import tree
from ..names.environment import Environment, Mistake
from ..names.types import Type, wrap
from .base import Value
from .blocks import BlockLowering


@dataclass(frozen=True, slots=True)
class CallContext:
    """A hypercall's results: where they go, and which codes it may return with how many values."""

    abi: model.HypercallAbi
    returns: tuple[model.CallResult, ...]
    width: int


class Lowering(BlockLowering):
    """Lowers statements; one object serves one body."""

    call: CallContext | None = None
    may_return = True

    def statement(self, statement: tree.Statement) -> None:
        """One statement; a mistake in it is reported and the next one is looked at."""
        self.line = self.env.line(statement.span)
        try:
            self._statement(statement)
        except Mistake:
            if isinstance(statement, tree.LetOf):
                for name in statement.names:
                    self.scopes[-1].pop(name, None)
                    self.declare(name, Type(1), statement.span, broken=True)

    def _statement(self, statement: tree.Statement) -> None:
        if isinstance(statement, tree.LetOf):
            self._let(statement)
        elif isinstance(statement, tree.AssignOf):
            self._assign(statement)
        elif isinstance(statement, tree.ForOf):
            self._for(statement)
        elif isinstance(statement, tree.ReturnOf):
            self._return(statement)
        elif isinstance(statement, tree.RaiseOf):
            self._raise(statement)
        elif isinstance(statement, tree.LeaveOf):
            self._leave(statement)
        else:
            self._expression(statement)

    def _let(self, let: tree.LetOf) -> None:
        if len(let.names) > 1:
            value = self.lower(let.value)
            if len(value.parts) != len(let.names):
                got = len(value.parts) if value.literal is None else 1
                raise self.env.error(
                    "type", f"{len(let.names)} names for {got} value{'s' if got != 1 else ''}", let.span
                )
            for name, part, type_ in zip(let.names, value.parts, value.types, strict=True):
                if name != "_":
                    self._bind(name, part, type_, let)
            return
        expected = self.env.type_of(let.type) if let.type is not None else None
        value = self.lower(let.value, expected)
        expression = self.scalar(value, expected, let.value.span, f"'{let.names[0]}'")
        self._bind(let.names[0], expression, expected or value.types[0], let)

    def _bind(self, name: str, value: code.Expression, type_: Type, let: tree.LetOf) -> None:
        variable = self.declare(name, type_, let.span, let.mutable)
        self.emit(code.Let(self.line, variable.name, type_.width, value))

    def _assign(self, assign: tree.AssignOf) -> None:
        place = self.place(assign.target)
        mark = len(self.out)
        value = self.expr(assign.value, place.type, "what is assigned")
        self.keep_order(place.expressions, mark, len(place.expressions))
        self.store(place, value)

    def _for(self, loop: tree.ForOf) -> None:
        type_ = (
            self.env.type_of(loop.type)
            if loop.type is not None
            else self.guess(loop.first) or self.guess(loop.last) or Type(32)
        )
        first = self.expr(loop.first, type_, "the first value")
        last = self.expr(loop.last, type_, "the last value")
        self.scopes.append({})
        variable = self.declare(loop.name, type_, loop.span)
        line = self.line
        body = self.branch_statements(loop.body)
        self.scopes.pop()
        self.emit(code.For(line, variable.name, type_.width, first, last, body))

    def _return(self, statement: tree.ReturnOf) -> None:
        if not self.may_return:
            raise self.env.error(
                "type", "`return` has no place here", statement.span, "let the block end with its value"
            )
        if self.call is not None:
            self._return_code(statement, self.call)
            return
        if statement.value is None:
            if self.results:
                raise self.env.error(
                    "type",
                    f"{len(self.results)} result{'s are' if len(self.results) > 1 else ' is'} needed here",
                    statement.span,
                )
            self.emit(code.Return(self.line, ()))
            return
        if not self.results:
            raise self.env.error("type", "nothing can be returned here", statement.span)
        self.tail_value(statement.value)

    def tail_value(self, expression: tree.Expression) -> None:
        if self.call is not None:
            self._return_code(tree.ReturnOf(expression.span, expression), self.call)
            return
        if not self.results:
            value = self.lower(expression)
            if value.is_scalar:
                self.emit(code.Do(self.line, value.parts[0]))
            return
        value = self.lower(expression, self.results)
        self.emit(code.Return(self.line, self.parts_of(value, self.results, expression.span, "the result")))

    def _return_code(self, statement: tree.ReturnOf, call: CallContext) -> None:
        value = statement.value
        named = value.function if isinstance(value, tree.CallOf) else value
        arguments = value.arguments if isinstance(value, tree.CallOf) else ()
        if not isinstance(named, tree.Name):
            raise self.env.error(
                "type", "a call returns one of its codes, with its values: H_SUCCESS(value), say", statement.span
            )
        found = next((result for result in call.returns if result.code == named.name), None)
        if found is None:
            raise self.env.unknown(
                "return code of this call", named.name, named.span, [result.code for result in call.returns]
            )
        if len(arguments) != len(found.values):
            raise self.env.error(
                "type", f"{named.name} comes with {len(found.values)} values, not {len(arguments)}", statement.span
            )
        types = [Type(parameter.width) for parameter in found.values]
        values = self.arguments(arguments, types, named.name)
        number = call.abi.return_codes[named.name].value
        widened: list[code.Expression] = [code.Const(wrap(number, call.width), call.width)]
        widened += [code.Extend(part, False, call.width) if part.width < call.width else part for part in values]
        held = [widened[0], *(self.temporary(part) for part in widened[1:])]
        for place, part in zip(call.abi.results, held, strict=False):
            index = None if place.index < 0 else code.Const(place.index, 8)
            self.emit(code.SetRegister(self.line, place.register, index, part))
        self.emit(code.Return(self.line, ()))

    def _raise(self, statement: tree.RaiseOf) -> None:
        parameters = self.env.interrupts.get(statement.interrupt)
        if parameters is None:
            raise self.env.unknown("interrupt", statement.interrupt, statement.span, self.env.interrupts)
        self.emit(code.Raise(self.line, statement.interrupt, self._counted(statement.interrupt, statement, parameters)))

    def _leave(self, statement: tree.LeaveOf) -> None:
        parameters = self.env.exits.get(statement.exit)
        if parameters is None:
            raise self.env.unknown("exit", statement.exit, statement.span, self.env.exits)
        self.emit(code.Leave(self.line, statement.exit, self._counted(statement.exit, statement, parameters)))

    def _counted(
        self, name: str, statement: tree.RaiseOf | tree.LeaveOf, parameters: Sequence[tuple[str, Type]]
    ) -> tuple[code.Expression, ...]:
        if len(statement.arguments) != len(parameters):
            raise self.env.error(
                "type", f"{name} takes {len(parameters)} arguments, not {len(statement.arguments)}", statement.span
            )
        return self.arguments(statement.arguments, [type_ for _, type_ in parameters], name)

    def _expression(self, statement: tree.ExpressionStatement) -> None:
        if isinstance(statement.value, (tree.IfOf, tree.MatchOf)):
            self.choice_statement(statement.value, tail=False)
            return
        value: Value = self.lower(statement.value)
        if isinstance(statement.value, tree.CallOf):
            for part in value.parts:
                if isinstance(part, (code.Call, code.Builtin)):
                    self.emit(code.Do(self.line, part))
            return
        if not value.parts and value.literal is None:
            return
        place = statement.span.file, statement.span.line
        if any((told.span.file, told.span.line) == place for told in self.env.problems.found[-1:]):
            return  # what is left of a line of which something has been told: `f (x)`, say
        raise self.env.error("unused", "this value is not used", statement.span, "assign it, or `let` it a name")


def lower_body(env: Environment, lowering: Lowering, body: tree.Block) -> tuple[code.Statement, ...]:
    """All statements of a body; with results, its last expression is returned."""
    try:
        if lowering.results or lowering.call is not None:
            lowering.tail(body)
        else:
            lowering.check_reached(body.statements)
            for statement in body.statements:
                lowering.statement(statement)
    except Mistake:
        pass
    return tuple(lowering.out)
