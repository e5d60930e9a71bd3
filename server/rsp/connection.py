"""One client's connection: packets in, replies out, acknowledgements in between."""

from __future__ import annotations

import select
import socket
import struct
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager

from ...isa.errors import reason_of
from .eager import Eager
from .errors import ClientGone
from .framing import Damage, Damaged, Deframer, Item, Sign, frame, notification
from .transcript import Recorder
from .watcher import Watcher

_RECEIVE = 1 << 18
_MAX_QUEUED = 256
_SEND_TIMEOUT_S = 30


class Connection:
    """The wire of a session (see `session.Wire`), over a stream socket.

    Reading raises ClientGone when the client has vanished or the server is closing, and so does writing
    to a client that has not read for 30 seconds.
    """

    def __init__(self, client: socket.socket, packet_size: int, recorder: Recorder | None) -> None:
        self._socket = client
        self._deframer = Deframer(packet_size)
        self._recorder = recorder
        self._queue: deque[Item] = deque()
        self._watcher = Watcher(client)
        self._readable = select.poll()
        self._readable.register(client.fileno(), select.POLLIN | select.POLLRDHUP)
        self._eager = Eager(client)
        self._acknowledging = True
        self._owed = b""
        self._last = b""
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", _SEND_TIMEOUT_S, 0))
        if client.family != socket.AF_UNIX:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def await_packet(self) -> None:
        """Wait until the client has said something that is a packet, for `next_packet`. Raises ClientGone."""
        while not any(isinstance(item, bytes | Damaged) for item in self._queue):
            self._queue.clear()
            self._receive(0)

    def watching(self, stop: Callable[[], None]) -> AbstractContextManager[None]:
        """See `session.Wire`."""
        return self._watcher.watching(stop)

    def close(self) -> None:
        """Nobody watches the socket any more, which can be closed then."""
        self._watcher.close()

    def next_packet(self) -> bytes | Damaged:
        """Wait for the next packet that needs an answer. Raises ClientGone.

        Damaged packets are asked for again while acknowledgements are on, except overlong ones, which
        would come back as long as before. Interrupts that come too late are dropped.
        """
        while True:
            while self._queue:
                item = self._next_queued()
                if item is not None:
                    return item
            self._eager.look()
            self._receive(0)

    def _next_queued(self) -> bytes | Damaged | None:
        """Takes what came first; None if it needs no answer."""
        item = self._queue.popleft()
        if isinstance(item, bytes):
            if self._recorder is not None:
                self._recorder.received(item)
            if self._acknowledging:
                self._owed = b"+"
            return item
        if isinstance(item, Damaged):
            if self._acknowledging and item.damage is Damage.CHECKSUM:
                self._write(b"-")
                return None
            self._owed = b"+" if self._acknowledging else b""
            return item
        if item is Sign.RETRANSMIT and self._acknowledging:
            self._write(self._last)
        return None

    def poll_packet(self, seconds: float) -> bytes | Damaged | Sign | None:
        """The next packet that needs an answer, or Ctrl-C; None if nothing comes for so long. Raises ClientGone."""
        if not self._queue:
            if seconds > 0 and not self._readable.poll(seconds * 1000):
                return None
            self._receive(socket.MSG_DONTWAIT)
        while self._queue:
            if self._queue[0] is Sign.INTERRUPT:
                self._queue.popleft()
                if self._recorder is not None:
                    self._recorder.interrupted()
                return Sign.INTERRUPT
            item = self._next_queued()
            if item is not None:
                return item
        return None

    def notify(self, text: bytes) -> None:
        """See `session.Wire`. Raises ClientGone."""
        if self._recorder is not None:
            self._recorder.notified(text)
        self._write(notification(text))

    def send(self, payload: bytes) -> None:
        """Send a packet, after the acknowledgement that is owed. Raises ClientGone."""
        if self._recorder is not None:
            self._recorder.sent(payload)
        self._last = frame(payload)
        owed, self._owed = self._owed, b""
        self._write(owed + self._last)

    def acknowledge(self) -> None:
        """Send the acknowledgement that is owed, if one is."""
        if self._owed:
            owed, self._owed = self._owed, b""
            self._write(owed)

    def disable_acknowledgements(self) -> None:
        """From the next packet on; the one that asks for it is still acknowledged."""
        self._acknowledging = False

    def interrupt_requested(self) -> bool:
        """Whether Ctrl-C has come since the last packet. Raises ClientGone."""
        self._receive(socket.MSG_DONTWAIT)
        if Sign.INTERRUPT not in self._queue:
            return False
        self._queue.remove(Sign.INTERRUPT)
        if self._recorder is not None:
            self._recorder.interrupted()
        return True

    def _receive(self, flags: int) -> None:
        """Queue what has come. `flags` say whether to wait for it."""
        try:
            data = self._socket.recv(_RECEIVE, flags)
        except BlockingIOError:
            return
        except OSError as error:
            raise ClientGone(f"the connection is lost: {reason_of(error)}") from error
        if not data:
            raise ClientGone("the client has closed the connection")
        for item in self._deframer.feed(data):
            # A client that sends Ctrl-C ten thousand times wants one stop.
            if item is not Sign.INTERRUPT or item not in self._queue:
                self._queue.append(item)
        if len(self._queue) > _MAX_QUEUED:
            raise ClientGone(f"the client has sent {len(self._queue)} packets without waiting for replies")

    def _write(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError as error:
            raise ClientGone(f"the client does not read: {reason_of(error)}") from error
