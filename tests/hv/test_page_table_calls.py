"""Page table calls in any order, against a small model of what a partition sees of its table."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trapline.server.hv.book3s.vcpu import Book3sVcpu
from trapline.server.hv.exits import Interrupted
from trapline.server.machine.physical import MemorySlot
from trapline.server.machine.ram import GuestRam

from ..server.guests import number
from . import hosts
from .hosts import gpr, host, put, vcpu_of, vm_of

MASK = (1 << 64) - 1
SUCCESS, PARAMETER, FULL, NOT_FOUND = 0, -4 & MASK, -6 & MASK, -7 & MASK
EXACT, READ_4, AVPN, ANDCOND = 1 << 39, 1 << 37, 1 << 31, 1 << 30
RAM, SECOND_SLOT = 32 << 20, 0x1000_0000
ENTRIES = 1 << 14
PATIENCE = 64

INDICES = st.sampled_from([0x910, 0x911, 0x912, 0x913, 0x917, 0x918, 0, ENTRIES - 1, ENTRIES, MASK])
FIRSTS = st.sampled_from([0x123001, 0x123003, 0x123005, 0x123015, 0x456080 | 1, 0x123061])
PAGES = st.sampled_from([0x190, 0x20192, 0x21192, 0x1F00192, 0x1FF0192, SECOND_SLOT | 0x192, 0x80_0000_0000 | 0x1BA])
CONDITIONS = st.sampled_from([0, AVPN, ANDCOND, AVPN | ANDCOND])
MATCHES = st.sampled_from([0, 0x123000, 0x456080, 0x10])
PROTECTIONS = st.builds(int.__or__, CONDITIONS, st.sampled_from([0, 2, 3, 4, 0x100]))
CALLS = st.one_of(
    st.tuples(st.just("H_ENTER"), st.sampled_from([0, EXACT]), INDICES, FIRSTS, PAGES),
    st.tuples(st.just("H_REMOVE"), CONDITIONS, INDICES, MATCHES),
    st.tuples(st.just("H_READ"), st.sampled_from([0, READ_4]), INDICES),
    st.tuples(st.just("H_PROTECT"), PROTECTIONS, INDICES, MATCHES),
    st.tuples(st.just("H_BULK_REMOVE"), st.sampled_from([0x40, 0x41, 0x42, 0x43, 0xC0, 0]), INDICES, MATCHES),
    st.tuples(st.just("page_out"), st.sampled_from([0, 0x20000, 0x1F0_0000])),
)


@dataclass
class Model:
    """The table as the partition sees it, from PAPR 14.5.4.1 alone: index to first and second doubleword.

    `ram`: bytes from 0 on. With `has_devices` a page that is no memory is a device's; the 970 cannot have one.
    """

    entries: dict[int, tuple[int, int]] = field(default_factory=dict)
    ram: int = RAM
    has_devices: bool = True

    def page_size(self, first: int, second: int) -> int:
        if not first & 4:
            return 0x1000
        if second & 0xF000 == 0x1000:
            return 0x1_0000
        return 0 if second & 0xFF000 else 0x100_0000

    def refuses(self, first: int, second: int) -> bool:
        size = self.page_size(first, second)
        if not size:
            return True
        page = second & 0x0FFF_FFFF_FFFF_F000 & -size
        slots = ((0, self.ram), (SECOND_SLOT, 0x1_0000))
        holding = [slot for slot in slots if slot[0] <= page < slot[0] + slot[1]]
        return any((base | length) % size for base, length in holding) if holding else not self.has_devices

    def enter(self, flags: int, index: int, first: int, second: int) -> tuple[int, ...]:
        if index >= ENTRIES or self.refuses(first, second):
            return (PARAMETER,)
        places = [index] if flags & EXACT else [index & ~7 | n for n in range(8)]
        free = next((place for place in places if place not in self.entries), None)
        if free is None:
            return (FULL,)
        self.entries[free] = (first & ~0x60 | 1, second)
        return SUCCESS, free

    def matches(self, flags: int, index: int, match: int) -> bool:
        if index not in self.entries:
            return False
        # ABSENT and HVLOCK are the hypervisor's bits: conditions of these tests do not look at them, nor at V.
        first = self.entries[index][0]
        return not (flags & AVPN and first & ~0x7F != match) and not (flags & ANDCOND and first & match)

    def remove(self, flags: int, index: int, match: int) -> tuple[int, ...]:
        if index >= ENTRIES:
            return (PARAMETER,)
        if not self.matches(flags, index, match):
            return (NOT_FOUND,)
        return SUCCESS, *self.entries.pop(index)

    def executes(self, index: int, first: int) -> bool:
        """Whether an entry, of real mode's, still lets its page be executed: it is the partition's to lose."""
        kept, second = self.entries.get(index, (0, 0))
        protection = second >> 61 & 4 | second & 3
        return (kept ^ first) & ~0x7F == 0 and not second & 0xC and protection in (0, 1, 2, 3, 6)

    def read(self, flags: int, index: int) -> tuple[int, ...]:
        if index >= ENTRIES:
            return (PARAMETER,)
        places = range(index & ~3, (index & ~3) + 4) if flags & READ_4 else [index]
        # The second doubleword of a free entry is nobody's business.
        return SUCCESS, *(value for place in places for value in self.entries.get(place, (0, -1)))

    def protect(self, flags: int, index: int, match: int) -> tuple[int, ...]:
        if index >= ENTRIES:
            return (PARAMETER,)
        if not self.matches(flags & ~ANDCOND, index, match):
            return (NOT_FOUND,)
        first, second = self.entries[index]
        bits = (flags << 55) & 1 << 63 | (flags << 48) & 3 << 60 | flags & 0xE07
        self.entries[index] = first, second & ~(0xB << 60 | 0xE07) | bits
        return (SUCCESS,)

    def bulk_remove(self, code: int, index: int, match: int) -> tuple[int, ...]:
        request = code << 56 | index & (1 << 56) - 1
        kind, index = code & 3, index & (1 << 56) - 1
        if code >> 6 == 3:
            return SUCCESS, request
        if code >> 6 != 1 or kind == 3 or index >= ENTRIES:
            return PARAMETER, (0xA0 | kind) << 56 | index
        if not self.matches({0: 0, 1: ANDCOND, 2: AVPN}[kind], index, match):
            return SUCCESS, (0x90 | kind) << 56 | index
        _, second = self.entries.pop(index)
        return SUCCESS, (0x80 | kind) << 56 | (second & 0x180) << 51 | index


def call(vcpu: Book3sVcpu, name: str, *arguments: int) -> None:
    """One hypercall, registers set by hand."""
    vcpu.core.write("GPR", number(name), 3)
    for n, value in enumerate(arguments):
        vcpu.core.write("GPR", value, 4 + n)
    vcpu.core.pc = 0x4000
    # Its own page may have to be brought in first.
    before = vcpu.core.retired
    for _ in range(PATIENCE):
        vcpu.run(1)
        if vcpu.core.retired != before:
            return
    raise AssertionError(f"{name} does not come to be made: pc {vcpu.core.pc:#x}")


def answered(vcpu: Book3sVcpu, model: Model, name: str, *arguments: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What the hypervisor and the model say."""
    if name == "H_BULK_REMOVE":
        code, index, match = arguments
        call(vcpu, name, code << 56 | index & (1 << 56) - 1, match, 0xC0 << 56, 0)
        expected = model.bulk_remove(code, index, match)
    else:
        call(vcpu, name, *arguments)
        expected = getattr(model, name[2:].lower())(*arguments)
    got = [gpr(vcpu, 3 + n) for n in range(len(expected))]
    return tuple(-1 if want == -1 else one for one, want in zip(got, expected, strict=True)), expected


