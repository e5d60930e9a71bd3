"""A virtual processor of a partition: runs the core until something needs the model, or user space.

Linux, arch/powerpc/kvm/book3s_hv.c (kvmppc_run_vcpu, kvmppc_handle_exit) and book3s_hv_rmhandlers.S.
"""

from __future__ import annotations

import errno
from contextlib import AbstractContextManager
from typing import Final

from ...core import Core, CoreExit, FaultIn, no_faults_in
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
from .exits.exit_table import exit_table
from .exits.faults import DEVICE_ACCESS
from .exits.hcalls import kernel_hcalls
from .exits.mmio import execute_device_access
from .thread.thread import Book3sThread, PartitionOfThread
from .thread.window import DeviceWindow
from .vcore import Book3sVcore

ENDLESS: Final = 1 << 62


class Book3sVcpu(Book3sThread):
    """A thread that runs."""

    def __init__(
        self, vm: PartitionOfThread, vcore: Book3sVcore, number: int, core: Core, window: DeviceWindow
    ) -> None:
        """Made by `Book3sVm.create_vcpu`."""
        super().__init__(vm, vcore, number, core, window)
        self._kicked = False
        self._abi = core.description.abis["papr"]
        self._kernel_hcalls = kernel_hcalls(core.description)
        self._hcall = core.reader((self._abi.number, *self._abi.arguments))
        self._put_results = core.writer(self._abi.results)
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
        if self.vm.threads_in_use:
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
        self.counted.signal_exits += 1
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
        return self._device_access() if left is DEVICE_ACCESS else left

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
        self.counted.sum_exits += 1
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

    # Accesses to devices

    def _device_access(self) -> Exit | None:
        stop = execute_device_access(self)
        if stop is None:
            assert self.window.waiting is not None
            self.counted.mmio_exits += 1
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
        registers = self._hcall()
        number, arguments = registers[0], registers[1:]
        self.counted.sum_exits += 1
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
