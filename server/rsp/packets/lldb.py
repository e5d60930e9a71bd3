"""What LLDB asks besides GDB's packets: about the machine, watchpoints, memory and all threads at once.

Source: LLDB's docs/lldb-gdb-remote.txt. LLDB does without each of these; with them it knows the architecture of a guest
that is no file of its own, shows old and new values at watchpoints, and needs fewer round trips.
A target without `HostInfo` answers none of them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from ..errors import RegisterUnavailable
from ..execution import GdbSignal, Signal, ThreadId, WatchHit
from ..fields import number
from ..framing import escape
from ..replies import OK, UNSUPPORTED
from ..session import Session
from .kind import PacketKind, no_arguments


@dataclass(frozen=True, slots=True)
class QueryHost:
    """``qHostInfo``"""


@dataclass(frozen=True, slots=True)
class QueryProcess:
    """``qProcessInfo``"""


@dataclass(frozen=True, slots=True)
class QueryWatchpoints:
    """``qWatchpointSupportInfo:``"""


@dataclass(frozen=True, slots=True)
class QueryRegion:
    """``qMemoryRegionInfo:ADDR``; None is the question whether the packet is known."""

    address: int | None


@dataclass(frozen=True, slots=True)
class QueryThreads:
    """``jThreadsInfo``"""


@dataclass(frozen=True, slots=True)
class UseThreadSuffix:
    """``QThreadSuffixSupported``: register packets will name their thread."""


def _parse_watchpoints(rest: bytes) -> QueryWatchpoints:
    return QueryWatchpoints()


def _parse_region(rest: bytes) -> QueryRegion:
    digits = rest.removeprefix(b":")
    return QueryRegion(number("qMemoryRegionInfo", "the address", digits) if digits else None)


def _hex(text: str) -> bytes:
    return text.encode("utf-8").hex().encode("ascii")


def _host(session: Session, packet: QueryHost) -> bytes:
    """Watchpoints stop before the access: see `WatchHit`."""
    info = _machine(session)
    return UNSUPPORTED if info is None else info + b"watchpoint_exceptions_received:before;"


def _process(session: Session, packet: QueryProcess) -> bytes:
    info = _machine(session)
    return UNSUPPORTED if info is None else b"pid:%x;parent-pid:%x;" % (session.thread.pid, session.thread.pid) + info


def _machine(session: Session) -> bytes | None:
    ability = session.abilities.host_info
    if ability is None:
        return None
    triple, size = ability.host_info()
    order = session.description.byte_order.encode("ascii")
    return b"triple:%b;endian:%b;ptrsize:%d;" % (_hex(triple), order, size)


def _watchpoints(session: Session, packet: QueryWatchpoints) -> bytes:
    ability = session.abilities.host_info
    return UNSUPPORTED if ability is None else b"num:%d;" % ability.most_watchpoints()


def _region(session: Session, packet: QueryRegion) -> bytes:
    ability = session.abilities.memory_regions
    if ability is None:
        return UNSUPPORTED
    if packet.address is None:
        return OK
    found = ability.memory_region(session.thread, packet.address)
    permissions = f"permissions:{found.permissions};" if found.permissions else ""
    name = f"name:{_hex(found.name).decode()};" if found.name else ""
    return f"start:{found.start:x};size:{found.length:x};{permissions}{name}".encode("ascii")


def _threads(session: Session, packet: QueryThreads) -> bytes:
    if session.abilities.host_info is None:
        return UNSUPPORTED
    last = session.last_event
    threads = []
    for info in session.threads():
        is_cause = last is not None and last.thread == info.id
        shown: dict[str, object] = {"tid": info.id.tid, "name": info.name, "registers": _registers(session, info.id)}
        if is_cause and last is not None:
            signal = last.reason.number if isinstance(last.reason, Signal) else GdbSignal.SIGTRAP.value
            shown |= {"signal": signal, "reason": "signal" if isinstance(last.reason, Signal) else "trap"}
            if isinstance(last.reason, WatchHit):
                shown |= {"reason": "watchpoint", "description": f"{last.reason.address} -1"}
        else:
            shown["reason"] = "none"
        threads.append(shown)
    return escape(json.dumps(threads, separators=(",", ":")).encode("ascii"))


def _registers(session: Session, thread: ThreadId) -> dict[str, str]:
    found = {}
    for expedited in session.description.expedited:
        try:
            found[str(expedited)] = session.target.read_register(thread, expedited).hex()
        except RegisterUnavailable:
            continue
    return found


def _use_suffix(session: Session, packet: UseThreadSuffix) -> bytes:
    if session.abilities.host_info is None:
        return UNSUPPORTED
    session.thread_suffix = True
    return OK


PACKETS = (
    PacketKind(b"qHostInfo", no_arguments(QueryHost(), "qHostInfo"), _host),
    PacketKind(b"qProcessInfo", no_arguments(QueryProcess(), "qProcessInfo"), _process),
    PacketKind(b"qWatchpointSupportInfo", _parse_watchpoints, _watchpoints),
    PacketKind(b"qMemoryRegionInfo", _parse_region, _region),
    PacketKind(b"jThreadsInfo", no_arguments(QueryThreads(), "jThreadsInfo"), _threads),
    PacketKind(b"QThreadSuffixSupported", no_arguments(UseThreadSuffix(), "QThreadSuffixSupported"), _use_suffix),
)
