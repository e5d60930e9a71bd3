"""What a debugger's user does with a machine as a whole: starts it again, listens to its events, ends the server."""

from __future__ import annotations

from collections.abc import Callable

from ...isa.errors import TraplineError
from ...isa.model.items import Description
from ..boards.machine import Machine
from ..rsp.execution import StopEvent
from .event_tap import EventTap
from .registers import register_map
from .reloading import FileWatch, Reloaded, ReloadError, load_anew, reload
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
        self.on_description: Callable[[Description], None] = lambda description: None
        """Told of a description that the machine is to be made with from now on."""
        self._watch: FileWatch | None = None
        self._always: FileWatch | None = None

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

    # The description, while the machine runs

    def reload_description(self) -> Reloaded:
        """Has the machine go on with its description as the files are now. Its past is another description's, and
        cannot be executed again. Raises what `reloading.reload` raises."""
        if self.origin is not None:
            raise ReloadError(
                "the session is being recorded, and a recording has one description", "serve without --record"
            )
        self.timeline.return_to_present()
        found = reload(self.machine)
        if found.changed:
            self.on_description(found.description)
            shown = register_map(found.description, self._order)
            if shown.description == self._map.description:
                self._map = shown
            self._changes += 1
            self._begin_history()
            self.bookmarks.clear()
            self._apply_points()
        return found

    def restart_described(self) -> None:
        """Starts the guest again with the description as the files are now. Raises DescriptionError, OSError."""
        self.on_description(load_anew(self.machine))
        self.restart_all()

    def watch_description(self, tell: Callable[[str], None], always: bool = False) -> None:
        """Reloads it from now on whenever a file is saved, and tells what came of it; `always`: with no client, too."""
        watch = FileWatch(self.machine, tell)
        if always:
            self._always = watch
        else:
            self._watch = watch

    def unwatch_description(self) -> None:
        """Ends the debugger's watching; the server's own goes on."""
        self._watch = None

    def look_at_files(self) -> None:
        """Between two slices: reloads the description if somebody has saved a file of it."""
        watches = [watch for watch in (self._watch, self._always) if watch is not None]
        changed = [watch.changed(self.machine) for watch in watches]
        if not any(changed):
            return
        try:
            told = str(self.reload_description())
        except (TraplineError, OSError) as error:
            hint = getattr(error, "hint", "")
            told = f"{error}\n{hint}\nthe machine goes on with the description that it had\n"
        for watch in watches:
            watch.tell(told)

    def run_slice(self) -> StopEvent | None:
        """See `rsp.target.Execution`."""
        if self._watch is not None or self._always is not None:
            self.look_at_files()
        return super().run_slice()
