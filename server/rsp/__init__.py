"""The GDB remote serial protocol, for any target that implements the Protocols of `target.py`.

    with GdbServer(target, Endpoint.parse("tcp:127.0.0.1:0")) as server:
        print(server.connect_hint())
        server.serve_forever()

From the outside in: `server` listens, `door` lets one client in, `connection` and `framing` carry packets,
`dispatch` finds their kind, `packets/` parses and answers them by ability, `session` holds a client's state,
`running` lets the target run. `registers` and `target_xml` describe registers, `execution` says how threads
run and stop.
"""

from __future__ import annotations

from .endpoint import Endpoint, EndpointError
from .execution import StopEvent, ThreadId, ThreadInfo
from .registers import Feature, Register, TargetDescription
from .server import GdbServer
from .target import Target

__all__ = [
    "Endpoint",
    "EndpointError",
    "Feature",
    "GdbServer",
    "Register",
    "StopEvent",
    "Target",
    "TargetDescription",
    "ThreadId",
    "ThreadInfo",
]
