"""Fills the environment with what needs no bodies: types, constants, names lists, registers, spaces, signatures."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ...model import items as model
from .. import tree
from ..lowering.statements import Lowering
from ..names.environment import Environment, Mistake, Signature, annotations_of
from ..names.types import MAX_STRUCTURE, Type, bits, fits, structure_bits, wrap
from ..tree import Item

MOST_BITS = 8 << 20
"""Of a register with all its elements."""
_ACCESS = {"load": 0, "store": 1, "fetch": 2}


def declare_types(env: Environment) -> None:
    """Enums and bit fields (registers with fields make one of their own name)."""
    env.enums["access"] = model.Enum("access", "Kind of a memory access", 3, dict(_ACCESS))
    for item in env.of("type"):
        try:
            if item.kind == "enum":
                _enum(env, item)
            else:
                type_: tree.TypeName = item.parts["type"]
                width = structure_bits(type_.name)
                if not width:
                    raise env.error("type", f"a bit field lies in u1 to u{MAX_STRUCTURE}, not in '{type_.name}'",
                                    type_.span)
                env.bitfields[item.name] = model.BitField(
                    item.name, item.modifiers.title, width, bit_ranges(env, item.parts["fields"], width, item.name)
                )
        except Mistake:
            continue


def _enum(env: Environment, item: Item) -> None:
    members: dict[str, int] = {}
    for member in item.parts["members"]:
        if member.name in members:
            raise env.error("duplicate", f"member '{member.name}' stands there twice", member.span)
        members[member.name] = member.value
    written: tree.TypeName | None = item.parts.get("type")
    width = bits(written.name) if written is not None else max(1, max(members.values(), default=1).bit_length())
    if item.name == "access":
        width = 3
    for member in item.parts["members"]:
        if not fits(member.value, width):
            raise env.error("width", f"{member.value} does not fit the enum's {width} bits", member.span)
    if item.name == "access":
        members = {**_ACCESS, **members}
    env.enums[item.name] = model.Enum(item.name, item.modifiers.title, width, members)


def bit_ranges(env: Environment, ranges: Iterable[object], width: int, what: str) -> tuple[model.BitRange, ...]:
    """Named parts of something `width` bits wide."""
    result: list[model.BitRange] = []
    for part in ranges:
        if not isinstance(part, tree.BitRangeOf):
            continue
        low, size = env.low_bit(part.first, part.last, width, part.span, f"{what} (u{width})")
        if any(part.name == other.name for other in result):
            raise env.error("duplicate", f"part '{part.name}' of {what} stands there twice", part.span)
        over = next((other for other in result if low < other.low + other.width and other.low < low + size), None)
        if over is not None and not _nested(over, low, size) and not part.title:
            env.problems.warn(
                "overlap",
                f"parts '{over.name}' and '{part.name}' of {what} share some of their bits",
                part.span,
                "bits are numbered as the architecture does (`numbering`); a title behind a range says it is meant",
            )
        book = str(part.first) if part.first == part.last else f"{part.first}:{part.last}"
        result.append(model.BitRange(part.name, low, size, book, part.title))
    return tuple(result)


def _nested(over: model.BitRange, low: int, size: int) -> bool:
    """Whether one part lies within the other: a name for some bits of a field."""
    first, last, others = low, low + size, over.low + over.width
    return (over.low <= first and last <= others) or (first <= over.low and others <= last)


def declare_names(env: Environment) -> None:
    """Names lists."""
    for item in env.of("names"):
        if "space" in item.parts:
            continue
        try:
            env.names[item.name] = _names(env, item)
        except Mistake:
            continue


def _names(env: Environment, item: Item) -> model.NamesList:
    table: dict[int, list[str]] = {}
    following = 0
    for entry in item.parts["entries"]:
        if entry.kind == "also":
            table.setdefault(entry.value, []).extend(entry.spellings)
            continue
        if entry.kind == "range":
            for name in _name_range(env, entry):
                table.setdefault(following, []).insert(0, name)
                following += 1
            continue
        number = entry.value if entry.value >= 0 else following
        table.setdefault(number, [])[:0] = entry.spellings
        following = number + 1
    written: Any = item.parts.get("type")
    width = env.type_of(written).width if written is not None else max(1, max(table, default=1).bit_length())
    if max(table, default=0) >> width:
        raise env.error("width", f"{max(table)} names do not fit {width} bits", item.span)
    spelled: dict[str, int] = {}
    for number, spellings in sorted(table.items()):
        for spelling in spellings:
            if spelling and spelled.setdefault(spelling, number) != number:
                raise env.error("duplicate", f"'{spelling}' names both {spelled[spelling]} and {number}", item.span)
    return model.NamesList(
        item.name, item.modifiers.title, width, tuple(tuple(table.get(number, ())) for number in range(1 << width)),
        annotations_of(item),
    )


def _name_range(env: Environment, entry: tree.SpellingsOf) -> list[str]:
    first, last = (re.fullmatch(r"(.*?)(\d+)", name) for name in entry.spellings)
    if first is None or last is None or first[1] != last[1] or int(first[2]) > int(last[2]):
        raise env.error(
            "range",
            f"'{entry.spellings[0]}..{entry.spellings[1]}' is not a range of names",
            entry.span,
            "r0..r31 is one",
        )
    return [f"{first[1]}{number}" for number in range(int(first[2]), int(last[2]) + 1)]


def declare_signatures(env: Environment) -> None:
    """Functions, interrupts, exits: what they take and give."""
    for item in env.of("function"):
        if item.parts["compile_time"]:
            env.generics[item.name] = item
            continue
        try:
            env.signatures[item.name] = signature(env, item)
        except Mistake:
            continue
    for kind, table in (("interrupt", env.interrupts), ("exit", env.exits)):
        for item in env.of(kind):
            try:
                table[item.name] = env.parameters_of(item.parts["parameters"])
            except Mistake:
                continue


def signature(env: Environment, item: Item) -> Signature:
    """A function item's parameters and results."""
    return Signature(env.parameters_of(item.parts["parameters"]), env.results_of(item.parts["type"]))


