"""Hypervisor calls: ABIs, argument classes, bodies, and the functions that dispatch by level."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...model import code
from ...model import items as model
from .. import tree
from ..lowering.function_bodies import add_function
from ..lowering.statements import CallContext, Lowering, lower_body
from ..names import fold
from ..names.environment import Environment, Mistake, Signature, annotations_of
from ..names.types import Type, fits, wrap
from ..tree import Item
from ..units.unit import Unit
from ..units.units import Units

LEVELS = ("real_mode", "kernel", "user")


def declare_abis(env: Environment) -> None:
    """ABIs with their return codes, and the signatures of their dispatch functions."""
    for item in env.of("hypercall_abi"):
        try:
            parts: dict[str, Any] = item.parts
            for needed in ("number", "arguments", "results"):
                if needed not in parts:
                    raise env.error(
                        "hypercall",
                        f"hypercall_abi '{item.name}' does not say where its {needed} stand"
                        if needed != "number"
                        else f"hypercall_abi '{item.name}' does not say where the number stands",
                        item.span,
                    )
            codes: dict[str, model.ReturnCode] = {}
            for members in parts.get("return_codes", ()):
                for member in members:
                    if member.name in codes:
                        raise env.error("duplicate", f"return code '{member.name}' stands there twice", member.span)
                    codes[member.name] = model.ReturnCode(member.name, member.value, member.title)
            env.abis[item.name] = model.HypercallAbi(
                item.name,
                item.modifiers.title,
                _reference(env, parts["number"][0]),
                tuple(_reference(env, written) for written in parts["arguments"][0]),
                tuple(_reference(env, written) for written in parts["results"][0]),
                codes,
            )
            for level in LEVELS:
                env.signatures[f"{item.name}.{level}"] = Signature((), (Type(1),))
        except Mistake:
            continue


def _reference(env: Environment, written: tree.Expression) -> model.RegisterRef:
    if isinstance(written, tree.Name) and written.name in env.registers and not env.registers[written.name].count:
        return model.RegisterRef(written.name)
    if isinstance(written, tree.Index) and isinstance(written.object, tree.Name) and len(written.arguments) == 1:
        register = env.registers.get(written.object.name)
        index = written.arguments[0]
        if register is not None and isinstance(index, tree.IntegerLiteral) and index.value < register.count:
            return model.RegisterRef(register.name, index.value)
    raise env.error("hypercall", "an ABI names registers here", written.span, "GPR[3], say")


def declare_argument_classes(env: Environment) -> None:
    """Classes of arguments: ranges of valid and of invalid values."""
    for item in env.of("argument_class"):
        try:
            type_ = env.type_of(item.parts["type"])
            ranges: dict[bool, list[tuple[int, int]]] = {True: [], False: []}
            groups: Any = item.parts.get("ranges", [])
            for group in groups:
                for written in group:
                    bounds = tuple(_number(env, bound, type_) for bound in (written.first, written.last))
                    ranges[written.valid].append((bounds[0], bounds[1]))
            env.argument_classes[item.name] = model.ArgumentClass(
                item.name, item.modifiers.title, type_.width, tuple(ranges[True]), tuple(ranges[False])
            )
        except Mistake:
            continue


def _number(env: Environment, written: tree.Expression, type_: Type) -> int:
    lowering = Lowering(env)
    expression = lowering.expr(written, type_)
    if not isinstance(expression, code.Const):
        raise env.error("constant", "a class's values are constants", written.span)
    return expression.value


def read_hypercalls(env: Environment, units: Units) -> dict[str, model.Hypercall]:
    """All calls, their bodies lowered; and each ABI's dispatch functions."""
    calls: dict[str, model.Hypercall] = {}
    numbers: dict[tuple[str, int], str] = {}
    for item in env.of("hypercall"):
        try:
            call = units.of("hypercall", item, partial(_unit, env, item)).hypercall
            assert call is not None
            other = numbers.setdefault((call.abi, call.number), call.name)
            if other != call.name:
                raise env.error(
                    "duplicate", f"number {call.number:#x} of {call.abi} belongs to {other} already", item.span
                )
            calls[call.name] = call
        except Mistake:
            continue
    for abi in env.abis.values():
        for level in LEVELS:
            _dispatch(
                env, abi, level, [call for call in calls.values() if call.abi == abi.name and call.level == level]
            )
    return calls


