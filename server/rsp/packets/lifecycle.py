"""Beginning and end: ``?``, qAttached, vAttach, D, k, vKill, R, vRun.

Source: Debugging with GDB, "Packets". The first partition is attached from the start, others with
vAttach (``target extended-remote``, ``add-inferior``, ``inferior 2``, ``attach 2``). Leaving a partition
removes its breakpoints and tells the target, if it wants to know.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import TargetError
from ..execution import GdbSignal, Signal, StopEvent
from ..fields import number
from ..replies import OK, UNSUPPORTED
from ..running import non_stop
from ..session import Session
from .kind import PacketKind, no_arguments


@dataclass(frozen=True, slots=True)
class QueryStop:
    """``?``: why is the target stopped?"""


@dataclass(frozen=True, slots=True)
class QueryAttached:
    """``qAttached[:PID]``"""


@dataclass(frozen=True, slots=True)
class Attach:
    """``vAttach;PID``"""

    pid: int


@dataclass(frozen=True, slots=True)
class Detach:
    """``D`` or ``D;PID``; None is all partitions."""

    pid: int | None


@dataclass(frozen=True, slots=True)
class KillAll:
    """``k``: has no reply."""


@dataclass(frozen=True, slots=True)
class KillPartition:
    """``vKill;PID``"""

    pid: int


@dataclass(frozen=True, slots=True)
class Restart:
    """``R XX``: start again from reset; has no reply."""


@dataclass(frozen=True, slots=True)
class Run:
    """``vRun;…``: start again from reset; the program and its arguments cannot be chosen."""


def _parse_attached(rest: bytes) -> QueryAttached:
    return QueryAttached()


def _parse_attach(rest: bytes) -> Attach:
    return Attach(number("vAttach", "the process", rest.removeprefix(b";")))


def _parse_detach(rest: bytes) -> Detach:
    return Detach(number("D", "the process", rest.removeprefix(b";")) if rest else None)


def _parse_kill(rest: bytes) -> KillPartition:
    return KillPartition(number("vKill", "the process", rest.removeprefix(b";")))


def _parse_restart(rest: bytes) -> Restart:
    return Restart()


def _parse_run(rest: bytes) -> Run:
    return Run()


def _stop(session: Session, packet: QueryStop) -> bytes:
    return non_stop.all_stops(session) if session.run_state.non_stop else session.last_stop()


def _attached(session: Session, packet: QueryAttached) -> bytes:
    """Always 1, so that GDB detaches when it quits instead of killing."""
    return b"1"


def _attach(session: Session, packet: Attach) -> bytes:
    if packet.pid in session.attached:
        raise TargetError(f"partition {packet.pid} is attached already")
    if not session.multiprocess:
        raise TargetError("only a client with the multiprocess feature can attach to a second partition")
    for info in session.everyone():
        if info.id.pid == packet.pid:
            session.attached.add(packet.pid)
            if session.run_state.non_stop:
                non_stop.announce(session, packet.pid)
                return OK
            return session.stopped(StopEvent(info.id, Signal(GdbSignal.SIGTRAP)))
    known = ", ".join(str(pid) for pid in session.partitions()) or "none"
    raise TargetError(f"there is no partition {packet.pid} to attach to; there are: {known}")


def _detach(session: Session, packet: Detach) -> bytes:
    attached = _attached_pids(session)
    for pid in attached if packet.pid is None else [packet.pid]:
        if pid not in attached:
            raise TargetError(f"partition {pid} is not attached")
        session.inserted.remove_all(pid)
        if session.abilities.detach is not None:
            session.abilities.detach.detach_partition(pid)
        session.forget(pid)
    session.finished = packet.pid is None
    return OK


def _kill_all(session: Session, packet: KillAll) -> None:
    if session.abilities.kill is not None:
        for pid in _attached_pids(session):
            session.inserted.remove_all(pid)
            session.abilities.kill.kill_partition(pid)
    session.finished = True


def _kill(session: Session, packet: KillPartition) -> bytes:
    if packet.pid not in _attached_pids(session):
        raise TargetError(f"partition {packet.pid} is not attached")
    if session.abilities.kill is None:
        raise TargetError("a partition of this machine cannot be killed; use detach")
    session.inserted.remove_all(packet.pid)
    session.abilities.kill.kill_partition(packet.pid)
    session.forget(packet.pid)
    return OK


def _restart(session: Session, packet: Restart) -> bytes | None:
    if session.abilities.restart is None:
        return UNSUPPORTED
    session.restart(session.abilities.restart)
    return None


def _run(session: Session, packet: Run) -> bytes:
    if session.abilities.restart is None:
        return UNSUPPORTED
    session.restart(session.abilities.restart)
    return session.last_stop()


def _attached_pids(session: Session) -> list[int]:
    return sorted({info.id.pid for info in session.threads()})


PACKETS = (
    PacketKind(b"?", no_arguments(QueryStop(), "?"), _stop),
    PacketKind(b"qAttached", _parse_attached, _attached),
    PacketKind(b"vAttach", _parse_attach, _attach),
    PacketKind(b"D", _parse_detach, _detach, changes_state=True),
    PacketKind(b"k", no_arguments(KillAll(), "k"), _kill_all, changes_state=True),
    PacketKind(b"vKill", _parse_kill, _kill, changes_state=True),
    PacketKind(b"R", _parse_restart, _restart, changes_state=True),
    PacketKind(b"vRun", _parse_run, _run, changes_state=True),
)
