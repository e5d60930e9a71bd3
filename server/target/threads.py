"""What gdb knows vcpus as: a partition is a process, its vcpus are threads; the host side is a process, too.

The host side is the model of a hypervisor, which has no instructions of its own: its threads, the hardware threads of
its cores, never run, and show the registers and the real memory that the hypervisor has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..boards.machine import Machine
from ..described_facts import mode_text
from ..hv.kvm import MpState
from ..rsp.errors import TargetError
from ..rsp.execution import ThreadId, ThreadInfo
from ..tree.vcpu import MachineVcpu

PID: Final = 1
"""The first partition's process."""


class _VcpuThread(ThreadInfo):
    """What gdb lists about a vcpu; what it does at the moment is looked up when it is shown."""

    __slots__ = ("_place", "_vcpu")
    _vcpu: MachineVcpu
    _place: str

    def __init__(self, thread: ThreadId, vcpu: MachineVcpu, core: int, place: str) -> None:
        # The base class is frozen, and has a place for a text that is not known yet.
        for attribute, value in (("id", thread), ("name", f"vcpu{vcpu.number}"), ("core", core)):
            object.__setattr__(self, attribute, value)
        object.__setattr__(self, "_vcpu", vcpu)
        object.__setattr__(self, "_place", place)

    @property
    def extra(self) -> str:
        """See `ThreadInfo`."""
        return ", ".join(filter(None, (_extra(self._vcpu), self._place)))


class NamedThreads:
    """The threads of whatever machine runs now."""

    def __init__(self) -> None:
        self.host = -1
        """The process that the host side is; -1 where there is none."""
        self._listed: Sequence[MachineVcpu] = ()
        self._ended: frozenset[int] = frozenset()
        self._threads: list[ThreadInfo] = []
        """The threads that the vcpus in `_listed` are, ..."""
        self._hosts: list[ThreadInfo] = []
        """... and those of the host side."""
        self._vcpus: dict[ThreadId, MachineVcpu] = {}
        """What stands behind each of them."""
        self._thread_of: dict[MachineVcpu, ThreadId] = {}
        """The thread of its partition that each vcpu is."""

    def threads(self, machine: Machine) -> Sequence[ThreadInfo]:
        """The same list, as long as the threads are the same."""
        if self._listed is not machine.vcpus or self._ended is not machine.ended:
            self._list(machine)
        return self._threads

    def hosts(self, machine: Machine) -> Sequence[ThreadInfo]:
        """Those of the host side."""
        if self._listed is not machine.vcpus or self._ended is not machine.ended:
            self._list(machine)
        return self._hosts

    def vcpu(self, machine: Machine, thread: ThreadId) -> MachineVcpu:
        """The vcpu behind a thread. Raises TargetError."""
        if self._listed is not machine.vcpus or self._ended is not machine.ended:
            self._list(machine)
        found = self._vcpus.get(thread)
        if found is None:
            raise TargetError(f"there is no thread p{thread.pid}.{thread.tid}")
        return found

    def thread_of(self, machine: Machine, vcpu: MachineVcpu) -> ThreadId:
        """The thread that a vcpu is."""
        if self._listed is not machine.vcpus or self._ended is not machine.ended:
            self._list(machine)
        return self._thread_of[vcpu]

    def _list(self, machine: Machine) -> None:
        self._listed, self._ended = machine.vcpus, machine.ended
        places = [(p, core, at) for p in machine.partitions for core in p.vcores for at in range(len(core.vcpus))]
        cores = {id(core): number for number, core in enumerate(dict.fromkeys(core for _, core, _ in places))}
        guests: list[ThreadInfo] = []
        hosts: list[ThreadInfo] = []
        self._vcpus, self._thread_of = {}, {}
        self.host = PID + len(machine.partitions) if machine.HOST else -1
        for partition, vcore, at in places:
            vcpu, core = vcore.vcpus[at], cores[id(vcore)]
            thread = ThreadId(PID + partition.number, vcpu.number + 1)
            place = f"core {core} thread {at}" if len(vcore.vcpus) > 1 else ""
            if partition.number not in self._ended:
                guests.append(_VcpuThread(thread, vcpu, core, place))
            self._vcpus[thread], self._thread_of[vcpu] = vcpu, thread
            if machine.HOST:
                thread = ThreadId(self.host, len(hosts) + 1)
                hosts.append(ThreadInfo(thread, f"core{core}.thread{at}", core, f"{machine.HOST}, a model"))
                self._vcpus[thread] = vcpu
        self._threads, self._hosts = guests, hosts


def _extra(vcpu: MachineVcpu) -> str:
    if vcpu.mp_state is MpState.STOPPED:
        return "powered off"
    state = "waiting" if vcpu.mp_state is MpState.HALTED else "running"
    mode = mode_text(vcpu.core)
    return f"{state}, {mode}" if mode else state