def _unit(env: Environment, item: Item) -> Unit:
    return Unit(hypercall=_hypercall(env, item))


def _width(env: Environment, abi: model.HypercallAbi) -> int:
    return env.registers[abi.number.register].width


def _hypercall(env: Environment, item: Item) -> model.Hypercall:
    inside = item.modifiers.inside
    if inside is None:
        raise env.error(
            "hypercall",
            f"hypercall '{item.name}' does not say which ABI it belongs to",
            item.span,
            "write `in ABI` behind its number",
        )
    if inside.name not in env.abis:
        raise env.unknown("hypercall_abi", inside.name, inside.span, env.abis)
    abi = env.abis[inside.name]
    width = _width(env, abi)
    parts: dict[str, Any] = item.parts
    number: int = parts["number"]
    if not fits(number, width):
        raise env.error("width", f"number {number:#x} does not fit {width} bits", item.span)
    written = [argument for group in parts.get("arguments", ()) for argument in group]
    if len(written) > len(abi.arguments):
        raise env.error(
            "hypercall", f"{abi.name} has registers for {len(abi.arguments)} arguments, not {len(written)}", item.span
        )
    arguments = tuple(_argument(env, argument) for argument in written)
    returns = tuple(_result(env, abi, result) for group in parts.get("returns", ()) for result in group)
    function = ""
    if "body" in parts:
        function = f"hypercall.{item.name}"
        _body(env, item, abi, arguments, returns, width, parts["body"][0], function)
    return model.Hypercall(
        item.name,
        item.modifiers.title,
        abi.name,
        wrap(number, width),
        parts["level"],
        arguments,
        returns,
        function,
        annotations_of(item),
        env.line(item.span),
    )


def _argument(env: Environment, written: tree.ParameterOf) -> model.Parameter:
    return model.Parameter(written.name, env.type_of(written.type).width, written.type.name)


def _result(env: Environment, abi: model.HypercallAbi, written: tree.CallResultOf) -> model.CallResult:
    if written.code not in abi.return_codes:
        raise env.unknown(f"return code of {abi.name}", written.code, written.span, abi.return_codes)
    if len(written.values) >= len(abi.results):
        raise env.error(
            "hypercall", f"{abi.name} has registers for {len(abi.results) - 1} values beside the code", written.span
        )
    return model.CallResult(written.code, tuple(_argument(env, value) for value in written.values))


def _body(
    env: Environment,
    item: Item,
    abi: model.HypercallAbi,
    arguments: tuple[model.Parameter, ...],
    returns: tuple[model.CallResult, ...],
    width: int,
    body: tree.Block,
    function: str,
) -> None:
    lowering = Lowering(env)
    lowering.call = CallContext(abi, returns, width)
    lowering.line = env.line(item.span)
    for argument, place in zip(arguments, abi.arguments, strict=False):
        variable = lowering.declare(argument.name, Type(argument.width), item.span)
        index = None if place.index < 0 else code.Const(place.index, 8)
        value = fold.slice_of(code.ReadRegister(place.register, index, width), 0, argument.width)
        lowering.emit(code.Let(lowering.line, variable.name, argument.width, value))
    lowering.scopes.append({})
    statements = lower_body(env, lowering, body)
    env.signatures[function] = Signature((), ())
    add_function(env, function, item.modifiers.title, item.span, statements)


def _dispatch(env: Environment, abi: model.HypercallAbi, level: str, calls: list[model.Hypercall]) -> None:
    width = _width(env, abi)
    index = None if abi.number.index < 0 else code.Const(abi.number.index, 8)
    line = calls[0].line if calls else 0
    handled = code.Return(line, (code.Const(1, 1),))
    cases = tuple(
        code.SwitchCase(((call.number, call.number),), (code.Do(call.line, code.Call(call.function, (), 0)), handled))
        for call in calls
        if call.function
    )
    number = code.ReadRegister(abi.number.register, index, width)
    body = (code.Switch(line, number, cases, (code.Return(line, (code.Const(0, 1),)),)),)
    item = env.items["hypercall_abi"][abi.name]
    add_function(env, f"{abi.name}.{level}", f"Calls of {abi.name} that are handled at level {level}", item.span, body)
