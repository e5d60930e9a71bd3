"""The GDB server: a target behind an endpoint, one client at a time, one after the other."""

from __future__ import annotations

import logging
from types import TracebackType

from .connection import Connection
from .dispatch import finish
from .door import Door
from .endpoint import Endpoint
from .errors import ClientGone
from .loop import Loop
from .session import Session
from .target import Target
from .transcript import Recorder

_log = logging.getLogger(__name__)

PACKET_SIZE = 0x20000
_SMALLEST_PACKET_SIZE = 0x200


class GdbServer:
    """Serves `target` to GDB. Listens as soon as it is made.

    `packet_size` is the longest packet in bytes, either way; a memory read is at most half of it.
    `recorder` writes what is said to a file. `allow_remote` lets other machines connect.

    `serve_forever` may run in a thread of its own; `close` ends it from any other. Raises EndpointError
    when it cannot listen.
    """

    def __init__(
        self,
        target: Target,
        endpoint: Endpoint | None = None,
        *,
        packet_size: int = PACKET_SIZE,
        recorder: Recorder | None = None,
        allow_remote: bool = False,
    ) -> None:
        if packet_size < _SMALLEST_PACKET_SIZE:
            raise ValueError(f"a packet size of {packet_size} is too small: {_SMALLEST_PACKET_SIZE} or more")
        self._target = target
        self._packet_size = packet_size
        self._recorder = recorder
        self._closing = False
        listener, self.address = (endpoint or Endpoint()).listen(allow_remote=allow_remote)
        self._door = Door(listener)

    def connect_hint(self) -> str:
        """A line to paste into GDB."""
        return f"target remote {self.address.gdb_argument}"

    def serve_forever(self) -> None:
        """Serve one client after the other until `close`."""
        while not self._closing:
            self.serve_one()

    def serve_one(self) -> bool:
        """Wait for a client and serve it until it leaves; returns at once when the server is closed.

        Whether it has said anything: a connection without a packet is no session, and the target hears nothing of it.
        """
        spoke = False
        try:
            client = self._door.accept()
            connection = Connection(client, self._packet_size, self._recorder)
            try:
                connection.await_packet()
                spoke = True
                self._converse(connection)
            finally:
                connection.close()
                self._door.release(client)
        except ClientGone as reason:
            _log.info("session ended: %s", reason)
        return spoke

    def _converse(self, connection: Connection) -> None:
        session = Session(self._target, connection, self._packet_size)
        try:
            Loop(session, connection).run()
        finally:
            finish(session)

    def close(self) -> None:
        """Stop listening and end the session, if there is one. Can be called from any thread."""
        if self._closing:
            return
        self._closing = True
        self._door.close()
        if self.address.path is not None:
            self.address.path.unlink(missing_ok=True)

    def __enter__(self) -> GdbServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
