"""All threads run and stop together: slices, Ctrl-C between them, and stops that nobody wants to see.

The target runs in slices of its own choice, and between them the client is asked whether it wants the
target back; other packets wait for the stop reply. A stop at a breakpoint whose conditions are all false is not shown.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Final

from ..execution import (
    Action,
    Continue,
    GdbSignal,
    HwBreak,
    NoneResumed,
    Signal,
    Step,
    StopEvent,
    SwBreak,
    ThreadId,
    ThreadInfo,
)
from ..session import Session
from .counting import condition_holds

_TURN_SECONDS: Final = 0.02
_YIELD_SECONDS: Final = 0.0001


def resume(session: Session, plan: Mapping[ThreadId, Action]) -> None:
    """Have the threads of `plan` resumed and run until all stop; the stop reply answers the packet at hand.

    Partitions that nobody is attached to run on meanwhile.
    """
    # A step that has not ended has to be taken up again with the rest, but where it ends is a stop.
    conditional = {thread for thread, action in plan.items() if not isinstance(action, Step)}

    known: Sequence[ThreadInfo] = ()
    live: dict[ThreadId, Action] = {}

    def start() -> None:
        nonlocal known, live
        threads = session.target.threads()
        if threads is not known:
            known = threads
            live = {info.id: plan[info.id] for info in threads if info.id in plan}
            if live:
                live |= {info.id: Continue() for info in threads if info.id.pid not in session.attached}
        # Where none of them can run the target says so.
        session.target.resume(live or plan)

    run(session, start, conditional)


def run(session: Session, start: Callable[[], None], conditional: Container[ThreadId]) -> None:
    """Have `start` called, and slices run until a stop that the client wants to see; that is the reply.

    A thread of `conditional` that stops at a breakpoint whose condition is false does not count, nor
    does the end of a partition that is not attached: `start` is called again and all goes on.
    """
    session.run_state.pending = partial(_run, session, start, conditional)


def _run(session: Session, start: Callable[[], None], conditional: Container[ThreadId]) -> bytes:
    stops = session.abilities.stop_requests
    with nullcontext() if stops is None else session.wire.watching(stops.request_stop):
        return _run_watched(session, start, conditional)


def _run_watched(session: Session, start: Callable[[], None], conditional: Container[ThreadId]) -> bytes:
    start()
    running = True
    others = _Others()
    try:
        while True:
            others.let_run()
            event = session.target.run_slice()
            session.tell_notes()
            if event is None:
                session.wire.acknowledge()
                if not session.wire.interrupt_requested():
                    continue
                event = session.target.interrupt()
            elif not _counts(session, event, conditional):
                session.wire.acknowledge()
                if not session.wire.interrupt_requested():
                    start()
                    continue
                event = StopEvent(event.thread, Signal(GdbSignal.SIGINT))
            running = False
            if isinstance(event.reason, NoneResumed):
                session.print("No vcpu that was resumed can run: all are powered off or wait for ever.\n")
            if event.note:
                session.print(f"{event.note}\n")
            return session.stopped(_on_attached(session, event))
    finally:
        # The client has vanished, or the target has failed: nothing runs on unwatched.
        if running:
            session.target.interrupt()


class _Others:
    """Gives other threads of the process a turn while this one runs a guest.

    Between slices the interpreter's lock is let go for a moment too short for anybody else to take it, yet often
    enough that nobody who waits for it ever asks for it: the thread that answers second clients would wait for seconds.
    """

    def __init__(self) -> None:
        self._next = time.monotonic() + _TURN_SECONDS

    def let_run(self) -> None:
        """Sleeps for a moment if the last time was long ago."""
        if time.monotonic() >= self._next:
            time.sleep(_YIELD_SECONDS)
            self._next = time.monotonic() + _TURN_SECONDS


def _on_attached(session: Session, event: StopEvent) -> StopEvent:
    """The event, told of a thread that the client knows."""
    return event if event.thread.pid in session.attached else StopEvent(session.thread, event.reason)


def _counts(session: Session, event: StopEvent, conditional: Container[ThreadId]) -> bool:
    """Whether a stop is one that the client wants to see."""
    if event.thread.pid not in session.attached:
        return isinstance(event.reason, NoneResumed)
    if event.thread in conditional and isinstance(event.reason, SwBreak | HwBreak):
        return condition_holds(session, event.thread)
    return True
