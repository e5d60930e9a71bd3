"""The two banks of flash memory at the bottom of the `virt` board's map: what is in them, and who sees it how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ...isa.errors import TraplineError
from ..core import Core
from ..loading.guest import Blob, Guest
from ..machine.bus import Bus
from ..machine.cfi_flash import BANK_SIZE, CfiFlash
from ..machine.physical import MemorySlot, PhysicalMemory
from ..machine.ram import PAGE_SIZE

BANKS: Final = (0, BANK_SIZE)
"""Physical addresses."""
_FIRST_SLOT: Final = 1


class FlashError(TraplineError):
    """A file that does not go into the flash banks."""


@dataclass
class FlashBanks:
    """Both banks, on the bus and (while they show their array) in memory.

    `core` is any core of the machine: it forgets what all of them know of memory.
    """

    memory: PhysicalMemory
    core: Callable[[], Core]

    def __post_init__(self) -> None:
        self.banks = [CfiFlash(self._shower(n), self._changer(n)) for n in range(len(BANKS))]
        self._slots = [
            MemorySlot(_FIRST_SLOT + n, BANKS[n], BANK_SIZE, bank.ram, read_only=True)
            for n, bank in enumerate(self.banks)
        ]
        self._to_forget: set[int] = set()

    def attach(self, bus: Bus) -> None:
        """Puts the banks at their places."""
        for base, bank, slot in zip(BANKS, self.banks, self._slots, strict=True):
            bus.attach(base, bank)
            self.memory.add(slot)

    def fill(self, guest: Guest) -> None:
        """Puts firmware into the first bank, and other files where they are to be; the rest is zeros, as QEMU has it.

        Raises FlashError for what does not fit, or where two files want the same bytes.
        """
        wanted = [] if guest.firmware is None else [Blob(guest.firmware.path, guest.firmware.data, BANKS[0])]
        free = [base for base in BANKS if guest.firmware is None or base != BANKS[0]]
        for one in guest.flash:
            address = one.address
            if address is None:
                taken = {base for base in BANKS for other in wanted if _begins_in(other, base)}
                left = [base for base in free if base not in taken]
                if not left:
                    raise FlashError(f"--flash {one.path}: both banks of flash memory are taken", "give FILE@ADDR")
                address = left[0]
            wanted.append(Blob(one.path, one.data, address))
        self._check(wanted)
        for blob in wanted:
            start = blob.address or 0
            for base, bank in zip(BANKS, self.banks, strict=True):
                if base <= start < base + BANK_SIZE:
                    bank.ram.write(start - base, blob.data)

    def _check(self, wanted: list[Blob]) -> None:
        for n, one in enumerate(wanted):
            start = one.address or 0
            end = start + len(one.data)
            bank = next((base for base in BANKS if base <= start < base + BANK_SIZE), None)
            if bank is None or end > bank + BANK_SIZE:
                raise FlashError(
                    f"{one.path} ({start:#x}-{end - 1:#x}) does not fit a bank of flash memory",
                    f"banks have {BANK_SIZE:#x} bytes at {' and '.join(f'{base:#x}' for base in BANKS)}",
                )
            for other in wanted[:n]:
                begin = other.address or 0
                if start < begin + len(other.data) and begin < end:
                    raise FlashError(
                        f"{other.path} ({begin:#x}-{begin + len(other.data) - 1:#x}) and {one.path} "
                        f"({start:#x}-{end - 1:#x}) overlap in flash memory",
                        f"give {one.path} another address: --flash FILE@ADDR",
                    )

    def _shower(self, number: int) -> Callable[[bool], None]:
        def array_shown(shown: bool) -> None:
            slot = self._slots[number]
            if shown:
                self.memory.add(slot)
            else:
                self.memory.remove(slot.number)
            core = self.core()
            core.tlb_flush()
            if shown:
                for page in sorted(self._to_forget):
                    core.engine.write_physical_memory(page, self.memory.read(page, PAGE_SIZE))
                self._to_forget.clear()

        return array_shown

    def _changer(self, number: int) -> Callable[[int, int], None]:
        """What was programmed may have been decoded as code: written again once it is memory, it is forgotten."""

        def changed(offset: int, size: int) -> None:
            first, last = (BANKS[number] + at for at in (offset, offset + size - 1))
            self._to_forget.update(range(first // PAGE_SIZE * PAGE_SIZE, last + 1, PAGE_SIZE))

        return changed


def _begins_in(blob: Blob, base: int) -> bool:
    return blob.address is not None and base <= blob.address < base + BANK_SIZE
