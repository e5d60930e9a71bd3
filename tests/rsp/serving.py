"""Runs a server for a toy target in a thread, for as long as a test needs it."""

import contextlib
import threading
from collections.abc import Iterator

from trapline.server.rsp.client import RspClient
from trapline.server.rsp.endpoint import Endpoint
from trapline.server.rsp.server import PACKET_SIZE, GdbServer
from trapline.server.rsp.target import Target
from trapline.server.rsp.transcript import Recorder


@contextlib.contextmanager
def serving(
    target: Target,
    *,
    endpoint: Endpoint | None = None,
    packet_size: int = PACKET_SIZE,
    recorder: Recorder | None = None,
) -> Iterator[GdbServer]:
    """A server that serves `target` until the block ends; fails when its thread does not end then."""
    server = GdbServer(target, endpoint, packet_size=packet_size, recorder=recorder)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join(timeout=10)
        assert not thread.is_alive(), "the server has not ended within 10 seconds of close()"


@contextlib.contextmanager
def talking_to(target: Target, *, packet_size: int = PACKET_SIZE) -> Iterator[RspClient]:
    """A client in no-ack mode that has announced what GDB 13 announces."""
    with serving(target, packet_size=packet_size) as server, RspClient(server.address) as client:
        client.handshake()
        yield client
