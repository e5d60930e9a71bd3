"""A virtual processor of a partition: runs the core until something needs the model, or user space.

Linux, arch/powerpc/kvm/book3s_hv.c (kvmppc_run_vcpu, kvmppc_handle_exit) and book3s_hv_rmhandlers.S.
"""

from __future__ import annotations

import errno
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Final

from ...core import Core, CoreExit, FaultIn, no_faults_in
from ...exits import AnswersExits
from ..errors import KvmError
from ..exits import (
    INTERRUPTED,
    DebugStop,
    Exit,
    Halt,
    InternalError,
    Interrupted,
    MpState,
    PaprHcall,
    RanWild,
    Unknown,
)
from ..kvm import Interrupt
from .dump import dump_regs
from .exit_table import exit_table
from .external import ExternalInterrupts
from .faults import Reflect, Retry, answer_fault, reflect
from .hcalls import kernel_hcalls
from .mmio import DeviceWindow, execute_device_access
from .registers import VcpuRegisters
from .statistics import VcpuStatistics
from .vcore import Book3sVcore, ThreadState
from .vpa import VirtualProcessorAreas

if TYPE_CHECKING:
    from .vm import Book3sVm

_DOUBLEWORD: Final = (1 << 64) - 1
ENDLESS: Final = 1 << 62
_DEVICE_ACCESS: Final = Interrupted()
"""Ends the core's run, since an access to a device is executed outside of it."""


