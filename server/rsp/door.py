"""The door of a server: one client is let in, others are told so, and `close` ends it all.

A thread of its own stands at the door, so that serving a client costs nothing for it. Who connects and says nothing (a
port probe) waits outside, in nobody's way; a client is let in with its first byte. A second client gets no silence: its
first packet is answered with an error that says who is in the way, and its connection is closed.
"""

from __future__ import annotations

import contextlib
import queue
import select
import socket
import threading
from collections import deque

from .errors import ClientGone
from .framing import frame

_READ = select.POLLIN
_MAX_TURNED_AWAY = 16
_MAX_SILENT = 64
"""Connections that have said nothing; with more of them the oldest is closed."""
_MAX_FIRST_PACKET = 1 << 16


class Door:
    """A listening socket, the client that was let in, and those that were turned away.

    `accept` and `release` are for the thread that serves; `close` is for any thread.
    """

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._bell, self._bell_wire = socket.socketpair()
        self._turned_away: dict[int, _TurnedAway] = {}
        self._silent: dict[int, socket.socket] = {}
        """Connections that have said nothing yet, the oldest first."""
        self._arrivals: queue.SimpleQueue[socket.socket | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._inside: socket.socket | None = None
        self._parked: deque[socket.socket] = deque()
        self._closed = False
        self._poll = select.poll()
        self._poll.register(listener.fileno(), _READ)
        self._poll.register(self._bell.fileno(), _READ)
        self._thread = threading.Thread(target=self._watch, name="rsp-door", daemon=True)
        self._thread.start()

    def accept(self) -> socket.socket:
        """Wait for a client. Raises ClientGone once the door is closed."""
        client = self._arrivals.get()
        if client is None:
            self._arrivals.put(None)
            raise ClientGone("the server is closing")
        return client

    def release(self, client: socket.socket) -> None:
        """Close a client's socket after its session, and let the next one in."""
        with self._lock:
            self._inside = self._parked.popleft() if self._parked and not self._closed else None
            if self._inside is not None:
                self._arrivals.put(self._inside)
            client.close()

    def close(self) -> None:
        """Stop listening, hang up on whoever is inside, and wake `accept`. Twice is once."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            if self._inside is not None:
                _hang_up(self._inside)
            # While the lock is held: the watching thread may see `_closed` first, and closes the bell then.
            self._bell_wire.send(b"!")
        self._thread.join()
        self._arrivals.put(None)

    def _watch(self) -> None:
        """The thread: accept, turn away, until the bell rings."""
        while not self._closed:
            for fd, _ in self._poll.poll():
                if fd == self._listener.fileno():
                    self._answer_door()
                elif fd in self._silent:
                    self._hear(fd)
                elif fd in self._turned_away and self._turned_away[fd].attend():
                    self._forget(fd)
        for fd in list(self._silent):
            self._leave_silence(fd).close()
        for fd in list(self._turned_away):
            self._forget(fd)
        with self._lock:
            for end in (*self._parked, self._listener, self._bell, self._bell_wire):
                end.close()

    def _answer_door(self) -> None:
        try:
            client, _ = self._listener.accept()
        except OSError:
            # The client has gone between poll and accept; there is nobody to tell.
            return
        if len(self._silent) >= _MAX_SILENT:
            self._leave_silence(next(iter(self._silent))).close()
        self._silent[client.fileno()] = client
        self._poll.register(client.fileno(), _READ)

    def _leave_silence(self, fd: int) -> socket.socket:
        self._poll.unregister(fd)
        return self._silent.pop(fd)

    def _hear(self, fd: int) -> None:
        """A connection says something for the first time, or has ended."""
        client = self._leave_silence(fd)
        try:
            spoke = client.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
        except OSError:
            spoke = False
        if spoke:
            self._admit(client)
        else:
            client.close()

    def _admit(self, client: socket.socket) -> None:
        """Lets a client in, or turns it away."""
        with self._lock:
            if self._inside is None and not self._closed:
                self._inside = client
                self._arrivals.put(client)
                return
            if self._inside is not None and _has_hung_up(self._inside):
                # A debugger that comes right after another has left, and before the server knows.
                self._parked.append(client)
                return
        if len(self._turned_away) >= _MAX_TURNED_AWAY:
            client.close()
            return
        client.setblocking(False)
        self._turned_away[client.fileno()] = _TurnedAway(client)
        self._poll.register(client.fileno(), _READ)

    def _forget(self, fd: int) -> None:
        self._poll.unregister(fd)
        self._turned_away.pop(fd).socket.close()


class _TurnedAway:
    """A client that came while another is served: told so at its first packet, then let go."""

    def __init__(self, client: socket.socket) -> None:
        self.socket = client
        self._received = b""
        self._told = False

    def attend(self) -> bool:
        """Read what came; True when the connection can be closed."""
        try:
            data = self.socket.recv(4096)
            if not data:
                return True
            if self._told:
                return False
            self._received += data
            if b"#" in self._received[:-2]:
                text = b"E.another debugger is connected to this server; disconnect it first"
                self.socket.send(b"+" + frame(text))
                # The other side reads the text and closes; closing first could discard the text.
                self.socket.shutdown(socket.SHUT_WR)
                self._told = True
        except OSError:
            return True
        return len(self._received) > _MAX_FIRST_PACKET


def _has_hung_up(client: socket.socket) -> bool:
    """Whether the other side has closed the connection, read or unread."""
    poll = select.poll()
    poll.register(client.fileno(), select.POLLRDHUP)
    return bool(poll.poll(0))


def _hang_up(client: socket.socket) -> None:
    """Make the thread that reads from `client` see its end."""
    with contextlib.suppress(OSError):  # it has hung up itself
        client.shutdown(socket.SHUT_RDWR)
