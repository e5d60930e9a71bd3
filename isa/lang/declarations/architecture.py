"""The architecture block: numbering, byte order, address width, program counter, and the shapes of hooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...model import items as model
from .. import tree
from ..names.environment import Environment
from ..names.types import Type, bits
from ..tree import Item, Span

EXPRESSION_HOOKS = {"big_endian", "big_endian_fetch"}
HOOKS = {
    "translate",
    "context",
    "big_endian",
    "big_endian_fetch",
    "misaligned",
    "bus_error",
    "illegal",
    "misaligned_fetch",
    "poll",
    "reset",
    "interrupts_off",
    "returns",
    "probe",
    "private_load",
    "private_store",
}


def read_architecture(env: Environment, item: Item | None) -> bool:
    """Numbering, byte order, address width and program counter; False where there is no block."""
    if item is None:
        files = sorted({item.span.file for table in env.items.values() for item in table.values()})
        span = Span(files[0] if files else "", 1, 1, 1, 2)
        env.problems.add(
            "architecture",
            "no file declares the `architecture`",
            span,
            "check the description's entry file, which `use`s the others",
        )
        return False
    parts: dict[str, Any] = item.parts
    for name, allowed in (("numbering", ("left", "right")), ("byte_order", ("big", "little"))):
        for value in parts.get(name, ()):
            if value.name not in allowed:
                env.problems.add(
                    "architecture", f"{name} is {allowed[0]} or {allowed[1]}, not '{value.name}'", value.span
                )
        if name not in parts:
            env.problems.add("architecture", f"architecture '{item.name}' does not say its {name}", item.span)
    env.numbering = parts["numbering"][0].name if "numbering" in parts else "right"
    env.byte_order = parts["byte_order"][0].name if "byte_order" in parts else "little"
    for address in parts.get("address", ()):
        if bits(address.name) not in (16, 32, 64):
            env.problems.add("architecture", "an address is u16, u32 or u64", address.span)
        else:
            env.address = Type(bits(address.name))
    for cia, nia in parts.get("program_counter", ()):
        env.cia, env.nia = cia.name, nia.name
    return True


def check_hook(env: Environment, hook: str, named: tree.Name) -> None:
    """A hook's function must have the parameters and results with which it is called."""
    address, kind = env.address.width, env.enums["access"].width
    wanted: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
        "translate": ((address, kind), (64, 8, 3)),
        "context": ((), (64,)),
        "misaligned": ((address, 8, kind), ()),
        "bus_error": ((64, address, kind), ()),
        "illegal": ((), ()),
        "misaligned_fetch": ((address,), ()),
        "poll": ((), ()),
        "reset": ((), ()),
        "interrupts_off": ((), (1,)),
        "returns": ((), (64,)),
        "probe": ((), ()),
        "private_load": ((64, 8), (1, 64)),
        "private_store": ((64, 8, 64), (1,)),
    }
    known = env.signatures[named.name]
    got = (tuple(type_.width for _, type_ in known.parameters), tuple(type_.width for type_ in known.results))
    if got != wanted[hook]:

        def shape(pair: tuple[tuple[int, ...], tuple[int, ...]]) -> str:
            return (
                "("
                + ", ".join(f"u{width}" for width in pair[0])
                + ") -> ("
                + ", ".join(f"u{width}" for width in pair[1])
                + ")"
            )

        env.problems.add(
            "type", f"hook {hook} needs {shape(wanted[hook])}, and '{named.name}' is {shape(got)}", named.span
        )

Expression = Callable[[str, tree.Expression, Type, tuple[tuple[str, Type], ...]], None]
"""Makes a function of an expression: its name, result and parameters."""


def read_instruction_sets(
    env: Environment, guards: dict[str, tree.Expression], afters: dict[str, str], expression: Expression
) -> dict[str, model.InstructionSet]:
    """All instruction sets; their guards and what runs after instructions are put into `guards` and `afters`."""
    sets: dict[str, model.InstructionSet] = {}
    for item in env.of("instruction_set"):
        parts: dict[str, Any] = item.parts
        unit = parts.get("unit", [32])[0]
        if unit not in (16, 32):
            env.problems.add("instruction_set", f"a unit has 16 or 32 bits, not {unit}", item.span)
        long = ""
        if "long" in parts:
            long = f"set.{item.name}.long"
            expression(long, parts["long"][0], Type(1), (("unit_bits", Type(unit)),))
        first = parts.get("first", [None])[0]
        if first is not None and first.name not in ("low", "high"):
            message = f"the first unit has the `low` or the `high` bits, not '{first.name}'"
            env.problems.add("instruction_set", message, first.span)
        for guard in parts.get("guard", ()):
            guards[item.name] = guard
        for after in parts.get("after", ()):
            is_call = isinstance(after, tree.CallOf) and isinstance(after.function, tree.Name)
            called = after.function.name if is_call else ""
            if called not in env.signatures:
                env.problems.add("unknown-name", "`after` calls a function without arguments", after.span)
            else:
                afters[item.name] = called
        sets[item.name] = model.InstructionSet(
            item.name, parts["code"], unit, long, item.modifiers.title, first is not None and first.name == "low"
        )
    return sets