class Book3sVcpu(AnswersExits, ExternalInterrupts, VcpuRegisters):
    """One thread of a partition. `ceded`: H_CEDE has it wait."""

    def __init__(self, vm: Book3sVm, vcore: Book3sVcore, number: int, core: Core, window: DeviceWindow) -> None:
        """Made by `Book3sVm.create_vcpu`."""
        self.vm = vm
        self.vcore = vcore
        self.number = number
        self.core = core
        self.window = window
        self.mp_state = MpState.RUNNABLE
        self.thread_state = ThreadState.BLOCKED
        self.ceded = False
        self.statistics = VcpuStatistics()
        self.areas = VirtualProcessorAreas(vm.memory, core)
        self.is_running = False
        self.quiet = True
        """Whether the vcpu is alone on its core, and nobody listens: what a core does need not be followed."""
        self._kicked = False
        self.device_entry: int | None = None
        """The HPTE of the device that the instruction at pc accesses; it is executed when the vcpu runs on."""
        self.waiting_hcall: PaprHcall | None = None
        """A call that user space has not answered yet."""
        self._abi = core.description.abis["papr"]
        self._kernel_hcalls = kernel_hcalls(core.description)
        self._hcall_number = core.reader((self._abi.number,))
        self._hcall_arguments = core.reader(self._abi.arguments)
        self._put_results = core.writer(self._abi.results)
        self.return_codes = {name: core.return_code("papr", name) for name in self._abi.return_codes}
        """As their register holds them, by name."""
        self._no_function = (self.return_codes["H_FUNCTION"],)
        self._table = exit_table(core.description)
        quick = {"papr_hcall": self._papr_hcall, "hcall_done": self._hcall_done}
        self.answer_exits(core, self._exit, quick)

    # Running

    def run(self, instructions: int = ENDLESS) -> Exit:
        """KVM_RUN: runs the partition for at most `instructions`; what the model can answer does not leave.

        An unanswered exit is answered first: a load with zeros, a call with H_FUNCTION. Raises KvmError where the
        partition cannot run at all: EINVAL without memory at 0, EPERM on a 970 without real mode area, EBUSY while the
        host uses the secondary threads of its cores itself.
        """
        if self.vm.kvm.secondaries_online and self.vm.kvm.threads > 1:
            raise KvmError(
                "the host uses the secondary threads of its cores",
                "take them off-line: secondaries_online = False",
                errno=errno.EBUSY,
            )
        end = self.core.steps + instructions
        if self.waiting_hcall is not None:
            self.complete_hcall(())
        if self._kicked:
            return self._interrupted()
        if self.ceded and not self.wakes():
            self.mp_state = MpState.HALTED
            return Halt()
        self.vm.prepare()
        if not self.quiet:
            waits = self.vcore.admit(self)
            if waits is not None:
                return waits
        self.mp_state = MpState.RUNNABLE
        self.areas.set_running(True)
        self.is_running = True
        try:
            return self._run(end)
        finally:
            self.is_running = False

    def _run(self, end: int) -> Exit:
        if self.device_entry is not None:
            left = self._device_access()
            if left is not None:
                return left
        while (budget := end - self.core.steps) > 0:
            hit = self.core.take_watch_hit()
            left = self._handle(self.core.run(budget) if hit is None else hit)
            if self._kicked:
                return self._interrupted() if left is None or isinstance(left, Interrupted) else left
            if left is not None:
                return left
        return INTERRUPTED

    def step(self, start: int, end: int, most: int) -> Exit | None:
        """See `MachineVcpu`."""
        if self.waiting_hcall is not None or self.ceded or self.device_entry is not None:
            return self.run(1)
        self.vm.prepare()
        self.areas.set_running(True)
        stop = self.core.step(start, end, most)
        return None if stop is None else self._handle(stop) or INTERRUPTED

    def kick(self) -> None:
        """A signal to the thread that runs the vcpu: the run under way, or the next one, ends with EINTR. From any
        thread."""
        self._kicked = True
        self.core.state.peers.brake.press()

    def _interrupted(self) -> Interrupted:
        self._kicked = False
        self.core.state.peers.brake.release()
        self.statistics.signal_exits += 1
        self.vm.told.left(self, "signal")
        return Interrupted(kicked=True)

    def _handle(self, stop: CoreExit) -> Exit | None:
        match stop.name:
            case "budget":
                return INTERRUPTED
            case "debug":
                return DebugStop(stop.address, stop.is_watchpoint, stop.is_write)
            case "wild":
                return RanWild(stop.arguments[0])
        left = self.take_left()
        return self._device_access() if left is _DEVICE_ACCESS else left

    def _exit(self, name: str, arguments: tuple[int, ...]) -> Exit | None:
        """What becomes of an exit of the core; None lets the partition go on."""
        match name:
            case "hypervisor_interrupt":
                return self._hypervisor_interrupt(arguments[0])
            case "checkstop":
                if self.core.fetched_nothing():
                    return RanWild()
                return InternalError(f"checkstop at pc {self.core.pc:#x}: a machine check came while MSR.ME was zero")
        return InternalError(f"the core left with '{name}', which a partition cannot cause")

    # Interrupts in hypervisor state

    def _hypervisor_interrupt(self, vector: int) -> Exit | None:
        self.statistics.sum_exits += 1
        row = self._table.get(vector)
        if row is None:
            self._return_to_partition("SRR")
            return Unknown(vector, self.dump_regs(vector))
        reason = self._return_to_partition(row.saved)
        self.vm.told.left(self, row.interrupt)
        return row.act(self, reason)

    def _return_to_partition(self, saved: str) -> int:
        """(h)rfid, as the model would execute it: pc and MSR are the partition's again. Returns the save register 1."""
        core = self.core
        at, msr = (f"{saved}0", f"{saved}1")
        value = core.read(msr)
        core.put("MSR", value & core.constant("RESTORED_FROM_SRR1"))
        core.pc = core.read(at)
        return value

    def queue_program(self, flags: int) -> None:
        """The partition gets a program interrupt with these flags in SRR1."""
        self.statistics.queue_intr += 1
        self.core.enter("partition_program", flags)

    def sent_out(self, napping: bool) -> None:
        """A sibling leaves the core: the hypervisor decrementer, or an IPI to one that naps, takes this thread out,
        too."""
        self.statistics.sum_exits += 1
        if napping:
            self.vm.told.woke(self, "exit")
        else:
            self.statistics.dec_exits += 1
        self.areas.set_running(False)

    # Storage

    def storage_fault(self, data: bool) -> Exit | None:
        """Answers a storage interrupt; an access to a device is executed outside of the run."""
        answer = answer_fault(self, data)
        if isinstance(answer, Retry):
            self.core.tlb_flush()
            return None
        if isinstance(answer, Reflect):
            reflect(self.core, answer, data)
            return None
        if not data:
            # A device's page: nothing can be fetched from it, as if it were guarded. (The original would try for ever.)
            reflect(self.core, Reflect(self.core.constant("NO_EXECUTE"), answer.real), data)
            return None
        self.device_entry = answer.entry
        return _DEVICE_ACCESS

    def _device_access(self) -> Exit | None:
        stop = execute_device_access(self)
        if stop is None:
            assert self.window.waiting is not None
            self.statistics.mmio_exits += 1
            self._goes_to_host()
            return self.window.waiting
        return None if stop.name == "budget" else self._handle(stop)

    def complete_mmio(self, data: bytes) -> None:
        """Answers the access that `run` left with (a store with b""). Raises KvmError (EINVAL)."""
        self.window.answer(data)
        self.vcore.came_back(self)

    def _goes_to_host(self) -> None:
        self.areas.set_running(False)
        if not self.quiet:
            self.vcore.leave(self)

    # Hypervisor calls

    def _papr_hcall(self, _: tuple[int, ...]) -> bool:
        (number,) = self._hcall_number()
        arguments = self._hcall_arguments()
        self.statistics.sum_exits += 1
        handler = self._kernel_hcalls.get(number)
        if handler is not None:
            answer = handler(self, arguments)
            self.vm.kernel_calls[number] += 1
            self._put_results((answer.code,))
            self.vm.told.called(self, number, arguments, (answer.code,), "kernel")
            self._left = answer.leave
            return answer.leave is None
        self.waiting_hcall = PaprHcall(number, arguments)
        if self.quiet and self.areas.none_registered():
            return self.ask_user_space(self.waiting_hcall)
        self._goes_to_host()
        if not self.ask_user_space(self.waiting_hcall):
            return False
        if not self.quiet:
            self.vcore.admit(self)
        self.areas.set_running(True)
        return True

    def _hcall_done(self, _: tuple[int, ...]) -> bool:
        self.vm.told.real_mode_call(self)
        return True

    def complete_hcall(self, results: tuple[int, ...]) -> None:
        """Answers the call that `run` left with: result registers, return code first (none: H_FUNCTION).

        Raises KvmError (EINVAL) when none is waiting.
        """
        if self.waiting_hcall is None:
            raise KvmError("no hypervisor call is waiting for its results")
        self.waiting_hcall = None
        self._put_results(results or self._no_function)
        if not self.quiet:
            self.vcore.came_back(self)

    def debugging(self) -> AbstractContextManager[FaultIn]:
        """The partition makes all translations itself, by H_ENTER."""
        return no_faults_in()

    # Waiting

    def wake_time(self) -> int | None:
        """Completed instructions at which the decrementer ends a cede, or None if it has."""
        if self.core.look("DEC") >> 31 == 1:
            return None
        (at,) = self.core.ask("retired_at", (self.core.read("DEC_ZERO") + 1) & _DOUBLEWORD)
        return at

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
        elif self.core.look("DEC") >> 31 == 1:
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
        return dump_regs(self, trap)

    def reset(self) -> None:
        """What user space does with a vcpu that starts again: its areas are forgotten, nothing waits any more."""
        self.areas.clear()
        self.ceded = False
        self.core.state.write("PRODDED", 0)
        self.waiting_hcall = None
        self.device_entry = None
        self.window.finish()
