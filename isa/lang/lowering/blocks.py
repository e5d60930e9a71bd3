"""Blocks, `if` and `match` to typed code, used as statements, as values and as a function's tail."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from ...model import code
from .. import tree
from ..names import fold
from ..names.types import BOOL, Type
from ..tree import Span
from .base import Expected, OperandMeaning, Value, one
from .matches import MatchLowering


@dataclass
class Branch:
    """One lowered branch: its statements and value (None if it never ends normally)."""

    statements: list[code.Statement]
    value: Value | None
    span: Span


class BlockLowering(MatchLowering):
    """Control flow. Statements themselves are lowered by the class above."""

    def statement(self, statement: tree.Statement) -> None:
        raise NotImplementedError

    def tail_value(self, expression: tree.Expression) -> None:
        raise NotImplementedError

    # Values

    def lower_choice(self, choice: tree.IfOf | tree.MatchOf, expected: Expected) -> Value:
        expected = expected or self.guess(choice)
        if isinstance(choice, tree.IfOf):
            if choice.otherwise is None:
                raise self.env.error("type", "an `if` that gives a value needs an `else`", choice.span)
            condition = self.expr(choice.condition, BOOL, "the condition")
            if isinstance(condition, code.Const):
                return self._inline(choice.then if condition.value else choice.otherwise, expected)
            branches = [self._branch(choice.then, expected), self._branch(choice.otherwise, expected)]
            both = [branch.value for branch in branches]
            types = self._types(branches, expected, choice.span)
            if (
                not any(branch.statements for branch in branches)
                and len(types) == 1
                and all(value is not None for value in both)
            ):
                then, otherwise = (self.scalar(value, types[0], choice.span) for value in both if value is not None)
                return Value((fold.select(condition, then, otherwise),), types)
            names = self._declare_results(types)
            bodies = [self._with_results(branch, names, types) for branch in branches]
            self.emit(code.If(self.line, condition, bodies[0], bodies[1]))
            return Value(tuple(code.Local(name, type_.width) for name, type_ in zip(names, types, strict=True)), types)
        return self._match_value(choice, expected)

    def _match_value(self, match: tree.MatchOf, expected: Expected) -> Value:
        subject, type_ = self._subject(match)
        if isinstance(subject, code.Const):
            return self._inline(self._chosen(match, subject.value, type_), expected)
        ranges = self._ranges(match, type_, exhaustive=True)
        branches = [self._branch(arm.body, expected) for arm in match.arms]
        types = self._types(branches, expected, match.span)
        names = self._declare_results(types)
        bodies = [self._with_results(branch, names, types) for branch in branches]
        self._switch(subject, ranges, bodies, last_is_default=True)
        return Value(tuple(code.Local(name, kind.width) for name, kind in zip(names, types, strict=True)), types)

    def _inline(self, block: tree.Block, expected: Expected) -> Value:
        self.scopes.append({})
        value = self.block_value(block, expected)
        self.scopes.pop()
        if value is None:
            raise self.env.error("type", "this branch, the only one left, gives no value", block.span)
        return value

    def block_value(self, block: tree.Block, expected: Expected) -> Value | None:
        """A block's last expression; None if the block never ends normally. Its statements go to `out`."""
        self.check_reached(block.statements)
        for statement in block.statements[:-1]:
            self.statement(statement)
        if not block.statements:
            raise self.env.error("type", "an empty block gives no value", block.span)
        last = block.statements[-1]
        if isinstance(last, tree.ExpressionStatement):
            self.line = self.env.line(last.span)
            return self.lower(last.value, expected)
        self.statement(last)
        if isinstance(last, (tree.ReturnOf, tree.RaiseOf)):
            return None
        raise self.env.error("type", "this block gives no value: it ends with a statement", last.span)

    def _branch(self, block: tree.Block, expected: Expected) -> Branch:
        outer, self.out = self.out, []
        self.scopes.append({})
        try:
            value = self.block_value(block, expected)
            return Branch(self.out, value, block.span)
        finally:
            self.scopes.pop()
            self.out = outer

    def _types(self, branches: list[Branch], expected: Expected, span: Span) -> tuple[Type, ...]:
        typed = [branch.value for branch in branches if branch.value is not None and branch.value.literal is None]
        if typed:
            return typed[0].types
        if isinstance(expected, tuple):
            return expected
        if expected is not None:
            return (expected,)
        if any(branch.value is not None for branch in branches):
            raise self.env.error(
                "width-unknown",
                "nothing here says how wide these numbers are",
                span,
                "write u32(…) in one of them, say",
            )
        raise self.env.error("type", "no branch gives a value", span)

    def _declare_results(self, types: tuple[Type, ...]) -> list[str]:
        names = []
        for type_ in types:
            name = self.unique("t")
            self.emit(code.Let(self.line, name, type_.width, code.Const(0, type_.width)))
            names.append(name)
        return names

    def _with_results(self, branch: Branch, names: list[str], types: tuple[Type, ...]) -> tuple[code.Statement, ...]:
        if branch.value is None:
            return tuple(branch.statements)
        values = self.parts_of(branch.value, types, branch.span, "this branch")
        sets = [code.Set(self.line, name, value) for name, value in zip(names, values, strict=True)]
        return (*branch.statements, *sets)

    def parts_of(self, value: Value, types: tuple[Type, ...], span: Span, what: str) -> tuple[code.Expression, ...]:
        """A value's parts, each checked against its type."""
        if len(types) == 1:
            return (self.scalar(value, types[0], span, what),)
        if len(value.parts) != len(types):
            raise self.env.error(
                "type", f"{what} gives {len(value.parts) or 1} values where {len(types)} are needed", span
            )
        return tuple(
            self.scalar(Value((part,), (own,)), wanted, span, f"part {number} of {what}")
            for number, (part, own, wanted) in enumerate(zip(value.parts, value.types, types, strict=True), 1)
        )

    # Statements

    def branch_statements(self, block: tree.Block) -> tuple[code.Statement, ...]:
        """A block's statements in a scope of their own, without a value."""
        outer, self.out = self.out, []
        self.scopes.append({})
        self.check_reached(block.statements)
        for statement in block.statements:
            self.statement(statement)
        self.scopes.pop()
        result, self.out = tuple(self.out), outer
        return result

    def choice_statement(self, choice: tree.IfOf | tree.MatchOf, tail: bool) -> None:
        """An `if` or `match` whose value is not used, or, with `tail`, is the function's result."""
        body = self._tail_statements if tail else self.branch_statements
        if isinstance(choice, tree.IfOf):
            condition = self.expr(choice.condition, BOOL, "the condition")
            if isinstance(condition, code.Const):
                chosen = choice.then if condition.value else choice.otherwise
                self.out.extend(body(chosen) if chosen is not None else ())
                return
            if tail and choice.otherwise is None:
                raise self.env.error(
                    "type", "this `if` ends a function that gives a value, so it needs an `else`", choice.span
                )
            line = self.line
            then = body(choice.then)
            otherwise = body(choice.otherwise) if choice.otherwise is not None else ()
            self.emit(code.If(line, condition, then, otherwise))
            return
        subject, type_ = self._subject(choice)
        if isinstance(subject, code.Const):
            arm = next((arm for arm in choice.arms if self._covers(arm, subject.value, type_)), None)
            self.out.extend(body(arm.body) if arm is not None else ())
            return
        line = self.line
        ranges = self._ranges(choice, type_, exhaustive=tail)
        bodies = [body(arm.body) for arm in choice.arms]
        self.line = line
        self._switch(subject, ranges, bodies, last_is_default=tail)

    def _tail_statements(self, block: tree.Block) -> tuple[code.Statement, ...]:
        outer, self.out = self.out, []
        self.scopes.append({})
        self.tail(block)
        self.scopes.pop()
        result, self.out = tuple(self.out), outer
        return result

    def tail(self, block: tree.Block) -> None:
        """A function's last block: its value is returned."""
        self.check_reached(block.statements)
        for statement in block.statements[:-1]:
            self.statement(statement)
        last = block.statements[-1] if block.statements else None
        if isinstance(last, tree.ExpressionStatement):
            self.line = self.env.line(last.span)
            if isinstance(last.value, (tree.IfOf, tree.MatchOf)):
                self.choice_statement(last.value, tail=True)
            else:
                self.tail_value(last.value)
            return
        if last is not None:
            self.statement(last)
        if not isinstance(last, (tree.ReturnOf, tree.RaiseOf)):
            raise self.env.error(
                "type",
                "the function gives a value, but this end of it gives none",
                last.span if last else block.span,
                "end with an expression or `return`",
            )

    def check_reached(self, statements: tuple[tree.Statement, ...]) -> None:
        """Reports what stands behind a `return` or `raise`."""
        for statement, following in itertools.pairwise(statements):
            if isinstance(statement, (tree.ReturnOf, tree.RaiseOf)):
                word = "return" if isinstance(statement, tree.ReturnOf) else "raise"
                self.env.problems.add(
                    "unreachable", f"this is never reached: a `{word}` stands before it", following.span,
                    "a line end does not end a statement: what is meant to be returned begins directly behind `return`"
                    if word == "return" else "",
                )  # fmt: skip
                return

    # Operands

    def operand_value(self, meaning: OperandMeaning, span: Span) -> Value:
        if meaning.value is None:
            missing = next((field for field in meaning.fields if field not in self.fields), None)
            if missing is not None:
                raise self.env.error(
                    "unknown-name",
                    f"operand '{meaning.name}' is made of field '{missing}', which this encoding does not have",
                    span,
                )
            parts = [self.scalar(self.lower_name(tree.Name(span, field)), None, span) for field in meaning.fields]
            whole = fold.concat(parts)
            return Value((whole,), (Type(whole.width),))
        scopes, operands = self.scopes, self.operands
        self.scopes, self.operands = [{}], meaning.meanings
        try:
            if isinstance(meaning.value, tree.Block):
                value = self.block_value(meaning.value, meaning.types)
            else:
                value = self.lower(meaning.value, meaning.types)
        finally:
            self.scopes, self.operands = scopes, operands
        if value is None:
            raise self.env.error("type", f"operand '{meaning.name}' never gives a value", span)
        if meaning.types is None:
            return value
        parts_ = self.parts_of(value, meaning.types, meaning.value.span, f"operand '{meaning.name}'")
        return Value(parts_, meaning.types)


__all__ = ["BlockLowering", "Branch", "one"]
