"""Bodies of functions: described ones, and those that the loader makes for registers, banks and spaces."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...model import code
from .. import tree
from ..lowering.function_bodies import add_function, lower_function
from ..lowering.statements import Lowering
from ..names.environment import Environment, Signature, Wanted
from ..names.generics import instance_item
from ..tree import Item
from ..units.unit import Unit
from ..units.units import Units
from .banks import lower_banks
from .spaces import lower_space


def lower_functions(env: Environment, units: Units) -> None:
    """Every `function`, interrupt entry, register handler, bank and space."""
    for item in env.of("function"):
        if item.name in env.signatures:
            units.of("function", item, partial(_function, env, item))
    for item in env.of("interrupt"):
        if item.name in env.interrupts:
            units.of("interrupt", item, partial(_interrupt, env, item))
    for item in env.of("register"):
        if item.name in env.registers and _has_code(item):
            units.of("register", item, partial(_register, env, item))
    for item in env.of("space"):
        if item.name in env.spaces:
            lower_space(env, item)


def lower_instances(env: Environment, units: Units) -> None:
    """The functions that calls with compile-time arguments asked for, and those that these ask for."""
    while env.wanted:
        one = env.wanted.pop(0)
        env.instance_depth = one.depth
        units.of("instance", env.generics[one.generic], partial(_instance, env, one), one.name)
    env.instance_depth = 0


def _function(env: Environment, item: Item) -> Unit:
    lower_function(env, item.name, item.modifiers.title, item.span, item.parts["body"])
    return Unit()


def _instance(env: Environment, one: Wanted) -> Unit:
    item = instance_item(env, one.name, *one.call())
    lower_function(env, one.name, item.modifiers.title, item.span, item.parts["body"])
    return Unit()


def _has_code(item: Item) -> bool:
    members: list[Any] = item.parts["members"]
    return any(isinstance(member, tree.Handler | tree.BankOf | tree.ZeroOf) for member in members)


def _interrupt(env: Environment, item: Item) -> Unit:
    name = f"interrupt.{item.name}"
    env.signatures[name] = Signature(env.interrupts[item.name], ())
    vector: int = item.parts["vector"]

    def prepare(lowering: Lowering) -> None:
        if vector >= 0:
            lowering.fields["vector"] = env.address
            lowering.fixed["vector"] = vector

    lower_function(env, name, item.modifiers.title, item.span, item.parts["body"], prepare)
    return Unit()


def _zero(env: Environment, item: Item) -> None:
    """What writing an array whose element N is always 0 does."""
    line, width = env.line(item.span), env.registers[item.name].width
    index = code.Local("index", 8)
    written = code.SetRegister(line, item.name, index, code.Local("value", width))
    is_other = code.Binary("!=", index, code.Const(env.zeros[item.name], 8), 1)
    add_function(env, f"{item.name}.write", f"What writing {item.name} from outside does", item.span,
                 [code.If(line, is_other, (written,), ())])  # fmt: skip


def _register(env: Environment, item: Item) -> Unit:
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
            return Unit()
        lower_banks(env, item, register, active)
    return Unit()
