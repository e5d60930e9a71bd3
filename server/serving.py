"""Serves a guest to gdb while it runs: who drives the machine, and who may look at it, take turns.

As long as no client is attached the guest runs on by itself (or is held at its entry point until the first one has
come and gone); a client stops it by attaching and lets it go by detaching.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

from .rsp.connection import Connection
from .rsp.endpoint import Endpoint
from .rsp.server import GdbServer
from .rsp.transcript import Recorder
from .target import MachineTarget
from .tree.ends import Idle, Strayed
from .verdict import Verdict

_LOOK_SECONDS: Final = 0.05
_IDLE_SECONDS: Final = 0.01
_SLICE_SECONDS: Final = 0.02
_PRESS_SECONDS: Final = 0.002
"""Between two requests to end the slice under way."""


class GuestServer(GdbServer):
    """A GDB server whose guest is stopped exactly while a client is attached. Raises EndpointError.

    A client is attached from its first packet on: a connection that says nothing, a port probe say, is none.
    """

    def __init__(
        self,
        target: MachineTarget,
        endpoint: Endpoint,
        *,
        hold: bool,
        recorder: Recorder | None,
        tell: Callable[[str], None] = lambda text: None,
        allow_remote: bool = False,
    ) -> None:
        """`hold`: the guest does not run before the first client has let it go. `tell` shows a line to the user."""
        super().__init__(target, endpoint, recorder=recorder, allow_remote=allow_remote)
        self._guest = target
        self._tell = tell
        self._machine_lock = threading.Lock()
        """Whoever runs the machine, or looks at it, has this; nobody keeps it when `_goes` is clear."""
        self._goes = threading.Event()
        """Set while the guest runs without a client."""
        if not hold:
            self._goes.set()

    def run(self, once: bool) -> Verdict | None:
        """Serves until the guest ends while nobody is attached, `monitor quit`, or with `once` the first client's end.

        Returns how the guest ended, or None if it has not.
        """
        clients = threading.Thread(target=self._serve_clients, args=(once,), name="clients", daemon=True)
        clients.start()
        try:
            while clients.is_alive():
                if self._goes.wait(_LOOK_SECONDS) and self._run_on():
                    break
        finally:
            self.close()
            clients.join()
        return self._guest.machine.verdict

    def _serve_clients(self, once: bool) -> None:
        while not self._closing:
            spoke = self.serve_one()
            if (spoke and once) or self._guest.quit_requested:
                return

    def _run_on(self) -> bool:
        """Lets the guest run for a while without a client; whether it has ended."""
        with self._machine_lock:
            if not self._goes.is_set():
                return False
            self._guest.look_at_files()
            machine, timeline = self._guest.machine, self._guest.timeline
            # Nobody looks at the past any more.
            timeline.return_to_present()
            end = timeline.run_slice(None, None, _SLICE_SECONDS)
            idle = isinstance(end, Idle)
            if isinstance(end, Strayed) and machine.wild is not None:
                # It stands still until a debugger has looked at it, and let it go on.
                self._goes.clear()
                self._tell(f"{machine.wild.message}\nIt is stopped; attach a debugger to look at it.")
            if idle and machine.said.last is not None:
                machine.end_idle()
            if machine.verdict is not None:
                return self._goes.is_set()
        if idle:
            time.sleep(_IDLE_SECONDS)
        return False

    def _converse(self, connection: Connection) -> None:
        self._goes.clear()
        try:
            with self._stopped():
                super()._converse(connection)
        finally:
            self._goes.set()

    @contextlib.contextmanager
    def _stopped(self) -> Iterator[None]:
        """The guest does not run inside: its slice ends soon, and the machine is this thread's."""
        while not self._machine_lock.acquire(timeout=_PRESS_SECONDS):
            self._guest.request_stop()
        try:
            yield
        finally:
            self._machine_lock.release()


def describe_place(server: GuestServer, machine: str, guest: str, hold: bool) -> str:
    """What to tell the user: two lines, the second one for gdb."""
    state = "holds {} at its entry point" if hold else "runs {}"
    return f"{machine} {state.format(guest)}; in gdb-multiarch:\n  {server.connect_hint()}"
