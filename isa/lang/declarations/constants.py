"""Constants, parameters and choices: each is worked out behind those that its value needs."""

from __future__ import annotations

from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter
from typing import Any

from ...model import items as model
from ..lowering.base import Value
from ..lowering.statements import Lowering
from ..names.environment import Environment, Mistake
from ..tree import Item
from .tree_names import names_in


def declare_constants(env: Environment) -> None:
    """`const`, `parameter` (a core may set it) and `choice`, each behind those that its value needs."""
    for item in _constants_in_order(env):
        try:
            type_ = env.type_of(item.parts["type"])
            setting = env.settings.get(item.name)
            expression: Any = setting.value if setting is not None and item.kind == "parameter" else item.parts["value"]
            lowering = Lowering(env)
            value = lowering.scalar(lowering.lower(expression, type_), type_, expression.span, f"'{item.name}'")
            number = lowering.constant(Value((value,), (type_,)))
            if number is None:
                raise env.error("constant", f"'{item.name}' must be a constant", expression.span)
            env.constants[item.name] = model.Constant(
                item.name, item.modifiers.title, item.kind, type_.width, number, env.line(item.span)
            )
            env.constant_types[item.name] = type_
        except Mistake:
            continue
    env.constants = {item.name: env.constants[item.name] for item in env.of("constant") if item.name in env.constants}


def _constants_in_order(env: Environment) -> Iterable[Item]:
    """Without those that need themselves, which is reported."""
    items = {item.name: item for item in env.of("constant")}
    while True:
        needs = {name: sorted(names_in(item.parts["value"]) & set(items)) for name, item in items.items()}
        try:
            return [items[name] for name in TopologicalSorter(needs).static_order()]
        except CycleError as error:
            # Each needs the one before it.
            cycle = list(reversed(error.args[1]))
            first = min(cycle[1:], key=list(items).index)
            cycle = cycle[cycle.index(first) : -1] + cycle[: cycle.index(first)] + [first]
            env.error("cycle", f"'{first}' needs itself: {' → '.join(cycle)}", items[first].span)
            for name in cycle[1:]:
                del items[name]
