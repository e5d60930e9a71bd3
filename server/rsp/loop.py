"""The loop of a session: packets are answered, and between them runs what the client has resumed.

No handler of a packet waits for the target. In all-stop mode a packet that resumes leaves a run behind, which ends
with the reply; the client can only interrupt it. In non-stop mode packets are answered between two slices, and stops
are told as they happen.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import Final

from .connection import Connection
from .dispatch import answer, guarded, outcome, refuse_damaged
from .framing import Damaged, Sign
from .running import non_stop
from .session import Session

_LINGER_SECONDS: Final = 0.0005
"""How long the target stands after a packet, since a debugger seldom asks for one thing alone."""


def reply_to(session: Session, item: bytes | Damaged) -> bytes | None:
    """The reply to a packet, after the run that it begins, if it does; None for those that have none."""
    reply = refuse_damaged(session, item) if isinstance(item, Damaged) else answer(session, item)
    run = session.run_state.pending
    if run is None:
        return reply
    session.run_state.pending = None
    return outcome(session, run)


class Loop:
    """Serves one session to its end."""

    def __init__(self, session: Session, connection: Connection) -> None:
        self._session = session
        self._connection = connection

    def run(self) -> None:
        """Returns when the client has taken its leave. Raises ClientGone."""
        session, connection = self._session, self._connection
        while not session.finished:
            self._handle(connection.next_packet())
            if session.run_state.non_stop:
                non_stop.tell_later(session)
                self._run_threads()

    def _handle(self, item: bytes | Damaged) -> None:
        reply = reply_to(self._session, item)
        if reply is None:
            self._connection.acknowledge()
        else:
            self._connection.send(reply)

    def _run_threads(self) -> None:
        """Slices and packets in turn, as long as a thread runs."""
        session, connection = self._session, self._connection
        stops = session.abilities.stop_requests
        patience = 0.0
        with nullcontext() if stops is None else connection.watching(stops.request_stop):
            while not session.finished and non_stop.is_live(session):
                item = connection.poll_packet(patience)
                if item is None:
                    patience = 0.0
                    guarded(session, non_stop.turn, non_stop.fail)
                elif item is Sign.INTERRUPT:
                    guarded(session, non_stop.interrupt, non_stop.fail)
                elif isinstance(item, bytes | Damaged):
                    patience = _LINGER_SECONDS
                    self._handle(item)
                    non_stop.tell_later(session)
