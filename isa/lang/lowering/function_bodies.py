"""Adds functions to the environment: made ones, and lowered bodies under a known signature."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...model import code
from ...model import items as model
from .. import tree
from ..names.environment import Environment
from ..names.types import Type
from ..tree import Span
from .statements import Lowering, lower_body


def parameter(name: str, type_: Type) -> model.Parameter:
    """A parameter of the typed form."""
    return model.Parameter(name, type_.width, type_.name)


def add_function(env: Environment, name: str, title: str, span: Span, body: Sequence[code.Statement]) -> None:
    """Registers a function whose signature is known; what it touches is found out at the end of loading."""
    known = env.signatures[name]
    parameters = tuple(parameter(own, type_) for own, type_ in known.parameters)
    results = tuple(type_.width for type_ in known.results)
    env.functions[name] = code.Function(name, title, parameters, results, tuple(body), False, (), (), env.line(span))


def lower_function(
    env: Environment,
    name: str,
    title: str,
    span: Span,
    body: tree.Block,
    prepare: Callable[[Lowering], None] | None = None,
) -> None:
    """Lowers a body under the signature that the environment holds for `name`."""
    known = env.signatures[name]
    lowering = Lowering(env, known.results)
    lowering.line = env.line(span)
    for own, type_ in known.parameters:
        lowering.declare(own, type_, span)
    if prepare is not None:
        prepare(lowering)
    lowering.scopes.append({})
    add_function(env, name, title, span, lower_body(env, lowering, body))
