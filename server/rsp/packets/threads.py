"""Threads: H, T, qC, qfThreadInfo, qsThreadInfo, qThreadExtraInfo.

Source: Debugging with GDB, "Packets" and "General Query Packets". The list as XML is in `transfer.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..errors import PacketError
from ..fields import ThreadPattern, show, thread_pattern
from ..replies import OK, thread_id
from ..session import Session
from .kind import PacketKind, no_arguments


@dataclass(frozen=True, slots=True)
class SelectThread:
    """``Hg`` for register and memory packets, ``Hc`` for step, continue and reverse execution."""

    purpose: Literal["g", "c"]
    thread: ThreadPattern


@dataclass(frozen=True, slots=True)
class ThreadAlive:
    """``T thread-id``"""

    thread: ThreadPattern


@dataclass(frozen=True, slots=True)
class CurrentThread:
    """``qC``"""


@dataclass(frozen=True, slots=True)
class FirstThreads:
    """``qfThreadInfo``"""


@dataclass(frozen=True, slots=True)
class NextThreads:
    """``qsThreadInfo``"""


@dataclass(frozen=True, slots=True)
class ThreadExtraInfo:
    """``qThreadExtraInfo,thread-id``"""

    thread: ThreadPattern


def _parse_select(rest: bytes) -> SelectThread:
    purpose = rest[:1]
    if purpose == b"g":
        return SelectThread("g", thread_pattern("Hg", rest[1:]))
    if purpose == b"c":
        return SelectThread("c", thread_pattern("Hc", rest[1:]))
    raise PacketError(f"H: expected g or c and a thread-id, got {show(rest)}")


def _parse_alive(rest: bytes) -> ThreadAlive:
    return ThreadAlive(thread_pattern("T", rest))


def _parse_extra(rest: bytes) -> ThreadExtraInfo:
    return ThreadExtraInfo(thread_pattern("qThreadExtraInfo", rest.removeprefix(b",")))


def _select(session: Session, packet: SelectThread) -> bytes:
    if packet.purpose == "g":
        session.select(packet.thread)
    else:
        session.find_thread(packet.thread)
        session.control = packet.thread
    return OK


def _alive(session: Session, packet: ThreadAlive) -> bytes:
    session.find_thread(packet.thread)
    return OK


def _current(session: Session, packet: CurrentThread) -> bytes:
    return b"QC" + thread_id(session.thread, session.multiprocess)


def _first(session: Session, packet: FirstThreads) -> bytes:
    """All at once: GDB prefers the XML list, and asks here only for a few threads or for none."""
    names = [thread_id(info.id, session.multiprocess) for info in session.threads()]
    return b"m" + b",".join(names) if names else b"l"


def _next(session: Session, packet: NextThreads) -> bytes:
    return b"l"


def _extra(session: Session, packet: ThreadExtraInfo) -> bytes:
    wanted = session.find_thread(packet.thread)
    for info in session.threads():
        if info.id == wanted:
            text = f"{info.name} {info.extra}".strip()
            return text.encode("utf-8").hex().encode("ascii")
    raise PacketError(f"qThreadExtraInfo: thread {wanted} has gone")


PACKETS = (
    PacketKind(b"H", _parse_select, _select),
    PacketKind(b"T", _parse_alive, _alive),
    PacketKind(b"qC", no_arguments(CurrentThread(), "qC"), _current),
    PacketKind(b"qfThreadInfo", no_arguments(FirstThreads(), "qfThreadInfo"), _first),
    PacketKind(b"qsThreadInfo", no_arguments(NextThreads(), "qsThreadInfo"), _next),
    PacketKind(b"qThreadExtraInfo", _parse_extra, _extra, text_errors=False),
)
