"""What a debugger's user does with a machine as a whole: starts it again, listens to its events, ends the server."""

from __future__ import annotations

from collections.abc import Callable

from ..boards.machine import Machine
from .event_tap import EventTap
from .reverse import TargetReverse
from .views import view_called


class Controls(TargetReverse):
    """`rsp.target`'s Restart, and what `monitor` commands need. `make` builds the machine, again at each restart."""

    def __init__(self, make: Callable[[], Machine]) -> None:
        super().__init__(make)
        self.quit_requested = False
        """Whether `monitor quit` asked the server to end."""
        self.event_tap = EventTap()
        """What `monitor events` shows."""
        self.bookmarks: dict[str, int] = {}
        """Moments that have a name."""

    def restart_all(self) -> None:
        """See `rsp.target.Restart`."""
        self.machine = self._remade()
        self._begin_history()
        self.points.forget_machine()
        # A view is of a machine.
        self.show_memory(None if self.view is None else view_called(self.machine, self.view.name))
        self.bookmarks.clear()
        self.event_tap.move(self.machine.events)
        self.catches.move(self.machine)
        self.watches.move(self.machine)
        self._apply_points()