CORES = st.sampled_from(["power7", "ppc970"])


@settings(max_examples=50, deadline=None, derandomize=True)
@given(CORES, st.lists(CALLS, max_size=30))
def test_any_calls_in_any_order(core: str, calls: list[tuple[str, int]]) -> None:
    """Answers are the model's, also while the host takes pages away; no entry reaches memory that is not the
    partition's."""
    call_them(core, calls)


@pytest.mark.soak
@pytest.mark.parametrize("engine", ["reference", "native"])
def test_many_calls_in_any_order(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of lists of up to 120, other ones each time, on each engine."""
    monkeypatch.setattr(hosts, "ENGINE", [engine])
    settings(max_examples=200, deadline=None)(given(CORES, st.lists(CALLS, min_size=20, max_size=120))(call_them))()


def call_them(core: str, calls: list[tuple[str, int]]) -> None:
    """A partition that makes calls, beside the model."""
    vm = vm_of(host(core), size=RAM)
    slot = MemorySlot(1, SECOND_SLOT, 0x1_0000, GuestRam(0x1_0000))
    vm.set_user_memory_region(slot)
    put(vm, "sc 1\n")
    vcpu = vcpu_of(vm)
    vm.prepare()
    # Real mode's own entries are the partition's, too: that of the page with its code is the last of the table.
    own = {entry.index: (entry.first, entry.guest_second) for entry in vm.page_table.in_use()}
    model = Model(dict(own), vm.memory.slots[0].size, core == "power7")
    valid, page_bits = vcpu.core.constant("HPTE_VALID"), vcpu.core.constant("HPTE_REAL_PAGE")
    code, kept = own.get(ENTRIES - 1), vm.page_table.entry(ENTRIES - 1)
    for name, *arguments in calls:
        if code is not None and not model.executes(ENTRIES - 1, code[0]):
            # It has taken its own code away: one storage interrupt comes after the other. It gets it back here.
            vcpu.core.pc = 0x4000
            assert isinstance(vcpu.run(PATIENCE), Interrupted)
            assert vcpu.core.pc == 0x400
            vm.page_table.write(kept)
            vcpu.core.tlb_flush()
            model.entries[ENTRIES - 1] = code
        if name == "page_out":
            if not own or any(index in model.entries for index in own):
                vm.page_out(arguments[0], 0x1000)
            continue
        got, expected = answered(vcpu, model, name, *arguments)
        assert got == expected, (name, [hex(one) for one in arguments])
        inside = [(vm.host_address(one.base), vm.host_address(one.end)) for one in vm.memory.slots]
        for entry in vm.page_table.in_use():
            if entry.first & valid:
                (size,) = vcpu.core.ask("hpte_page_size", entry.first, entry.guest_second)
                page = entry.second & page_bits & -size
                assert any(start <= page and page + size <= end for start, end in inside), hex(entry.index)
