"""Reads the parts that packets are made of: numbers, hex strings, thread-ids, splits.

All of them raise PacketError with the packet's name, the part and what was expected. Numbers are bounded
to 64 bits: no packet of the protocol carries more, and an unbounded one would only waste memory.
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

from .errors import PacketError
from .execution import ThreadId

_HEX = re.compile(rb"0*[0-9A-Fa-f]{1,16}\Z")
_THREAD = re.compile(rb"(?:p(-1|[0-9A-Fa-f]{1,8})(?:\.(-1|[0-9A-Fa-f]{1,8}))?|(-1|[0-9A-Fa-f]{1,8}))\Z")

ALL = -1
ANY = 0


def show(part: bytes) -> str:
    """A part of a packet for an error text: quoted, printable, at most 40 characters."""
    text = part[:40].decode("ascii", "backslashreplace")
    return repr(text) if len(part) <= 40 else repr(text) + "…"


def number(packet: str, what: str, part: bytes) -> int:
    """A hexadecimal number without a prefix."""
    if not _HEX.match(part):
        raise PacketError(f"{packet}: {what} {show(part)} is not a hexadecimal number")
    return int(part, 16)


def numbers(packet: str, what: tuple[str, ...], part: bytes, separator: bytes = b",") -> list[int]:
    """Exactly as many numbers as names in `what`, between separators."""
    parts = split(packet, what, part, separator)
    return [number(packet, name, digits) for name, digits in zip(what, parts, strict=True)]


def split(packet: str, what: tuple[str, ...], part: bytes, separator: bytes) -> list[bytes]:
    """Exactly as many parts as names in `what`; the last one may contain the separator."""
    parts = part.split(separator, len(what) - 1)
    if len(parts) != len(what):
        expected = separator.decode("ascii").join(what)
        raise PacketError(f"{packet}: expected {expected}, got {show(part)}")
    return parts


def hex_bytes(packet: str, what: str, part: bytes) -> bytes:
    """Bytes from pairs of hexadecimal digits."""
    try:
        return binascii.unhexlify(part)
    except binascii.Error:
        reason = "an odd number of digits" if len(part) % 2 else "something that is no hex digit"
        raise PacketError(f"{packet}: {what} {show(part)} has {reason}") from None


def hex_text(packet: str, what: str, part: bytes) -> str:
    """UTF-8 text from pairs of hexadecimal digits."""
    try:
        return hex_bytes(packet, what, part).decode("utf-8")
    except UnicodeDecodeError:
        raise PacketError(f"{packet}: {what} {show(part)} is not UTF-8 text") from None


@dataclass(frozen=True, slots=True)
class ThreadPattern:
    """A thread-id as packets write it: each half a number, `ALL` or `ANY`."""

    pid: int
    tid: int

    def matches(self, thread: ThreadId) -> bool:
        """Whether `thread` is meant; `ANY` accepts each thread, the caller takes the first."""
        return self.pid in (ALL, ANY, thread.pid) and self.tid in (ALL, ANY, thread.tid)


EVERY_THREAD = ThreadPattern(ALL, ALL)
ANY_THREAD = ThreadPattern(ANY, ANY)


def thread_pattern(packet: str, part: bytes) -> ThreadPattern:
    """``pPID.TID``, ``pPID`` (all its threads) or ``TID``."""
    found = _THREAD.match(part)
    if not found:
        raise PacketError(f"{packet}: {show(part)} is not a thread-id such as p1.1, p1.-1, 1 or -1")
    pid, tid, plain = found.groups()
    if plain is not None:
        return ThreadPattern(ALL if plain == b"-1" else ANY, int(plain, 16))
    return ThreadPattern(int(pid, 16), ALL if tid is None else int(tid, 16))
