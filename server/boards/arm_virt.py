"""`arm-virt`: a Cortex-A15-like machine as QEMU's `-M virt,virtualization=on`; Hyp mode belongs to the guest.

Processor 0 begins in Hyp mode at the program's entry point with the device tree in r2; PSCI is the firmware's, by SMC
(by HVC, in Supervisor mode, where the core lacks the Virtualization Extensions).
"""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from ...isa.model.items import Description
from ..core import Core
from ..hv.arm.psci import KEPT_BY_RESET, Psci
from ..hv.kvm import INTERRUPTED, Exit, InternalError, Interrupted, MpState
from ..loading.guest import Guest
from ..machine.cfi_flash import BANK_SIZE
from ..machine.elf import LoadedElf
from ..machine.virt_fdt import Region
from ..tree.hardware import Hardware
from ..tree.levels import one_partition
from ..tree.vcpu import MachineVcpu
from ..verdict import Outcome, Verdict
from .arm_board import ArmBoard, begin, identify
from .bare import BareVcpu, Special
from .flash_banks import BANKS, FlashBanks
from .host_folder import HostFolder
from .machine import MachineOptions
from .semihosting import Semihosting

_BY_HVC, _BY_SMC = 1, 2


class ArmProcessor(BareVcpu):
    """A processor that PSCI starts and stops."""

    def __init__(self, number: int, processors: int, core: Core, special: dict[str, Special], mode: str) -> None:
        super().__init__(number, core, special)
        self._processors = processors
        self._mode = mode
        identify(core, number, processors)

    def start(self, entry: int, context: int) -> None:
        """CPU_ON: begins as processor 0 did, after a reset."""
        self.core.reset_thread(KEPT_BY_RESET)
        identify(self.core, self.number, self._processors)
        begin(self.core, entry, self._mode, context)
        self.mp_state = MpState.RUNNABLE


class ArmVirtMachine(ArmBoard):
    """See the module."""

    NAME: ClassVar[str] = "arm-virt"
    HAS_SEMIHOSTING: ClassVar[bool] = True
    HAS_HYP_MODE: ClassVar[bool] = True
    SUMMARY: ClassVar[str] = "Armv7-A core with Virtualization Extensions, the guest is the hypervisor"

    def __init__(self, description: Description, guest: Guest | LoadedElf, options: MachineOptions) -> None:
        super().__init__(description, guest, options)
        self.memory.add(self.ram_slot)
        self.flash = FlashBanks(self.memory, lambda: self.vcpus[0].core)
        self.flash.fill(self.guest)
        self.flash.attach(self.bus)
        placed = self.load_guest()
        hardware = Hardware(description, options.engine)
        hyp = "VE" in description.features
        mode = "hyp" if hyp else "svc"
        special: dict[str, Special] = {
            "timer_outputs_changed": self._timer,
            "maintenance_changed": self._maintenance,
            "firmware_call": self._firmware_call,
            "event_sent": self._event_sent,
            "semihosting_asked": self._semihosting_asked,
        }
        processors = [
            ArmProcessor(n, options.vcpus, hardware.thread(0, n, n, self.memory, self.bus), special, mode)
            for n in range(options.vcpus)
        ]
        self.psci = Psci(processors)
        self.psci.on_unknown = partial(self.count_unknown, "firmware call")
        self.add_devices(partial(self._input, "IRQ_PENDING"), partial(self._input, "FIQ_PENDING"))
        if hyp:
            self.add_virtual_interrupts(processors[0].core)
        self.ready(one_partition(processors))
        processors[0].core.write("PSCI_CONDUIT", _BY_SMC if hyp else _BY_HVC)
        if options.semihosting or options.semihosting_folder is not None:
            self._semihosting = Semihosting(
                self.console,
                options.bootargs,
                lambda: self.clock.ticks,
                self.ticks_per_second,
                lambda status: self.leave(status, "the guest left by semihosting"),
                None if options.semihosting_folder is None else HostFolder(options.semihosting_folder),
            )
            processors[0].core.write("SEMIHOSTING", 1)
        for processor in processors[1:]:
            processor.mp_state = MpState.STOPPED
        tree = self.place_tree("smc" if hyp else "hvc")
        begin(processors[0].core, placed.entry or 0, mode, 0, self.machine_type, tree)
        self.given_registers()

    def flash_regions(self) -> tuple[Region, ...]:
        """See `ArmBoard`."""
        return tuple(Region(base, BANK_SIZE) for base in BANKS)

    def answer(self, vcpu: MachineVcpu, left: Exit) -> Verdict | None:
        """Nothing leaves a bare core that `Machine` does not answer."""
        reason = left.reason if isinstance(left, InternalError) else type(left).__name__
        return Verdict(Outcome.DIED, f"vcpu {vcpu.number}: {reason}")

    def _input(self, name: str, cpu: int, level: int) -> None:
        if cpu < len(self.vcpus):
            self.vcpus[cpu].core.set_input(name, level)

    def _timer(self, vcpu: BareVcpu, arguments: tuple[int, ...]) -> Exit | None:
        self.timer_outputs(vcpu.number, arguments[0])
        return None

    def _maintenance(self, vcpu: BareVcpu, arguments: tuple[int, ...]) -> Exit | None:
        self.maintenance(vcpu.number, arguments[0])
        return None

    def _firmware_call(self, vcpu: BareVcpu, arguments: tuple[int, ...]) -> Exit | None:
        assert isinstance(vcpu, ArmProcessor)
        known, left = self.psci.call(vcpu)
        if not known:
            self.psci.reject(vcpu)
        if left is None and vcpu.mp_state is not MpState.RUNNABLE:
            return Interrupted(yielded=True)
        return left

    def _semihosting_asked(self, vcpu: BareVcpu, arguments: tuple[int, ...]) -> Exit | None:
        self._semihosting.call(vcpu.core, arguments[0])
        return None if self.verdict is None else INTERRUPTED

    def _event_sent(self, vcpu: BareVcpu, arguments: tuple[int, ...]) -> Exit | None:
        for other in self.vcpus:
            other.core.set_input("EVENT_REGISTER", 1)
        return None
