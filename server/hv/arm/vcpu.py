"""A vcpu of a KVM/Arm guest: runs the core until a trap needs user space.

Linux, arch/arm/kvm/arm.c (kvm_arch_vcpu_ioctl_run), reset.c, handle_exit.c.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Protocol

from ....isa.engine.errors import GuestFault
from ...core import Core, CoreExit, FaultIn
from ...exits import AnswersExits
from ...machine import events
from ..errors import KvmError
from ..exits import INTERRUPTED, DebugStop, Exit, Halt, InternalError, Interrupted, MpState, RanWild
from .exits.aborts import resolve_page
from .facts.pending_load import PendingLoad
from .facts.statistics import ArmStatistics
from .facts.trap import Trap
from .guest import Guest
from .host import Host
from .psci import KEPT_BY_RESET, PsciVcpu
from .registers.ids import RegisterIds
from .registers.one_reg import ArmRegisters
from .switch.world import World

ENDLESS: Final = 1 << 62
VIRTUAL_TIMER_INTERRUPT: Final = 27
"""PPI 11."""
_VIRTUAL_TIMER: Final = 2
_ADDRESSES: Final = {"data_abort": "HDFAR", "prefetch_abort": "HIFAR"}
"""Where the virtual address of an abort stands."""
_OF_THE_MACHINE: Final = (*KEPT_BY_RESET, "COUNTER_SHIFT", "EVENT_REGISTER", "RETURNS")
"""What a vcpu's reset leaves alone: time, and what others drive and have sent."""


class VcpuVm(Guest, Protocol):
    """What a vcpu needs of its VM."""

    @property
    def kvm(self) -> Host:
        """Its host."""

    @property
    def vcpus(self) -> Sequence[PsciVcpu]:
        """All of the guest."""

    @property
    def failures_are_exits(self) -> bool:
        """Whether `run` gives an `InternalError` where KVM_RUN would fail."""

    def set_counter(self, core: Core, value: int) -> None:
        """The guest's counter is `value` from now on, for all its vcpus."""


