"""Accesses to emulated devices in the middle of the partition's instruction, where user space is there to be asked.

The page's entry is absent, so the access faults, and what becomes of it is decided as for any fault (`faults`). But
instead of an interrupt and an exit, the engine is told where the access goes. It keeps that in its TLB, as Linux keeps
what it found out about such a page (book3s_hv_rm_mmu.c, mmio_cache_search): until the page table or
the SLB changes. Registers are left as by the hypervisor's storage interrupt of each access, kept or not.
"""

from __future__ import annotations

from typing import Final

from .....isa.engine.errors import Interrupt
from .....isa.engine.interface import STORE
from .....isa.model.items import RegisterRef
from ....core import CoreBus
from ..partition.layout import DEVICE_WINDOW
from ..thread.thread import Book3sThread
from .faults import OutsideMemory, classify

INTERRUPT: Final = "hypervisor_data_storage"
_PAGE_BITS: Final = 12


class DirectDevices:
    """One vcpu's accesses, which go to `bus` at once."""

    def __init__(self, vcpu: Book3sThread, bus: CoreBus) -> None:
        self._vcpu = vcpu
        self._bus = bus
        core = vcpu.core
        self._missing = core.constant("NO_TRANSLATION")
        self._stored = self._missing | core.constant("IS_STORE")
        self._saved = core.constant("SAVED_FROM_MSR")
        self._msr = core.reader((RegisterRef("MSR", -1),))
        self._note = core.writer([RegisterRef(name, -1) for name in ("HDSISR", "HDAR", "HSRR0", "HSRR1")])
        core.engine.answer_faults(INTERRUPT, self.page, self._missing)

    def page(self, arguments: tuple[int, ...], kind: int) -> tuple[int, int, int] | None:
        """Where an access goes instead of the storage interrupt with these arguments; see `FaultAnswer`."""
        status, address = arguments
        found = classify(self._vcpu, status, address, data=True)
        if not isinstance(found, OutsideMemory):
            return None
        (watched,) = self._vcpu.core.ask("watches_page", address)
        return DEVICE_WINDOW + found.real, _PAGE_BITS, 0 if watched else 1 << kind

    def read(self, real: int, size: int) -> int:
        """A load from partition real address `real`. Raises the interrupt after all if nobody answers."""
        value = self._bus.read(real, size, self._vcpu.number)
        return value if isinstance(value, int) and self._noted(self._missing) else self._raise(self._missing)

    def write(self, real: int, size: int, value: int) -> None:
        """A store, as `read`."""
        if self._bus.write(real, size, value, self._vcpu.number) is not None:
            self._raise(self._stored)
        self._noted(self._stored)

    def _noted(self, status: int) -> bool:
        engine = self._vcpu.core.engine
        (msr,) = self._msr()
        self._note((status, engine.access[0], engine.cia, msr & self._saved))
        self._vcpu.counted.mmio_exits += 1
        return True

    def _raise(self, status: int) -> int:
        address, kind = self._vcpu.core.engine.access
        assert (kind == STORE) == (status == self._stored)
        raise Interrupt(INTERRUPT, (status, address))
