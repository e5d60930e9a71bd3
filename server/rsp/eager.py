"""Waiting for a client that answers at once: looking at its socket a little longer before sleeping.

A debugger asks its next question some ten microseconds after an answer, dozens of times in a row; a process that slept
meanwhile is woken later than that. So the socket is looked at for a moment first. A client that takes its time, or has
to wait for this very processor, costs one such moment in many packets.
"""

from __future__ import annotations

import select
import socket
import time
from typing import Final

_MOMENT_SECONDS: Final = 0.00006
_PACKETS_WITHOUT: Final = 32
"""After a moment in which nothing came, so many are waited for asleep."""


class Eager:
    """One socket's."""

    def __init__(self, watched: socket.socket) -> None:
        self._poll = select.poll()
        self._poll.register(watched.fileno(), select.POLLIN)
        self._asleep = 0

    def look(self) -> None:
        """Returns when something has come, or when it is time to sleep until then."""
        if self._asleep:
            self._asleep -= 1
            return
        poll, clock = self._poll.poll, time.perf_counter
        end = clock() + _MOMENT_SECONDS
        while not poll(0):
            if clock() >= end:
                self._asleep = _PACKETS_WITHOUT
                return
