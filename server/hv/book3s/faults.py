"""Storage interrupts of a partition: what becomes of them is decided by a search of its hashed page table.

Linux, arch/powerpc/kvm/book3s_64_mmu_hv.c (kvmppc_hpte_hv_fault, kvmppc_book3s_hv_page_fault). Hashes, protection
and keys are computed by the description's own functions; only the search for *absent* entries is the model's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ...core import Core
from .page_table import Entry

if TYPE_CHECKING:
    from .vcpu import Book3sVcpu


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


def answer_fault(vcpu: Book3sVcpu, data: bool) -> Retry | Reflect | OutsideMemory:
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


def classify(vcpu: Book3sVcpu, status: int, address: int, data: bool) -> Retry | Reflect | OutsideMemory | Resolvable:
    """What is to become of an access that faulted; nothing has yet. MSR is the partition's."""
    core = vcpu.core
    missing, protection = core.constant("NO_TRANSLATION"), core.constant("PROTECTION")
    store = core.constant("IS_STORE")
    if not status & (missing | protection):
        return Reflect(status, address)
    segment = _segment(core, address, data)
    if segment is None:
        return Reflect(status, address)
    found = _search(vcpu, address, segment, absent_too=bool(status & missing))
    if found is None:
        return Reflect(status, address) if status & missing else Retry()
    if status & missing and found.first & core.constant("HPTE_VALID"):
        return Retry()
    refused = _refusal(core, found.guest_second, segment, data, bool(status & store))
    if refused:
        return Reflect(status & ~missing | refused, address)
    return _page_of(vcpu, found, address)


def _segment(core: Core, address: int, data: bool) -> int | None:
    """The second doubleword of the SLB entry for an address, the VRMA's with translation off; None if there is none."""
    relocated = core.field("MSR", "DR" if data else "IR")
    if not relocated:
        (segment,) = core.ask("vrma_segment")
        return segment
    hit, segment = core.ask("slb_lookup", address)
    return segment if hit else None


def _search(vcpu: Book3sVcpu, address: int, segment: int, absent_too: bool) -> Found | None:
    """The entry for an address among the valid ones, and with `absent_too` the absent ones."""
    core, host, base = vcpu.core, vcpu.vm.host, vcpu.vm.hpt_base
    (size,) = core.ask("page_size", segment)
    (group_hash,) = core.ask("hash_of", address, segment, size)
    (abbreviated,) = core.ask("abbreviated_address", address, segment, size)
    valid, absent = core.constant("HPTE_VALID"), core.constant("HPTE_ABSENT")
    secondary, large = core.constant("HPTE_SECONDARY"), core.constant("HPTE_LARGE")
    (not_compared,) = core.ask("avpn_without", size)
    compared = core.constant("HPTE_AVPN") & ~not_compared | secondary | large
    wanted_large = 0 if size == core.constant("PAGE_4K") else large
    groups = 1 << (vcpu.vm.hpt_order - 7)
    for is_secondary in (False, True):
        group = (~group_hash if is_secondary else group_hash) & (groups - 1)
        wanted = abbreviated | wanted_large | (secondary if is_secondary else 0)
        for slot in range(8):
            index = group * 8 + slot
            first = host.read_int(base + index * 16, 8, "big")
            in_use = first & valid or (absent_too and first & absent)
            if not in_use or (first ^ wanted) & compared:
                continue
            (kept_at,) = core.ask("guest_second_address", index)
            guest_second = host.read_int(kept_at, 8, "big")
            (matches,) = core.ask("large_page_matches", guest_second, size)
            if matches:
                second = host.read_int(base + index * 16 + 8, 8, "big")
                return Found(base + index * 16, first, second, guest_second)
    return None


def _refusal(core: Core, second: int, segment: int, data: bool, is_store: bool) -> int:
    """Why the partition itself does not permit the access, as a bit of DSISR or SRR1; 0 if it does."""
    (key,) = core.ask("storage_key", segment)
    may_read, may_write = core.ask("page_protection", second, key)
    if not data:
        (executable,) = core.ask("executable", second)
        if not executable:
            return core.constant("NO_EXECUTE")
    if not (may_write if is_store else may_read):
        return core.constant("PROTECTION")
    if data and core.field("MSR", "DR"):
        (denied,) = core.ask("class_key_denials", second)
        # AMR's pair of bits: the first denies stores, the second loads.
        if denied >> int(is_store) & 1:
            return core.constant("CLASS_KEY")
    return 0


def _page_of(vcpu: Book3sVcpu, found: Found, address: int) -> OutsideMemory | Resolvable | Reflect:
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


def _make_valid(vcpu: Book3sVcpu, page: Resolvable) -> None:
    core, vm, found = vcpu.core, vcpu.vm, page.found
    (second,) = core.ask("host_second", found.guest_second, page.size, page.host)
    first = found.first & ~core.constant("HPTE_ABSENT") | core.constant("HPTE_VALID")
    index = (found.address - vm.hpt_base) >> 4
    before = Entry(index, found.first, found.second, found.guest_second)
    vm.replace_entry(before, Entry(index, first, second, found.guest_second))
