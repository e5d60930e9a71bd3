"""A vcpu of a KVM/Arm guest: runs the core until a trap needs user space.

Linux, arch/arm/kvm/arm.c (kvm_arch_vcpu_ioctl_run), reset.c, interrupts.S (what the world switch sets).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from ....isa.engine.errors import GuestFault
from ...core import Core, CoreExit, FaultIn
from ...exits import AnswersExits
from ..kvm import INTERRUPTED, DebugStop, Exit, Halt, InternalError, KvmError, MpState, RanWild
from .psci import KEPT_BY_RESET
from .traps import PendingLoad, Traps, handle_trap, stage2_fault_address

if TYPE_CHECKING:
    from .vm import ArmVm

_SREGS: Final = ("SCTLR", "TTBCR", "TTBR0", "TTBR1", "DACR", "VBAR", "CONTEXTIDR", "HCR", "VTCR", "VTTBR")


class ArmVcpu(AnswersExits):
    """One vcpu. `timer_outputs` is told when the generic timer's outputs change (a machine wires them)."""

    def __init__(self, vm: ArmVm, number: int, core: Core) -> None:
        self.vm = vm
        self.number = number
        self.core = core
        self._waits_for_event = False
        self.mp_state = MpState.RUNNABLE
        self.timer_outputs: Callable[[int, int], None] = lambda number, outputs: None
        self.load: PendingLoad | None = None
        """A load from a device that user space has not answered yet."""
        self._trap_vector = core.description.interrupts["hyp_trap"].vector
        self.traps = Traps(core)
        self.answer_exits(core, self._exit)
        self.reset()

    def reset(self) -> None:
        """KVM_ARM_VCPU_INIT: the core's reset state, in Supervisor mode, under this guest's Hyp configuration."""
        core, vm = self.core, self.vm
        core.reset_thread(KEPT_BY_RESET)
        core.write("HYPERVISOR_MODEL", 1)
        core.put_fields("HCR", **dict.fromkeys(_HCR, 1), BSU=1)
        core.put_fields("HCPTR", TTA=1, TCP10=1, TCP11=1)
        core.put_fields("HSTR", T15=1)
        core.put_fields("HDCR", TPM=1, TPMCR=1)
        core.put_fields("VTCR", SL0=1, S=1, T0SZ=8)  # T0SZ = -8: 40 bits
        core.put_fields("VTTBR", VMID=vm.vmid, BADDR=vm.tables.base)
        core.put_fields("CNTHCTL", PL1PCTEN=1, PL1PCEN=0)
        core.write("VMPIDR", core.read("MPIDR") | self.number)
        core.put_fields("ACTLR", SMP=int(len(vm.vcpus) > 0 or self.number > 0))

    def start(self, entry: int, context: int) -> None:
        """PSCI CPU_ON, or the boot of vcpu 0: a reset, then Supervisor mode at `entry`, `context` in r0."""
        self.reset()
        core = self.core
        core.put_fields("CPSR", T=entry & 1)
        core.write("R", context, 0)
        core.pc = entry & ~1
        self.mp_state = MpState.RUNNABLE

    def run(self, instructions: int) -> Exit:
        """Runs the guest for at most `instructions`; what the model can answer does not leave."""
        if self.load is not None:
            self.complete_mmio(bytes(self.load.size))
        end = self.core.steps + instructions
        while (budget := end - self.core.steps) > 0:
            hit = self.core.take_watch_hit()
            left = self._handle(self.core.run(budget) if hit is None else hit)
            if left is not None:
                return left
        return INTERRUPTED

    def step(self, start: int, end: int, most: int) -> Exit | None:
        """See `MachineVcpu`."""
        if self.load is not None:
            return self.run(1)
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
        return self.take_left()

    def _exit(self, name: str, arguments: tuple[int, ...]) -> Exit | None:
        """What becomes of an exit of the core; None lets the guest go on."""
        match name:
            case "hypervisor_trap" if arguments[0] == self._trap_vector:
                self._return_to_guest()
                left = handle_trap(self)
                if isinstance(left, Halt):
                    self._waits_for_event = False
                    return self._wait()
                return left
            case "timer_outputs_changed":
                self.timer_outputs(self.number, arguments[0])
                return None
            case "event_sent":
                for vcpu in self.vm.vcpus:
                    vcpu.core.set_input("EVENT_REGISTER", 1)
                return None
            case "waiting_for_event":
                # HCR.TWE is clear: the processor itself waits, until a SEV or an interrupt comes.
                self._waits_for_event = True
                return self._wait()
        return InternalError(f"the core left with '{name}' {tuple(map(hex, arguments))} at {self.core.pc:#x}")

    def _return_to_guest(self) -> None:
        """ERET, as the model would execute it: pc and CPSR are the guest's again, also its banked registers."""
        self.core.put("CPSR", self.core.read("SPSR_hyp"))
        self.core.pc = self.core.read("ELR_hyp")

    def _wait(self) -> Exit | None:
        if self.wakes():
            return None
        self.mp_state = MpState.HALTED
        return Halt()

    def wakes(self) -> bool:
        """Whether a WFI ends: a virtual interrupt is pending, masked or not."""
        (changed,) = self.core.call("update_timer_outputs")
        if changed:
            self.timer_outputs(self.number, self.core.read("TIMER_OUTPUTS"))
        if self._waits_for_event and self.core.read("EVENT_REGISTER"):
            self.core.set_input("EVENT_REGISTER", 0)
            self._waits_for_event = False
            return True
        (pending,) = self.core.ask("wake_up_pending")
        if pending:
            self._waits_for_event = False
        return bool(pending)

    @contextmanager
    def debugging(self) -> Iterator[FaultIn]:
        """Stage 2 is filled in for the debugger, and taken back afterwards: the guest faults where it would have."""

        def fault_in(fault: GuestFault) -> bool:
            ipa = stage2_fault_address(self.core, fault)
            slot = None if ipa is None else self.vm.memory.slot_at(ipa)
            if ipa is None or slot is None:
                return False
            self.vm.tables.map(ipa, slot, self.vm.host_address(slot.base))
            self.core.tlb_flush()
            return True

        with self.vm.tables.taken_back():
            yield fault_in
        self.core.tlb_flush()

    def wake_time(self) -> int | None:
        """When the next timer is due."""
        return self.core.next_timer()

    def complete_mmio(self, data: bytes) -> None:
        """Answers the load that `run` left with (a store with b""). Raises KvmError."""
        load, self.load = self.load, None
        if load is None:
            if data:
                raise KvmError("no load from a device is waiting for its data")
            return
        if len(data) != load.size:
            self.load = load
            raise KvmError(f"a load of {load.size} bytes cannot be answered with {len(data)}")
        load.complete(self.core, data)

    def get_one_reg(self, name: str) -> int:
        """A register by its name in the description. Raises KvmError."""
        if name not in self.core.description.registers:
            raise KvmError(f"there is no register {name!r}", "one-reg takes the names of the description")
        return self.core.get(name)

    def set_one_reg(self, name: str, value: int) -> None:
        """Sets a register. Raises KvmError."""
        if name not in self.core.description.registers:
            raise KvmError(f"there is no register {name!r}", "one-reg takes the names of the description")
        self.core.put(name, value)

    def sregs(self) -> Mapping[str, int]:
        """What translation rests on, both stages."""
        return {name: self.core.get(name) for name in _SREGS}


_HCR: Final = ("VM", "SWIO", "FMO", "IMO", "AMO", "FB", "TWI", "TSC", "TIDCP", "TAC", "TSW")

