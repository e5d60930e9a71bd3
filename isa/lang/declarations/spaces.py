"""Numbered spaces: the functions that read and write the register standing at a number."""

from __future__ import annotations

import msgspec

from ...model import code
from ...model import items as model
from .. import tree
from ..lowering.base import Value
from ..lowering.function_bodies import add_function, lower_function
from ..lowering.statements import Lowering
from ..names import fold
from ..names.environment import Environment, Mistake, Signature, annotations_of
from ..names.types import Type
from ..tree import Item


def lower_space(env: Environment, item: Item) -> None:
    """Makes `SPACE.read`, `SPACE.write` and `SPACE.undefined`, and tells registers where they stand."""
    space = env.spaces[item.name]
    keys = tuple((key.name, Type(key.width, key.type_name)) for key in space.keys)
    undefined = next(iter(item.parts.get("undefined", ())), None)
    flag = undefined[0].name if undefined is not None else "write"
    env.signatures[f"{item.name}.undefined"] = Signature((*keys, (flag, Type(1))), (Type(space.width),))
    env.signatures[f"{item.name}.read"] = Signature(keys, (Type(space.width),))
    env.signatures[f"{item.name}.write"] = Signature((*keys, ("value", Type(space.width))), ())
    if undefined is None:
        env.problems.add(
            "space",
            f"space {item.name} does not say what an undefined number does",
            item.span,
            "add `undefined(write : u1) { … }`",
        )
        return
    _undefined(env, item, undefined[1], space)
    reads, writes = _accesses(env, item.name, space)
    line = env.line(item.span)
    selector = fold.concat([code.Local(key.name, key.width) for key in space.keys])
    locals_ = tuple(code.Local(key.name, key.width) for key in space.keys)
    nowhere = code.Call(f"{item.name}.undefined", (*locals_, code.Const(0, 1)), space.width)
    add_function(
        env,
        f"{item.name}.read",
        f"Reads {item.name}",
        item.span,
        [code.Switch(line, selector, tuple(reads), (code.Return(line, (nowhere,)),))],
    )
    nowhere = code.Call(f"{item.name}.undefined", (*locals_, code.Const(1, 1)), space.width)
    add_function(
        env,
        f"{item.name}.write",
        f"Writes {item.name}",
        item.span,
        [code.Switch(line, selector, tuple(writes), (code.Do(line, nowhere),))],
    )


def declare_names_of_spaces(env: Environment) -> None:
    """Names lists that are made of what the registers of a space are spelled (`at SPACE(n) as NAME`), by right."""
    for item in env.of("names"):
        if "space" not in item.parts:
            continue
        env.names[item.name] = model.NamesList(item.name, item.modifiers.title, 1, ((), ()), {})
        try:
            env.names[item.name] = _names(env, item)
        except Mistake:
            continue


def _names(env: Environment, item: Item) -> model.NamesList:
    asked: tree.Name = item.parts["space"]
    space = env.spaces.get(asked.name)
    if space is None:
        raise env.unknown("space", asked.name, asked.span, env.spaces)
    spelled: dict[str, int] = {}
    for register in env.of("register"):
        for at in register.parts["members"]:
            if not isinstance(at, tree.AtClause) or at.space != space.name or not at.spelled:
                continue
            if (at.read if item.parts["right"] == "read" else at.write) is None:
                continue
            number, _ = number_of(env, at, space)
            if spelled.setdefault(at.spelled, number) != number:
                env.error("duplicate", f"'{at.spelled}' names both {spelled[at.spelled]} and {number}", at.span)
    width = sum(key.width for key in space.keys)
    table: dict[int, tuple[str, ...]] = {}
    for name, number in spelled.items():
        table[number] = (*table.get(number, ()), name)
    spellings = tuple(table.get(number, ()) for number in range(1 << width))
    return model.NamesList(item.name, item.modifiers.title, width, spellings, annotations_of(item))


