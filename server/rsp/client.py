"""A small client: what scripts, benchmarks and tests need to talk to a server without GDB."""

from __future__ import annotations

import re
import socket
from collections import deque
from types import TracebackType
from typing import Self

from .endpoint import Endpoint
from .framing import INTERRUPT, Damaged, Deframer, Sign, escape, frame

_LIMIT = 1 << 22
_ITEM = re.compile(rb"%([^#]*)#..|\$[^#]*#..|[^%$]+", re.DOTALL)
"""A notification, a packet, or what is between them."""


class ClientError(Exception):
    """The server closed the connection, sent a damaged packet, or answered with an error."""


class RspClient:
    """A connection to a server, packet by packet; a context manager.

    Waiting for more than `timeout` seconds raises TimeoutError.
    """

    def __init__(self, endpoint: Endpoint, timeout: float = 10.0) -> None:
        if endpoint.path is not None:
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.socket.settimeout(timeout)
            self.socket.connect(str(endpoint.path))
        else:
            self.socket = socket.create_connection((endpoint.host, endpoint.port), timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._deframer = Deframer(_LIMIT)
        self._queue: deque[bytes] = deque()
        self._acknowledging = True
        self._incoming = b""
        self.notifications: deque[bytes] = deque()
        """What the server has said without being asked, without the ``%``."""

    def send(self, payload: bytes) -> None:
        """Send a packet whose payload is escaped where it must be."""
        self.socket.sendall(frame(payload))

    def receive(self) -> bytes:
        """Wait for the next packet, and acknowledge it if that is the custom. Raises ClientError."""
        while not self._queue:
            self._take()
        if self._acknowledging:
            self.socket.sendall(b"+")
        return self._queue.popleft()

    def notification(self) -> bytes:
        """Wait for the next notification. Raises ClientError."""
        while not self.notifications:
            self._take()
        return self.notifications.popleft()

    def _take(self) -> None:
        """Queue what comes next: packets, and notifications apart from them."""
        data = self.socket.recv(1 << 18)
        if not data:
            raise ClientError("the server has closed the connection")
        if self._incoming or b"%" in data:
            data = self._without_notifications(self._incoming + data)
        for item in self._deframer.feed(data):
            if isinstance(item, Damaged):
                raise ClientError(f"damaged packet: {item.damage.value}: {item.detail}")
            if isinstance(item, Sign):
                raise ClientError(f"the server sent {item.value!r}")
            self._queue.append(item)

    def _without_notifications(self, data: bytes) -> bytes:
        """Takes notifications out of whole packets; what is not whole yet waits in `_incoming`."""
        kept = b""
        while found := _ITEM.match(data):
            if found[1] is None:
                kept += found[0]
            else:
                self.notifications.append(found[1])
            data = data[found.end() :]
        self._incoming = data
        return kept

    def ask(self, payload: bytes) -> bytes:
        """Send a packet and wait for its reply."""
        self.send(payload)
        return self.receive()

    def interrupt(self) -> None:
        """Send Ctrl-C."""
        self.socket.sendall(bytes((INTERRUPT,)))

    def handshake(self, features: str = "multiprocess+;swbreak+;hwbreak+") -> bytes:
        """Say what GDB says first, and turn acknowledgements off; the server's features."""
        supported = self.ask(b"qSupported:" + features.encode("ascii"))
        self.start_no_ack_mode()
        return supported

    def start_no_ack_mode(self) -> None:
        """Turn acknowledgements off. Raises ClientError if the server will not."""
        reply = self.ask(b"QStartNoAckMode")
        if reply != b"OK":
            raise ClientError(f"QStartNoAckMode was answered with {reply!r}")
        self._acknowledging = False

    def write_memory(self, address: int, data: bytes) -> bytes:
        """Send an X packet; the reply."""
        return self.ask(b"X%x,%x:" % (address, len(data)) + escape(data))

    def close(self) -> None:
        """Close the connection, as a client that vanishes does."""
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
