"""Storage interrupts of a partition: what becomes of them is decided by a search of its hashed page table.

Linux, arch/powerpc/kvm/book3s_64_mmu_hv.c (kvmppc_hpte_hv_fault, kvmppc_book3s_hv_page_fault). The search, protection
and keys are the description's; what becomes of the answer is decided here.
"""

from __future__ import annotations

from typing import Final

import msgspec

from ....core import Core
from ...exits import Exit, Interrupted
from ..partition.page_table import Entry
from ..thread.thread import Book3sThread

DEVICE_ACCESS: Final = Interrupted()
"""Ends the core's run, since an access to a device is executed outside of it."""


class Retry(msgspec.Struct, frozen=True):
    """The entry is there by now: the instruction is executed again."""


class Reflect(msgspec.Struct, frozen=True):
    """The partition gets the interrupt, with this status."""

    status: int
    address: int


class OutsideMemory(msgspec.Struct, frozen=True):
    """An access that the partition permits itself, to `real`, which no slot holds; `entry` is its HPTE's address."""

    entry: int
    real: int


class Resolvable(msgspec.Struct, frozen=True):
    """A slot holds by now, at `host` of the host, the page of `size` bytes that this entry names: it can be valid."""

    found: Found
    size: int
    host: int


class Found(msgspec.Struct, frozen=True):
    """An entry of the page table: its host address, both doublewords, and the second as the partition gave it."""

    address: int
    first: int
    second: int
    guest_second: int


def is_data_fault(interrupt: str) -> bool:
    """Whether a hypervisor storage interrupt came from a load or store, not from a fetch."""
    return interrupt == "hypervisor_data_storage"


def reflect(core: Core, answer: Reflect, data: bool) -> None:
    """Enters the partition's own storage interrupt."""
    if data:
        core.enter("data_storage", answer.status, answer.address)
    else:
        core.enter("instruction_storage", answer.status)


def storage_fault(vcpu: Book3sThread, data: bool) -> Exit | None:
    """Answers a storage interrupt; an access to a device is executed outside of the run."""
    answer = answer_fault(vcpu, data)
    if isinstance(answer, Retry):
        vcpu.core.tlb_flush()
        return None
    if isinstance(answer, Reflect):
        reflect(vcpu.core, answer, data)
        return None
    if not data:
        # A device's page: nothing can be fetched from it, as if it were guarded. (The original would try for ever.)
        reflect(vcpu.core, Reflect(vcpu.core.constant("NO_EXECUTE"), answer.real), data)
        return None
    vcpu.device_entry = answer.entry
    return DEVICE_ACCESS


def answer_fault(vcpu: Book3sThread, data: bool) -> Retry | Reflect | OutsideMemory:
    """Answers the storage interrupt that HDSISR and HDAR, or HSRR1 and pc, tell of. MSR is the partition's."""
    core = vcpu.core
    if data:
        status, address = core.read("HDSISR"), core.read("HDAR")
    else:
        causes = core.constant("NO_TRANSLATION") | core.constant("PROTECTION") | core.constant("NO_EXECUTE")
        status, address = core.read("HSRR1") & causes, core.pc
    answer = classify(vcpu, status, address, data)
    if isinstance(answer, Resolvable):
        _make_valid(vcpu, answer)
        return Retry()
    return answer


def classify(vcpu: Book3sThread, status: int, address: int, data: bool) -> Retry | Reflect | OutsideMemory | Resolvable:
    """What is to become of an access that faulted; nothing has yet. MSR is the partition's."""
    core = vcpu.core
    missing, protection = core.constant("NO_TRANSLATION"), core.constant("PROTECTION")
    store = core.constant("IS_STORE")
    if not status & (missing | protection):
        return Reflect(status, address)
    kind = core.description.enums["access"].members[("store" if status & store else "load") if data else "fetch"]
    kinds = core.description.enums["kept_entry"].members
    kept, at = core.ask("entry_of_access", address, kind)
    if kept == kinds["none"]:
        return Reflect(status, address) if status & missing else Retry()
    if kept == kinds["valid" if status & missing else "absent"]:
        # It has come, or gone, since.
        return Retry()
    found = _found(vcpu, at)
    (refused,) = core.ask("refusal_of_access", found.guest_second, address, kind)
    if refused:
        return Reflect(status & ~missing | refused, address)
    return _page_of(vcpu, found, address)


def _found(vcpu: Book3sThread, at: int) -> Found:
    """The entry at a host address."""
    host, index = vcpu.vm.host, (at - vcpu.vm.hpt_base) >> 4
    (kept_at,) = vcpu.core.ask("guest_second_address", index)
    first, second = (host.read_int(at + offset, 8, "big") for offset in (0, 8))
    return Found(at, first, second, host.read_int(kept_at, 8, "big"))


def _page_of(vcpu: Book3sThread, found: Found, address: int) -> OutsideMemory | Resolvable | Reflect:
    """A page that a slot holds by now can become valid, another one is a device's."""
    core = vcpu.core
    (size,) = core.ask("hpte_page_size", found.first, found.guest_second)
    page = found.guest_second & core.constant("HPTE_REAL_PAGE") & ~(size - 1)
    place, host = core.ask("host_real_address", page, size)
    places = core.description.enums["page_place"].members
    if place == places["memory"]:
        return Resolvable(found, size, host)
    if place == places["outside"]:
        return OutsideMemory(found.address, page + (address & (size - 1)))
    # Slots have changed since: the page is neither memory nor a device's.
    return Reflect(core.constant("NO_TRANSLATION"), address)


def _make_valid(vcpu: Book3sThread, page: Resolvable) -> None:
    core, vm, found = vcpu.core, vcpu.vm, page.found
    (second,) = core.ask("host_second", found.guest_second, page.size, page.host)
    first = found.first & ~core.constant("HPTE_ABSENT") | core.constant("HPTE_VALID")
    index = (found.address - vm.hpt_base) >> 4
    before = Entry(index, found.first, found.second, found.guest_second)
    vm.replace_entry(before, Entry(index, first, second, found.guest_second))
