"""Banked registers: the functions that find the active copy and move copies in and out."""

from __future__ import annotations

from collections.abc import Callable

from ...model import code
from ...model import items as model
from .. import tree
from ..lowering.function_bodies import add_function, lower_function
from ..names.environment import Environment, Signature
from ..names.types import Type
from ..tree import Item


def lower_banks(env: Environment, item: Item, register: model.Register, active: tree.Assignment) -> None:
    """Makes `X.active`, `X.switch`, and `X.bank.read` and `.write` for each bank."""
    enum = env.enums[f"{item.name}_bank"]
    table = env.banks[item.name]
    bank_type = Type(enum.width, enum.name)
    body = tree.Block(active.span, (tree.ExpressionStatement(active.span, active.value),))
    lower_function(env, f"{item.name}.active", f"The active bank of {item.name}", active.span, body)
    line = env.line(item.span)

    def storage(index: int, bank: str) -> str:
        return f"{item.name}{index}_{bank if bank in table[index] else table[index][0]}"

    moves: dict[str, list[code.SwitchCase]] = {"old": [], "new": []}
    for bank, number in enum.members.items():
        out: list[code.Statement] = []
        into: list[code.Statement] = []
        for index in sorted(table):
            place = code.Const(index, 8)
            out.append(
                code.SetRegister(line, storage(index, bank), None, code.ReadRegister(item.name, place, register.width))
            )
            into.append(
                code.SetRegister(line, item.name, place, code.ReadRegister(storage(index, bank), None, register.width))
            )
        moves["old"].append(code.SwitchCase(((number, number),), tuple(out)))
        moves["new"].append(code.SwitchCase(((number, number),), tuple(into)))
    switch = [code.Switch(line, code.Local(name, enum.width), tuple(cases), ()) for name, cases in moves.items()]
    changed = code.Binary("!=", code.Local("old", enum.width), code.Local("new", enum.width), 1)
    add_function(
        env,
        f"{item.name}.switch",
        f"Moves banked copies of {item.name} out and in",
        item.span,
        [code.If(line, changed, tuple(switch), ())],
    )
    for bank in enum.members:
        _bank_access(env, item, register, bank, bank_type, storage)


def _bank_access(
    env: Environment,
    item: Item,
    register: model.Register,
    bank: str,
    bank_type: Type,
    storage: Callable[[int, str], str],
) -> None:
    table, enum, line = env.banks[item.name], env.enums[bank_type.name], env.line(item.span)
    index = code.Local("index", 8)
    value = code.Local("value", register.width)
    here = code.Local("active", bank_type.width)
    reads: list[code.SwitchCase] = []
    writes: list[code.SwitchCase] = []
    for number in sorted(table):
        same = [code_ for name, code_ in enum.members.items() if storage(number, name) == storage(number, bank)]
        is_active: code.Expression = code.Const(0, 1)
        for code_ in same:
            test = code.Binary("==", here, code.Const(code_, bank_type.width), 1)
            is_active = test if isinstance(is_active, code.Const) else code.Binary("||", is_active, test, 1)
        place = code.Const(number, 8)
        kept = storage(number, bank)
        read = code.Select(
            is_active,
            code.ReadRegister(item.name, place, register.width),
            code.ReadRegister(kept, None, register.width),
            register.width,
        )
        write = code.If(
            line,
            is_active,
            (code.SetRegister(line, item.name, place, value),),
            (code.SetRegister(line, kept, None, value),),
        )
        reads.append(code.SwitchCase(((number, number),), (code.Return(line, (read,)),)))
        writes.append(code.SwitchCase(((number, number),), (write,)))
    let = code.Let(line, "active", bank_type.width, code.Call(f"{item.name}.active", (), bank_type.width))
    plain = code.Return(line, (code.ReadRegister(item.name, index, register.width),))
    name = f"{item.name}.{bank}"
    env.signatures[f"{name}.read"] = Signature((("index", Type(8)),), (Type(register.width),))
    env.signatures[f"{name}.write"] = Signature((("index", Type(8)), ("value", Type(register.width))), ())
    add_function(
        env,
        f"{name}.read",
        f"{item.name}[index] of bank {bank}",
        item.span,
        [let, code.Switch(line, index, tuple(reads), (plain,))],
    )
    store = code.SetRegister(line, item.name, index, value)
    add_function(
        env,
        f"{name}.write",
        f"Writes {item.name}[index] of bank {bank}",
        item.span,
        [let, code.Switch(line, index, tuple(writes), (store,))],
    )
