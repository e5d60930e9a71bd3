"""From a payload to its reply: find the kind, parse, handle, and turn what goes wrong into errors."""

from __future__ import annotations

import logging
from collections.abc import Callable

from .errors import EIO, ClientGone, PacketError, RspError, TargetError
from .framing import Damaged
from .packets import KINDS, name_of
from .replies import UNSUPPORTED, error
from .session import Session

_log = logging.getLogger(__name__)


class InternalError(TargetError):
    """A defect of the target or the server showed itself; the traceback is in the log."""

    errno = EIO


def answer(session: Session, payload: bytes) -> bytes | None:
    """The reply to a packet; None for those that have none, or whose reply comes when a run has ended.

    Whatever a packet provokes, the session goes on; only ClientGone passes through, since then there is
    nobody left to answer.
    """
    kind = KINDS.get(name_of(payload))
    if kind is None:
        return UNSUPPORTED
    if kind.changes_state:
        session.general_cache.clear()
    try:
        packet = kind.parse(payload[len(kind.name) :])
        return kind.handle(session, packet)
    except RspError as failure:
        return error(failure, session.error_style(kind.text_errors))
    except ClientGone:
        raise
    except Exception as defect:  # noqa: BLE001
        # Here and below everything is caught: a defect in a target must not take the user's
        # debugging session with it. It is told to the user and logged in full.
        return error(_logged(defect, f"packet {payload[:80]!r}"), session.error_style(kind.text_errors))


def outcome(session: Session, run: Callable[[], bytes]) -> bytes:
    """The reply to the packet that began a run, once that has ended; errors as `answer` tells them."""
    try:
        return run()
    except RspError as failure:
        return error(failure, session.error_style(True))
    except ClientGone:
        raise
    except Exception as defect:  # noqa: BLE001
        return error(_logged(defect, "a run"), session.error_style(True))


def guarded(session: Session, act: Callable[[Session], None], fail: Callable[[Session, str], None]) -> None:
    """Does something that no packet waits for the end of; what goes wrong is told by `fail`."""
    try:
        act(session)
    except RspError as failure:
        fail(session, str(failure))
    except ClientGone:
        raise
    except Exception as defect:  # noqa: BLE001
        fail(session, str(_logged(defect, "a run")))


def _logged(defect: Exception, what: str) -> InternalError:
    _log.exception("%s ended in a defect", what)
    return InternalError(f"internal error, {type(defect).__name__}: {defect} (see the log)")


def refuse_damaged(session: Session, item: Damaged) -> bytes:
    """The reply to a packet that arrived damaged and will not be sent again."""
    return error(PacketError(f"{item.damage.value}: {item.detail}"), session.error_style(True))


def finish(session: Session) -> None:
    """Leave the target clean after a session. A defect in doing so is logged, and the next may come."""
    try:
        session.close()
    except Exception:  # noqa: BLE001
        _log.exception("the target could not be left clean")
