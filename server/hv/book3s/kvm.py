"""/dev/kvm of a host with POWER7 or PPC970 cores: its memory, its cores, and the partitions that share both.

Linux 3.1 to 3.12, arch/powerpc/kvm/powerpc.c (kvm_dev_ioctl_check_extension), book3s_hv.c, book3s_hv_builtin.c (RMA
pools).
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from ....isa.model.items import Description
from ...machine.events import EventStream
from ...machine.physical import PhysicalMemory
from ...machine.ram import GuestRam
from ...tree.hardware import Hardware
from ..errors import KvmError
from ..terms import Capability
from .partition import layout
from .saved import restore, save
from .vm import MOST_VCPUS, Book3sOptions, Book3sVm

RECOMMENDED_VCPUS: Final = 4


class Book3sKvm:
    """The host. `threads` of a core: POWER7 runs four, the 970 one; how vcpu ids group to virtual cores."""

    def __init__(
        self,
        description: Description,
        hardware: Hardware | None = None,
        *,
        engine: str | None = None,
        threads: int | None = None,
        rma_size: int = 64 << 20,
        rma_count: int = 0,
        rma_pool: tuple[GuestRam, ...] = (),
        events: EventStream | None = None,
        now: Callable[[], int] | None = None,
    ) -> None:
        """`hardware`, `events` and `now` (guest time) are the machine's whose host this is, if it has one.

        Real mode areas are set aside when the host starts: `rma_count` of `rma_size` bytes, or the blocks of
        `rma_pool`. Raises KvmError for a size that no core supports, or threads that it does not have.
        """
        self.description = description
        self.hardware = hardware or Hardware(description, engine)
        self.is_power7 = "ISA206" in description.features
        most = 4 if self.is_power7 else 1
        self.threads = most if threads is None else threads
        if not 1 <= self.threads <= most:
            raise KvmError(f"{description.core} has no cores of {threads} threads", f"it has at most {most}")
        self.events = events or EventStream()
        self.now = now or (lambda: 0)
        self.memory = PhysicalMemory()
        """The host's real memory."""
        self.layout = layout.POWER7 if self.is_power7 else layout.PPC970
        self.secondaries_online = False
        """Whether the host itself uses the threads of its cores but the first: no vcpu runs then (EBUSY)."""
        self.vms: dict[int, Book3sVm] = {}
        """By logical partition number."""
        self._rmas = list(rma_pool) + [GuestRam(rma_size) for _ in range(rma_count)]
        self._free_rmas = list(self._rmas)

    def check_extension(self, capability: Capability) -> int:
        """KVM_CHECK_EXTENSION."""
        return self._extensions.get(capability, 0)

    @cached_property
    def _extensions(self) -> dict[Capability, int]:
        from ..regions import SLOTS

        return {
            Capability.USER_MEMORY: 1,
            Capability.NR_MEMSLOTS: SLOTS,
            Capability.NR_VCPUS: RECOMMENDED_VCPUS,
            Capability.MAX_VCPUS: MOST_VCPUS,
            Capability.MP_STATE: 1,
            Capability.ONE_REG: 1,
            Capability.PPC_SEGSTATE: 1,
            Capability.PPC_UNSET_IRQ: 1,
            Capability.PPC_IRQ_LEVEL: 1,
            Capability.PPC_SMT: self.threads,
            # 2: there are real mode areas, and a partition must have one; 1: it may; on POWER7 it need not.
            Capability.PPC_RMA: 1 if self.is_power7 else 2,
            Capability.SYNC_MMU: int(self.is_power7),
            Capability.PPC_HIOR: 1,
            Capability.PPC_PAPR: 1,
            Capability.PPC_ALLOC_HTAB: 1,
            Capability.SPAPR_TCE: 1,
        }

    def create_vm(self, options: Book3sOptions | None = None) -> Book3sVm:
        """KVM_CREATE_VM. Raises KvmError: ENOMEM when all logical partition numbers are in use, or the one asked
        for is."""
        options = options or Book3sOptions()
        free = (number for number in range(1, self.layout.partitions + 1) if number not in self.vms)
        lpid = options.lpid if options.lpid is not None else next(free, None)
        if lpid is None or lpid in self.vms or not 1 <= lpid <= self.layout.partitions:
            raise KvmError(
                "there is no logical partition number left" if lpid is None else f"partition {lpid} cannot be made",
                f"a host has partitions 1 to {self.layout.partitions}; close one",
                errno=errno.ENOMEM,
            )
        vm = Book3sVm(self, lpid, replace(options, lpid=lpid))
        self.vms[lpid] = vm
        return vm

    def restore_vm(self, path: Path) -> Book3sVm:
        """A VM that `Book3sVm.save` has written, perhaps in another process (`saved.restore`)."""
        return restore(self, path)

    def save_vm(self, vm: Book3sVm, path: Path) -> None:
        """Writes a VM to a file (`saved.save`)."""
        save(vm, path)

    def forget(self, vm: Book3sVm) -> None:
        """A VM is closed: its partition number is free again."""
        self.vms.pop(vm.lpid, None)

    # Real mode areas

    def take_rma(self) -> GuestRam:
        """A real mode area of the pool. Raises KvmError (ENOMEM) when none is left."""
        if not self._free_rmas:
            raise KvmError(
                "there is no real mode area left", "start the host with more of them: rma_count", errno=errno.ENOMEM
            )
        return self._free_rmas.pop(0)

    def offer_rma(self, ram: GuestRam) -> None:
        """The pool has one more area, which is the next that is taken."""
        self._rmas.append(ram)
        self._free_rmas.insert(0, ram)

    def give_rma_back(self, ram: GuestRam) -> None:
        """Nobody uses it any more."""
        self._free_rmas.append(ram)

    def is_rma(self, ram: GuestRam) -> bool:
        """Whether memory is a real mode area of this host's."""
        return any(one is ram for one in self._rmas)
