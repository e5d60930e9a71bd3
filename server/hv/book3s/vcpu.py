"""A virtual processor of a partition: runs the core until something needs the model, or user space.

Linux, arch/powerpc/kvm/book3s_hv.c (kvmppc_run_vcpu, kvmppc_handle_exit) and book3s_hv_rmhandlers.S.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Final

from ...core import Core, CoreExit, FaultIn, no_faults_in
from ...exits import AnswersExits
from ..kvm import (
    INTERRUPTED,
    DebugStop,
    Exit,
    Halt,
    InternalError,
    Interrupted,
    KvmError,
    MpState,
    PaprHcall,
    RanWild,
)
from .faults import Reflect, Retry, answer_fault, is_data_fault, reflect
from .hcalls import kernel_hcalls
from .layout import DEVICE_WINDOW
from .vpa import VirtualProcessorAreas

if TYPE_CHECKING:
    from .vm import Book3sVm

_DOUBLEWORD: Final = (1 << 64) - 1
_SREGS: Final = ("PVR", "SDR1", "LPCR", "LPIDR", "RMOR", "HRMOR", "HID4", "HIOR")
_DEVICE_ACCESS: Final = Interrupted()
"""Ends the core's run, since an access to a device is executed outside of it."""
_VPA_REGISTERS: Final = {"VPA_ADDR": "vpa", "VPA_SLB": "slb_shadow", "VPA_DTL": "dispatch_log"}


