"""What a partition tells the event stream: hypercalls of each level, page table changes, its cores' transitions.

Nothing of it costs anything while nobody listens: real mode calls end in the engines then, and are counted there.
Once somebody does, the description tells of each (HCALLS_TOLD), and the entries that it concerns are compared with
a copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ....isa.model.items import RegisterRef
from ...core import Core
from ...machine import events
from .page_table import Entry

if TYPE_CHECKING:
    from .vcore import VcoreState
    from .vcpu import Book3sVcpu
    from .vm import Book3sVm

_BULK_PAIRS = 4


class Told:
    """One partition's."""

    def __init__(self, vm: Book3sVm) -> None:
        self._vm = vm
        self._stream = vm.kvm.events
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
        """Has the description tell of real mode calls, or not."""
        told = bool({events.Hcall, events.HptChange} & self.wanted)
        core.write("HCALLS_TOLD", int(told))
        if events.HptChange in self.wanted and self._entries is None:
            self._entries = {entry.index: entry for entry in self._vm.page_table.in_use()}

    # Exits, calls

    def left(self, vcpu: Book3sVcpu, reason: str, detail: str = "") -> None:
        """An exit that the model itself answers."""
        if events.Exit in self.wanted:
            self._stream.publish(events.Exit(self._vm.kvm.now(), vcpu.number, reason, detail))

    def called(
        self, vcpu: Book3sVcpu, number: int, arguments: Sequence[int], results: Sequence[int], level: str
    ) -> None:
        """A hypervisor call was answered."""
        if events.Hcall in self.wanted:
            name = self._names.get(number, f"{number:#x}")
            self._stream.publish(
                events.Hcall(self._vm.kvm.now(), vcpu.number, number, name, tuple(arguments), tuple(results), level)
            )

    def real_mode_call(self, vcpu: Book3sVcpu) -> None:
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
                self._vm.kvm.now(),
                None,
                self._vm.lpid,
                after.index,
                (before.first, before.second),
                (after.first, after.second),
            )
        )

    # Cores

    def vcore_went(self, number: int, source: VcoreState, target: VcoreState) -> None:
        """A virtual core changed its state."""
        now = self._vm.kvm.now()
        if events.VcoreTransition in self.wanted:
            self._stream.publish(events.VcoreTransition(now, None, number, source.value, target.value))
        if events.WorldSwitch in self.wanted:
            partition = f"LPID {self._vm.lpid}"
            if target.value == "running":
                self._stream.publish(events.WorldSwitch(now, None, "host", partition))
            elif source.value in ("running", "exiting") and target.value in ("inactive", "sleeping"):
                self._stream.publish(events.WorldSwitch(now, None, partition, "host"))

    def napped(self, vcpu: Book3sVcpu) -> None:
        """A thread naps while its siblings run."""
        if events.Nap in self.wanted:
            self._stream.publish(events.Nap(self._vm.kvm.now(), vcpu.number, vcpu.vcore.number))

    def woke(self, vcpu: Book3sVcpu, reason: str) -> None:
        """A thread that had ceded goes on."""
        if events.Wake in self.wanted:
            self._stream.publish(events.Wake(self._vm.kvm.now(), vcpu.number, vcpu.vcore.number, reason))