def declare_registers(env: Environment) -> None:
    """Registers, views, banks; with the signatures of their read and write functions."""
    for item in env.of("register"):
        try:
            _register(env, item)
        except Mistake:
            continue


def _register(env: Environment, item: Item) -> None:
    members: list[Any] = list(item.parts["members"])
    type_ = env.type_of(item.parts["type"])
    count: int = item.parts["count"]
    if count < 0:
        raise env.error("size", f"'{item.name}' would have no elements", item.span, "a single register has no brackets")
    if item.kind != "view" and count * type_.width > MOST_BITS:
        raise env.error(
            "size",
            f"'{item.name}' would have {count * type_.width // 8} bytes; registers have {MOST_BITS // 8} at most",
            item.span,
            "what is larger is memory: phys[…]",
        )
    ranges = bit_ranges(env, members, type_.width, item.name)
    if ranges:
        env.bitfields[item.name] = model.BitField(item.name, item.modifiers.title, type_.width, ranges)
    fields = ranges or env.fields_of(type_)
    handlers = {member.kind: member for member in members if isinstance(member, tree.Handler)}
    index = (("index", Type(8)),) if count else ()
    read = f"{item.name}.read" if "read" in handlers else ""
    write = f"{item.name}.write" if "write" in handlers else ""
    zeros = [member for member in members if isinstance(member, tree.ZeroOf)]
    if zeros:
        if item.kind == "view" or not 0 <= zeros[0].index < count:
            message = f"'{item.name}' has no element {zeros[0].index} that could be 0"
            raise env.error("range", message, zeros[0].span, "`zero N` stands in an array of registers")
        if write or len(zeros) > 1 or any(isinstance(one, tree.BankOf) for one in members):
            raise env.error("zero", "`zero` stands once, without `on write` and banks", zeros[0].span)
        env.zeros[item.name], write = zeros[0].index, f"{item.name}.write"
    if read:
        env.signatures[read] = Signature(index, (type_,))
    if write:
        env.signatures[write] = Signature((*index, ("value", type_)), ())
    if item.kind == "view" and not read:
        raise env.error("view", f"view '{item.name}' needs a `read`", item.span)
    scope = item.modifiers.scope.name if item.modifiers.scope else "thread"
    if scope not in ("thread", "core", "partition", "machine"):
        raise env.error(
            "scope", f"there is no scope '{scope}'", item.span, "thread, core, partition and machine are scopes"
        )
    env.registers[item.name] = model.Register(
        item.name,
        item.modifiers.title,
        "view" if item.kind == "view" else "storage",
        type_.width,
        count,
        scope,
        _reset(env, item, type_),
        fields,
        (),
        read,
        write,
        annotations_of(item),
        item.name if ranges else type_.name,
        "",
        env.line(item.span),
    )
    banks = [member for member in members if isinstance(member, tree.BankOf)]
    if banks:
        _banks(env, item, type_, count, banks)


def _reset(env: Environment, item: Item, type_: Type) -> int:
    setting = env.settings.get(item.name)
    expression = setting.value if setting is not None else item.modifiers.reset
    if expression is None:
        return 0
    lowering = Lowering(env)
    number = lowering.constant(lowering.lower(expression, type_))
    if number is None or not fits(number, type_.width):
        raise env.error(
            "constant", f"the reset value of '{item.name}' must be a constant of {type_.width} bits", expression.span
        )
    return wrap(number, type_.width)


def _banks(env: Environment, item: Item, type_: Type, count: int, banks: list[tree.BankOf]) -> None:
    names: list[str] = []
    table: dict[int, tuple[str, ...]] = {}
    for bank in banks:
        if not 0 <= bank.first <= bank.last < count:
            raise env.error("range", f"{item.name} has registers 0 to {count - 1}", bank.span)
        names += [name for name in bank.names if name not in names]
        for index in range(bank.first, bank.last + 1):
            table[index] = bank.names
    enum_name = f"{item.name}_bank"
    width = max(1, (len(names) - 1).bit_length())
    env.enums[enum_name] = model.Enum(
        enum_name, f"Banks of {item.name}", width, {name: number for number, name in enumerate(names)}
    )
    env.banks[item.name] = table
    for index, own in sorted(table.items()):
        for name in own:
            env.registers[f"{item.name}{index}_{name}"] = model.Register(
                f"{item.name}{index}_{name}",
                f"{item.name}[{index}] of bank {name}, while that is not active",
                "storage",
                type_.width,
                0,
                "thread",
                0,
                (),
                (),
                "",
                "",
                {},
                "",
                item.name,
                env.line(item.span),
            )
    bank_type = Type(width, enum_name)
    env.signatures[f"{item.name}.active"] = Signature((), (bank_type,))
    env.signatures[f"{item.name}.switch"] = Signature((("old", bank_type), ("new", bank_type)), ())


def declare_spaces(env: Environment) -> None:
    """Numbered spaces."""
    for item in env.of("space"):
        try:
            keys = env.parameters_of(item.parts["keys"])
            type_ = env.type_of(item.parts["type"])
            env.spaces[item.name] = model.Space(
                item.name,
                item.modifiers.title,
                tuple(model.Parameter(name, kind.width, kind.name) for name, kind in keys),
                type_.width,
            )
        except Mistake:
            continue
