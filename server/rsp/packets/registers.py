"""Registers: g, G, p, P.

Source: Debugging with GDB, "Packets". The ``g`` payload of a stopped thread is kept until something may
change a register, since GDB and its users' scripts ask for it again and again.
"""

from __future__ import annotations

from binascii import hexlify
from dataclasses import dataclass

from ..errors import PacketError, RegisterError, RegisterUnavailable
from ..execution import ThreadId
from ..fields import ThreadPattern, hex_bytes, number, show, split, thread_pattern
from ..registers import Register
from ..replies import OK
from ..session import Session
from .kind import PacketKind


@dataclass(frozen=True, slots=True)
class ReadRegisters:
    """``g``, or ``g;thread:ID;`` of LLDB's."""

    thread: ThreadPattern | None = None


@dataclass(frozen=True, slots=True)
class WriteRegisters:
    """``G XX…``: the values of the registers that ``g`` reads, in the same order."""

    values: bytes
    thread: ThreadPattern | None = None


@dataclass(frozen=True, slots=True)
class ReadRegister:
    """``p N``"""

    number: int
    thread: ThreadPattern | None = None


@dataclass(frozen=True, slots=True)
class WriteRegister:
    """``P N=XX…``"""

    number: int
    value: bytes
    thread: ThreadPattern | None = None


def _suffixed(packet: str, rest: bytes) -> tuple[bytes, ThreadPattern | None]:
    """What stands before ``;thread:ID;``, and the thread: LLDB adds that once it was told that it may."""
    body, separator, suffix = rest.partition(b";")
    if not separator:
        return rest, None
    name, _, thread = suffix.removesuffix(b";").partition(b":")
    if name != b"thread":
        raise PacketError(f"{packet}: {show(suffix)} is no thread:ID")
    return body, thread_pattern(packet, thread)


def _meant(session: Session, thread: ThreadPattern | None) -> ThreadId:
    """The thread that a packet names, or the one that ``Hg`` chose. Raises TargetError."""
    return session.thread if thread is None else session.find_thread(thread)


def _parse_read_registers(rest: bytes) -> ReadRegisters:
    body, thread = _suffixed("g", rest)
    if body:
        raise PacketError(f"g: takes no arguments, got {show(body)}")
    return ReadRegisters(thread)


def _parse_write_registers(rest: bytes) -> WriteRegisters:
    body, thread = _suffixed("G", rest)
    return WriteRegisters(hex_bytes("G", "the register values", body), thread)


def _parse_read_register(rest: bytes) -> ReadRegister:
    body, thread = _suffixed("p", rest)
    return ReadRegister(number("p", "the register number", body), thread)


def _parse_write_register(rest: bytes) -> WriteRegister:
    body, thread = _suffixed("P", rest)
    digits, value = split("P", ("number", "value"), body, b"=")
    return WriteRegister(
        number("P", "the register number", digits), hex_bytes("P", "the register value", value), thread
    )


def _read_registers(session: Session, packet: ReadRegisters) -> bytes:
    thread = _meant(session, packet.thread)
    cached = session.general_cache.get(thread)
    if cached is None:
        cached = session.general_cache[thread] = _general_payload(session, thread)
    return cached


def _general_payload(session: Session, thread: ThreadId) -> bytes:
    session.check_stopped(thread)
    try:
        return hexlify(session.target.read_registers(thread))
    except RegisterUnavailable:
        return b"".join(_register_payload(session, thread, register) for register in session.description.general)


def _register_payload(session: Session, thread: ThreadId, register: Register) -> bytes:
    """The digits of one register; ``x`` for each digit of one that has no value."""
    try:
        return hexlify(session.target.read_register(thread, register.number))
    except RegisterUnavailable:
        return b"xx" * register.size


def _find(session: Session, regnum: int) -> Register:
    register = session.description.by_number.get(regnum)
    if register is None:
        raise RegisterError(f"there is no register number {regnum}")
    return register


def _read_register(session: Session, packet: ReadRegister) -> bytes:
    thread = _meant(session, packet.thread)
    session.check_stopped(thread)
    return _register_payload(session, thread, _find(session, packet.number))


def _write_register(session: Session, packet: WriteRegister) -> bytes:
    register = _find(session, packet.number)
    _check_size(register, packet.value)
    thread = _meant(session, packet.thread)
    session.check_stopped(thread)
    session.target.write_register(thread, register.number, packet.value)
    return OK


def _check_size(register: Register, value: bytes) -> None:
    if len(value) != register.size:
        raise PacketError(f"P: {register.name} has {register.size} bytes, the packet gives {len(value)}")


def _write_registers(session: Session, packet: WriteRegisters) -> bytes:
    """Write the registers whose values differ, so that a read-only one may keep its value.

    An error leaves those before it written; the text says at which register it stopped.
    """
    expected = session.description.general_size
    if len(packet.values) != expected:
        raise PacketError(f"G: there are {expected} bytes of registers, got {len(packet.values)}")
    position, thread = 0, _meant(session, packet.thread)
    session.check_stopped(thread)
    for register in session.description.general:
        value = packet.values[position : position + register.size]
        position += register.size
        if value != session.target.read_register(thread, register.number):
            session.target.write_register(thread, register.number, value)
    return OK


PACKETS = (
    PacketKind(b"g", _parse_read_registers, _read_registers),
    PacketKind(b"G", _parse_write_registers, _write_registers, changes_state=True),
    PacketKind(b"p", _parse_read_register, _read_register),
    PacketKind(b"P", _parse_write_register, _write_register, changes_state=True),
)
