"""Serves a guest to gdb while it runs: who drives the machine, and who may look at it, take turns.

As long as no client is attached the guest runs on by itself (or is held at its entry point until the first one has
come and gone); a client stops it by attaching and lets it go by detaching.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from .boards.scheduler import Idle, Strayed
from .pace import Pace
from .rsp.connection import Connection
from .rsp.endpoint import Endpoint
from .rsp.server import GdbServer
from .rsp.transcript import Recorder
from .target import MachineTarget
from .verdict import Verdict

_LOOK_SECONDS: Final = 0.05
_IDLE_SECONDS: Final = 0.01
_SLICE_SECONDS: Final = 0.01


class GuestServer(GdbServer):
    """A GDB server whose guest is stopped exactly while a client is attached. Raises EndpointError."""

    def __init__(
        self,
        target: MachineTarget,
        endpoint: Endpoint,
        *,
        hold: bool,
        recorder: Recorder | None,
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:
        """`hold`: the guest does not run before the first client has let it go. `tell` shows a line to the user."""
        super().__init__(target, endpoint, recorder=recorder)
        self._guest = target
        self._tell = tell
        self._pace = Pace(_SLICE_SECONDS)
        self._machine_lock = threading.Lock()
        self._wanted = threading.Event()
        self._free = threading.Event()
        if not hold:
            self._free.set()

    def run(self, once: bool) -> Verdict | None:
        """Serves until the guest ends while nobody is attached, `monitor quit`, or with `once` the first client's end.

        Returns how the guest ended, or None if it has not.
        """
        clients = threading.Thread(target=self._serve_clients, args=(once,), name="clients", daemon=True)
        clients.start()
        try:
            while clients.is_alive():
                if self._wanted.is_set() or not self._free.wait(_LOOK_SECONDS):
                    clients.join(_LOOK_SECONDS)
                elif self._run_on():
                    break
        finally:
            self.close()
            clients.join()
        return self._guest.machine.verdict

    def _serve_clients(self, once: bool) -> None:
        while not self._closing:
            self.serve_one()
            if once or self._guest.quit_requested:
                return

    def _run_on(self) -> bool:
        """Lets the guest run for a while without a client; whether it has ended."""
        with self._machine_lock:
            machine = self._guest.machine
            with self._pace.slice() as steps:
                end = machine.run_slice(steps)
            idle = isinstance(end, Idle)
            if isinstance(end, Strayed) and machine.wild is not None:
                # It stands still until a debugger has looked at it, and let it go on.
                self._free.clear()
                self._tell(f"{machine.wild.message}\nIt is stopped; attach a debugger to look at it.")
            if idle and machine.said.last is not None:
                machine.end_idle()
            if machine.verdict is not None:
                return not self._wanted.is_set()
        if idle:
            time.sleep(_IDLE_SECONDS)
        return False

    def _converse(self, connection: Connection) -> None:
        self._wanted.set()
        try:
            with self._machine_lock:
                super()._converse(connection)
        finally:
            self._free.set()
            self._wanted.clear()


def describe_place(server: GuestServer, machine: str, guest: str, hold: bool) -> str:
    """What to tell the user: two lines, the second one for gdb."""
    state = "holds {} at its entry point" if hold else "runs {}"
    return f"{machine} {state.format(guest)}; in gdb-multiarch:\n  {server.connect_hint()}"
