"""Each thread runs and stops for itself: who is stopped, who goes on, and the queue of stops.

A thread that is stopped is taken out of the schedule; its clock, and that of its timers, is guest time, which the
others carry on. A stop is told by a notification (``%Stop``) once, and those that follow it by ``vStopped``.
Source: Debugging with GDB, "Remote Protocol Support for Non-Stop Mode".
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final

from ..errors import TargetError
from ..execution import (
    Action,
    Continue,
    Exited,
    GdbSignal,
    HwBreak,
    NoneResumed,
    Signal,
    Step,
    StopEvent,
    SwBreak,
    ThreadCreated,
    ThreadId,
)
from ..fields import ThreadPattern
from ..replies import OK
from ..session import Session
from .counting import condition_holds
from .state import RunState

_ANNOUNCED_BY_GDB: Final = "memory-tagging"
"""A feature that GDB has from version 12 on, and nobody else."""


def switch(session: Session, non_stop: bool) -> None:
    """Begins with a mode. Whatever runs is stopped, and nobody is told of that."""
    halt(session)
    session.run_state = RunState(non_stop=non_stop, changed=non_stop)


def halt(session: Session) -> None:
    """Nothing runs any more, and no stop of that is told: the mode ends, or the session."""
    state = session.run_state
    if state.running or _unattended(session):
        session.target.interrupt()
    state.running.clear()
    state.fresh.clear()


def is_live(session: Session) -> bool:
    """Whether slices are to be run between packets."""
    state = session.run_state
    return state.non_stop and not state.stuck and (bool(state.running) or bool(_unattended(session)))


def resume(session: Session, actions: Sequence[tuple[Action | None, ThreadPattern]]) -> None:
    """``vCont``: each thread takes the leftmost action that names it; None stops it.

    One that runs already goes on with what it does, and one whose stop the client has not seen yet stays stopped.
    Raises TargetError when no thread is named, or the target cannot.
    """
    state = session.run_state
    before = dict(state.running)
    unseen = {event.thread for event in state.stops if not isinstance(event.reason, NoneResumed)}
    named = False
    for info in session.threads():
        thread = info.id
        for action, pattern in actions:
            if pattern.matches(thread):
                named = True
                if action is None:
                    if thread in state.running:
                        stop(session, StopEvent(thread, Signal(GdbSignal.NONE)))
                elif thread not in state.running and thread not in unseen:
                    state.running[thread] = action
                    state.fresh.add(thread)
                    state.note_change()
                break
    if not named:
        raise TargetError("none of the threads that the packet names exists")
    try:
        _tell_target(session)
    except TargetError:
        state.running = before
        state.fresh.clear()
        raise


def interrupt(session: Session) -> None:
    """``vCtrlC``: one of the threads that run stops as by Ctrl-C."""
    state = session.run_state
    if not state.running:
        return
    _tell_target(session)
    thread = session.target.interrupt().thread
    if thread not in state.running:
        thread = next(iter(state.running))
    stop(session, StopEvent(thread, Signal(GdbSignal.SIGINT)))


def turn(session: Session) -> None:
    """Lets the threads that run do so for a slice."""
    state = session.run_state
    _tell_target(session)
    session.general_cache.clear()
    event = session.target.run_slice()
    if event is None:
        return
    # Whoever is not stopped by what follows goes on.
    state.note_change()
    reason, thread = event.reason, event.thread
    if isinstance(reason, NoneResumed):
        state.stuck = True
        if "no-resumed" in session.client_features and state.running:
            _queue(session, event)
    elif _counts(session, event):
        stop(session, event)
    else:
        state.fresh.add(thread)


def _counts(session: Session, event: StopEvent) -> bool:
    """Whether a stop is one that the client wants to see."""
    thread, running = event.thread, session.run_state.running
    if isinstance(event.reason, Exited | ThreadCreated):
        return thread.pid in session.attached
    if thread not in running:
        return False
    if isinstance(event.reason, SwBreak | HwBreak) and not isinstance(running[thread], Step):
        return condition_holds(session, thread)
    return True


def fail(session: Session, text: str) -> None:
    """The target cannot run on: all threads stop, and the user reads why with the next ``monitor`` command."""
    session.notes.add(f"{text}\n")
    running = session.run_state.running
    for thread in running.keys() - {info.id for info in session.threads()}:
        del running[thread]
    for thread in list(running):
        stop(session, StopEvent(thread, Signal(GdbSignal.SIGABRT)))
    session.run_state.stuck = True


def stop(session: Session, event: StopEvent) -> None:
    """A thread is stopped, or with it its process has ended; the client is told."""
    state = session.run_state
    ended = isinstance(event.reason, Exited)
    if ended:
        state.forget(event.thread.pid)
        session.deselect(event.thread.pid)
    else:
        state.running.pop(event.thread, None)
        state.last[event.thread] = event
        state.note_change()
    if event.note:
        session.notes.add(f"{event.note}\n")
    _queue(session, event)


def announce(session: Session, pid: int) -> None:
    """A process has been attached to: its threads are stopped, and each of them says so."""
    for info in session.threads():
        if info.id.pid == pid:
            stop(session, StopEvent(info.id, Signal(GdbSignal.NONE)))


def next_stop(session: Session) -> bytes:
    """``vStopped``: the client has seen a stop; the next one, or OK."""
    stops = session.run_state.stops
    if stops:
        stops.popleft()
    return session.stop_text(stops[0]) if stops else OK


def all_stops(session: Session) -> bytes:
    """``?``: why the first of the stopped threads is, or OK if none is; ``vStopped`` asks for the others.

    GDB 12 and 13 end with an internal error in connecting if several threads are stopped ("Assertion
    `!async_event_handler_marked' failed"). Those are told of the others by a notification, once they have connected.
    """
    state = session.run_state
    stopped = [info.id for info in session.threads() if info.id not in state.running]
    unmoved = Signal(GdbSignal.NONE)
    stops = [state.last.get(thread, StopEvent(thread, unmoved)) for thread in stopped]
    at_once = 1 if _ANNOUNCED_BY_GDB in session.client_features else len(stops)
    state.stops, state.later = deque(stops[:at_once]), deque(stops[at_once:])
    return session.stop_text(state.stops[0]) if state.stops else OK


def tell_later(session: Session) -> None:
    """Begins with the stops that were kept back, if the client has seen all others."""
    state = session.run_state
    if state.later and not state.stops:
        kept, state.later = state.later, deque()
        for event in kept:
            if event.thread not in state.running:
                _queue(session, event)


def _queue(session: Session, event: StopEvent) -> None:
    stops = session.run_state.stops
    stops.append(event)
    if len(stops) == 1:
        session.wire.notify(b"Stop:" + session.stop_text(event))


def _tell_target(session: Session) -> None:
    state = session.run_state
    if state.changed:
        begin: dict[ThreadId, Action] = {thread: Continue() for thread in _unattended(session)}
        session.target.resume(begin | state.running, fresh=frozenset(state.fresh))
        state.fresh.clear()
        state.changed = False


def _unattended(session: Session) -> list[ThreadId]:
    """Threads of processes that nobody is attached to: in non-stop mode they run all the time."""
    return [info.id for info in session.target.threads() if info.id.pid not in session.attached]
