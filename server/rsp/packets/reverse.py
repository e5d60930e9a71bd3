"""Running backwards: bs, bc. GDB chooses the thread with ``Hc``; there is no vCont for it.

Source: Debugging with GDB, "Packets". Without the ability the reply is empty, and nothing happens.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import TargetError
from ..fields import EVERY_THREAD
from ..replies import UNSUPPORTED
from ..running import all_stop
from ..session import Session
from .kind import PacketKind, no_arguments


@dataclass(frozen=True, slots=True)
class ReverseStep:
    """``bs``"""


@dataclass(frozen=True, slots=True)
class ReverseContinue:
    """``bc``"""


def _reverse_step(session: Session, packet: ReverseStep) -> bytes | None:
    reverse = session.abilities.reverse
    if reverse is None:
        return UNSUPPORTED
    _check_mode(session)
    thread = session.thread
    if not session.control.matches(thread):
        thread = session.find_thread(session.control)

    def start() -> None:
        reverse.reverse_step(thread)

    all_stop.run(session, start, conditional=())
    return None


def _reverse_continue(session: Session, packet: ReverseContinue) -> bytes | None:
    reverse = session.abilities.reverse
    if reverse is None:
        return UNSUPPORTED
    _check_mode(session)
    session.find_thread(EVERY_THREAD)
    everyone = {info.id for info in session.threads()}
    all_stop.run(session, reverse.reverse_continue, conditional=everyone)
    return None


def _check_mode(session: Session) -> None:
    """Raises TargetError in non-stop mode: the past is one for all threads, and none of them goes back alone."""
    if session.run_state.non_stop:
        raise TargetError(
            "nothing runs backwards in non-stop mode, since all threads have one past: "
            "detach, `set non-stop off`, and connect again"
        )


PACKETS = (
    PacketKind(b"bs", no_arguments(ReverseStep(), "bs"), _reverse_step, changes_state=True),
    PacketKind(b"bc", no_arguments(ReverseContinue(), "bc"), _reverse_continue, changes_state=True),
)
