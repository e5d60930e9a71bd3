"""A small client: what scripts, benchmarks and tests need to talk to a server without GDB."""

from __future__ import annotations

import socket
from collections import deque
from types import TracebackType
from typing import Self

from .endpoint import Endpoint
from .framing import INTERRUPT, Damaged, Deframer, Sign, escape, frame

_LIMIT = 1 << 22


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

    def send(self, payload: bytes) -> None:
        """Send a packet whose payload is escaped where it must be."""
        self.socket.sendall(frame(payload))

    def receive(self) -> bytes:
        """Wait for the next packet, and acknowledge it if that is the custom. Raises ClientError."""
        while not self._queue:
            data = self.socket.recv(1 << 18)
            if not data:
                raise ClientError("the server has closed the connection")
            for item in self._deframer.feed(data):
                if isinstance(item, Damaged):
                    raise ClientError(f"damaged packet: {item.damage.value}: {item.detail}")
                if isinstance(item, Sign):
                    raise ClientError(f"the server sent {item.value!r}")
                self._queue.append(item)
        if self._acknowledging:
            self.socket.sendall(b"+")
        return self._queue.popleft()

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
