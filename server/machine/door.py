"""The one recorded door: everything that comes from outside a machine enters here.

A host thread may knock at any time (`submit`); the machine opens at a point of guest time that it
chooses (`open`), stamps what waits and hands it over. The stamped entries are a complete record of
what the run depended on: a machine made with a record gets the same bytes at the same instruction,
and what is submitted meanwhile is dropped.
"""

from collections import deque
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Final

import msgspec

from ...isa.errors import TraplineError
from .clock import GuestClock
from .events import EventStream, OutsideInput

MAXIMUM_WAITING: Final = 1 << 20
"""Bytes that may wait in front of the door."""


class DoorEntry(msgspec.Struct, frozen=True):
    """`data` from `source` (such as "console") that came in at guest time `time`, in instructions."""

    time: int
    source: str
    data: bytes


class DoorError(TraplineError):
    """Input that the door cannot take or hand over."""


class RecordedDoor:
    """Takes input from the host's side and gives it to receivers at exact guest times."""

    def __init__(self, clock: GuestClock, events: EventStream, replay: Iterable[DoorEntry] | None = None) -> None:
        """With `replay`, its entries are handed over instead of what is submitted.

        Raises DoorError when their times are not ascending or lie in the past.
        """
        self._clock = clock
        self._events = events
        self._receivers: dict[str, Callable[[bytes], None]] = {}
        self._waiting: deque[tuple[str, bytes]] = deque()
        self._waiting_bytes = 0
        self._lock = Lock()
        self._record: list[DoorEntry] = []
        self._replay = None if replay is None else deque(replay)
        self._is_given = replay is not None
        latest = clock.now
        for entry in self._replay or ():
            if entry.time < latest:
                raise DoorError(f"recorded input for time {entry.time} comes after time {latest}")
            latest = entry.time

    @property
    def replaying(self) -> bool:
        """Whether input comes from a record."""
        return self._replay is not None

    @property
    def record(self) -> tuple[DoorEntry, ...]:
        """All that came in so far, in order."""
        return tuple(self._record)

    @property
    def next_time(self) -> int | None:
        """When recorded input is due next; no run may go past it. None: nothing is due by itself."""
        return self._replay[0].time if self._replay else None

    def rewind(self, count: int) -> None:
        """The machine stands where `count` entries had come in: the rest comes again, each at its time.

        That is, until `go_live`. Raises DoorError where fewer have come in.
        """
        if count > len(self._record):
            raise DoorError(f"{len(self._record)} inputs have come in, not {count}")
        self._replay = deque(self._record[count:]) + (self._replay or deque())
        del self._record[count:]

    def expect(self, entries: Iterable[DoorEntry]) -> None:
        """These come in, each at its time, until `go_live`: what came in to another machine that was made alike."""
        self._replay = deque(entries)

    def go_live(self) -> None:
        """What is submitted comes in from now on; what was to come again is forgotten."""
        if not self._is_given:
            self._replay = None

    def connect(self, source: str, receiver: Callable[[bytes], None]) -> None:
        """Has input from `source` go to `receiver`. Raises DoorError when the source has one already."""
        if source in self._receivers:
            raise DoorError(f"input from {source!r} already has a receiver", "use another source name")
        self._receivers[source] = receiver

    def free_name(self, name: str) -> str:
        """A source's name that nobody receives from yet: this one, or with a number behind it."""
        names = (name if n == 1 else f"{name}-{n}" for n in range(1, len(self._receivers) + 2))
        return next(one for one in names if one not in self._receivers)

    def submit(self, source: str, data: bytes) -> None:
        """Leaves `data` in front of the door; any thread may do so. Dropped while replaying.

        Raises DoorError when nobody receives from `source`, or MAXIMUM_WAITING bytes wait.
        """
        if source not in self._receivers:
            known = ", ".join(sorted(self._receivers)) or "none"
            raise DoorError(f"nobody receives input from {source!r}", f"connected sources: {known}")
        data = bytes(data)
        if self._replay is not None or not data:
            return
        with self._lock:
            if self._waiting_bytes + len(data) > MAXIMUM_WAITING:
                raise DoorError(
                    f"{self._waiting_bytes} bytes of input wait for the machine already",
                    "let it run, or send less at a time",
                )
            self._waiting.append((source, data))
            self._waiting_bytes += len(data)

    def open(self) -> int:
        """Hands over, at the machine's present time, what waits or is due; returns how many entries.

        Raises DoorError when recorded input has been missed or has no receiver: the run is not the
        one that was recorded.
        """
        if self._replay is None and not self._waiting:
            return 0
        now = self._clock.now
        entries = []
        if self._replay is not None:
            while self._replay and self._replay[0].time <= now:
                entry = self._replay.popleft()
                if entry.time != now or entry.source not in self._receivers:
                    raise DoorError(
                        f"recorded input from {entry.source!r} was for time {entry.time}, now is {now}",
                        "replay with the machine and the version that made the record",
                    )
                entries.append(entry)
        else:
            with self._lock:
                entries = [DoorEntry(now, source, data) for source, data in self._waiting]
                self._waiting.clear()
                self._waiting_bytes = 0
        for entry in entries:
            self._record.append(entry)
            if OutsideInput in self._events.wanted:
                self._events.publish(OutsideInput(now, None, entry.source, entry.data))
            self._receivers[entry.source](entry.data)
        return len(entries)
