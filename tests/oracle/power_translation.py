"""Translation of POWER7 and the PowerPC 970 in Python, written from the book and not from the description.

Power ISA 2.06 Book III-S, chapter 5 (5.7.2 to 5.7.9); PowerPC Operating Environment 2.02 for the 970. Bits are counted
from the left, as there: `bits(word, first, last)`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from bitstring import Bits

LOAD, STORE, FETCH = 0, 1, 2
RESERVED: Final = 0
_DOUBLEWORD: Final = (1 << 64) - 1


def bits(word: int, first: int, last: int) -> int:
    """Bits of a doubleword."""
    return int(Bits(uint=word & _DOUBLEWORD, length=64)[first : last + 1].uint)


@dataclass
class World:
    """What a translation depends on. `slb`: (first, second doubleword); `table`: doublewords by real address."""

    core: str
    msr: int = 0
    lpcr: int = 0
    rmor: int = 0
    hrmor: int = 0
    hid4: int = 0
    sdr1: int = 0
    amr: int = 0
    slb: list[tuple[int, int]] = field(default_factory=list)
    table: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Real:
    """The access goes to a real address. `entry`: the page table entry used, and its second doubleword afterwards."""

    address: int
    entry: int = 0
    second: int = 0


@dataclass(frozen=True)
class Refused:
    """An interrupt, by its vector, with the bits that DSISR, HDSISR, SRR1 or HSRR1 have; zero for a missing segment."""

    vector: int
    status: int = 0


BASE_SIZES: Final = {
    "power7": {0b000: 12, 0b001: 12, 0b010: 12, 0b011: 12, 0b100: 24, 0b101: 16, 0b110: 34, 0b111: RESERVED},
    "ppc970": {0b000: 12, 0b001: 12, 0b010: 12, 0b011: 12, 0b100: 24, 0b101: 24, 0b110: 24, 0b111: 24},
}
"""log2 of the base page size by L and LP of the segment. The 970 has no LP."""
ACTUAL_SIZES: Final = {
    12: ((0xF, 0x7, 16), (0xFF, 0x38, 24)),
    16: ((0xF, 0x1, 16), (0xFF, 0x08, 24)),
    24: ((0xFF, 0x00, 24),),
    34: ((0xFF, 0x03, 34),),
}
"""By base page size, for entries with L = 1: bits of LP that are looked at, their value, log2 of the page's size."""
REAL_MODE_LIMITS: Final = {0b0000: 38, 0b0001: 34, 0b0010: 30, 0b0011: 26, 0b0100: 28, 0b0111: 27, 0b1000: 25}


def translate(world: World, ea: int, kind: int) -> Real | Refused:
    """Where an access goes, or which interrupt it causes."""
    power7 = world.core == "power7"
    sixty_four, hypervisor, problem = bits(world.msr, 0, 0), bits(world.msr, 3, 3), bits(world.msr, 49, 49)
    relocated = bits(world.msr, 58, 58) if kind == FETCH else bits(world.msr, 59, 59)
    if not sixty_four:
        ea &= 0xFFFFFFFF
    if relocated:
        segment = _segment(world, ea)
        if segment is None:
            return Refused(0x480 if kind == FETCH else 0x380)
        virtualized = power7 and not hypervisor and bits(world.lpcr, 1, 1)
        if kind == FETCH and bits(segment, 54, 54):
            return _storage(kind, 35, bool(virtualized))
        key = bits(segment, 53, 53) if problem else bits(segment, 52, 52)
        return _paged(world, ea, kind, segment, key, bool(virtualized), bool(bits(world.msr, 59, 59)))
    if hypervisor:
        real = ea & 0x0FFFFFFFFFFFFFFF
        return Real(real | world.hrmor if power7 and not ea >> 63 else real)
    if power7 and bits(world.lpcr, 0, 0):
        segment = 1 << 62 | 0x1FFFFFF << 24 | bits(world.lpcr, 12, 12) << 8 | bits(world.lpcr, 15, 16) << 4
        return _paged(world, ea & 0xFFFFFFFFFF, kind, segment, 0, True, bool(bits(world.msr, 59, 59)))
    if power7:
        selector, offset = bits(world.lpcr, 34, 37), world.rmor
    else:
        selector = bits(world.hid4, 58, 58) << 2 | bits(world.hid4, 1, 2)
        offset = bits(world.hid4, 7, 22) << 26
    real = ea & 0x0FFFFFFFFFFFFFFF
    if selector not in REAL_MODE_LIMITS or real >> REAL_MODE_LIMITS[selector]:
        return _storage(kind, 36, False)
    return Real(real | offset)


