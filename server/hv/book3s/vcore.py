"""Virtual cores: the threads of one run on one core, together.

Linux, arch/powerpc/kvm/book3s_hv.c (kvmppc_run_core, kvmppc_run_vcpu, kvmppc_vcore_blocked) and
book3s_hv_rmhandlers.S. A core runs a vcore only when each of its threads can run or waits for an interrupt; none
may be busy in the host. The first thread that leaves has all others leave: it sets the hypervisor decrementer to
zero, and wakes those that nap. A thread that comes while its core runs joins it, unless an exit has begun.

Here threads take turns (`server/tree/schedule.py`), so a transition takes no time; everything that can be counted,
told or seen by a guest is as if they ran side by side.
"""

from __future__ import annotations

from enum import Enum
from typing import Protocol

from ...core import Core
from ...tree.levels import Vcore
from ...tree.vcpu import MachineVcpu
from ..exits import Halt, MpState
from .partition.told import Told, ToldThread

_EXIT = 0x100
"""Of `entry_exit_count`: entries are counted in the low byte, exits above."""


class VcoreState(Enum):
    """What a virtual core does."""

    INACTIVE = "inactive"
    RUNNING = "running"
    EXITING = "exiting"
    SLEEPING = "sleeping"
    """All of its threads have ceded."""


class ThreadState(Enum):
    """What a thread of it does; one begins blocked."""

    BLOCKED = "blocked"
    RUNNABLE = "runnable"
    BUSY_IN_HOST = "busy in host"


class CoreThread(MachineVcpu, ToldThread, Protocol):
    """A thread, as its core sees it."""

    number: int
    core: Core
    thread_state: ThreadState

    def sent_out(self, napping: bool) -> None:
        """A sibling leaves the core: this thread comes out, too, from a nap if it naps."""


class Book3sVcore(Vcore[CoreThread]):
    """The vcpus whose ids divided by the threads of a core give `number`."""

    def __init__(self, told: Told, number: int) -> None:
        self.members: list[CoreThread] = []
        super().__init__(number, self.members)
        self._told = told
        self.state = VcoreState.INACTIVE
        self.runnable: list[CoreThread] = []
        """In the order in which they came; a thread's place is the hardware thread that runs it."""
        self.runner: CoreThread | None = None
        """The thread in whose context the core runs: the first runnable one."""
        self.entry_exit_count = 0
        self.napping_threads = 0
        """A bit for each hardware thread that naps."""
        self.n_woken = 0
        """Secondary threads that the last entry has woken by IPI from the host's nap."""
        self.nap_count = 0
        """How many of those nap in the host again."""
        self._state_lost: set[int] = set()

    @property
    def several(self) -> bool:
        """Whether there are threads to think of."""
        return len(self.members) > 1

    def add(self, vcpu: CoreThread) -> None:
        """A vcpu is made."""
        self.members.append(vcpu)
        self.members.sort(key=lambda one: one.number)
        if self.several:
            self.may_run = self.can_run
        for one in self.members:
            one.quiet = not self.several and not self._told.wanted

    def can_run(self) -> bool:
        """Whether no thread is busy in the host."""
        return self.busy() is None

    def busy(self) -> CoreThread | None:
        """A thread that is busy in the host; one that user space has stopped is not."""
        for vcpu in self.members:
            if vcpu.thread_state is ThreadState.BUSY_IN_HOST and vcpu.mp_state is not MpState.STOPPED:
                return vcpu
        return None

    def admit(self, vcpu: CoreThread) -> Halt | None:
        """A thread's `run` is called: it joins its core, starts it, or has to wait for a sibling that is busy."""
        if self.state is VcoreState.RUNNING and vcpu.thread_state is ThreadState.RUNNABLE and vcpu in self.runnable:
            # A running core has no busy thread.
            return None
        vcpu.thread_state = ThreadState.RUNNABLE
        if vcpu not in self.runnable:
            self.runnable.append(vcpu)
            if self.state is VcoreState.RUNNING and self.entry_exit_count < _EXIT:
                self.entry_exit_count += 1
                self._used()
        busy = self.busy()
        if busy is not None:
            return Halt(sibling=busy.number)
        if self.state is not VcoreState.RUNNING:
            self._start()
        return None

    def _start(self) -> None:
        self.runner = self.runnable[0]
        self.n_woken, self.nap_count = len(self.runnable) - 1, 0
        self.entry_exit_count = len(self.runnable)
        self.napping_threads = 0
        self._used()
        self._go(VcoreState.RUNNING)

    def _used(self) -> None:
        self._state_lost.update(range(1, len(self.runnable)))

    def host_thread_wakes(self, ptid: int) -> bool:
        """The host goes on with a hardware thread that napped: whether its nonvolatile registers are gone.

        SRR1 speaks of the last nap only, which may have kept everything; a guest has had the thread before. This is
        the host's flag for that (Linux, PACA_NAPSTATELOST); it is down afterwards. The primary never naps for a guest.
        """
        lost = ptid in self._state_lost
        self._state_lost.discard(ptid)
        return lost

    def leave(self, vcpu: CoreThread) -> None:
        """A thread goes to the host with something to do there: the whole core leaves the partition."""
        vcpu.thread_state = ThreadState.BUSY_IN_HOST
        self._exit_begins(vcpu)
        self._forget(vcpu)
        self._all_out(VcoreState.INACTIVE)

    def came_back(self, vcpu: CoreThread) -> None:
        """The host is done with a thread; its core can run."""
        if vcpu.thread_state is ThreadState.BUSY_IN_HOST:
            vcpu.thread_state = ThreadState.RUNNABLE

    def cede(self, vcpu: CoreThread) -> None:
        """A thread waits: it naps while others run; the last one leaves, and the core blocks."""
        vcpu.thread_state = ThreadState.BLOCKED
        others = [one for one in self.runnable if one is not vcpu and one.thread_state is ThreadState.RUNNABLE]
        if others:
            if vcpu in self.runnable:
                self.napping_threads |= 1 << self.ptid(vcpu)
            self._told.napped(vcpu)
            return
        self._exit_begins(vcpu)
        self.runnable.clear()
        self._all_out(VcoreState.SLEEPING)

    def woke(self, vcpu: CoreThread) -> None:
        """A thread that had ceded goes on."""
        vcpu.thread_state = ThreadState.RUNNABLE
        if vcpu in self.runnable:
            self.napping_threads &= ~(1 << self.ptid(vcpu))
        if self.state is VcoreState.SLEEPING:
            self._go(VcoreState.INACTIVE)

    def ptid(self, vcpu: CoreThread) -> int:
        """The hardware thread that runs a vcpu."""
        return self.runnable.index(vcpu)

    def _exit_begins(self, first: CoreThread) -> None:
        if self.state is not VcoreState.RUNNING:
            return
        self._go(VcoreState.EXITING)
        self.entry_exit_count += _EXIT
        for vcpu in self.runnable:
            if vcpu is not first:
                vcpu.sent_out(napping=bool(self.napping_threads >> self.ptid(vcpu) & 1))
                self.entry_exit_count += _EXIT
        self.napping_threads = 0

    def _all_out(self, state: VcoreState) -> None:
        self.nap_count = self.n_woken
        self.runner = None
        self._go(state)

    def _forget(self, vcpu: CoreThread) -> None:
        """Takes a thread out of those that run; those behind it get the next lower hardware threads."""
        if vcpu in self.runnable:
            self.runnable.remove(vcpu)

    def _go(self, state: VcoreState) -> None:
        before, self.state = self.state, state
        if before is not state and self._told.wanted:
            self._told.vcore_went(self.number, before.value, state.value)
