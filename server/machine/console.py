"""A machine's console: bytes that guests print go to sinks, bytes that people type come in by the door.

The console knows neither hvterm nor PL011: a device model writes with `write` and reads with `take`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

from .door import RecordedDoor

MAXIMUM_INPUT: Final = 1 << 16
"""Bytes of input that the guest may leave unread; what comes beyond is lost, as on a serial line."""


Sink = Callable[[bytes], None]


class Console:
    """One console of a machine. `name` is also its source name at the door."""

    def __init__(self, name: str, door: RecordedDoor) -> None:
        """Connects to the door. Raises DoorError when a console of that name is connected already."""
        self.name = name
        self._door = door
        self._input: deque[int] = deque()
        self.sinks: list[Sink] = []
        """All of them."""
        self.shows: list[Sink] = []
        """Those that show it to people."""
        self.is_muted = False
        """Whether the guest says again what it has said: nobody is shown it."""
        self._on_input: Callable[[], None] | None = None
        self.lost = 0
        """How many bytes of input were lost because the guest did not read."""
        door.connect(name, self._receive)

    def add_sink(self, sink: Sink, *, shows: bool = False) -> None:
        """Has every later output go to `sink` too. `shows`: it is for people, who want to see it once."""
        self.sinks.append(sink)
        if shows:
            self.shows.append(sink)

    def remove_sink(self, sink: Sink) -> None:
        """Undoes `add_sink`. Raises ValueError for a sink that was not added."""
        self.sinks.remove(sink)
        if sink in self.shows:
            self.shows.remove(sink)

    def take_sinks(self, other: Console, replaced: Mapping[Sink, Sink]) -> None:
        """Output goes where that of another console goes, or to what replaces a sink there."""
        self.sinks = [replaced.get(one, one) for one in other.sinks]
        self.shows = [replaced.get(one, one) for one in other.shows]

    def on_input(self, notify: Callable[[], None]) -> None:
        """Has `notify` called when input has come in: a device raises its interrupt there."""
        self._on_input = notify

    @property
    def is_heard(self) -> bool:
        """Whether something happens when input comes in; else a guest finds it only if it looks."""
        return self._on_input is not None

    def inner_sinks(self) -> list[Sink]:
        """Those that are the machine's own."""
        return [sink for sink in self.sinks if sink not in self.shows]

    def write(self, data: bytes) -> None:
        """Output of the guest. A sink that cannot be written is given up, and told of in the log; the guest goes on."""
        for sink in tuple(self.sinks):
            if self.is_muted and sink in self.shows:
                continue
            try:
                sink(data)
            except (OSError, ValueError) as error:  # a full disk, a closed file
                self.remove_sink(sink)
                import logging

                logging.getLogger(__name__).warning("the guest's console is lost from here on: %s", error)

    def type(self, data: bytes) -> None:
        """Input from the host's side; reaches the guest when the machine opens its door. Raises DoorError."""
        self._door.submit(self.name, data)

    @property
    def waiting(self) -> int:
        """How many bytes the guest can read now."""
        return len(self._input)

    def take(self, count: int) -> bytes:
        """Reads up to `count` bytes of input, in the order they were typed."""
        waiting = self._input
        return bytes(waiting.popleft() for _ in range(min(count, len(waiting)))) if waiting else b""

    def _receive(self, data: bytes) -> None:
        room = MAXIMUM_INPUT - len(self._input)
        self._input.extend(data[:room])
        self.lost += max(0, len(data) - room)
        if self._on_input is not None:
            self._on_input()
