"""Work on memory that is better done where the memory is: qSearch:memory (``find``), qCRC.

Source: Debugging with GDB, "General Query Packets". ``compare-sections`` uses qCRC.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from ..errors import MemoryFault, PacketError, TargetError
from ..fields import number, numbers, split
from ..framing import unescape
from ..session import Session
from .kind import PacketKind

_PIECE = 1 << 16
_REFLECT = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


@dataclass(frozen=True, slots=True)
class SearchMemory:
    """``qSearch:memory:ADDR;LENGTH;pattern``"""

    address: int
    length: int
    pattern: bytes


@dataclass(frozen=True, slots=True)
class ComputeCrc:
    """``qCRC:ADDR,LENGTH``"""

    address: int
    length: int


def _parse_search(rest: bytes) -> SearchMemory:
    if not rest.startswith(b":memory:"):
        raise PacketError("qSearch: only qSearch:memory is known")
    address, length, escaped = split("qSearch", ("address", "length", "pattern"), rest[8:], b";")
    pattern = unescape(escaped)
    if not pattern:
        raise PacketError("qSearch:memory: the pattern is empty or ends in an escape")
    return SearchMemory(
        number("qSearch:memory", "the address", address),
        number("qSearch:memory", "the length", length),
        pattern,
    )


def _parse_crc(rest: bytes) -> ComputeCrc:
    address, length = numbers("qCRC", ("address", "length"), rest.removeprefix(b":"))
    return ComputeCrc(address, length)


def _search(session: Session, packet: SearchMemory) -> bytes:
    faster = session.abilities.memory_search
    if faster is not None:
        found = faster.search_memory(session.thread, packet.address, packet.length, packet.pattern)
    else:
        found = _search_in_pieces(session, packet)
    return b"0" if found is None else b"1,%x" % found


def _search_in_pieces(session: Session, packet: SearchMemory) -> int | None:
    """Search piece by piece, each with the tail of the one before, in which a match may begin."""
    position, end = packet.address, packet.address + packet.length
    tail = b""
    session.wire.acknowledge()
    while position < end:
        data = session.target.read_memory(session.thread, position, min(_PIECE, end - position))
        window = tail + data
        found = window.find(packet.pattern)
        if found >= 0:
            return position - len(tail) + found
        position += len(data)
        tail = window[-(len(packet.pattern) - 1) :] if len(packet.pattern) > 1 else b""
        if position < end and session.wire.interrupt_requested():
            raise TargetError(f"qSearch:memory: interrupted at {position:#x}")
    return None


def _crc(session: Session, packet: ComputeCrc) -> bytes:
    """GDB's CRC: polynomial 0x04c11db7, most significant bit first, from 0xffffffff, not inverted.

    zlib has the same polynomial least significant bit first and inverted, so the bits of every byte and
    of the result are turned round.
    """
    position, end = packet.address, packet.address + packet.length
    reflected = 0
    session.wire.acknowledge()
    while position < end:
        data = session.target.read_memory(session.thread, position, min(_PIECE, end - position))
        if not data:
            raise MemoryFault(position, "unreadable")
        reflected = zlib.crc32(data.translate(_REFLECT), reflected)
        position += len(data)
        if position < end and session.wire.interrupt_requested():
            raise TargetError(f"qCRC: interrupted at {position:#x}")
    value = int(f"{reflected ^ 0xFFFFFFFF:032b}"[::-1], 2)
    return b"C%x" % value


PACKETS = (
    PacketKind(b"qSearch", _parse_search, _search),
    PacketKind(b"qCRC", _parse_crc, _crc),
)
