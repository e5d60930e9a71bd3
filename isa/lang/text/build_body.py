"""Lark's tree to ours: expressions, statements, types and what both halves of the builder share."""

from __future__ import annotations

from typing import Any, TypeVar

from lark import Token, Transformer, v_args
from lark.tree import Meta

from .. import tree
from ..tree import Name, Span

T = TypeVar("T")


@v_args(meta=True)
class BodyBuilder(Transformer[Token, Any]):
    """Builds nodes of bodies. `file` names the source in every span."""

    def __init__(self, file: str) -> None:
        super().__init__()
        self.file = file

    def _span(self, meta: Meta) -> Span:
        if meta.empty:
            return Span(self.file, 1, 1, 1, 2)
        return Span(self.file, meta.line, meta.column, meta.end_line, meta.end_column)

    def _token(self, token: Token) -> Span:
        line, column = token.line or 1, token.column or 1
        return Span(self.file, line, column, token.end_line or line, token.end_column or column + 1)

    def _name(self, token: Token) -> Name:
        return Name(self._token(token), str(token))

    def _of(self, children: list[Any], kind: type[T]) -> list[T]:
        return [child for child in children if isinstance(child, kind)]

    def _text(self, token: Token | None) -> str:
        return "" if token is None else str(token)[1:-1]

    def signed(self, meta: Meta, children: list[Any]) -> int:
        return int(str(children[0]), 0)

    def negative(self, meta: Meta, children: list[Any]) -> int:
        return -int(str(children[0]), 0)

    # Types and parameters

    def named_type(self, meta: Meta, children: list[Any]) -> tree.TypeName:
        return tree.TypeName(self._token(children[0]), str(children[0]))

    def sized_type(self, meta: Meta, children: list[Any]) -> tree.TypeName:
        return tree.TypeName(self._span(meta), str(children[0]), (), children[2])

    def tuple_type(self, meta: Meta, children: list[Any]) -> tree.TypeName:
        return tree.TypeName(
            self._span(meta), "", tuple(child for child in children if isinstance(child, tree.TypeName))
        )

    def parameter(self, meta: Meta, children: list[Any]) -> tree.ParameterOf:
        return tree.ParameterOf(self._token(children[0]), str(children[0]), children[1])

    def parameters(self, meta: Meta, children: list[Any]) -> tuple[tree.ParameterOf, ...]:
        return tuple(child for child in children if isinstance(child, tree.ParameterOf))

    # Expressions

    def integer(self, meta: Meta, children: list[Any]) -> tree.IntegerLiteral:
        return tree.IntegerLiteral(self._span(meta), int(str(children[0]), 0), str(children[0]))

    def name(self, meta: Meta, children: list[Any]) -> Name:
        return self._name(children[0])

    def member(self, meta: Meta, children: list[Any]) -> tree.Member:
        return tree.Member(self._span(meta), children[0], str(children[1]))

    def index(self, meta: Meta, children: list[Any]) -> tree.Index:
        return tree.Index(self._span(meta), children[0], tuple(children[2:]))

    def slice(self, meta: Meta, children: list[Any]) -> tree.SliceOf:
        return tree.SliceOf(self._span(meta), children[0], children[2], children[3])

    def part(self, meta: Meta, children: list[Any]) -> tree.PartOf:
        return tree.PartOf(self._span(meta), children[0], children[2], children[3])

    def call(self, meta: Meta, children: list[Any]) -> tree.CallOf:
        return tree.CallOf(self._span(meta), children[0], tuple(children[2] or ()))

    def arguments(self, meta: Meta, children: list[Any]) -> tuple[tree.Expression, ...]:
        return tuple(children)

    def unary(self, meta: Meta, children: list[Any]) -> tree.UnaryOf:
        return tree.UnaryOf(self._span(meta), str(children[0]), children[1])

    def binary(self, meta: Meta, children: list[Any]) -> tree.BinaryOf:
        return tree.BinaryOf(self._span(meta), str(children[1]), children[0], children[2])

    def primary(self, meta: Meta, children: list[Any]) -> tree.Expression:
        value: tree.Expression = children[1]
        return value

    def tuple(self, meta: Meta, children: list[Any]) -> tree.TupleOf:
        return tree.TupleOf(self._span(meta), tuple(child for child in children if not isinstance(child, Token)))

    def if_value(self, meta: Meta, children: list[Any]) -> tree.IfOf:
        otherwise = children[2]
        if isinstance(otherwise, tree.IfOf):
            otherwise = tree.Block(otherwise.span, (tree.ExpressionStatement(otherwise.span, otherwise),))
        return tree.IfOf(self._span(meta), children[0], children[1], otherwise)

    def match_value(self, meta: Meta, children: list[Any]) -> tree.MatchOf:
        return tree.MatchOf(self._span(meta), children[0], tuple(self._of(children, tree.Arm)))

    def arm(self, meta: Meta, children: list[Any]) -> tree.Arm:
        body = next(child for child in children if isinstance(child, tree.Node) and not isinstance(child, tree.Pattern))
        if not isinstance(body, tree.Block):
            body = tree.Block(body.span, (tree.ExpressionStatement(body.span, body),))  # type: ignore[arg-type]
        return tree.Arm(self._span(meta), tuple(self._of(children, tree.Pattern)), body)

    def value_pattern(self, meta: Meta, children: list[Any]) -> tree.Pattern:
        last = children[0] if children[1] is None else children[1]
        return tree.Pattern(self._span(meta), children[0], last)

    def name_pattern(self, meta: Meta, children: list[Any]) -> tree.Pattern:
        return tree.Pattern(
            self._span(meta), None, None, str(children[0]), str(children[1]) if children[1] is not None else ""
        )

    # Statements

    def block(self, meta: Meta, children: list[Any]) -> tree.Block:
        return tree.Block(self._span(meta), tuple(children))

    def let(self, meta: Meta, children: list[Any]) -> tree.LetOf:
        return tree.LetOf(self._span(meta), (str(children[0]),), children[1], children[2], False)

    def let_tuple(self, meta: Meta, children: list[Any]) -> tree.LetOf:
        names = tuple(str(child) for child in children if isinstance(child, Token) and child.type == "NAME")
        return tree.LetOf(self._span(meta), names, None, children[-1], False)

    def var(self, meta: Meta, children: list[Any]) -> tree.LetOf:
        return tree.LetOf(self._span(meta), (str(children[0]),), children[1], children[2], True)

    def assign(self, meta: Meta, children: list[Any]) -> tree.AssignOf:
        value = next(child for child in children[1:] if isinstance(child, tree.Node))
        return tree.AssignOf(self._span(meta), children[0], value)  # type: ignore[arg-type]

    def for_loop(self, meta: Meta, children: list[Any]) -> tree.ForOf:
        return tree.ForOf(self._span(meta), str(children[0]), children[1], children[2], children[3], children[4])

    def return_result(self, meta: Meta, children: list[Any]) -> tree.ReturnOf:
        return tree.ReturnOf(self._span(meta), children[0])

    def raise_interrupt(self, meta: Meta, children: list[Any]) -> tree.RaiseOf:
        return tree.RaiseOf(self._span(meta), str(children[0]), tuple(children[2] or ()))

    def leave(self, meta: Meta, children: list[Any]) -> tree.LeaveOf:
        return tree.LeaveOf(self._span(meta), str(children[0]), tuple(children[2] or ()))

    def expression_statement(self, meta: Meta, children: list[Any]) -> tree.ExpressionStatement:
        return tree.ExpressionStatement(self._span(meta), children[0])
