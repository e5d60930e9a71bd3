"""A listener to the events that a person wants to see, all but device accesses, of whatever machine runs now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ..machine.events import (
    Event,
    EventStream,
    Exit,
    Hcall,
    HptChange,
    Interrupt,
    Nap,
    Subscription,
    VcoreTransition,
    Wake,
    WorldSwitch,
)

_SHOWN: Final = (Exit, Hcall, Interrupt, HptChange, VcoreTransition, Nap, Wake, WorldSwitch)


class EventTap:
    """Closed at first. Where it is open, `move` has it go on with another machine's events."""

    def __init__(self) -> None:
        self._listener: Callable[[Event], None] | None = None
        self._stream: EventStream | None = None
        self._subscriptions: list[Subscription] = []

    def open(self, stream: EventStream, listener: Callable[[Event], None]) -> None:
        """Tells `listener` of each event from now on; another one hears no more."""
        self.close()
        self._listener = listener
        self.move(stream)

    def move(self, stream: EventStream) -> None:
        """Goes on with another stream, if it is open."""
        self._leave()
        if self._listener is not None:
            self._stream = stream
            self._subscriptions = [stream.subscribe(kind, self._listener) for kind in _SHOWN]

    def close(self) -> None:
        """Nobody listens any more; closing again does nothing."""
        self._leave()
        self._listener = None

    def _leave(self) -> None:
        for subscription in self._subscriptions:
            assert self._stream is not None
            self._stream.unsubscribe(subscription)
        self._subscriptions = []
