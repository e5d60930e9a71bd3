"""A guest's accesses to emulated devices in the middle of its instruction, where user space is there to be asked.

A stage 2 translation is missing, so the access faults; instead of an abort and an exit, the engine is told where it
goes, and keeps that in its TLB. What KVM emulates is what HSR describes (mmio.c, kvm_handle_mmio_return): one register,
no writeback. All else takes the abort after all. The registers of Hyp mode are left as by abort and return, and so is
the monitor of exclusive accesses.
"""

from __future__ import annotations

from typing import Final

from .....isa.engine.errors import GuestFault, Interrupt
from .....isa.engine.interface import STORE
from .....isa.model.items import RegisterRef
from ....core import CoreBus
from ....machine.bus import Refusal, Unclaimed
from ..guest import Guest, GuestVcpu

INTERRUPT: Final = "data_abort"
WINDOW: Final = 1 << 40
"""Host physical address that stands for intermediate physical address 0 where the guest has no memory."""
_PAGE_BITS: Final = 12


class DirectAccesses:
    """One vcpu's accesses, which go to `bus` at once."""

    def __init__(self, vcpu: GuestVcpu, bus: CoreBus) -> None:
        self._vcpu = vcpu
        self._bus = bus
        core = vcpu.core
        self._class = core.constant("EC_DATA_ABORT_LOWER")
        self._syndrome = core.reader((RegisterRef("HSR", -1),))
        self._status = core.reader((RegisterRef("CPSR", -1),))
        self._save = core.writer(
            (RegisterRef("SPSR_hyp", -1), RegisterRef("ELR_hyp", -1), RegisterRef("EXCLUSIVE", -1))
        )
        self._faults: dict[int, int] = {}
        """By page: the fault's record, of the last time that translation found none."""
        self._parts = vcpu.vm.kvm.syndromes
        self._iss, _ = core.bits("HSR", "ISS")
        core.engine.answer_faults(INTERRUPT, self.page, self._parts.record.mask("STAGE2"))

    def page(self, arguments: tuple[int, ...], kind: int) -> tuple[int, int, int] | None:
        """Where an access goes instead of the abort with these arguments; see `FaultAnswer`."""
        what = arguments[0]
        ipa = self._parts.missing(GuestFault(INTERRUPT, arguments, "an access"))
        if ipa is None or self._parts.record.get(what, "S1PTW") or self._vcpu.vm.memory.slot_at(ipa) is not None:
            return None
        irqchip = self._vcpu.vm.irqchip
        if irqchip is not None and irqchip.owns(ipa):
            return None
        self._faults[ipa >> _PAGE_BITS] = what
        return WINDOW | ipa, _PAGE_BITS, 1 << kind

    def read(self, ipa: int, size: int) -> int:
        """A load. Raises the abort after all where KVM would not emulate it, or nobody answers."""
        self._note(ipa, size)
        value = self._bus.read(ipa, size, self._vcpu.number)
        return value if isinstance(value, int) else self._abort(ipa)

    def write(self, ipa: int, size: int, value: int) -> None:
        """A store, as `read`."""
        self._note(ipa, size)
        if self._bus.write(ipa, size, value, self._vcpu.number) is not None:
            self._abort(ipa)

    def _note(self, ipa: int, size: int) -> None:
        core = self._vcpu.core
        address, kind = core.engine.access
        core.ask("record_data_abort", self._class, self._faults[ipa >> _PAGE_BITS], address, int(kind == STORE))
        (syndrome,) = self._syndrome()
        get, iss = self._parts.data.get, syndrome >> self._iss
        if not get(iss, "ISV") or size != 1 << get(iss, "SAS") or address & (size - 1):
            self._abort(ipa)
        self._vcpu.statistics.mmio_exits += 1
        (status,) = self._status()
        self._save((status, core.engine.cia, 0))

    def _abort(self, ipa: int) -> int:
        address, kind = self._vcpu.core.engine.access
        raise Interrupt(INTERRUPT, (self._faults[ipa >> _PAGE_BITS], address, int(kind == STORE)))


class HostBus:
    """The host's devices: of them a guest has its virtual CPU interface; and user space's where that performs accesses
    at once."""

    def __init__(self, vm: Guest) -> None:
        self._vm = vm
        self.direct: dict[int, DirectAccesses] = {}

    def read(self, address: int, size: int, vcpu: int | None = None) -> int | Unclaimed:
        """What user space answers; nothing does elsewhere."""
        direct, irqchip = self.direct.get(vcpu or 0), self._vm.irqchip
        if address < WINDOW and irqchip is not None and vcpu is not None:
            found = irqchip.interface_access(address, size, None, vcpu)
            return Unclaimed(address, size, False, Refusal.NOTHING_THERE) if found is None else found
        if direct is None or address < WINDOW:
            return Unclaimed(address, size, False, Refusal.NOTHING_THERE)
        return direct.read(address - WINDOW, size)

    def write(self, address: int, size: int, value: int, vcpu: int | None = None) -> Unclaimed | None:
        """As `read`."""
        direct, irqchip = self.direct.get(vcpu or 0), self._vm.irqchip
        if address < WINDOW and irqchip is not None and vcpu is not None:
            taken = irqchip.interface_access(address, size, value, vcpu)
            return Unclaimed(address, size, True, Refusal.NOTHING_THERE) if taken is None else None
        if direct is None or address < WINDOW:
            return Unclaimed(address, size, True, Refusal.NOTHING_THERE)
        direct.write(address - WINDOW, size, value)
        return None
