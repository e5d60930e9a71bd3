"""Hooks of programs: told of what happened between two slices of a run, never in the middle of an instruction.

What happens is put into a queue as it happens, and delivered in order when the guest stands between instructions. So a
hook may raise, and may look at the machine; it finds it some hundredths of a second of host time later at most.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from ..machine.events import Event

if TYPE_CHECKING:
    from ..boards.machine import Machine as Board
    from ..machine.events import Subscription


class Hooks:
    """The hooks of one machine; they outlive its resets."""

    def __init__(self) -> None:
        self._listeners: list[tuple[type[Event], Callable[[Event], None]]] = []
        self._sinks: list[Callable[[bytes], None]] = []
        self._waiting: deque[Callable[[], None]] = deque()
        self._board: Board | None = None
        self._subscriptions: list[Subscription] = []

    def listen(self, kind: type[Event], listener: Callable[[Event], None]) -> None:
        """Has `listener` told of events of a class."""
        self._listeners.append((kind, listener))
        self._subscribe()

    def forget(self, kind: type[Event], listener: Callable[[Event], None]) -> None:
        """Undoes `listen`."""
        self._listeners.remove((kind, listener))
        self._subscribe()

    def add_sink(self, sink: Callable[[bytes], None]) -> None:
        """Has `sink` told of what the console says."""
        self._sinks.append(sink)

    def attach(self, board: Board | None) -> None:
        """From now on it is another machine; None: nobody is told of anything."""
        if self._board is not None:
            self._unsubscribe(self._board)
            self._board.console.remove_sink(self._said)
        self._board = board
        self._waiting.clear()
        if board is not None:
            board.console.add_sink(self._said)
            self._subscribe()

    def deliver(self) -> None:
        """Tells the hooks what waits; raises what one of them raises, and the rest waits on."""
        while self._waiting:
            self._waiting.popleft()()

    def _said(self, data: bytes) -> None:
        for sink in self._sinks:
            self._waiting.append(partial(sink, data))

    def _subscribe(self) -> None:
        board = self._board
        if board is None:
            return
        self._unsubscribe(board)
        for kind, listener in self._listeners:
            self._subscriptions.append(board.events.subscribe(kind, partial(self._happened, listener)))

    def _unsubscribe(self, board: Board) -> None:
        for subscription in self._subscriptions:
            board.events.unsubscribe(subscription)
        self._subscriptions.clear()

    def _happened(self, listener: Callable[[Event], None], event: Event) -> None:
        self._waiting.append(partial(listener, event))
