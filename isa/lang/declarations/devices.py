"""Described devices: ports, states, registers and their functions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ...model import items as model
from .. import tree
from ..lowering.function_bodies import lower_function
from ..lowering.statements import Lowering
from ..names.environment import Environment, Mistake, Signature, annotations_of
from ..names.types import Type, wrap
from ..tree import Item
from ..units.unit import Unit
from ..units.units import Units
from .declare import MOST_BITS, bit_ranges, signature


def read_devices(env: Environment, units: Units) -> dict[str, model.Device]:
    """All devices. Their registers and states are registers `DEVICE.NAME` of scope machine while bodies are lowered."""
    devices: dict[str, model.Device] = {}
    for item in env.of("device"):
        try:
            device = units.of("device", item, partial(_unit, env, item)).device
            assert device is not None
            devices[item.name] = device
            for one in device.registers:
                if one.fields:
                    name = f"{device.name}.{one.name}"
                    env.bitfields[name] = model.BitField(name, one.title, one.width, one.fields)
        except Mistake:
            continue
    return devices


def _unit(env: Environment, item: Item) -> Unit:
    return Unit(device=_device(env, item))


def _device(env: Environment, item: Item) -> model.Device:
    members: list[Any] = item.parts["members"]
    sizes: Any = item.parts.get("size")
    if not sizes:
        raise env.error("device", f"device '{item.name}' does not say its size", item.span, "size 0x1000")
    ports = {port.name: _port(env, port) for port in members if isinstance(port, tree.PortOf)}
    states = [
        _state(env, item.name, member) for member in members if isinstance(member, Item) and member.kind == "state"
    ]
    written = [member for member in members if isinstance(member, Item) and member.kind == "register"]
    functions = [member for member in members if isinstance(member, Item) and member.kind == "function"]
    for member in written:
        _declare(env, item.name, member)
    own_functions: list[str] = []
    for function in functions:
        if function.name in env.signatures:
            raise env.error("duplicate", f"function '{function.name}' exists already", function.span)
        env.signatures[function.name] = signature(env, function)
        own_functions.append(function.name)

    def prepare(lowering: Lowering) -> None:
        lowering.device = item.name
        lowering.ports = ports

    for function in functions:
        lower_function(env, function.name, function.modifiers.title, function.span, function.parts["body"], prepare)
    registers = [_register(env, item.name, member, sizes[-1], prepare, own_functions) for member in written]
    _check_offsets(env, item, written, registers)
    own = {name: env.functions.pop(name) for name in own_functions if name in env.functions}
    for name in own_functions:
        del env.signatures[name]
    for name in [name for name in env.registers if name.startswith(f"{item.name}.")]:
        del env.registers[name]
    return model.Device(
        item.name,
        item.modifiers.title,
        sizes[-1],
        tuple(ports.values()),
        tuple(states),
        tuple(registers),
        own,
        annotations_of(item),
        env.line(item.span),
    )


def _port(env: Environment, port: tree.PortOf) -> model.Port:
    return model.Port(port.name, port.kind, env.type_of(port.type).width if port.type is not None else 1, port.count)


def _state(env: Environment, device: str, item: Item) -> model.DeviceState:
    type_ = env.type_of(item.parts["type"])
    count: int = item.parts["count"]
    if count < 0:
        raise env.error("size", f"'{item.name}' would have no elements", item.span, "a single one has no brackets")
    if count * type_.width > MOST_BITS:
        raise env.error("size", f"'{item.name}' would have more than {MOST_BITS // 8} bytes", item.span)
    reset = _reset(env, item, type_)
    _add(env, device, item, type_, count, reset, ())
    return model.DeviceState(item.name, type_.width, count, reset)


def _reset(env: Environment, item: Item, type_: Type) -> int:
    if item.modifiers.reset is None:
        return 0
    lowering = Lowering(env)
    number = lowering.constant(lowering.lower(item.modifiers.reset, type_))
    if number is None:
        raise env.error("constant", "a reset value must be a constant", item.modifiers.reset.span)
    return wrap(number, type_.width)


def _add(
    env: Environment, device: str, item: Item, type_: Type, count: int, reset: int, fields: tuple[model.BitRange, ...]
) -> None:
    name = f"{device}.{item.name}"
    if name in env.registers:
        raise env.error("duplicate", f"'{item.name}' stands twice in device '{device}'", item.span)
    if fields:
        env.bitfields[name] = model.BitField(name, item.modifiers.title, type_.width, fields)
    env.registers[name] = model.Register(
        name,
        item.modifiers.title,
        "storage",
        type_.width,
        count,
        "machine",
        reset,
        fields,
        (),
        "",
        "",
        {},
        name if fields else type_.name,
        "",
        env.line(item.span),
    )


def _declare(env: Environment, device: str, item: Item) -> None:
    type_ = env.type_of(item.parts["type"])
    if type_.width % 8:
        raise env.error("device", f"a device register has whole bytes, not {type_.width} bits", item.span)
    fields = bit_ranges(env, item.parts["members"], type_.width, item.name)
    count: int = item.parts["count"]
    _add(env, device, item, type_, count, _reset(env, item, type_), fields)


def _register(
    env: Environment, device: str, item: Item, size: int, prepare: Callable[[Lowering], None], own_functions: list[str]
) -> model.DeviceRegister:
    register = env.registers[f"{device}.{item.name}"]
    offset: int = item.parts["offset"]
    step = item.parts.get("every", [register.width // 8])[0]
    if step < register.width // 8:
        raise env.error("device", f"elements of {register.width // 8} bytes do not fit every {step}", item.span)
    if offset + (max(1, register.count) - 1) * step + register.width // 8 > size:
        raise env.error(
            "device", f"register '{item.name}' at {offset:#x} lies outside the device's {size:#x} bytes", item.span
        )
    functions = {"read": "", "write": ""}
    index = (("index", Type(16)),) if register.count else ()
    for member in item.parts["members"]:
        if not isinstance(member, tree.Handler):
            continue
        name = f"{device}.{item.name}.{member.kind}"
        types = [type_ for _, type_ in index] + ([Type(register.width)] if member.kind == "write" else [])
        if len(member.parameters) != len(types):
            raise env.error("type", f"`{member.kind}` of {item.name} takes {len(types)} names", member.span)
        results = (Type(register.width),) if member.kind == "read" else ()
        env.signatures[name] = Signature(tuple(zip(member.parameters, types, strict=True)), results)
        lower_function(env, name, f"{member.kind} {item.name}", member.span, member.body, prepare)
        own_functions.append(name)
        functions[member.kind] = name
    return model.DeviceRegister(
        item.name,
        item.modifiers.title,
        register.width,
        register.count,
        offset,
        register.reset,
        register.fields,
        functions["read"],
        functions["write"],
        bool(item.parts.get("readonly")),
        step,
    )


def _check_offsets(env: Environment, item: Item, written: list[Item], registers: list[model.DeviceRegister]) -> None:
    taken: dict[int, str] = {}
    for own, register in zip(written, registers, strict=True):
        for byte in register.bytes():
            other = taken.setdefault(byte, register.name)
            if other != register.name:
                raise env.error(
                    "device",
                    f"registers '{other}' and '{register.name}' of '{item.name}' both stand at {byte:#x}",
                    own.span,
                )
