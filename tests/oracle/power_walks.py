"""Random walks of address translation, as guest programs.

A walk changes segments, page table entries, LPCR, RMOR, HRMOR, AMR, HID4 and the partition, and makes accesses in
between, whose outcome the model of power_translation.py foretells. Nothing of it is done behind the engine's back, so
that what an engine remembers of a translation has to go when the architecture says so.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from .power_translation import (
    ACTUAL_SIZES,
    BASE_SIZES,
    FETCH,
    LOAD,
    STORE,
    Real,
    Refused,
    World,
    bits,
    place,
    translate,
)
from .power_walk_program import (
    FREE,
    NOTE_SIZE,
    OFFSETS,
    RAM,
    REAL,
    STORED,
    STUB_PAGE,
    STUB_RELOCATED,
    STUB_SEGMENT,
    TABLES,
    UNTOUCHED,
    Step,
    Walk,
    pattern,
)
from .power_worlds import LIMITS, draw_segment, vrma


class Walker:
    """Makes one walk."""

    def __init__(self, rng: random.Random, core: str, flushes: bool) -> None:
        """`flushes`: whether each change of an entry is followed by tlbie, as software owes it."""
        self._rng, self._core, self._flushes = rng, core, flushes
        self._world = World(core, sdr1=TABLES[0])
        self._slots: dict[int, tuple[int, int]] = {}
        self._walk = Walk([])
        self._addresses: list[int] = []
        self._done: list[str] = []
        self._fixed: set[int] = set()
        if core == "ppc970":
            self._world.hid4 = 1 << 63 | 1 << 57
        for number, sdr1 in enumerate(TABLES):
            self._world.sdr1 = sdr1
            self._fix(STUB_RELOCATED, STUB_SEGMENT[1], STUB_PAGE, 12, 7 - number)
            if core == "power7":
                for lpcr, size in ((0, 12), (1 << 51 | 1 << 47, 16), (1 << 51, 24)):
                    self._world.lpcr = lpcr
                    self._fix(STUB_PAGE, vrma(self._world), STUB_PAGE if size < 24 else 0, size, number)
        self._world.sdr1, self._world.lpcr = TABLES[0], 0
        self._stub_slot = 31 if core == "power7" else 63
        self._slots[self._stub_slot] = STUB_SEGMENT
        self._walk.memory = dict(self._world.table)

    def _fix(self, address: int, segment: int, real: int, size: int, slot: int) -> None:
        """An entry that no step touches."""
        groups, ava = place(self._world, address, segment)
        entry = groups[0][0] + 16 * slot
        large = {12: 0, 16: 0x1000, 24: 0}[size]
        first = bits(segment, 0, 1) << 62 | ava << 7 | (size > 12) << 2 | 1
        self._world.table[entry], self._world.table[entry + 8] = first, real | large | 0x192
        self._fixed.add(entry)

    # The program

    def _say(self, *lines: str) -> None:
        self._walk.text += lines

    def _load(self, register: int, value: int) -> None:
        self._say(f"load64 %r{register}, {value & (1 << 64) - 1:#x}")

    def make(self, count: int) -> Walk:
        """A walk with so many accesses."""
        self._enter_slot(self._stub_slot, STUB_SEGMENT)
        for change in (self._segment_changes,) * 4 + (self._entry_changes,) * 10:
            change()
        while len(self._walk.steps) < count:
            for _ in range(self._rng.choice((0, 0, 1, 1, 2))):
                self._rng.choice(self._changes())()
            self._access()
        return self._walk

    def _changes(self) -> list[Callable[[], None]]:
        common = [self._segment_changes, self._segment_goes, self._entry_changes, self._entry_changes]
        common += [self._entry_changes, self._entry_goes, self._all_segments_go, self._partition_changes]
        return [*common, self._control_changes, self._control_changes]

    # Segments

    def _enter_slot(self, slot: int, entry: tuple[int, int]) -> None:
        self._load(3, entry[0] | slot)
        self._load(4, entry[1])
        self._say("slbmte %r4, %r3", "isync")
        self._slots[slot] = entry
        self._world.slb = list(self._slots.values())

    def _segment_changes(self) -> None:
        """An entry is written: a free one, or, without slbie, one that was in use."""
        slot, entry = self._rng.randrange(1, 7), draw_segment(self._rng, self._core)
        others = [one for number, one in self._slots.items() if number != slot]
        if any(_overlap(entry, other) for other in others):
            return
        self._done.append(f"slbmte {slot}: {entry[0]:#x}, {entry[1]:#x}")
        self._enter_slot(slot, entry)

    def _segment_goes(self) -> None:
        if slot := self._own_slot():
            first, second = self._slots.pop(slot)
            terabyte = bits(second, 0, 1) == 1
            self._load(3, first & (~0 << (40 if terabyte else 28)) | terabyte << 25 | 0)
            self._say("slbie %r3", "isync")
            self._world.slb = list(self._slots.values())
            self._done.append(f"slbie {first:#x}")

    def _all_segments_go(self) -> None:
        if self._rng.random() < 0.4:
            self._say("slbia", "isync")
            self._slots.clear()
            self._enter_slot(self._stub_slot, STUB_SEGMENT)
            self._done.append("slbia")

    def _own_slot(self) -> int:
        own = [slot for slot in self._slots if slot != self._stub_slot]
        return self._rng.choice(own) if own else 0

    # The page table

    def _some_address(self) -> tuple[int, int] | None:
        """An effective address, and the segment that it is in: an SLB entry's, or virtual real mode's."""
        if self._core == "power7" and bits(self._world.lpcr, 0, 0) and self._rng.random() < 0.4:
            return self._rng.randrange(FREE, RAM, 8), vrma(self._world)
        slot = self._own_slot()
        if not slot:
            return None
        first, second = self._slots[slot]
        within = 40 if bits(second, 0, 1) == 1 else 28
        known = [one for one in self._addresses if one >> within == first >> within]
        offset = self._rng.choice((self._rng.getrandbits(12), self._rng.getrandbits(20), self._rng.getrandbits(within)))
        address = self._rng.choice(known) if known and self._rng.random() < 0.7 else first >> within << within | offset
        return address & ~7, second

    def _entry_changes(self) -> None:
        """An entry for some page: a new one, or the one that there is with another page or other rights."""
        if (chosen := self._some_address()) is None:
            return
        rng, world, (address, segment) = self._rng, self._world, chosen
        base = BASE_SIZES[self._core][bits(segment, 55, 55) << 2 | bits(segment, 58, 59)]
        if base not in (12, 16, 24):
            return
        groups, ava = place(world, address, segment)
        encodings = list(ACTUAL_SIZES[base]) if self._core == "power7" else [(0xFF, 0, 24)] if base == 24 else []
        choices = encodings if base > 12 else [(0, 0, 12), (0, 0, 12), *encodings]
        looked_at, value, size = rng.choice(choices)
        old = self._entry_of(groups, ava, base, segment)
        group, secondary = rng.choice(groups)
        entry = old if old else group + 16 * rng.randrange(8)
        if entry in self._fixed:
            return
        if old:
            secondary = bits(world.table[old], 62, 62)
        page = rng.randrange(1, 4) << 24 if size > 16 else rng.randrange(FREE, RAM, 1 << size)
        permission = rng.choice((0b010, 0b010, 0b010, 0b000, 0b001, 0b011, 0b110, 0b100))
        key = rng.choice((0, 0, 0, rng.getrandbits(5)))
        second = page | (value & looked_at) << 12 | permission >> 2 << 63 | permission & 3 | key >> 3 << 60
        second |= (key & 7) << 9 | rng.choice((0, 0, 0, 4, 8)) | rng.choice((0, 0x100, 0x180)) | 0x10
        first = bits(segment, 0, 1) << 62 | ava << 7 | (size > 12 or base > 12) << 2 | secondary << 1 | 1
        self._write(entry, first, second, address)
        self._addresses.append(address)

    def _entry_of(self, groups: Sequence[tuple[int, int]], ava: int, base: int, segment: int) -> int:
        """The entry that a page has already: software never has two."""
        for group, secondary in groups:
            for entry in range(group, group + 128, 16):
                first = self._world.table.get(entry, 0)
                same = bits(first, 2, 56) == ava and bits(first, 0, 1) == bits(segment, 0, 1)
                if first & 1 and bits(first, 62, 62) == secondary and same and bits(first, 61, 61) >= (base > 12):
                    return entry
        return 0

    def _entry_goes(self) -> None:
        own = [at for at in self._world.table if at % 16 == 0 and at not in self._fixed and self._world.table[at] & 1]
        if own:
            entry = self._rng.choice(own)
            self._write(entry, 0, self._world.table[entry + 8], 0)

    def _write(self, entry: int, first: int, second: int, address: int) -> None:
        """As 5.10.1 has it: invalid, flushed, second doubleword, valid."""
        old = self._world.table.get(entry, 0)
        self._load(3, REAL | entry)
        self._say("li %r4, 0", "std %r4, 0(%r3)", "ptesync")
        if old & 1 and self._flushes:
            self._flush(old, self._world.table[entry + 8], address)
        if first:
            self._load(4, second)
            self._say("std %r4, 8(%r3)", "eieio")
            self._load(4, first)
            self._say("std %r4, 0(%r3)", "ptesync")
        self._world.table[entry], self._world.table[entry + 8] = first, second
        self._done.append(f"entry {entry:#x}: {first:#x}, {second:#x}")

    def _flush(self, first: int, second: int, address: int) -> None:
        """tlbie of a page, with all its flags."""
        large = bits(first, 61, 61)
        self._load(
            4, address & (1 << 52) - 1 & ~0xFFF | bits(first, 0, 1) << 8 | (second & 0xFF000 | 1 if large else 0)
        )
        if self._core == "power7":
            self._load(5, self._partition() + 1)
            self._say("tlbie %r4, %r5")
        else:
            self._say(f"tlbie %r4, {large}")
        self._say("eieio", "tlbsync", "ptesync")

    # Partitions and what the hypervisor sets

    def _partition(self) -> int:
        return TABLES.index(self._world.sdr1)

    def _partition_changes(self) -> None:
        """The other partition's page table and number. POWER7 knows whose a translation is, the 970 forgets all."""
        world, number = self._world, 1 - self._partition()
        world.sdr1 = TABLES[number]
        self._load(3, world.sdr1)
        if self._core == "power7":
            self._say("li %r4, 1023", "mtspr 319, %r4", "isync", "mtspr 25, %r3", f"li %r4, {number + 1}")
            self._say("mtspr 319, %r4", "isync")
        else:
            world.hid4 = world.hid4 & ~(0xF << 57) | number + 1 << 57
            self._say("ptesync", "mtspr 25, %r3")
            self._load(4, world.hid4)
            self._say("mtspr 1012, %r4", "isync", "li %r3, 256", "mtctr %r3", "li %r3, 0")
            self._say("1: tlbiel %r3", "addi %r3, %r3, 0x1000", "bdnz 1b", "ptesync")
        self._done.append(f"partition {number}")

    def _control_changes(self) -> None:
        rng, world = self._rng, self._world
        if self._core == "ppc970":
            limit = rng.choice(LIMITS[:6])
            world.hid4 = world.hid4 & 0xF << 57 | (limit >> 2 & 1) << 5 | (limit & 3) << 61 | 1 << 63
            register, value = 1012, world.hid4
        else:
            match rng.choice(("lpcr", "lpcr", "rmor", "hrmor", "amr")):
                case "lpcr":
                    sizes = rng.choice(((0, 0), (1, 1), (1, 0)))
                    world.lpcr = rng.getrandbits(2) << 62 | sizes[0] << 51 | sizes[1] << 47 | rng.choice(LIMITS) << 26
                    world.lpcr |= (rng.random() < 0.1) << 61 | (rng.random() < 0.1) << 9  # ISL, TC
                    register, value = 318, world.lpcr
                case "rmor":
                    register, value = 312, rng.choice(OFFSETS)
                    world.rmor = value
                case "hrmor":
                    register, value = 313, rng.choice(OFFSETS)
                    world.hrmor = value
                case _:
                    register, value = 29, rng.choice((0, rng.getrandbits(64), 0b01 << 62, 0b10 << 62))
                    world.amr = value
        self._load(3, value)
        self._say(f"mtspr {register}, %r3", "isync")
        self._done.append(f"spr {register} = {value:#x}")

    # Accesses

    def _access(self) -> None:
        """One of some that could be made: half of them go through."""
        wanted = self._rng.choice((Real, Refused))
        for _ in range(8):
            drawn = self._draw_access()
            if drawn is not None and isinstance(drawn[-1], wanted):
                break
        if drawn is not None:
            self._world.msr = drawn[0]
            self._make(*drawn[1:])

    def _draw_access(self) -> tuple[int, int, int, int, Real | Refused] | None:
        """MSR, kind, address, stub, what is expected; None where it would touch what is not the walk's."""
        rng, world = self._rng, self._world
        hypervisor, problem = rng.choice(((1, 0), (0, 0), (0, 1), (0, 0)))
        # rfid to problem state turns relocation on.
        relocated, fetched = rng.choice((1, 1, 1, 0)) | problem, rng.choice((0, 1, 1)) | problem
        kind = rng.choice((LOAD, LOAD, STORE, FETCH))
        wide = rng.random() >= 0.05
        world.msr = (
            wide << 63 | hypervisor << 60 | problem << 14 | problem << 15 | fetched << 5 | relocated << 4 | 0x1000
        )
        through_table = fetched if kind == FETCH else relocated
        address = rng.choice(self._addresses) if self._addresses and rng.random() < 0.8 else -1
        if address < 0 or (not through_table and address >= RAM):
            chosen = self._some_address() if through_table else None
            address = chosen[0] if chosen else rng.randrange(FREE, RAM, 8)
        if not through_table and hypervisor and wide and rng.random() < 0.5:
            address |= REAL
        stub = STUB_RELOCATED if fetched else REAL | STUB_PAGE if hypervisor and wide else STUB_PAGE
        expected = translate(world, address, kind)
        if kind != FETCH:
            offset = 0 if kind == LOAD else 8
            stub += offset
            code = translate(world, stub, FETCH)
            if isinstance(code, Refused):
                expected, kind, address = code, FETCH, stub
            elif code.address != STUB_PAGE + offset:
                return None
        if isinstance(expected, Real) and not FREE <= expected.address <= RAM - 8:
            return None
        return world.msr, kind, address, stub, expected

    def _make(self, kind: int, address: int, stub: int, expected: Real | Refused) -> None:
        world, number = self._world, len(self._walk.steps)
        self._load(4, address)
        self._load(5, UNTOUCHED)
        if isinstance(expected, Real):
            self._load(6, pattern(expected.address, STORED))
        self._load(7, world.msr)
        self._load(8, address if kind == FETCH else stub)
        self._say("mtspr 27, %r7", "mtspr 26, %r8", "bl 1f\n1: mflr %r28\naddi %r28, %r28, 12", "rfid", "nop")
        if isinstance(expected, Real):
            self._load(3, REAL | expected.address)
            self._say("ld %r4, 0(%r3)", "std %r4, 64(%r29)")
            if kind == STORE:
                self._load(4, pattern(expected.address))
                self._say("std %r4, 0(%r3)")
            if expected.entry:
                self._load(3, REAL | expected.entry)
                self._say("ld %r4, 8(%r3)", "std %r4, 72(%r29)")
                world.table[expected.entry + 8] = expected.second
        self._say(f"addi %r29, %r29, {NOTE_SIZE}")
        story = f"number {number}: {', '.join(self._done) or 'nothing'}; MSR {world.msr:#x}, LPCR {world.lpcr:#x}"
        self._walk.steps.append(Step(kind, address, stub, expected, story))
        self._done.clear()


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    size = 40 if 1 in (bits(one[1], 0, 1), bits(other[1], 0, 1)) else 28
    return one[0] >> size == other[0] >> size
