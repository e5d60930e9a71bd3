"""Non-stop mode and threads that come and go: QNonStop, vStopped, vCtrlC, QThreadEvents.

Source: Debugging with GDB, "Remote Protocol Support for Non-Stop Mode" and "Notification Packets".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..errors import PacketError
from ..fields import show
from ..replies import OK, UNSUPPORTED
from ..running import non_stop
from ..session import Session
from .kind import PacketKind, no_arguments


@dataclass(frozen=True, slots=True)
class ChooseMode:
    """``QNonStop:1`` or ``QNonStop:0``: whether each thread stops for itself from now on."""

    non_stop: bool


@dataclass(frozen=True, slots=True)
class NextStop:
    """``vStopped``: the stop told last has been seen."""


@dataclass(frozen=True, slots=True)
class Interrupt:
    """``vCtrlC``: Ctrl-C as a packet, which non-stop mode has."""


@dataclass(frozen=True, slots=True)
class ReportThreads:
    """``QThreadEvents:1`` or ``:0``: whether threads that are powered on and off are told as stops."""

    wanted: bool


def _switch(packet: str) -> Callable[[bytes], bool]:
    def parse(rest: bytes) -> bool:
        if rest not in (b":0", b":1"):
            raise PacketError(f"{packet}: expected :0 or :1, got {show(rest)}")
        return rest == b":1"

    return parse


_NON_STOP, _THREAD_EVENTS = _switch("QNonStop"), _switch("QThreadEvents")


def _parse_mode(rest: bytes) -> ChooseMode:
    return ChooseMode(_NON_STOP(rest))


def _parse_report(rest: bytes) -> ReportThreads:
    return ReportThreads(_THREAD_EVENTS(rest))


def _choose(session: Session, packet: ChooseMode) -> bytes:
    if packet.non_stop != session.run_state.non_stop:
        non_stop.switch(session, packet.non_stop)
    return OK


def _next_stop(session: Session, packet: NextStop) -> bytes:
    return non_stop.next_stop(session) if session.run_state.non_stop else UNSUPPORTED


def _interrupt(session: Session, packet: Interrupt) -> bytes:
    """Where nothing runs there is nothing to interrupt, and that is no error: the stop may be on its way."""
    non_stop.interrupt(session)
    return OK


def _report(session: Session, packet: ReportThreads) -> bytes:
    ability = session.abilities.thread_events
    if ability is None:
        return UNSUPPORTED
    ability.report_threads(packet.wanted)
    return OK


PACKETS = (
    PacketKind(b"QNonStop", _parse_mode, _choose, changes_state=True),
    PacketKind(b"vStopped", no_arguments(NextStop(), "vStopped"), _next_stop),
    PacketKind(b"vCtrlC", no_arguments(Interrupt(), "vCtrlC"), _interrupt),
    PacketKind(b"QThreadEvents", _parse_report, _report),
)