def _segment(world: World, ea: int) -> int | None:
    for first, second in world.slb:
        shift = 40 if bits(second, 0, 1) == 1 else 28
        if bits(first, 36, 36) and first >> shift == ea >> shift:
            if world.core == "power7" and bits(world.lpcr, 2, 2):
                second &= ~(1 << 63 - 55 | 1 << 63 - 58 | 1 << 63 - 59)
            size = BASE_SIZES[world.core][bits(second, 55, 55) << 2 | bits(second, 58, 59)]
            return None if size == RESERVED else second
    return None


def _storage(kind: int, bit: int, to_hypervisor: bool) -> Refused:
    status = 1 << 63 - bit
    if kind == FETCH:
        return Refused(0xE20 if to_hypervisor else 0x400, status)
    return Refused(0xE00 if to_hypervisor else 0x300, status | (1 << 63 - 38 if kind == STORE else 0))


def place(world: World, ea: int, segment: int) -> tuple[list[tuple[int, int]], int]:
    """For a page: both groups as (real address, H), and the AVA field with the bits of it that count."""
    base = BASE_SIZES[world.core][bits(segment, 55, 55) << 2 | bits(segment, 58, 59)]
    if bits(segment, 0, 1) == 1:
        vsid, offset_bits = bits(segment, 2, 39), 40
        hashed = vsid ^ vsid << 25
    else:
        vsid, offset_bits = bits(segment, 2, 51), 28
        hashed = vsid
    offset = ea & (1 << offset_bits) - 1
    hashed = (hashed ^ offset >> base) & (1 << 39) - 1
    mask = (1 << 11 + bits(world.sdr1, 59, 63)) - 1
    origin = bits(world.sdr1, 4, 45) << 18
    groups = [(origin | (hashed & mask) << 7, 0), (origin | (~hashed & mask) << 7, 1)]
    # AVA is the virtual address without its last 23 bits; of those, what lies within a page of more does not count.
    ava = (vsid << offset_bits | offset) >> 23
    return groups, ava & ~((1 << max(0, base - 23)) - 1)


def _paged(
    world: World, ea: int, kind: int, segment: int, key: int, virtualized: bool, with_keys: bool
) -> Real | Refused:
    base = BASE_SIZES[world.core][bits(segment, 55, 55) << 2 | bits(segment, 58, 59)]
    if base == RESERVED:
        return _storage(kind, 33, virtualized)
    groups, ava = place(world, ea, segment)
    uncounted = (1 << max(0, base - 23)) - 1
    for group, secondary in groups:
        if secondary and world.core == "power7" and bits(world.lpcr, 54, 54):
            continue
        for entry in range(group, group + 128, 16):
            first, second = world.table.get(entry, 0), world.table.get(entry + 8, 0)
            same = bits(first, 2, 56) & ~uncounted == ava and bits(first, 0, 1) == bits(segment, 0, 1)
            size = _actual_size(world, base, first, second)
            if bits(first, 63, 63) and bits(first, 62, 62) == secondary and same and size:
                return _checked(world, ea, kind, key, virtualized, with_keys, entry, second, size)
    return _storage(kind, 33, virtualized)


def _actual_size(world: World, base: int, first: int, second: int) -> int:
    if not bits(first, 61, 61):
        return 12 if base == 12 else 0
    if world.core == "ppc970":
        return 24 if base == 24 and bits(second, 44, 51) == 0 else 0
    for looked_at, value, size in ACTUAL_SIZES[base]:
        if bits(second, 44, 51) & looked_at == value:
            return size
    return 0


def _checked(
    world: World, ea: int, kind: int, key: int, virtualized: bool, with_keys: bool, entry: int, second: int, size: int
) -> Real | Refused:
    if kind == FETCH and (bits(second, 60, 60) or bits(second, 61, 61)):
        return _storage(kind, 35, virtualized)
    number = bits(second, 2, 3) << 3 | bits(second, 52, 54)
    if (
        world.core == "power7"
        and kind != FETCH
        and with_keys
        and bits(world.amr, 2 * number + kind ^ 1, 2 * number + kind ^ 1)
    ):
        return _storage(kind, 42, virtualized)
    protection = bits(second, 0, 0) << 2 | bits(second, 62, 63)
    # Figure of 5.7.9.1: with key 0 and 1, what PP permits.
    permitted = {
        0b000: ("rw", ""),
        0b001: ("rw", "r"),
        0b010: ("rw", "rw"),
        0b011: ("r", "r"),
        0b110: ("r", ""),
    }.get(protection, ("", ""))[key]
    if ("w" if kind == STORE else "r") not in permitted:
        return _storage(kind, 36, virtualized)
    after = second | 0x100 | (0x80 if kind == STORE else 0)
    offset = (1 << size) - 1
    return Real(second & 0x0FFFFFFFFFFFF000 & ~offset | ea & offset, entry, after)
