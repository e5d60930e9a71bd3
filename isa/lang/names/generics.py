"""Functions with compile-time parameters: `f[W, g](…)` is a function of its own for each set of arguments."""

from __future__ import annotations

from collections.abc import Sequence

from .. import tree
from ..text.specialise import Specialiser
from ..tree import Item, Span, Within
from .environment import Environment, Signature

DEEPEST = 24
"""How far an instance may be from the first one that needs it: f[8] needs f[16], which needs f[32], …"""


def instance_of(env: Environment, generic: Item, cells: Sequence[tree.Expression], span: Span) -> str:
    """The name of the function for these arguments; it is declared, and its body wanted, when it is new.

    Raises Mistake, reported, if the arguments do not fit.
    """
    parameters: list[tree.Name] = generic.parts["compile_time"]
    name = f"{generic.name}[{', '.join(_shown(cell) for cell in cells)}]"
    if len(cells) != len(parameters):
        raise env.error(
            "type",
            f"{generic.name} has {len(parameters)} compile-time parameter{'s' * (len(parameters) != 1)} "
            f"({', '.join(parameter.name for parameter in parameters)}), not {len(cells)}",
            span,
        )
    if name not in env.signatures:
        if env.instance_depth >= DEEPEST:
            raise env.error(
                "recursion",
                f"{name} is needed at the end of {DEEPEST} instances that need each other",
                span,
                "let the chain end with an `if` on the compile-time parameters",
            )
        head = _specialised(env, generic, name, cells, span, ("parameters", "type"))
        env.signatures[name] = Signature(
            env.parameters_of(head.parts["parameters"]), env.results_of(head.parts["type"])
        )
    env.request(name, generic.name, lambda: (cells, span))
    return name


def instance_item(env: Environment, name: str, cells: Sequence[tree.Expression], span: Span) -> Item:
    """The function that an instance is, its signature declared."""
    generic = env.generics[name.partition("[")[0]]
    item = _specialised(env, generic, name, cells, span, ("parameters", "type", "body"))
    env.signatures[name] = Signature(env.parameters_of(item.parts["parameters"]), env.results_of(item.parts["type"]))
    return item


def _specialised(
    env: Environment, generic: Item, name: str, cells: Sequence[tree.Expression], span: Span, parts: tuple[str, ...]
) -> Item:
    parameters: list[tree.Name] = generic.parts["compile_time"]
    named = dict(zip((parameter.name for parameter in parameters), cells, strict=True))
    body = {part: generic.parts[part] for part in parts}
    plain = Item(generic.span, generic.kind, generic.name, generic.modifiers, body)
    within = Within(f"in {name}, called here", span)
    return Specialiser(named, within, env.problems, "compile-time parameter").item(plain)


def _shown(cell: tree.Expression) -> str:
    if isinstance(cell, tree.IntegerLiteral):
        return str(cell.value)
    if isinstance(cell, tree.Index) and isinstance(cell.object, tree.Name):
        return f"{cell.object.name}[{', '.join(_shown(argument) for argument in cell.arguments)}]"
    return cell.name if isinstance(cell, tree.Name) else "?"
