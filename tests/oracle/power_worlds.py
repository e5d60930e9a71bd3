"""Random states of address translation: segments, a page table, LPCR, HID4 and what else there is, and an access."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from .power_translation import ACTUAL_SIZES, BASE_SIZES, FETCH, LOAD, STORE, World, bits, place

TABLE: Final = 0x40000
"""Real address of the page table, whose 256 KB are the least that there may be."""
CODE: Final = 0x1000
"""Effective address of the instruction that makes an access; its page is in the first MB of what real mode shows."""
LIMITS: Final = (0b0000, 0b0001, 0b0010, 0b0011, 0b0100, 0b0111, 0b1000, 0b0101)


@dataclass(frozen=True)
class Access:
    """An access in a world."""

    world: World
    address: int
    kind: int


def draw(rng: random.Random, core: str) -> Access:
    """One state. Of its accesses about half go through."""
    world = World(core)
    hypervisor, problem = rng.choice(((1, 0), (0, 0), (0, 1), (0, 0)))
    relocated, fetched = rng.choice((1, 1, 0)), rng.choice((0, 0, 1))
    world.msr = 1 << 63 | hypervisor << 60 | problem << 14 | fetched << 5 | relocated << 4
    if rng.random() < 0.05:
        world.msr &= ~(1 << 63)
    if core == "power7":
        sizes = rng.choice(((0, 0), (1, 1), (1, 0)))
        world.lpcr = rng.getrandbits(2) << 62 | sizes[0] << 51 | sizes[1] << 47 | rng.choice(LIMITS) << 26 | 0b1100
        # ISL, TC.
        world.lpcr |= (rng.random() < 0.15) << 61 | (rng.random() < 0.15) << 9
        world.rmor, world.hrmor = rng.choice((0, 1 << 20, 3 << 20)), rng.choice((0, 1 << 20, 5 << 20))
        world.amr = rng.choice((0, rng.getrandbits(64), 0b01 << 62, 0b10 << 62))
    else:
        limit = rng.choice(LIMITS[:6])
        world.hid4 = 1 << 6 | (limit >> 2 & 1) << 5 | (limit & 3) << 61 | rng.choice((0, 1)) << 41 | 1 << 63
    world.sdr1 = TABLE
    for _ in range(rng.randrange(1, 6)):
        world.slb.append(draw_segment(rng, core))
    address = _address(rng, world)
    kind = rng.choice((LOAD, STORE, FETCH))
    segment = _segment_used(world, address, kind)
    if segment is not None and rng.random() < 0.9:
        _enter(rng, world, address, segment)
    return Access(world, address, kind)


def draw_segment(rng: random.Random, core: str) -> tuple[int, int]:
    large = rng.choice((0, 0, 1))
    size = rng.choice((0, 1, 2, 3, 1)) if large else 0
    terabyte = rng.choice((0, 1)) if core == "power7" else 0
    number = rng.choice((0, 1, 2, 0xC00000000, 0xFFFFFFFFF, rng.getrandbits(36)))
    first = number << 28 & (~0 << 40 if terabyte else ~0) & (1 << 64) - 1
    keys = rng.getrandbits(3) if rng.random() < 0.5 else 0
    vsid = rng.getrandbits(26 if terabyte else 37) << (24 if terabyte else 12)
    second = terabyte << 62 | vsid | keys << 9 | large << 8 | size << 4
    return first | (rng.random() < 0.95) << 27, second


def _address(rng: random.Random, world: World) -> int:
    first, second = rng.choice(world.slb)
    within = 40 if bits(second, 0, 1) == 1 else 28
    base = first >> 28 << 28 if rng.random() < 0.9 else 0
    offset = rng.choice((rng.getrandbits(12), rng.getrandbits(20), rng.getrandbits(within)))
    return (base | offset) & ~7 if rng.random() < 0.97 else rng.getrandbits(64) & ~7


def _segment_used(world: World, address: int, kind: int) -> int | None:
    if not bits(world.msr, 0, 0):
        address &= 0xFFFFFFFF
    if bits(world.msr, 58, 58) if kind == FETCH else bits(world.msr, 59, 59):
        for first, second in world.slb:
            shift = 40 if bits(second, 0, 1) == 1 else 28
            if first >> 27 & 1 and first >> shift == address >> shift:
                return second & ~0x130 if bits(world.lpcr, 2, 2) else second
        return None
    return vrma(world)


def vrma(world: World) -> int:
    """The segment of virtual real mode."""
    return 1 << 62 | 0x1FFFFFF << 24 | bits(world.lpcr, 12, 12) << 8 | bits(world.lpcr, 15, 16) << 4


def _enter(rng: random.Random, world: World, address: int, segment: int) -> None:
    """An entry for the page of an address, in either group, sometimes not quite it."""
    base = BASE_SIZES[world.core][bits(segment, 55, 55) << 2 | bits(segment, 58, 59)]
    if not base:
        return
    if not bits(world.msr, 0, 0):
        address &= 0xFFFFFFFF
    groups, ava = place(world, address, segment)
    group, secondary = rng.choice(groups)
    encodings = list(ACTUAL_SIZES[base]) if world.core == "power7" else [(0xFF, 0, 24)] if base == 24 else []
    looked_at, value, size = rng.choice(encodings) if encodings and (base > 12 or rng.random() < 0.5) else (0, 0, 12)
    if rng.random() < 0.05:
        value ^= 0x10
    number = rng.randrange(1, 12) << 19 if size < 20 else rng.choice((1, 2)) << 24 if size < 34 else 0
    real = (number | rng.getrandbits(19)) & ~((1 << size) - 1)
    permission = rng.choice((0b010, 0b010, 0b000, 0b001, 0b011, 0b110, 0b100))
    key = rng.choice((0, 0, rng.getrandbits(5)))
    second = real | (value & looked_at) << 12 | permission >> 2 << 63 | permission & 3
    second |= key >> 3 << 60 | (key & 7) << 9 | rng.choice((0, 0, 4, 8)) | rng.choice((0, 0x100, 0x180)) | 0x10
    first = (
        bits(segment, 0, 1) << 62 | ava << 7 | (size > 12 or base > 12) << 2 | secondary << 1 | (rng.random() < 0.97)
    )
    if rng.random() < 0.04:
        first ^= 1 << rng.randrange(7, 40)
    entry = group + 16 * rng.randrange(8)
    world.table[entry], world.table[entry + 8] = first, second


def enter_code(world: World, real: int) -> bool:
    """Has CODE fetched from `real` where fetches go through a table; whether the world lets it."""
    relocated = bits(world.msr, 58, 58)
    if relocated:
        world.slb.append((1 << 27, 0x7777 << 12))
        segment = _segment_used(world, CODE, FETCH)
    elif not bits(world.msr, 3, 3) and world.core == "power7" and bits(world.lpcr, 0, 0):
        segment = vrma(world)
    else:
        return True
    if segment is None or bits(segment, 55, 55):
        return False
    groups, ava = place(world, CODE, segment)
    for group, secondary in groups:
        for entry in range(group, group + 128, 16):
            if entry not in world.table:
                first = bits(segment, 0, 1) << 62 | ava << 7 | secondary << 1 | 1
                world.table[entry], world.table[entry + 8] = first, real | 0x182
                return True
    return False