class Book3sVcpu(AnswersExits):
    """One thread of a partition. `ceded` and `prodded` are as H_CEDE and H_PROD use them."""

    def __init__(self, vm: Book3sVm, number: int, core: Core) -> None:
        self.vm = vm
        self.number = number
        self.core = core
        self.mp_state = MpState.RUNNABLE
        self.ceded = False
        self.prodded = False
        self.areas = VirtualProcessorAreas(vm.memory, core.description)
        self._mmio_address: int | None = None
        self._hcall: PaprHcall | None = None
        self._abi = core.description.abis["papr"]
        self._kernel_hcalls = kernel_hcalls(core.description)
        self._hcall_number = core.reader((self._abi.number,))
        self._hcall_arguments = core.reader(self._abi.arguments)
        self._put_results = core.writer(self._abi.results)
        self._no_function = (core.return_code("papr", "H_FUNCTION"),)
        interrupts = core.description.interrupts
        self._storage = {
            interrupts[name].vector: name
            for name in ("hypervisor_data_storage", "hypervisor_instruction_storage")
            if name in interrupts
        }
        self._decrementer = interrupts["hypervisor_decrementer"].vector
        self.answer_exits(core, self._exit, {"papr_hcall": self._papr_hcall})

    # Running

    def run(self, instructions: int) -> Exit:
        """Runs the partition for at most `instructions`; what the model can answer does not leave."""
        end = self.core.steps + instructions
        if self._hcall is not None:
            self.complete_hcall(())
        if self.ceded and not self.wakes():
            self.mp_state = MpState.HALTED
            return Halt()
        self.mp_state = MpState.RUNNABLE
        self.areas.set_running(True)
        if self._mmio_address is not None:
            left = self._execute_device_access()
            if left is not None:
                return left
        while (budget := end - self.core.steps) > 0:
            hit = self.core.take_watch_hit()
            left = self._handle(self.core.run(budget) if hit is None else hit)
            if left is not None:
                return left
        return INTERRUPTED

    def step(self, start: int, end: int, most: int) -> Exit | None:
        """See `MachineVcpu`."""
        if self._hcall is not None or self.ceded or self._mmio_address is not None:
            return self.run(1)
        self.areas.set_running(True)
        stop = self.core.step(start, end, most)
        return None if stop is None else self._handle(stop) or INTERRUPTED

    def _handle(self, stop: CoreExit) -> Exit | None:
        match stop.name:
            case "budget":
                return INTERRUPTED
            case "debug":
                return DebugStop(stop.address, stop.is_watchpoint, stop.is_write)
            case "wild":
                return RanWild(stop.arguments[0])
        left = self.take_left()
        return self._execute_device_access() if left is _DEVICE_ACCESS else left

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
        if vector == self._decrementer:
            self._return_to_partition()
            # The model has no use for it: budgets bound a run. It is put off as far as it goes.
            self.core.put("HDEC", 0x7FFFFFFF)
            return None
        if vector in self._storage:
            self._return_to_partition()
            return self._storage_fault(data=is_data_fault(self._storage[vector]))
        name = next((i.name for i in self.core.description.interrupts.values() if i.vector == vector), f"{vector:#x}")
        return InternalError(f"{name} entered hypervisor state at pc {self.core.read('SRR0'):#x}")

    def _return_to_partition(self) -> None:
        """hrfid, as the model would execute it: pc and MSR are the partition's again."""
        core = self.core
        core.put("MSR", core.read("HSRR1") & core.constant("RESTORED_FROM_SRR1"))
        core.pc = core.read("HSRR0")

    def _storage_fault(self, data: bool) -> Exit | None:
        answer = answer_fault(self, data)
        if isinstance(answer, Retry):
            self.core.tlb_flush()
            return None
        if isinstance(answer, Reflect):
            reflect(self.core, answer, data)
            return None
        if not data:
            return RanWild()
        self._mmio_address = answer.entry
        return _DEVICE_ACCESS

    # Accesses to devices

    def _execute_device_access(self) -> Exit | None:
        """Executes the instruction at pc with the page at HPTE `_mmio_address` mapped to the window of devices."""
        assert self._mmio_address is not None
        window, core, host = self.vm.window, self.core, self.vm.host
        entry = self._mmio_address
        if window.waiting is not None and window.waiting.is_write:
            window.answer(b"")
        elif window.waiting is not None:
            window.answer(bytes(window.waiting.size))
        window.start_over()
        absent = host.read(entry, 16)
        before = core.snapshot()
        # The access comes first, whatever interrupt its device requests meanwhile.
        pending = core.read("EXTERNAL_PENDING")
        core.set_input("EXTERNAL_PENDING", 0)
        host.write(entry, self._entry_for_devices(entry, absent))
        core.tlb_flush()
        window.by_hand = True
        stop = core.run_one()
        window.by_hand = False
        host.write(entry, absent)
        if window.waiting is not None:
            core.restore(before)
            core.tlb_flush()
            core.take_watch_hit()
            self._left = None
            return window.waiting
        window.finish()
        self._mmio_address = None
        core.set_input("EXTERNAL_PENDING", pending)
        core.tlb_flush()
        return None if stop.name == "budget" else self._handle(stop)

    def _entry_for_devices(self, entry: int, absent: bytes) -> bytes:
        """The entry as hardware would see it, were there devices: valid, the partition's own protection."""
        core = self.core
        index = (entry - self.vm.hpt_base) >> 4
        (kept_at,) = core.call("guest_second_address", index)
        kept = self.vm.host.read_int(kept_at, 8, "big")
        first = int.from_bytes(absent[:8], "big")
        first = first & ~core.constant("HPTE_ABSENT") | core.constant("HPTE_VALID")
        second = kept | DEVICE_WINDOW
        return first.to_bytes(8, "big") + second.to_bytes(8, "big")

    def complete_mmio(self, data: bytes) -> None:
        """Answers the access that `run` left with (a store with b""). Raises KvmError."""
        self.vm.window.answer(data)

    # Hypervisor calls

    def _papr_hcall(self, _: tuple[int, ...]) -> bool:
        (number,) = self._hcall_number()
        arguments = self._hcall_arguments()
        handler = self._kernel_hcalls.get(number)
        if handler is not None:
            answer = handler(self, arguments)
            self._put_results((answer.code,))
            self._left = answer.leave
            return answer.leave is None
        self._hcall = PaprHcall(number, arguments)
        return self.ask_user_space(self._hcall)

    def complete_hcall(self, results: tuple[int, ...]) -> None:
        """Answers the call that `run` left with: result registers, return code first (none: H_FUNCTION)."""
        if self._hcall is None:
            raise KvmError("no hypervisor call is waiting for its results")
        self._hcall = None
        self._put_results(results or self._no_function)

    def debugging(self) -> AbstractContextManager[FaultIn]:
        """The partition makes all translations itself, by H_ENTER."""
        return no_faults_in()

    def wake_time(self) -> int | None:
        """Completed instructions at which the decrementer ends a cede, or None if it has."""
        if self.core.look("DEC") >> 31 == 1:
            return None
        (at,) = self.core.ask("retired_at", (self.core.read("DEC_ZERO") + 1) & _DOUBLEWORD)
        return at

    def cede(self) -> Exit | None:
        """H_CEDE: sets MSR.EE and waits, unless a prod came before."""
        self.core.put_fields("MSR", EE=1)
        if self.prodded:
            self.prodded = False
            return None
        self.ceded = True
        if self.wakes():
            return None
        self.areas.set_running(False)
        self.mp_state = MpState.HALTED
        return Halt()

    def wakes(self) -> bool:
        """Whether a ceded vcpu goes on, for an external interrupt or its decrementer. The cede then ends.

        A prod ends it as well: H_PROD itself sees to that.
        """
        reason = self.core.read("EXTERNAL_PENDING") == 1 or self.core.look("DEC") >> 31 == 1
        if reason:
            self.ceded = False
        return reason

    # Registers

    def get_one_reg(self, name: str) -> int:
        """A register by name; VPA_ADDR, VPA_SLB and VPA_DTL as (address << 64 | length) for the last two."""
        if name in _VPA_REGISTERS:
            area = self.areas.by_name(_VPA_REGISTERS[name])
            return area.address if name == "VPA_ADDR" else area.address << 64 | area.length
        if name not in self.core.description.registers:
            raise KvmError(f"there is no register {name!r}", "one-reg takes the names of the description")
        return self.core.get(name)

    def set_one_reg(self, name: str, value: int) -> None:
        """Sets a register; HIOR takes 0 only. Raises KvmError (EINVAL)."""
        if name in _VPA_REGISTERS:
            self.areas.set_from_outside(_VPA_REGISTERS[name], value)
        elif name == "HIOR" and value != 0:
            raise KvmError("HIOR takes 0 only")
        elif name not in self.core.description.registers:
            raise KvmError(f"there is no register {name!r}", "one-reg takes the names of the description")
        else:
            self.core.put(name, value)

    def sregs(self) -> Mapping[str, int]:
        """What translation rests on; registers that this core lacks are left out. SLB entries: SLB_ESID, SLB_VSID."""
        registers = self.core.description.registers
        return {name: self.core.get(name) for name in _SREGS if name in registers}
