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

from ....core import CoreExit
from ..partition.layout import DEVICE_WINDOW
from ..thread.thread import Book3sThread


def execute_device_access(vcpu: Book3sThread) -> CoreExit | None:
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


def _hold_interrupts(vcpu: Book3sThread) -> tuple[int, int]:
    core = vcpu.core
    held = core.read("EXTERNAL_PENDING"), core.field("LPCR", "MER") if core.has_feature("ISA206") else 0
    core.set_input("EXTERNAL_PENDING", 0)
    core.put_fields("LPCR", MER=0)
    return held


def _let_interrupts_go(vcpu: Book3sThread, held: tuple[int, int]) -> None:
    vcpu.core.set_input("EXTERNAL_PENDING", held[0])
    vcpu.core.put_fields("LPCR", MER=held[1])


def _entry_for_devices(vcpu: Book3sThread, entry: int, absent: bytes) -> bytes:
    """The entry as hardware would see it, were there devices: valid, the partition's own protection."""
    core, vm = vcpu.core, vcpu.vm
    index = (entry - vm.hpt_base) >> 4
    (kept_at,) = core.call("guest_second_address", index)
    kept = vm.host.read_int(kept_at, 8, "big")
    first = int.from_bytes(absent[:8], "big")
    first = first & ~core.constant("HPTE_ABSENT") | core.constant("HPTE_VALID")
    second = kept | DEVICE_WINDOW
    return first.to_bytes(8, "big") + second.to_bytes(8, "big")
