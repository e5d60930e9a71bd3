"""Bytes on the wire: framing, checksums, escapes, acknowledgements, and resynchronisation.

Source: Debugging with GDB, "Remote Protocol: Overview" and "Packet Acknowledgment".

`Deframer` turns received bytes into items; `frame` turns a payload into bytes. Both directions carry
``$payload#checksum``; inside a payload ``}`` escapes the byte after it, which is sent XOR 0x20. Only
packets with binary data are unescaped, by `unescape`, since text packets never contain a ``}``.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from zlib import adler32

INTERRUPT = 0x03
_RETRANSMIT = 0x2D

# Longest chunks whose byte sum stays below the Adler-32 modulus 65521, so that its low half is exact.
_ASCII_CHUNK = 512
_BINARY_CHUNK = 256
_FLIPPED = [bytes((byte ^ 0x20,)) for byte in range(256)]


def checksum(payload: bytes) -> int:
    """The sum of all bytes modulo 256.

    The low half of Adler-32 is one plus the sum of the bytes, modulo 65521: eight times as fast as
    adding them up in Python.
    """
    size = len(payload)
    if size <= _BINARY_CHUNK:
        return (adler32(payload) - 1) & 0xFF
    chunk = _ASCII_CHUNK if payload.isascii() else _BINARY_CHUNK
    total = 0
    for start in range(0, size, chunk):
        total += (adler32(payload[start : start + chunk]) & 0xFFFF) - 1
    return total & 0xFF


def frame(payload: bytes) -> bytes:
    """``$payload#checksum``. A payload with binary data must have gone through `escape`."""
    return b"$%b#%02x" % (payload, checksum(payload))


def notification(text: bytes) -> bytes:
    """``%text#checksum``: what the server says without being asked."""
    return b"%%%b#%02x" % (text, checksum(text))


def escape(data: bytes) -> bytes:
    """Binary data made fit for a payload. ``*`` is escaped as well: in replies it means a run."""
    return data.replace(b"}", b"}]").replace(b"#", b"}\x03").replace(b"$", b"}\x04").replace(b"*", b"}\x0a")


def unescape(payload: bytes) -> bytes | None:
    """The data behind an escaped payload, or None when it ends in the middle of an escape."""
    first, *rest = payload.split(b"}")
    if not rest:
        return payload
    if all(rest):
        return first + b"".join([_FLIPPED[part[0]] + part[1:] for part in rest])
    # An escaped ``]``, which nobody needs to escape, leaves an empty part.
    if len(payload) - len(payload.rstrip(b"}")) & 1:
        return None
    return re.sub(rb"}(.)", lambda escaped: _FLIPPED[escaped[1][0]], payload, flags=re.DOTALL)


class Sign(enum.Enum):
    """Items on the wire that are not packets."""

    INTERRUPT = "Ctrl-C"
    RETRANSMIT = "-"


class Damage(enum.Enum):
    """What can be wrong with a packet before anybody looks at what it says."""

    CHECKSUM = "the checksum does not match"
    TOO_LONG = "the packet is longer than PacketSize allows"


@dataclass(frozen=True, slots=True)
class Damaged:
    """A packet that arrived damaged; `detail` is for a person."""

    damage: Damage
    detail: str


Item = bytes | Sign | Damaged


class Deframer:
    """Splits a stream of bytes into packets, interrupts and requests for retransmission.

    `limit` is the longest payload that is kept; of a longer one only the length is counted, so memory
    is bounded whatever a client sends. A ``$`` inside a packet starts a new one: the old one was cut off.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pending = b""
        self._skipped = 0

    def feed(self, data: bytes) -> list[Item]:
        """The items that `data` completes. Incomplete packets are kept for the next call."""
        # The usual case: exactly one whole packet (an acknowledgement may stand before it).
        if not self._pending and data[-3:-2] == b"#" and data.count(b"#") == data.count(b"$") == 1:
            start = data.find(b"$")
            if start == 0 or data[:start] == b"+":
                return [self._finish(data[start + 1 : -3], data[-2:])]
        return self._scan(self._pending + data)

    def _scan(self, data: bytes) -> list[Item]:
        items: list[Item] = []
        position = 0
        while True:
            if not self._skipped and data[position : position + 1] != b"$":
                start = data.find(b"$", position)
                noise = data[position:] if start < 0 else data[position:start]
                items += _signs(noise)
                if start < 0:
                    self._pending = b""
                    return items
                position = start
            body = position + (0 if self._skipped else 1)
            end = data.find(b"#", body)
            restart = data.rfind(b"$", body, end if end >= 0 else len(data))
            if restart >= 0:
                position, self._skipped = restart, 0
                body = position + 1
            if end < 0 or len(data) < end + 3:
                self._keep(data, position, body, len(data) if end < 0 else end)
                return items
            length = self._skipped + end - body
            if length > self._limit:
                items.append(Damaged(Damage.TOO_LONG, f"{length} bytes, at most {self._limit}"))
                self._skipped = 0
            else:
                items.append(self._finish(data[body:end], data[end + 1 : end + 3]))
            position = end + 3

    def _keep(self, data: bytes, position: int, body: int, end: int) -> None:
        """Keep an incomplete packet, or only its length once it cannot be accepted any more."""
        if self._skipped or end - body > self._limit:
            self._skipped += end - body
            self._pending = data[end:]
        else:
            self._pending = data[position:]

    def _finish(self, payload: bytes, digits: bytes) -> Item:
        if len(payload) > self._limit:
            return Damaged(Damage.TOO_LONG, f"{len(payload)} bytes, at most {self._limit}")
        actual = checksum(payload)
        if digits.lower() != b"%02x" % actual:
            shown = digits.decode("ascii", "backslashreplace")
            return Damaged(Damage.CHECKSUM, f"it says {shown}, the bytes add up to {actual:02x}")
        return payload


def _signs(noise: bytes) -> list[Item]:
    """What bytes between packets mean, however often they are said; acknowledgements and line noise mean nothing."""
    signs: list[Item] = [Sign.RETRANSMIT] if _RETRANSMIT in noise else []
    return [Sign.INTERRUPT, *signs] if INTERRUPT in noise else signs
