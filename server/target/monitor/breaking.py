"""`monitor break`: breakpoints that know their world, which gdb's do not."""

from __future__ import annotations

from collections.abc import Sequence

from ...rsp.errors import MonitorError
from ...rsp.target import MonitorContext
from ..controls import Controls
from ..points import PointError
from ..worlds import WorldError, world
from .words import options, place_of, which

BREAK_USAGE = "break [vm=N|host] [mode=NAME,...] ADDRESS, break delete NUMBER|all"


def break_command(target: Controls, context: MonitorContext, words: Sequence[str]) -> None:
    """Makes, lists and deletes the monitor's breakpoints."""
    if not words:
        context.write("".join(f"{point}\n" for point in target.points) or "no breakpoints of the monitor's\n")
        return
    try:
        if words[0] == "delete":
            for number in which("break", words[1:], [point.number for point in target.points]):
                target.delete_break(number)
            return
        given, rest = options("break", words, ("vm", "mode"))
        if len(rest) != 1:
            raise MonitorError("break: give one address, after vm= and mode= if need be")
        core = target.vcpu(context.thread).core
        chosen = world(core.description, given.get("vm"), given.get("mode"))
        address = place_of(target, core, "break", rest[0])
        symbol = target.machine.diagnosis.names.symbol(address)
        point = target.break_at(address, chosen, f"{address:#x}" + (f" <{symbol}>" if symbol else ""))
    except (PointError, WorldError) as error:
        raise MonitorError(f"break: {error}") from error
    context.at_end(lambda: _forget(target))
    context.write(f"{point}\n")


def _forget(target: Controls) -> None:
    for point in list(target.points):
        target.delete_break(point.number)
