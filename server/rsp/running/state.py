"""Which threads of a session run, and which of their stops the client has not been told of."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from ..execution import Action, StopEvent, ThreadId


@dataclass(slots=True)
class RunState:
    """One session's. In all-stop mode nothing runs between two packets; in non-stop mode each thread has a state."""

    non_stop: bool = False
    pending: Callable[[], bytes] | None = None
    """All-stop: the run that the last packet began; it ends with the reply to that packet."""
    running: dict[ThreadId, Action] = field(default_factory=dict)
    """Non-stop: what each thread that is not stopped does."""
    fresh: set[ThreadId] = field(default_factory=set)
    """Those that have been resumed, and have not run since: a breakpoint where one stands does not stop it."""
    changed: bool = False
    """Whether the target has not been told of the present `running`."""
    stuck: bool = False
    """Whether none of the running threads can run, before something is changed."""
    stops: deque[StopEvent] = field(default_factory=deque)
    """Stops that the client has not taken note of by ``vStopped``. The first one has been told to it."""
    later: deque[StopEvent] = field(default_factory=deque)
    """Stops that are told when the client has seen all others."""
    last: dict[ThreadId, StopEvent] = field(default_factory=dict)
    """Why a stopped thread has stopped."""

    def forget(self, pid: int) -> None:
        """A process is gone, or let go. What has been told stays first, since ``vStopped`` will answer it."""
        for thread in [one for one in self.running if one.pid == pid]:
            del self.running[thread]
        self.fresh = {one for one in self.fresh if one.pid != pid}
        self.last = {thread: event for thread, event in self.last.items() if thread.pid != pid}
        self.later = deque(event for event in self.later if event.thread.pid != pid)
        told = list(self.stops)[:1]
        self.stops = deque(told + [event for event in list(self.stops)[1:] if event.thread.pid != pid])
        self.note_change()

    def note_change(self) -> None:
        """Other threads run now, or they can do so."""
        self.changed = True
        self.stuck = False
