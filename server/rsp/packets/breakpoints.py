"""Breakpoints and watchpoints: Z0 to Z4 and z0 to z4.

Source: Debugging with GDB, "Packets" (z0…z4) and "Agent Expressions". Conditions are evaluated on this side; commands
(gdb's `dprintf` in the style `agent`) by targets that can, and refused otherwise: dropping them silently would change
what a breakpoint does.
"""

from __future__ import annotations

from typing import NamedTuple

from ..agent import Program, command, condition
from ..errors import BreakpointError, PacketError
from ..fields import hex_bytes, number, numbers, show, split
from ..inserted import Point
from ..replies import OK, UNSUPPORTED
from ..session import Session
from ..target import Programs
from .kind import PacketKind

_MAX_CONDITIONS = 64
"""In one packet; of commands as many."""


class InsertPoint(NamedTuple):
    """``Z type,addr,kind[;X len,expr…][;cmds:persist,X len,expr…]``: agent bytecode.

    Whether commands are to outlive the session is not asked for: nothing of a client's does.
    """

    type: int
    address: int
    kind: int
    conditions: tuple[Program, ...]
    commands: tuple[Program, ...] = ()


class RemovePoint(NamedTuple):
    """``z type,addr,kind``"""

    type: int
    address: int
    kind: int


def _parse_insert(rest: bytes) -> InsertPoint:
    place, *extras = rest.split(b";")
    type, address, kind = numbers("Z", ("type", "address", "kind"), place)
    conditions: list[bytes] = []
    commands: list[bytes] = []
    for extra in extras:
        if extra.startswith(b"cmds:"):
            _, expressions = split("Z", ("persist", "commands"), extra.removeprefix(b"cmds:"), b",")
            commands += _parse_expressions(expressions)
        else:
            conditions += _parse_expressions(extra)
    if max(len(conditions), len(commands)) > _MAX_CONDITIONS:
        raise PacketError(f"Z: {len(conditions)} conditions and {len(commands)} commands, at most {_MAX_CONDITIONS}")
    return InsertPoint(type, address, kind, tuple(map(condition, conditions)), tuple(map(command, commands)))


def _parse_expressions(part: bytes) -> list[bytes]:
    """One or more ``X len,expr`` that follow each other without a separator."""
    expressions: list[bytes] = []
    while part:
        if not part.startswith(b"X"):
            raise PacketError(f"Z: expected an expression X length,bytecode, got {show(part)}")
        digits, rest = split("Z", ("X length", "bytecode"), part[1:], b",")
        end = 2 * number("Z", "the length of an expression", digits)
        if len(rest) < end:
            raise PacketError("Z: an expression is shorter than its length says")
        expressions.append(hex_bytes("Z", "an expression", rest[:end]))
        part = rest[end:]
    return expressions


def _parse_remove(rest: bytes) -> RemovePoint:
    type, address, kind = numbers("z", ("type", "address", "kind"), rest.partition(b";")[0])
    return RemovePoint(type, address, kind)


def _insert(session: Session, packet: InsertPoint) -> bytes:
    if not session.inserted.supports(packet.type):
        return UNSUPPORTED
    if (packet.conditions or packet.commands) and packet.type > 1:
        raise BreakpointError("conditions and commands of watchpoints are not evaluated here; let GDB do it")
    if packet.commands and session.abilities.breakpoint_programs is None:
        raise BreakpointError("breakpoint commands are not run here; let GDB run them")
    point = Point(session.thread.pid, packet.type, packet.address, packet.kind)
    session.inserted.insert(point, Programs(packet.conditions, packet.commands, session.notes.add))
    return OK


def _remove(session: Session, packet: RemovePoint) -> bytes:
    if not session.inserted.supports(packet.type):
        return UNSUPPORTED
    session.inserted.remove(Point(session.thread.pid, packet.type, packet.address, packet.kind))
    return OK


PACKETS = (
    PacketKind(b"Z", _parse_insert, _insert),
    PacketKind(b"z", _parse_remove, _remove),
)
