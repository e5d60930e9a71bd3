"""Running backwards: bs, bc. GDB chooses the thread with ``Hc``; there is no vCont for it.

Source: Debugging with GDB, "Packets". Without the ability the reply is empty, and nothing happens.
"""

from __future__ import annotations

from dataclasses import dataclass

from .. import running
from ..fields import EVERY_THREAD
from ..replies import UNSUPPORTED
from ..session import Session
from .kind import PacketKind, no_arguments


@dataclass(frozen=True, slots=True)
class ReverseStep:
    """``bs``"""


@dataclass(frozen=True, slots=True)
class ReverseContinue:
    """``bc``"""


def _reverse_step(session: Session, packet: ReverseStep) -> bytes:
    reverse = session.abilities.reverse
    if reverse is None:
        return UNSUPPORTED
    thread = session.thread
    if not session.control.matches(thread):
        thread = session.find_thread(session.control)

    def start() -> None:
        reverse.reverse_step(thread)

    return running.run(session, start, conditional=())


def _reverse_continue(session: Session, packet: ReverseContinue) -> bytes:
    reverse = session.abilities.reverse
    if reverse is None:
        return UNSUPPORTED
    session.find_thread(EVERY_THREAD)
    everyone = {info.id for info in session.threads()}
    return running.run(session, reverse.reverse_continue, conditional=everyone)


PACKETS = (
    PacketKind(b"bs", no_arguments(ReverseStep(), "bs"), _reverse_step, changes_state=True),
    PacketKind(b"bc", no_arguments(ReverseContinue(), "bc"), _reverse_continue, changes_state=True),
)
