"""Accesses to emulated devices: the guest's own instruction is executed again, with user space's data in its place.

Linux decodes the instruction by hand (arch/powerpc/kvm/emulate.c, kvmppc_emulate_instruction). Here nothing is
decoded: the absent page is mapped to a window where no memory is, for the length of one instruction. The first
access that user space has not answered yet is noted and refused; the thread's state is put back, and the access
leaves as an exit. With the answer at hand the instruction starts over, and so on until it completes. That
covers every form there is: update, byte-reversed, algebraic, multiple and string.

That is for user space that wants an exit of each access, and for accesses that nobody takes. A machine has them
performed at once (`devices`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ...core import CoreExit
from ...machine.bus import Refusal, Unclaimed
from ..errors import KvmError
from ..exits import Mmio
from .layout import DEVICE_WINDOW, DEVICE_WINDOW_SIZE

if TYPE_CHECKING:
    from .devices import DirectDevices
    from .vcpu import Book3sVcpu

MOST_ACCESSES: Final = 128
"""Of one instruction: lswi stores 32 registers a byte at a time at most."""


class DeviceWindow:
    """The bus of one vcpu's core: a window that stands for partition real addresses without memory."""

    def __init__(self) -> None:
        self.answered: list[Mmio] = []
        self._position = 0
        self.direct: DirectDevices | None = None
        """Who performs accesses at once. Otherwise, and while `by_hand`, they wait for user space."""
        self.by_hand = False
        self.waiting: Mmio | None = None
        """The access that user space has to perform before the instruction can go on."""

    def start_over(self) -> None:
        """Called before the instruction is executed again: its accesses come from the first on."""
        self._position = 0
        self.waiting = None

    def finish(self) -> None:
        """Forgets what was answered: the instruction is complete, or will not be executed any more."""
        self.answered.clear()
        self.start_over()

    def answer(self, data: bytes) -> None:
        """User space has performed the waiting access; `data` is what a load gave. Raises KvmError."""
        access = self.waiting
        if access is None:
            raise KvmError("no access to a device is waiting for its data")
        if not access.is_write and len(data) != access.size:
            raise KvmError(f"a load of {access.size} bytes cannot be answered with {len(data)}")
        done = access if access.is_write else Mmio(access.address, access.size, False, data)
        self.answered.append(done)
        self.waiting = None

    def read(self, address: int, size: int, vcpu: int | None = None) -> int | Unclaimed:
        """A load of the instruction under way; Unclaimed when it has to leave first."""
        if self.direct is not None and not self.by_hand and _in_window(address):
            return self.direct.read(address - DEVICE_WINDOW, size)
        done = self._next(address, size, None)
        return done if isinstance(done, Unclaimed) else int.from_bytes(done.data, "little")

    def write(self, address: int, size: int, value: int, vcpu: int | None = None) -> Unclaimed | None:
        """A store of the instruction under way; Unclaimed when it has to leave first."""
        if self.direct is not None and not self.by_hand and _in_window(address):
            self.direct.write(address - DEVICE_WINDOW, size, value)
            return None
        done = self._next(address, size, value.to_bytes(size, "little"))
        return done if isinstance(done, Unclaimed) else None

    def _next(self, address: int, size: int, stored: bytes | None) -> Mmio | Unclaimed:
        is_write = stored is not None
        if not _in_window(address):
            return Unclaimed(address, size, is_write, Refusal.NOTHING_THERE)
        if self._position < len(self.answered):
            self._position += 1
            return self.answered[self._position - 1]
        if self.waiting is None and len(self.answered) < MOST_ACCESSES:
            self.waiting = Mmio(address - DEVICE_WINDOW, size, is_write, stored or b"")
        return Unclaimed(address, size, is_write, Refusal.REFUSED, reason="user space has to perform the access")


def execute_device_access(vcpu: Book3sVcpu) -> CoreExit | None:
    """Executes the instruction at pc with the page at HPTE `device_entry` mapped to the window of devices.

    None: `window.waiting` has to be answered first, and nothing has happened yet.
    """
    entry, window, core, host = vcpu.device_entry, vcpu.window, vcpu.core, vcpu.vm.host
    assert entry is not None
    if window.waiting is not None:
        window.answer(b"" if window.waiting.is_write else bytes(window.waiting.size))
    window.start_over()
    absent = host.read(entry, 16)
    before = core.snapshot()
    # The access comes first, whatever interrupt its device requests meanwhile.
    held = _hold_interrupts(vcpu)
    host.write(entry, _entry_for_devices(vcpu, entry, absent))
    core.tlb_flush()
    window.by_hand = True
    stop = core.run_one()
    window.by_hand = False
    host.write(entry, absent)
    if window.waiting is not None:
        core.restore(before)
        core.tlb_flush()
        core.take_watch_hit()
        vcpu.take_left()
        return None
    window.finish()
    vcpu.device_entry = None
    _let_interrupts_go(vcpu, held)
    core.tlb_flush()
    return stop


def _hold_interrupts(vcpu: Book3sVcpu) -> tuple[int, int]:
    core = vcpu.core
    held = core.read("EXTERNAL_PENDING"), core.field("LPCR", "MER") if core.has_feature("ISA206") else 0
    core.set_input("EXTERNAL_PENDING", 0)
    core.put_fields("LPCR", MER=0)
    return held


def _let_interrupts_go(vcpu: Book3sVcpu, held: tuple[int, int]) -> None:
    vcpu.core.set_input("EXTERNAL_PENDING", held[0])
    vcpu.core.put_fields("LPCR", MER=held[1])


def _entry_for_devices(vcpu: Book3sVcpu, entry: int, absent: bytes) -> bytes:
    """The entry as hardware would see it, were there devices: valid, the partition's own protection."""
    core, vm = vcpu.core, vcpu.vm
    index = (entry - vm.hpt_base) >> 4
    (kept_at,) = core.call("guest_second_address", index)
    kept = vm.host.read_int(kept_at, 8, "big")
    first = int.from_bytes(absent[:8], "big")
    first = first & ~core.constant("HPTE_ABSENT") | core.constant("HPTE_VALID")
    second = kept | DEVICE_WINDOW
    return first.to_bytes(8, "big") + second.to_bytes(8, "big")


def _in_window(address: int) -> bool:
    return DEVICE_WINDOW <= address < DEVICE_WINDOW + DEVICE_WINDOW_SIZE