class ArmVcpu(AnswersExits, ArmRegisters):
    """One vcpu. `timer_outputs` is told when the generic timer's outputs change (a machine wires them)."""

    def __init__(self, vm: VcpuVm, number: int, core: Core) -> None:
        """Made by `ArmVm.create_vcpu`."""
        self.vm = vm
        self.number = number
        self.core = core
        self.initialized = False
        self.mp_state = MpState.STOPPED
        self.lines = 0
        """The guest's interrupt lines as user space drives them: bit 0 FIQ, bit 1 IRQ."""
        self.identity = self.affinity = 0
        """What the guest reads as MIDR and MPIDR."""
        self.statistics = ArmStatistics()
        self.timer_outputs: Callable[[int, int], None] = lambda number, outputs: None
        self.load: PendingLoad | None = None
        """A load from a device that user space has not answered yet."""
        self.world = World(self)
        self.waits_for_event = False
        """Whether its wait ends with an event, too."""
        self._kicked = False
        self._failure: KvmError | None = None
        interrupts = core.description.interrupts
        self._trap_vector = interrupts["hyp_trap"].vector
        self._host_vectors = {interrupts[name].vector: name for name in ("irq", "fiq")}
        self.answer_exits(core, self._exit)

    def init(self, *, power_off: bool = False) -> None:
        """KVM_ARM_VCPU_INIT for a Cortex-A15: reset values. `power_off`: it waits for PSCI to start it.

        Again: everything is as after the first time.
        """
        self.initialized = True
        self.reset()
        self.mp_state = MpState.STOPPED if power_off else MpState.RUNNABLE

    def reset(self) -> None:
        """The core's reset state: Supervisor mode at 0 with A, I and F masked."""
        core, vm = self.core, self.vm
        core.reset_thread(_OF_THE_MACHINE)
        self.world.forget()
        core.write("HYPERVISOR_MODEL", 1)
        self.identity, self.affinity = core.read("MIDR"), core.read("MPIDR") | self.number
        core.put_fields("ACTLR", SMP=int(len(vm.vcpus) > 1))
        low, _ = core.bits("L2CTLR", "CPUS")
        core.write("L2CTLR", core.read("L2CTLR") | len(vm.vcpus) - 1 << low)
        self.load = self._failure = None
        self.waits_for_event = False

    def start(self, entry: int, context: int) -> None:
        """PSCI CPU_ON, or the boot of vcpu 0: reset, then `entry` (bit 0: Thumb), `context` in r0."""
        core = self.core
        self.reset()
        core.put_fields("CPSR", T=entry & 1)
        core.write("R", context, 0)
        core.pc = entry & ~1
        self.mp_state = MpState.RUNNABLE
        # A debugger that looks before the first run changes nothing.
        self.world.show()

    def register_ids(self) -> RegisterIds:
        """See `ArmRegisters`."""
        return self.vm.kvm.register_ids

    def set_counter(self, value: int) -> None:
        """See `ArmRegisters`."""
        self.vm.set_counter(self.core, value)

    # Running

    def run(self, instructions: int = ENDLESS) -> Exit:
        """KVM_RUN: runs the guest for at most `instructions`; what the model can answer does not leave.

        An unanswered load is answered with zeros first. Raises KvmError: ENOEXEC before `init`, and where KVM cannot go
        on: ENOSYS for an access to a device that the syndrome does not describe, EFAULT, EINVAL.
        """
        self._need_init()
        if self.vm.irqchip is not None:
            self.vm.irqchip.require_addresses()
        if self.load is not None:
            self.complete_mmio(bytes(self.load.size))
        if self._kicked:
            return self._interrupted()
        if self.mp_state is MpState.STOPPED or (self.mp_state is MpState.HALTED and not self.wakes()):
            return Halt()
        self.mp_state = MpState.RUNNABLE
        end = self.core.steps + instructions
        self.world.enter()
        try:
            return self._run(end)
        finally:
            self.world.left()

    def _run(self, end: int) -> Exit:
        while (budget := end - self.core.steps) > 0:
            hit = self.core.take_watch_hit()
            left = self._handle(self.core.run(budget) if hit is None else hit)
            if self._kicked and (left is None or isinstance(left, Interrupted)):
                return self._interrupted()
            if left is not None:
                return left
        return INTERRUPTED

    def step(self, start: int, end: int, most: int) -> Exit | None:
        """See `MachineVcpu`."""
        if self.load is not None:
            return self.run(1)
        self.world.enter()
        stop = self.core.step(start, end, most)
        return None if stop is None else self._handle(stop) or INTERRUPTED

    def kick(self) -> None:
        """A signal to the thread that runs the vcpu: the run under way, or the next one, ends as with EINTR. From any
        thread."""
        self._kicked = True
        self.core.state.peers.brake.press()

    def _interrupted(self) -> Interrupted:
        self._kicked = False
        self.core.state.peers.brake.release()
        self.statistics.signal_exits += 1
        if self.mp_state is MpState.HALTED:
            self.mp_state = MpState.RUNNABLE  # a signal ends a wait, too
        return Interrupted(kicked=True)

    def _handle(self, stop: CoreExit) -> Exit | None:
        match stop.name:
            case "budget":
                return INTERRUPTED
            case "debug":
                return DebugStop(stop.address, stop.is_watchpoint, stop.is_write)
            case "wild":
                return RanWild(stop.arguments[0])
        left, failure = self.take_left(), self._failure
        if failure is None:
            return left
        self._failure = None
        if self.vm.failures_are_exits:
            return InternalError(failure.message)
        raise failure

    # What the core leaves with

    def _exit(self, name: str, arguments: tuple[int, ...]) -> Exit | None:
        """What becomes of an exit of the core; None lets the guest go on."""
        match name:
            case "hypervisor_trap":
                return self._trapped(arguments[0])
            case "timer_outputs_changed":
                self._timer_outputs(arguments[0])
                return None
            case "maintenance_changed":
                # The host takes it: the guest leaves at once, and the interrupt controller looks at its list.
                self.core.set_input("IRQ_PENDING", arguments[0])
                return None
            case "event_sent":
                for vcpu in self.vm.vcpus:
                    vcpu.core.set_input("EVENT_REGISTER", 1)
                return None
            case "waiting_for_event":
                # HCR.TWE is clear: the processor itself waits, until a SEV or an interrupt comes.
                self.waits_for_event = True
                return self._wait()
        return InternalError(f"the core left with '{name}' {tuple(map(hex, arguments))} at {self.core.pc:#x}")

    def _trapped(self, vector: int) -> Exit | None:
        core = self.core
        trap = self.vm.kvm.exits.trap(core.read("HSR"))
        core.put("CPSR", core.read("SPSR_hyp"))
        core.pc = core.read("ELR_hyp")
        name = trap.name if vector == self._trap_vector else self._host_vectors.get(vector, "")
        if not name:
            return InternalError(f"the core entered Hyp mode by vector {vector:#x}, which a guest cannot cause")
        if (where := _ADDRESSES.get(name)) and not resolve_page(self, trap, core.read(where)):
            return None
        self.statistics.traps[name] += 1
        if self.vm.kvm.events.wanted:
            self._tell(name, trap)
        self.world.leave()
        if self.vm.irqchip is not None:
            self.vm.irqchip.sync(self.number)
        left: Exit | None = None
        try:
            left = self.vm.kvm.exits.handle(self, trap) if vector == self._trap_vector else None
        except KvmError as error:
            self._failure = error
            left = InternalError(error.message)
        self.world.enter()
        if isinstance(left, Halt):
            self.waits_for_event = False
            return self._wait()
        return left

    def _tell(self, name: str, trap: Trap) -> None:
        core, stream, now = self.core, self.vm.kvm.events, self.vm.kvm.now()
        if events.Exit in stream.wanted:
            stream.publish(events.Exit(now, self.number, name, f"HSR {trap.hsr:#x} at pc {core.pc:#x}"))
        if events.HypTrap in stream.wanted:
            address = _ADDRESSES.get(name)
            where = (core.read(address), core.read("HPFAR")) if address else (0, 0)
            hsr = trap.hsr if name == trap.name else 0
            stream.publish(events.HypTrap(now, self.number, name, hsr, core.pc, *where))

    def _timer_outputs(self, outputs: int) -> None:
        """The generic timer's outputs changed. Where the kernel has the interrupt controller, it has the virtual timer,
        too: its interrupt becomes pending, and CNTV_CTL.IMASK is set (Linux, virt/kvm/arm/arch_timer.c)."""
        irqchip = self.vm.irqchip
        if irqchip is None:
            self.timer_outputs(self.number, outputs)
        elif outputs & _VIRTUAL_TIMER:
            self.core.put_fields("CNTV_CTL", ENABLE=1, IMASK=1)
            irqchip.pend(self.number, VIRTUAL_TIMER_INTERRUPT)

    def give_vfp(self) -> None:
        """See `World`."""
        self.world.give_vfp()

    def skip(self, trap: Trap) -> None:
        """The trapped instruction counts as executed."""
        core = self.core
        core.pc = (core.pc + trap.length) & 0xFFFF_FFFF
        if core.ask("in_it_block")[0]:
            core.call("it_advance")

    # Waiting

    def _wait(self) -> Exit | None:
        if self.wakes():
            return None
        self.mp_state = MpState.HALTED
        return Halt()

    def wakes(self) -> bool:
        """Whether a WFI ends: a virtual interrupt is pending, masked or not."""
        self.world.show()
        (changed,) = self.core.call("update_timer_outputs")
        if changed:
            self._timer_outputs(self.core.read("TIMER_OUTPUTS"))
        if self.core.call("update_maintenance")[0]:
            self.core.set_input("IRQ_PENDING", self.core.read("MAINTENANCE_OUTPUT"))
        if self.waits_for_event and self.core.read("EVENT_REGISTER"):
            self.core.set_input("EVENT_REGISTER", 0)
            self.waits_for_event = False
            return True
        (pending,) = self.core.ask("wake_up_pending")
        if pending:
            self.waits_for_event = False
        return bool(pending)

    def wake_time(self) -> int | None:
        """When the next timer is due."""
        return self.core.next_timer()

    def set_lines(self, lines: int) -> None:
        """The guest's interrupt lines: bit 0 FIQ, bit 1 IRQ."""
        if lines != self.lines:
            self.lines = lines
            self.world.lines_changed()

    @contextmanager
    def debugging(self) -> Iterator[FaultIn]:
        """Stage 2 is filled in for the debugger, and taken back afterwards: the guest faults where it would have."""
        self.world.show()

        def fault_in(fault: GuestFault) -> bool:
            ipa = self.vm.kvm.syndromes.missing(fault)
            slot = None if ipa is None else self.vm.memory.slot_at(ipa)
            if ipa is None or slot is None:
                return False
            self.vm.tables.map(ipa, slot, self.vm.host_address(slot.base))
            self.core.tlb_flush()
            return True

        with self.vm.tables.taken_back():
            yield fault_in
        self.core.tlb_flush()

    # User space's answers

    def complete_mmio(self, data: bytes) -> None:
        """Answers the load that `run` left with (a store with b""). Raises KvmError (EINVAL)."""
        load, self.load = self.load, None
        if load is None:
            if data:
                raise KvmError("no load from a device is waiting for its data")
            return
        if len(data) != load.size:
            self.load = load
            raise KvmError(f"a load of {load.size} bytes cannot be answered with {len(data)}")
        load.complete(self.core, data)
