"""Writes the replies that more than one packet uses: errors, stop replies, thread-ids.

Source: Debugging with GDB, "Standard Replies" and "Stop Reply Packets".
"""

from __future__ import annotations

import enum
from collections.abc import Iterable

from .errors import RspError
from .execution import (
    Exited,
    GdbSignal,
    HwBreak,
    NoneResumed,
    ReplayLog,
    Signal,
    StopEvent,
    SwBreak,
    SyscallStop,
    ThreadCreated,
    ThreadExited,
    ThreadId,
    WatchHit,
)

OK = b"OK"
UNSUPPORTED = b""


class ErrorStyle(enum.Enum):
    """How much of an error a client can read."""

    NUMBER = "Exx"
    TEXT = "E.text"
    LLDB = "Exx;hex"


def error(failure: RspError, style: ErrorStyle) -> bytes:
    """An error reply in the richest form that the client can read for the packet at hand."""
    if style is ErrorStyle.TEXT:
        return b"E." + _one_line(str(failure))
    if style is ErrorStyle.LLDB:
        return b"E%02x;%b" % (failure.errno, _one_line(str(failure)).hex().encode("ascii"))
    return b"E%02x" % failure.errno


def _one_line(text: str) -> bytes:
    """ASCII text without the bytes that framing or run-length coding would trip over."""
    plain = " ".join(text.split()).encode("ascii", "backslashreplace")
    return plain.translate(None, b"#$}*")


def thread_id(thread: ThreadId, multiprocess: bool) -> bytes:
    """``p1.2``, or ``2`` for a client that has not heard of processes."""
    if multiprocess:
        return b"p%x.%x" % thread
    return b"%x" % thread.tid


def stop_reply(
    event: StopEvent,
    *,
    client_features: frozenset[str],
    expedited: Iterable[tuple[int, bytes]] = (),
) -> bytes:
    """A ``T``, ``W`` or ``w`` reply. `expedited` are register numbers with their values.

    ``swbreak`` and ``hwbreak`` are only for clients that announced them; others get a plain SIGTRAP.
    `NoneResumed` is signal 0: GDB 13 takes the N reply to mean that it has threads still running, and
    waits for ever.
    """
    multiprocess = "multiprocess" in client_features
    reason = event.reason
    if isinstance(reason, Exited):
        process = b";process:%x" % event.thread.pid if multiprocess else b""
        return b"W%02x%b" % (reason.status & 0xFF, process)
    if isinstance(reason, ThreadExited):
        return b"w00;%b" % thread_id(event.thread, multiprocess)
    signal = GdbSignal.SIGTRAP.value
    parts: list[bytes] = []
    if isinstance(reason, Signal):
        signal = reason.number
    elif isinstance(reason, NoneResumed):
        signal = GdbSignal.NONE.value
    elif isinstance(reason, SwBreak) and "swbreak" in client_features:
        parts.append(b"swbreak:;")
    elif isinstance(reason, HwBreak) and "hwbreak" in client_features:
        parts.append(b"hwbreak:;")
    elif isinstance(reason, WatchHit):
        parts.append(b"%b:%x;" % (reason.access.value.encode("ascii"), reason.address))
    elif isinstance(reason, ReplayLog):
        parts.append(b"replaylog:end;" if reason.at_end else b"replaylog:begin;")
    elif isinstance(reason, SyscallStop):
        parts.append(b"syscall_%b:%x;" % (b"return" if reason.is_return else b"entry", reason.number))
    elif isinstance(reason, ThreadCreated):
        parts.append(b"create:;")
    parts.append(b"thread:%b;" % thread_id(event.thread, multiprocess))
    parts += [b"%02x:%b;" % (number, value.hex().encode("ascii")) for number, value in expedited]
    return b"T%02x%b" % (signal, b"".join(parts))
