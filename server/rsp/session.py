"""The state of one client's session, and what the packets of more than one group do with it.

It sits between the packets (`packets/`), which know the protocol's text, and the target. `running` lets the
target run.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, Protocol

from .abilities import Abilities
from .errors import RegisterUnavailable, TargetError
from .execution import Exited, GdbSignal, NoneResumed, Signal, StopEvent, ThreadExited, ThreadId, ThreadInfo
from .fields import ALL, ANY, EVERY_THREAD, ThreadPattern
from .inserted import Inserted
from .notes import Notes
from .replies import ErrorStyle, stop_reply
from .running.state import RunState
from .target import GuestFile, Restart, Target

_GONE: Final = (Exited, ThreadExited)
"""After these there is no thread whose registers could be shown."""


class Wire(Protocol):
    """What a session needs of its connection besides packets and replies."""

    def send(self, payload: bytes) -> None:
        """Send a packet that answers nothing, such as console output."""

    def notify(self, text: bytes) -> None:
        """Send a notification, which nobody answers or acknowledges."""

    def acknowledge(self) -> None:
        """Send the acknowledgement that is still owed, because the reply will take its time."""

    def interrupt_requested(self) -> bool:
        """Whether Ctrl-C has arrived; never blocks."""

    def disable_acknowledgements(self) -> None:
        """No-ack mode from the next packet on."""

    def watching(self, stop: Callable[[], None]) -> AbstractContextManager[None]:
        """While the target runs inside: `stop` is called when something comes, from another thread."""


class Session:
    """One client, from its first packet to its last."""

    def __init__(self, target: Target, wire: Wire, packet_size: int) -> None:
        self.target = target
        self.wire = wire
        self.packet_size = packet_size
        self.abilities = Abilities.of(target)
        self.description = target.describe()
        self.inserted = Inserted(self.abilities)
        self.client_features: frozenset[str] = frozenset()
        self.lldb_errors = False
        self.thread_suffix = False
        """Whether register packets may name their thread (LLDB)."""
        self.control: ThreadPattern = EVERY_THREAD
        self.finished = False
        self.attached: set[int] = set(self.partitions()[:1])
        self.documents: dict[str, tuple[str, bytes]] = {}
        self.open_files: dict[int, GuestFile] = {}
        self.general_cache: dict[ThreadId, bytes] = {}
        self.notes = Notes()
        self.endings: list[Callable[[], None]] = []
        """What is to be done when the session ends."""
        self.run_state = RunState()
        """What the threads do."""
        self._general: ThreadId | None = None
        self._last_stop: StopEvent | None = None

    @property
    def multiprocess(self) -> bool:
        """Whether thread-ids carry a process."""
        return "multiprocess" in self.client_features

    def error_style(self, text_errors: bool) -> ErrorStyle:
        """How to tell this client of an error; `text_errors`: any GDB reads text for the packet."""
        if self.lldb_errors:
            return ErrorStyle.LLDB
        if text_errors or "error-message" in self.client_features:
            return ErrorStyle.TEXT
        return ErrorStyle.NUMBER

    # Threads

    def partitions(self) -> list[int]:
        """All partitions there are, attached or not."""
        return sorted({info.id.pid for info in self.everyone()})

    def everyone(self) -> list[ThreadInfo]:
        """The threads of all partitions, and those of the host side."""
        models = self.abilities.model_threads
        return [*self.target.threads(), *(models.model_threads() if models is not None else ())]

    def threads(self) -> list[ThreadInfo]:
        """The threads of the attached partitions.

        A client begins with the first partition, and attaches to others with ``vAttach``: GDB reads the
        target description once for each inferior that it attaches to, and never for one that just
        appears in the list of threads.
        """
        return [info for info in self.everyone() if info.id.pid in self.attached]

    def find_thread(self, pattern: ThreadPattern) -> ThreadId:
        """The first thread that `pattern` matches. Raises TargetError when there is none."""
        for info in self.threads():
            if pattern.matches(info.id):
                return info.id
        if pattern.pid in (ALL, ANY) and pattern.tid in (ALL, ANY):
            raise TargetError("there is no thread left: the partition has ended")
        raise TargetError(f"there is no thread {pattern.pid}.{pattern.tid}")

    @property
    def thread(self) -> ThreadId:
        """The thread that register and memory packets mean (``Hg``)."""
        if self._general is None:
            self._general = self.find_thread(EVERY_THREAD)
        return self._general

    def check_stopped(self, thread: ThreadId) -> None:
        """Raises TargetError for a thread that runs, whose registers are not to be had."""
        if thread in self.run_state.running:
            raise TargetError(f"thread p{thread.pid:x}.{thread.tid:x} is running; stop it first (`interrupt`)")

    def select(self, pattern: ThreadPattern) -> None:
        """Make the first thread that `pattern` matches the one meant; keep the present one if it does."""
        if self._general is None or not pattern.matches(self._general):
            self._general = self.find_thread(pattern)

    # Stopping

    def stopped(self, event: StopEvent) -> bytes:
        """Note why the target stopped, and write the stop reply."""
        self._last_stop = event
        self._general = None if isinstance(event.reason, _GONE) else event.thread
        return self.stop_text(event)

    def stop_text(self, event: StopEvent) -> bytes:
        """The stop reply or notification for an event, whatever thread is the selected one."""
        if isinstance(event.reason, NoneResumed) and self.run_state.non_stop:
            return b"N"
        expedited = [] if isinstance(event.reason, _GONE) else self._expedited(event.thread)
        return stop_reply(event, client_features=self.client_features, expedited=expedited)

    def _expedited(self, thread: ThreadId) -> list[tuple[int, bytes]]:
        values: list[tuple[int, bytes]] = []
        for number in self.description.expedited:
            try:
                values.append((number, self.target.read_register(thread, number)))
            except RegisterUnavailable:
                # GDB asks for it when somebody looks at it, and gets the same answer then.
                continue
        return values

    @property
    def last_event(self) -> StopEvent | None:
        """Why the target stopped last, if it has run in this session."""
        return self._last_stop

    def last_stop(self) -> bytes:
        """The stop reply for ``?``: why the target is stopped now."""
        threads = self.threads()
        last = self._last_stop
        if last is not None and any(info.id == last.thread for info in threads):
            return self.stopped(last)
        if threads:
            return self.stopped(StopEvent(threads[0].id, Signal(GdbSignal.SIGTRAP)))
        return b"W00" if last is None else self.stopped(StopEvent(last.thread, _exit_of(last)))

    def restart(self, ability: Restart) -> None:
        """Start the target again from reset; breakpoints stay inserted, what was known of the old programs goes."""
        ability.restart_all()
        self.documents.clear()
        self.general_cache.clear()
        self._last_stop = None
        self._general = None
        self.attached |= set(self.partitions()[:1])
        self.run_state = RunState(non_stop=self.run_state.non_stop)

    def print(self, text: str) -> None:
        """Show text on the user's console, in as many packets as it takes."""
        data = text.encode("utf-8")
        piece = (self.packet_size - 1) // 2
        for start in range(0, len(data), piece):
            self.wire.send(b"O" + data[start : start + piece].hex().encode("ascii"))

    def tell_notes(self) -> None:
        """Show what has come up while the target ran."""
        text = self.notes.take()
        if text:
            self.print(text)

    # The end

    def forget(self, pid: int) -> None:
        """Partition `pid` is not attached any more; another thread is the selected one."""
        self.attached.discard(pid)
        self.run_state.forget(pid)
        self.deselect(pid)

    def deselect(self, pid: int) -> None:
        """The threads of a partition are gone: if one of them was selected, another one is."""
        if self._general is not None and self._general.pid == pid:
            self._general = None

    def close(self) -> None:
        """Leave the target without a trace of this client: no breakpoints, no subscriptions, everything let go."""
        if self.run_state.running:
            self.target.interrupt()
            self.run_state.running.clear()
        if self.abilities.thread_events is not None:
            self.abilities.thread_events.report_threads(False)
        for ending in self.endings:
            ending()
        self.endings.clear()
        self.inserted.remove_all()
        if self.abilities.detach is not None:
            for pid in sorted(self.attached & set(self.partitions())):
                self.abilities.detach.detach_partition(pid)


def _exit_of(event: StopEvent) -> Exited:
    """How the last partition ended: as the event says, or without a status because it was killed."""
    return event.reason if isinstance(event.reason, Exited) else Exited(0)
