"""What a partition tells the event stream: hypercalls of each level, page table changes, its cores' transitions.

Nothing of it costs anything while nobody listens: real mode calls end in the engines then, and are counted there.
Once somebody does, the description tells of each (HCALLS_TOLD), and the entries that it concerns are compared with
a copy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from .....isa.model.items import Description, RegisterRef
from ....core import Core
from ....machine import events
from ....machine.events import EventStream
from .page_table import Entry, PageTable

_BULK_PAIRS = 4


class ToldVcore(Protocol):
    """A virtual core, as far as it is told of."""

    @property
    def number(self) -> int:
        """Its own in the partition."""

    @property
    def several(self) -> bool:
        """Whether it has several threads."""


class ToldThread(Protocol):
    """A thread of it."""

    number: int
    core: Core
    quiet: bool

    @property
    def vcore(self) -> ToldVcore:
        """What it belongs to."""


class ToldPartition(Protocol):
    """Whose business it is."""

    lpid: int
    description: Description

    @property
    def vcpus(self) -> Sequence[ToldThread]:
        """All of its threads."""

    @property
    def page_table(self) -> PageTable:
        """Its page table."""


class Told:
    """One partition's."""

    def __init__(self, vm: ToldPartition, stream: EventStream, now: Callable[[], int]) -> None:
        """`now` gives guest time."""
        self._vm = vm
        self._stream = stream
        self._now = now
        self._names = {call.number: call.name for call in vm.description.hypercalls.values() if call.abi == "papr"}
        self._entries: dict[int, Entry] | None = None
        """Entries as they were last told of; None while nobody asks for changes."""
        self._constants = {name: one.value for name, one in vm.description.constants.items()}
        self._stream.watch_wanted(self._wanted)

    @property
    def wanted(self) -> frozenset[type[events.Event]]:
        """Classes of events that somebody listens to."""
        return self._stream.wanted

    def _wanted(self, wanted: frozenset[type[events.Event]]) -> None:
        if events.HptChange not in wanted:
            self._entries = None
        for vcpu in self._vm.vcpus[:1]:
            self.describe(vcpu.core)
        for vcpu in self._vm.vcpus:
            vcpu.quiet = not vcpu.vcore.several and not wanted

    def describe(self, core: Core) -> None:
        """Has the description tell of real mode calls and of exits that it would answer itself, or not."""
        told = bool({events.Hcall, events.HptChange} & self.wanted)
        core.write("HCALLS_TOLD", int(told))
        core.write("EXITS_TOLD", int(events.Exit in self.wanted))
        if events.HptChange in self.wanted and self._entries is None:
            self._entries = {entry.index: entry for entry in self._vm.page_table.in_use()}

    # Exits, calls

    def left(self, vcpu: ToldThread, reason: str, detail: str = "") -> None:
        """An exit that the model itself answers."""
        if events.Exit in self.wanted:
            self._stream.publish(events.Exit(self._now(), vcpu.number, reason, detail))

    def called(
        self, vcpu: ToldThread, number: int, arguments: Sequence[int], results: Sequence[int], level: str
    ) -> None:
        """A hypervisor call was answered."""
        if events.Hcall in self.wanted:
            name = self._names.get(number, f"{number:#x}")
            self._stream.publish(
                events.Hcall(self._now(), vcpu.number, number, name, tuple(arguments), tuple(results), level)
            )

    def real_mode_call(self, vcpu: ToldThread) -> None:
        """The description has answered a call, and says so."""
        core = vcpu.core
        number, *arguments = (core.read("HCALL_ASKED", n) for n in range(core.register("HCALL_ASKED").count))
        results = core.reader(core.description.abis["papr"].results)()
        self.called(vcpu, number, arguments, results, "real_mode")
        if self._entries is not None:
            for index in self._concerned(core, self._names.get(number, ""), arguments):
                self._look_at(index)

    def _concerned(self, core: Core, name: str, arguments: Sequence[int]) -> list[int]:
        """Indices of the entries that a call may have changed."""
        match name:
            case "H_ENTER":
                return [core.read_ref(RegisterRef("GPR", 4))]
            case "H_REMOVE" | "H_PROTECT":
                return [arguments[1]]
            case "H_BULK_REMOVE":
                return [arguments[2 * n] & self._constants["BULK_INDEX"] for n in range(_BULK_PAIRS)]
        return []

    def _look_at(self, index: int) -> None:
        table, entries = self._vm.page_table, self._entries
        if entries is None or not 0 <= index < table.entries:
            return
        now = table.entry(index)
        before = entries.get(index, Entry(index, 0, 0, 0))
        entries[index] = now
        recorded = self._constants["HPTE_REFERENCED"] | self._constants["HPTE_CHANGED"]
        if (before.first, before.second & ~recorded) != (now.first, now.second & ~recorded):
            self._changed(before, now)

    def entry_changed(self, before: Entry, after: Entry) -> None:
        """The model itself has changed an entry."""
        if self._entries is not None:
            self._entries[after.index] = after
            self._changed(before, after)

    def _changed(self, before: Entry, after: Entry) -> None:
        self._stream.publish(
            events.HptChange(
                self._now(),
                None,
                self._vm.lpid,
                after.index,
                (before.first, before.second),
                (after.first, after.second),
            )
        )

    # Cores

    def vcore_went(self, number: int, source: str, target: str) -> None:
        """A virtual core changed its state."""
        now = self._now()
        if events.VcoreTransition in self.wanted:
            self._stream.publish(events.VcoreTransition(now, None, number, source, target))
        if events.WorldSwitch in self.wanted:
            partition = f"LPID {self._vm.lpid}"
            if target == "running":
                self._stream.publish(events.WorldSwitch(now, None, "host", partition))
            elif source in ("running", "exiting") and target in ("inactive", "sleeping"):
                self._stream.publish(events.WorldSwitch(now, None, partition, "host"))

    def napped(self, vcpu: ToldThread) -> None:
        """A thread naps while its siblings run."""
        if events.Nap in self.wanted:
            self._stream.publish(events.Nap(self._now(), vcpu.number, vcpu.vcore.number))

    def woke(self, vcpu: ToldThread, reason: str) -> None:
        """A thread that had ceded goes on."""
        if events.Wake in self.wanted:
            self._stream.publish(events.Wake(self._now(), vcpu.number, vcpu.vcore.number, reason))
