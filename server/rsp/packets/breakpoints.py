"""Breakpoints and watchpoints: Z0 to Z4 and z0 to z4.

Source: Debugging with GDB, "Packets" (z0…z4) and "Agent Expressions". Conditions are evaluated here, on
the target's side. Commands are not, and are refused: dropping them silently would change what a
breakpoint does.
"""

from __future__ import annotations

from dataclasses import dataclass

from .. import conditions
from ..errors import BreakpointError, PacketError
from ..fields import hex_bytes, number, numbers, show, split
from ..inserted import Point
from ..replies import OK, UNSUPPORTED
from ..session import Session
from .kind import PacketKind

_MAX_CONDITIONS = 64


@dataclass(frozen=True, slots=True)
class InsertPoint:
    """``Z type,addr,kind[;X len,expr]…``: `conditions` are agent bytecode."""

    type: int
    address: int
    kind: int
    conditions: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class RemovePoint:
    """``z type,addr,kind``"""

    type: int
    address: int
    kind: int


def _parse_insert(rest: bytes) -> InsertPoint:
    place, *extras = rest.split(b";")
    type, address, kind = numbers("Z", ("type", "address", "kind"), place)
    expressions: list[bytes] = []
    for extra in extras:
        if extra.startswith(b"cmds:"):
            raise PacketError("Z: breakpoint commands are not run here; let GDB run them")
        expressions += _parse_conditions(extra)
    if len(expressions) > _MAX_CONDITIONS:
        raise PacketError(f"Z: {len(expressions)} conditions, at most {_MAX_CONDITIONS}")
    return InsertPoint(type, address, kind, tuple(expressions))


def _parse_conditions(part: bytes) -> list[bytes]:
    """One or more ``X len,expr`` that follow each other without a separator."""
    expressions: list[bytes] = []
    while part:
        if not part.startswith(b"X"):
            raise PacketError(f"Z: expected a condition X length,bytecode, got {show(part)}")
        digits, rest = split("Z", ("X length", "bytecode"), part[1:], b",")
        end = 2 * number("Z", "the length of a condition", digits)
        if len(rest) < end:
            raise PacketError("Z: a condition is shorter than its length says")
        expressions.append(hex_bytes("Z", "a condition", rest[:end]))
        part = rest[end:]
    return expressions


def _parse_remove(rest: bytes) -> RemovePoint:
    type, address, kind = numbers("z", ("type", "address", "kind"), rest.partition(b";")[0])
    return RemovePoint(type, address, kind)


def _insert(session: Session, packet: InsertPoint) -> bytes:
    if not session.inserted.supports(packet.type):
        return UNSUPPORTED
    if packet.conditions and packet.type > 1:
        raise BreakpointError("conditions of watchpoints are not evaluated here; let GDB do it")
    for condition in packet.conditions:
        conditions.check(condition)
    point = Point(session.thread.pid, packet.type, packet.address, packet.kind)
    session.inserted.insert(point, packet.conditions)
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
