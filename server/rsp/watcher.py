"""Watches a client's socket while the target runs, so that a slice ends soon when something comes: Ctrl-C, or the end.

A run that lasts is watched from a thread of its own, which sleeps in the system until then. Runs that end at once, as
those of a debugger that steps or comes from breakpoint to breakpoint, cost it nothing.
"""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

_LOOK_SECONDS: Final = 0.01
"""How old a run is when it is first watched, and how long the thread sleeps while none is."""
_REST_SECONDS: Final = 0.5
"""How long after the last run the thread goes to rest."""
_POLL_MILLISECONDS: Final = 20
_AGAIN_SECONDS: Final = 0.002
"""Between two requests to stop, while what has come is not read."""

_SIGNS: Final = select.POLLIN | select.POLLRDHUP


class Watcher:
    """Watches one socket. `close` before the socket is closed."""

    def __init__(self, watched: socket.socket) -> None:
        self._poll = select.poll()
        self._poll.register(watched.fileno(), _SIGNS)
        self._thread: threading.Thread | None = None
        self._armed = threading.Event()
        self._stop: Callable[[], None] = lambda: None
        self._since: float | None = None
        """When the present run began."""
        self._ended = 0.0
        self._closed = False

    @contextmanager
    def watching(self, stop: Callable[[], None]) -> Iterator[None]:
        """While the target runs inside: `stop` is called, again and again, as long as something is to be read."""
        self._stop = stop
        self._since = time.monotonic()
        if not self._armed.is_set():
            self._armed.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="rsp-watcher", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            self._ended = time.monotonic()
            self._since = None

    def close(self) -> None:
        """Ends the thread."""
        self._closed = True
        self._armed.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self) -> None:
        while True:
            self._armed.wait()
            if self._closed:
                return
            since, now = self._since, time.monotonic()
            if since is None:
                if now - self._ended > _REST_SECONDS:
                    self._armed.clear()
                    if self._since is not None or self._closed:
                        self._armed.set()
                else:
                    time.sleep(_LOOK_SECONDS)
            elif now - since < _LOOK_SECONDS:
                time.sleep(since + _LOOK_SECONDS - now)
            elif self._poll.poll(_POLL_MILLISECONDS) and self._since is not None:
                self._stop()
                time.sleep(_AGAIN_SECONDS)
