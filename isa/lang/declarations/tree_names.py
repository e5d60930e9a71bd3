"""Names in expressions, and functions that are made of expressions over named values (aliases, sequences)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from .. import tree
from ..lowering.function_bodies import add_function
from ..lowering.statements import Lowering
from ..names.environment import Environment, Signature
from ..names.types import Type


def names_in(node: object) -> set[str]:
    """All plain names in a piece of syntax."""
    names: set[str] = set()
    stack: list[object] = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, tree.Name):
            names.add(current.name)
        elif isinstance(current, (tuple, list)):
            stack.extend(current)
        elif isinstance(current, tree.Node):
            stack.extend(getattr(current, slot.name) for slot in dataclasses.fields(current))
    return names


def pure_function(
    env: Environment, name: str, title: str, expression: tree.Expression, result: Type, types: Mapping[str, Type]
) -> tuple[str, tuple[str, ...]]:
    """Makes a function of those of the values that an expression uses; its name and their names."""
    used = tuple(own for own in types if own in names_in(expression))
    lowering = Lowering(env, (result,))
    lowering.line = env.line(expression.span)
    for own in used:
        lowering.declare(own, types[own], expression.span)
    lowering.scopes.append({})
    lowering.tail(tree.Block(expression.span, (tree.ExpressionStatement(expression.span, expression),)))
    env.signatures[name] = Signature(tuple((own, types[own]) for own in used), (result,))
    add_function(env, name, title, expression.span, lowering.out)
    return name, used
