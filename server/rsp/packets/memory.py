"""Memory: m and M in hexadecimal, x and X in binary.

Source: Debugging with GDB, "Packets". GDB 13 reads with ``m`` and writes with ``X``; from version 16 on
it reads with ``x`` when ``binary-upload+`` is offered. A read may answer with less than was asked for;
nothing that cannot be read is ever answered with zeros, and nothing thrown away with OK.
"""

from __future__ import annotations

from binascii import hexlify
from dataclasses import dataclass

from ..errors import MemoryFault, PacketError
from ..fields import hex_bytes, numbers, split
from ..framing import escape, unescape
from ..replies import OK
from ..session import Session
from .kind import PacketKind

_ADDRESS_LIMIT = 1 << 64


@dataclass(frozen=True, slots=True)
class ReadMemory:
    """``m ADDR,LENGTH``: the reply is hexadecimal."""

    address: int
    length: int


@dataclass(frozen=True, slots=True)
class ReadMemoryBinary:
    """``x ADDR,LENGTH``: the reply is ``b`` and the bytes, escaped."""

    address: int
    length: int


@dataclass(frozen=True, slots=True)
class WriteMemory:
    """``M ADDR,LENGTH:XX…`` or ``X ADDR,LENGTH:data``. Without data: a question whether X is known."""

    address: int
    data: bytes


def _parse_read(rest: bytes) -> ReadMemory:
    address, length = numbers("m", ("address", "length"), rest)
    return ReadMemory(address, length)


def _parse_read_binary(rest: bytes) -> ReadMemoryBinary:
    address, length = numbers("x", ("address", "length"), rest)
    return ReadMemoryBinary(address, length)


def _parse_write(rest: bytes) -> WriteMemory:
    place, digits = split("M", ("address,length", "data"), rest, b":")
    return _checked_write("M", place, hex_bytes("M", "the data", digits))


def _parse_write_binary(rest: bytes) -> WriteMemory:
    place, escaped = split("X", ("address,length", "data"), rest, b":")
    data = unescape(escaped)
    if data is None:
        raise PacketError("X: the data end in the middle of an escape")
    return _checked_write("X", place, data)


def _checked_write(name: str, place: bytes, data: bytes) -> WriteMemory:
    address, length = numbers(name, ("address", "length"), place)
    if len(data) != length:
        raise PacketError(f"{name}: the length is {length} bytes, the data have {len(data)}")
    return WriteMemory(address, data)


def _read(session: Session, packet: ReadMemory) -> bytes:
    if packet.length == 0:
        raise PacketError("m: a read of 0 bytes")
    return hexlify(_fetch(session, packet.address, packet.length))


def _read_binary(session: Session, packet: ReadMemoryBinary) -> bytes:
    if packet.length == 0:
        return b"b"
    return b"b" + escape(_fetch(session, packet.address, packet.length))


def _fetch(session: Session, address: int, length: int) -> bytes:
    """As much as fits into a packet, even if every byte takes two characters."""
    length = min(length, (session.packet_size - 1) // 2, _ADDRESS_LIMIT - address)
    return session.target.read_memory(session.thread, address, length)


def _write(session: Session, packet: WriteMemory) -> bytes:
    if packet.address + len(packet.data) > _ADDRESS_LIMIT:
        raise MemoryFault(packet.address, "the write would wrap around the end of the address space")
    if packet.data:
        session.target.write_memory(session.thread, packet.address, packet.data)
    return OK


# GDB takes the text of an error in a reply to m or x for memory contents, unless it announced otherwise.
PACKETS = (
    PacketKind(b"m", _parse_read, _read, text_errors=False),
    PacketKind(b"x", _parse_read_binary, _read_binary, text_errors=False),
    PacketKind(b"M", _parse_write, _write, changes_state=True),
    PacketKind(b"X", _parse_write_binary, _write, changes_state=True),
)
