"""Bodies of functions: described ones, and those that the loader makes for registers, banks and spaces."""

from __future__ import annotations

from typing import Any

from ...model import code
from .. import tree
from ..lowering.function_bodies import add_function, lower_function
from ..lowering.statements import Lowering
from ..names.environment import Environment, Signature
from ..tree import Item
from .banks import lower_banks
from .spaces import lower_space


def lower_functions(env: Environment) -> None:
    """Every `function`, interrupt entry, register handler, bank and space."""
    for item in env.of("function"):
        if item.name in env.signatures:
            lower_function(env, item.name, item.modifiers.title, item.span, item.parts["body"])
    for item in env.of("interrupt"):
        if item.name in env.interrupts:
            _interrupt(env, item)
    for item in env.of("register"):
        if item.name in env.registers:
            _register(env, item)
    for item in env.of("space"):
        if item.name in env.spaces:
            lower_space(env, item)


def lower_instances(env: Environment) -> None:
    """The functions that calls with compile-time arguments asked for, and those that these ask for."""
    while env.wanted:
        name, item, env.instance_depth = env.wanted.pop(0)
        lower_function(env, name, item.modifiers.title, item.span, item.parts["body"])
    env.instance_depth = 0


def _interrupt(env: Environment, item: Item) -> None:
    name = f"interrupt.{item.name}"
    env.signatures[name] = Signature(env.interrupts[item.name], ())
    vector: int = item.parts["vector"]

    def prepare(lowering: Lowering) -> None:
        if vector >= 0:
            lowering.fields["vector"] = env.address
            lowering.fixed["vector"] = vector

    lower_function(env, name, item.modifiers.title, item.span, item.parts["body"], prepare)


def _zero(env: Environment, item: Item) -> None:
    """What writing an array whose element N is always 0 does."""
    line, width = env.line(item.span), env.registers[item.name].width
    index = code.Local("index", 8)
    written = code.SetRegister(line, item.name, index, code.Local("value", width))
    is_other = code.Binary("!=", index, code.Const(env.zeros[item.name], 8), 1)
    add_function(env, f"{item.name}.write", f"What writing {item.name} from outside does", item.span,
                 [code.If(line, is_other, (written,), ())])  # fmt: skip


def _register(env: Environment, item: Item) -> None:
    members: list[Any] = list(item.parts["members"])
    register = env.registers[item.name]
    for member in members:
        if not isinstance(member, tree.Handler):
            continue
        name = f"{item.name}.{member.kind}"
        own = env.signatures[name]
        if len(member.parameters) != len(own.parameters):
            wanted = (
                "index and value"
                if len(own.parameters) == 2
                else "index"
                if register.count
                else "value"
                if own.parameters
                else "nothing"
            )
            env.problems.add("type", f"`{member.kind}` of {item.name} takes {wanted}", member.span)
            continue
        renamed = Signature(
            tuple((written, type_) for written, (_, type_) in zip(member.parameters, own.parameters, strict=True)),
            own.results,
        )
        env.signatures[name] = renamed
        lower_function(
            env,
            name,
            f"{'What reading' if member.kind == 'read' else 'What writing'} {item.name} from outside does",
            member.span,
            member.body,
        )
    if item.name in env.zeros:
        _zero(env, item)
    if item.name in env.banks:
        active = next(
            (member for member in members if isinstance(member, tree.Assignment) and member.name == "banked"), None
        )
        if active is None:
            env.problems.add("bank", f"{item.name} has banks, but no `banked by` says which is active", item.span)
            return
        lower_banks(env, item, register, active)