def _undefined(env: Environment, item: Item, body: tree.Block, space: model.Space) -> None:
    last = body.statements[-1] if body.statements else None
    gives = isinstance(last, tree.ExpressionStatement) and not isinstance(last.value, (tree.IfOf, tree.MatchOf))
    gives = gives or isinstance(last, (tree.RaiseOf, tree.ReturnOf))
    if not gives:
        zero = tree.ExpressionStatement(body.span, tree.IntegerLiteral(body.span, 0, "0"))
        body = tree.Block(body.span, (*body.statements, zero))
    lower_function(env, f"{item.name}.undefined", f"A number of {item.name} that no register claims", item.span, body)


def _accesses(env: Environment, name: str, space: model.Space) -> tuple[list[code.SwitchCase], list[code.SwitchCase]]:
    reads: list[code.SwitchCase] = []
    writes: list[code.SwitchCase] = []
    taken: dict[tuple[str, int], str] = {}
    for item in env.of("register"):
        register = env.registers.get(item.name)
        if register is None:
            continue
        own: list[model.Access] = list(register.accesses)
        for at in item.parts["members"]:
            if not isinstance(at, tree.AtClause) or at.space != name:
                continue
            try:
                key, keys = number_of(env, at, space)
                rights = {kind: _right(env, right) for kind, right in (("read", at.read), ("write", at.write))}
                for kind, right in rights.items():
                    other = taken.setdefault((kind, key), item.name) if right else item.name
                    if other != item.name:
                        raise env.error("duplicate", f"{name} number {key} belongs to {other} already", at.span)
                own.append(model.Access(name, keys, rights["read"], rights["write"]))
            except Mistake:
                continue
            line = env.line(at.span)
            if rights["read"]:
                reads.append(_read_case(register, key, rights["read"], space.width, line))
            if rights["write"]:
                if register.kind == "view" and not register.write_function:
                    env.problems.add("view", f"view {register.name} has no `write`", at.span)
                    continue
                writes.append(_write_case(register, key, rights["write"], space.width, line))
        env.registers[item.name] = _with_accesses(register, tuple(own))
    return reads, writes


def number_of(env: Environment, at: tree.AtClause, space: model.Space) -> tuple[int, tuple[int, ...]]:
    """An `at` clause's keys: as one number, and one by one."""
    if len(at.keys) != len(space.keys):
        raise env.error("type", f"{space.name} is numbered by {len(space.keys)} keys, not {len(at.keys)}", at.span)
    lowering = Lowering(env)
    selector, keys = 0, []
    for written, key in zip(at.keys, space.keys, strict=True):
        number = lowering.constant(Value((lowering.expr(written, Type(key.width)),), (Type(key.width),)))
        if number is None:
            raise env.error("constant", "a register's number must be a constant", written.span)
        keys.append(number)
        selector = selector << key.width | number
    return selector, tuple(keys)


def _right(env: Environment, right: tree.Name | None) -> str:
    if right is None:
        return ""
    known = env.signatures.get(right.name)
    if known is None:
        raise env.unknown(
            "right (a function)", right.name, right.span, [name for name in env.signatures if "." not in name]
        )
    if known.parameters or known.results:
        raise env.error("type", f"right '{right.name}' must be a function without parameters and result", right.span)
    return right.name


def _read_case(register: model.Register, key: int, right: str, width: int, line: int) -> code.SwitchCase:
    if register.read_function:
        value: code.Expression = code.Call(register.read_function, (), register.width)
    else:
        value = code.ReadRegister(register.name, None, register.width)
    sized = fold.extend(value, False, width) if register.width <= width else fold.slice_of(value, 0, width)
    return code.SwitchCase(((key, key),), (code.Do(line, code.Call(right, (), 0)), code.Return(line, (sized,))))


def _write_case(register: model.Register, key: int, right: str, width: int, line: int) -> code.SwitchCase:
    given = code.Local("value", width)
    value = (
        fold.slice_of(given, 0, register.width)
        if register.width <= width
        else fold.extend(given, False, register.width)
    )
    write: code.Statement
    if register.write_function:
        write = code.Do(line, code.Call(register.write_function, (value,), 0))
    else:
        write = code.SetRegister(line, register.name, None, value)
    return code.SwitchCase(((key, key),), (code.Do(line, code.Call(right, (), 0)), write))


def _with_accesses(register: model.Register, accesses: tuple[model.Access, ...]) -> model.Register:
    return msgspec.structs.replace(register, accesses=accesses)
