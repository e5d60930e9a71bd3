"""A thread of a partition: what the model knows of it, and how it waits and wakes.

Linux, arch/powerpc/kvm/book3s_hv.c and book3s_hv_rmhandlers.S. `Book3sVcpu` runs it.
"""

from __future__ import annotations

import abc
import functools
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, Protocol

import msgspec

from .....isa.model.items import RegisterRef
from ....core import Core, FaultIn
from ....exits import AnswersExits
from ....machine.physical import PhysicalMemory
from ...exits import Exit, Halt, MpState, PaprHcall
from ...terms import Interrupt
from ..partition.options import Book3sOptions
from ..partition.page_table import Entry
from ..partition.told import Told
from ..vcore import Book3sVcore, ThreadState
from .dump import dump_regs
from .external import ExternalInterrupts
from .registers import VcpuRegisters
from .statistics import VcpuStatistics
from .vpa import VirtualProcessorAreas
from .window import DeviceWindow

_DOUBLEWORD: Final = (1 << 64) - 1


class PartitionOfThread(Protocol):
    """What a thread asks of its partition."""

    lpid: int
    memory: PhysicalMemory
    host: PhysicalMemory
    told: Told
    options: Book3sOptions
    kernel_calls: Counter[int]

    @property
    def threads_in_use(self) -> bool:
        """Whether the host uses the secondary threads of its cores itself."""

    @property
    def hpt_base(self) -> int:
        """Host real address of the page table."""

    @property
    def hpt_order(self) -> int:
        """log2 of its bytes."""

    def vcpu(self, number: int) -> Book3sThread | None:
        """The thread with that id, or None."""

    def prepare(self) -> None:
        """Makes real mode work. Raises KvmError."""

    def replace_entry(self, before: Entry, after: Entry) -> None:
        """Changes an entry of the page table."""


class Book3sThread(AnswersExits, ExternalInterrupts, VcpuRegisters, abc.ABC):
    """One thread. `ceded`: H_CEDE has it wait."""

    def __init__(
        self, vm: PartitionOfThread, vcore: Book3sVcore, number: int, core: Core, window: DeviceWindow
    ) -> None:
        """Made by `Book3sVm.create_vcpu`."""
        self.vm = vm
        self.vcore = vcore
        self.number = number
        self.core = core
        self.window = window
        self.mp_state = MpState.RUNNABLE
        self.thread_state = ThreadState.BLOCKED
        self.ceded = False
        self.counted = VcpuStatistics()
        """What the model itself has counted; see `statistics`."""
        self.areas = VirtualProcessorAreas(vm.memory, core)
        self.is_running = False
        self.quiet = True
        """Whether the vcpu is alone on its core, and nobody listens: what a core does need not be followed."""
        self.device_entry: int | None = None
        """The HPTE of the device that the instruction at pc accesses; it is executed when the vcpu runs on."""
        self.waiting_hcall: PaprHcall | None = None
        """A call that user space has not answered yet."""
        self.return_codes = {
            name: core.return_code("papr", name) for name in core.description.abis["papr"].return_codes
        }
        """As their register holds them, by name."""

    @property
    def statistics(self) -> VcpuStatistics:
        """What KVM counts of the vcpu, now: also the exits that the description has answered in the model's name."""
        handed_back = self.core.read("ILLEGAL_HANDED_BACK")
        return msgspec.structs.replace(
            self.counted,
            sum_exits=self.counted.sum_exits + handed_back,
            queue_intr=self.counted.queue_intr + handed_back,
        )

    def queue_program(self, flags: int) -> None:
        """The partition gets a program interrupt with these flags in SRR1."""
        self.counted.queue_intr += 1
        self.core.enter("partition_program", flags)

    def sent_out(self, napping: bool) -> None:
        """A sibling leaves the core: the hypervisor decrementer, or an IPI to one that naps, takes this thread out,
        too."""
        self.counted.sum_exits += 1
        if napping:
            self.vm.told.woke(self, "exit")
        else:
            self.counted.dec_exits += 1
        self.areas.set_running(False)

    # Running: `Book3sVcpu` does

    @abc.abstractmethod
    def run(self, instructions: int) -> Exit:
        """Executes at most so many instructions."""

    @abc.abstractmethod
    def step(self, start: int, end: int, most: int) -> Exit | None:
        """See `MachineVcpu`."""

    @abc.abstractmethod
    def debugging(self) -> AbstractContextManager[FaultIn]:
        """See `MachineVcpu`."""

    # Waiting

    def wake_time(self) -> int | None:
        """Completed instructions at which the decrementer ends a cede, or None if it has."""
        (zero,) = self._zero_of_decrementer()
        at = self._retired_at((zero + 1) & _DOUBLEWORD)
        return at if at > self.core.retired else None

    @functools.cached_property
    def _zero_of_decrementer(self) -> Callable[[], tuple[int, ...]]:
        return self.core.reader((RegisterRef("DEC_ZERO", -1),))

    @functools.cached_property
    def _retired_at(self) -> Callable[[int], int]:
        return self.core.engine.asker("retired_at")

    @functools.cached_property
    def _decrementer(self) -> Callable[[], int]:
        return self.core.engine.asker(self.core.register("DEC").read_function)

    def cede(self) -> Exit | None:
        """H_CEDE of a vcpu that nothing keeps awake but, perhaps, an external interrupt."""
        if self.external is not Interrupt.UNSET:
            return None
        self.ceded = True
        self.areas.set_running(False)
        if not self.quiet:
            self.vcore.cede(self)
        self.mp_state = MpState.HALTED
        return Halt()

    def prod(self) -> None:
        """H_PROD of a vcpu that has not ceded: its next cede returns at once."""
        self.core.state.write("PRODDED", 1)

    def wakes(self) -> bool:
        """Whether a ceded vcpu goes on, for an external interrupt or its decrementer. The cede then ends.

        A prod ends it as well: H_PROD itself sees to that.
        """
        if self.external is not Interrupt.UNSET:
            self.end_cede("external")
        elif self._decrementer() >> 31 == 1:
            self.end_cede("decrementer")
        else:
            return False
        return True

    def end_cede(self, reason: str) -> None:
        """The vcpu waits no more."""
        if not self.ceded:
            return
        self.ceded = False
        if not self.quiet:
            self.vcore.woke(self)
            self.vm.told.woke(self, reason)

    def dump_regs(self, trap: int = 0) -> str:
        """The vcpu's registers as a kernel developer knows them."""
        return dump_regs(self.core, f"vcpu {self.vm.lpid} ({self.number})", self.get_sregs().slb, trap)

    def reset(self) -> None:
        """What user space does with a vcpu that starts again: its areas are forgotten, nothing waits any more."""
        self.areas.clear()
        self.ceded = False
        self.core.state.write("PRODDED", 0)
        self.waiting_hcall = None
        self.device_entry = None
        self.window.finish()
