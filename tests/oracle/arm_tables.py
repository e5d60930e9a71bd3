"""Translation of the PL1&0 regime as ARM DDI 0406C tells it, in Python: a second opinion on the description's.

Written from the manual alone: B3.5 (short descriptors), B3.6 (long descriptors, stage 2), B3.7 (access control), B3.8
(attributes and their combination). Tables are drawn while they are walked: a descriptor that nobody has read yet gets a
random value.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final, Literal, NamedTuple

from bitstring import Bits

RAM: Final = 0x4000_0000
RAM_SIZE: Final = 64 << 20
TRANSLATION, ACCESS_FLAG, DOMAIN, PERMISSION, EXTERNAL = (
    "translation",
    "access_flag",
    "domain",
    "permission",
    "external",
)
LOAD, STORE, FETCH = 1, 2, 4
NORMAL: Final = (0x44, 0xFF, 0xAA, 0xEE, 0xF4, 0x4F, 0xBB, 0xFA, 0xAF)
ATTRIBUTES: Final = (0x00, 0x04, *NORMAL)
_SHIFT: Final = {1: 30, 2: 21, 3: 12}

# Short descriptors as B3.5.1 draws them, from bit 31 on. A section: base, NS, (supersection), nG, S, AP[2], TEX,
# AP[1:0], implementation defined, domain, XN, C and B, 1, PXN. A large page: base, XN, TEX, nG, S, AP[2], SBZ, AP[1:0],
# C and B, type; a small one: base, nG, S, AP[2], TEX, AP[1:0], C and B, 1, XN.
_SECTION: Final = (12, 1, 1, 1, 1, 1, 3, 2, 1, 4, 1, 2, 1, 1)
_LARGE_PAGE: Final = (16, 1, 3, 1, 1, 1, 3, 2, 2, 2)
_SMALL_PAGE: Final = (20, 1, 1, 1, 3, 2, 2, 1, 1)


class Fault(NamedTuple):
    """Why there is no translation; `ipa` and `on_walk` are of stage 2's faults."""

    kind: str
    level: int
    stage2: bool = False
    on_walk: bool = False
    ipa: int = 0


class Found(NamedTuple):
    """A translation: address, log2 of what is mapped alike, kinds of access, MAIR's attribute, shareability."""

    address: int
    size: int
    kinds: int
    attributes: int
    shareability: int


class Faulted(Exception):
    """A walk has ended."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass
class Controls:
    """What the registers hold, by the names of their fields."""

    values: dict[str, int] = field(default_factory=dict)

    def __getattr__(self, name: str) -> int:
        return self.values[name]


@dataclass
class Tables:
    """Memory with tables in it; `put(address, size, value, big_endian)` tells of a descriptor that was drawn."""

    draw: random.Random
    controls: Controls
    put: Callable[[int, int, int, bool], None]
    known: dict[int, int] = field(default_factory=dict)

    def descriptor(self, address: int, size: int, level: int, stage: int) -> int:
        """The descriptor at a physical address. Raises Faulted where no memory is."""
        if not RAM <= address < RAM + RAM_SIZE:
            raise Faulted(Fault(EXTERNAL, level))
        big = bool(self.controls.HEE if stage == 2 else self.controls.EE)
        order: Literal["big", "little"] = "big" if big else "little"
        places = range(address, address + size)
        if any(place not in self.known for place in places):
            value = self._short(level) if size == 4 else self._long(level, stage)
            # Tables of both stages may lie in the same memory, and may be read in other byte orders and sizes.
            for place, byte in zip(places, value.to_bytes(size, order), strict=True):
                self.known.setdefault(place, byte)
            self.put(address, size, self._value(places, order), big)
        return self._value(places, order)

    def _value(self, places: range, order: Literal["big", "little"]) -> int:
        return int.from_bytes(bytes(self.known[place] for place in places), order)

    def _place(self, align: int) -> int:
        if self.draw.random() < 0.04:
            return (1 << 31 | self.draw.getrandbits(31)) & -align
        return RAM + self.draw.randrange(RAM_SIZE) & -align

    def _short(self, level: int) -> int:
        draw = self.draw
        kind = draw.choices((0, 1, 2, 3), (1, 8, 5, 2) if level == 1 else (1, 5, 8, 4))[0]
        value = draw.getrandbits(32) & ~3 | kind
        if level == 1 and kind == 1:
            return self._place(1 << 10) | draw.getrandbits(10) & ~3 | kind
        if level == 1 and draw.random() < 0.7:
            value &= ~(1 << 18)
        return value

    def _long(self, level: int, stage: int) -> int:
        draw = self.draw
        kind = draw.choices((0, 1, 3), (1, 5, 9))[0]
        if level < 3 and kind == 3:
            hierarchy = draw.getrandbits(5) << 59 if draw.random() < 0.3 else 0
            return self._place(1 << 12) | hierarchy | draw.getrandbits(10) << 2 | kind
        low = draw.getrandbits(12) & ~3 | kind
        low |= draw.choice((0, 1 << 10, 1 << 10, 1 << 10))
        high = draw.getrandbits(2) << 53 if draw.random() < 0.5 else 0
        return self._place(1 << 12) | draw.choice((0, 0, 0, draw.getrandbits(8) << 32)) | high | low


def translate(tables: Tables, address: int, access: int, privileged: bool) -> Found | Fault:
    """Both stages for an access of a kind, as far as they are on."""
    c = tables.controls
    try:
        first = _stage1(tables, address, access, privileged)
        if not c.VM:
            return first
        second = _stage2(tables, first.address, access, on_walk=False)
    except Faulted as faulted:
        return faulted.fault
    attributes = _combined(first.attributes, second.attributes)
    shareable = {first.shareability, second.shareability}
    uncached = attributes < 0x10 or attributes == 0x44
    shareability = 2 if uncached or 2 in shareable else 3 if 3 in shareable else 0
    size = min(first.size, second.size)
    return Found(second.address, size, first.kinds & second.kinds, attributes, shareability)


def _combined(first: int, second: int) -> int:
    """B3.8.6: the stronger type; of each cacheability the weaker, with the hints of stage 1."""
    types = [0 if one == 0 else 1 if one < 0x10 else 2 for one in (first, second)]
    if min(types) < 2:
        return (0x00, 0x04)[min(types)]
    result = 0
    for shift in (4, 0):
        one, other = first >> shift & 15, second >> shift & 15
        strength = {0x4: 0}.get(one, 1 if one >> 2 == 2 else 2), {0x4: 0}.get(other, 1 if other >> 2 == 2 else 2)
        result |= (0x4, 0x8 | one & 3, 0xC | one & 3)[min(strength)] << shift
    return result


def _stage1(tables: Tables, address: int, access: int, privileged: bool) -> Found:
    c = tables.controls
    if not c.M:
        return Found(address, 32, 7, 0x00, 2)
    return (_long_stage1 if c.EAE else _short_stage1)(tables, address, access, privileged)


def _read(tables: Tables, address: int, size: int, level: int) -> int:
    """A stage 1 descriptor: stage 2 translates its address."""
    if tables.controls.VM:
        address = _stage2(tables, address, LOAD, on_walk=True).address
    return tables.descriptor(address, size, level, 1)


def _kinds(c: Controls, read: bool, write: bool, user_write: bool, privileged: bool, xn: int, pxn: int) -> int:
    never = xn or (privileged and pxn) or (c.WXN and write) or (c.UWXN and privileged and user_write)
    return (LOAD if read else 0) | (STORE if write else 0) | (FETCH if read and not never else 0)


# Short descriptors -------------------------------------------------------------------------------------------------


def _parts(descriptor: int, widths: Sequence[int]) -> list[int]:
    """The parts of a short descriptor, from bit 31 on."""
    word = Bits(uint=descriptor, length=32)
    return [int(word[end - width : end].uint) for width, end in zip(widths, accumulate(widths), strict=True)]


def _short_stage1(tables: Tables, address: int, access: int, privileged: bool) -> Found:
    c = tables.controls
    low = c.N == 0 or address >> (32 - c.N) == 0
    if c.PD0 if low else c.PD1:
        raise Faulted(Fault(TRANSLATION, 1))
    bits = 12 - (c.N if low else 0)
    base = (c.TTBR0 if low else c.TTBR1) & 0xFFFF_FFFF & -(1 << bits + 2)
    first = _read(tables, base | (address >> 20 & (1 << bits) - 1) << 2, 4, 1)
    domain = first >> 5 & 15
    if first & 3 == 0:
        raise Faulted(Fault(TRANSLATION, 1))
    if first & 3 == 1:
        second = _read(tables, first & 0xFFFF_FC00 | (address >> 12 & 0xFF) << 2, 4, 2)
        if second & 3 == 0:
            raise Faulted(Fault(TRANSLATION, 2))
        level, pxn, output = 2, first >> 2 & 1, second
        if second & 2:
            size = 12
            _, _, s, ap2, tex, ap10, cb, _, xn = _parts(second, _SMALL_PAGE)
        else:
            size = 16
            _, xn, tex, _, s, ap2, _, ap10, cb, _ = _parts(second, _LARGE_PAGE)
    else:
        above, _, supersection, _, s, ap2, tex, ap10, _, domain, xn, cb, _, pxn = _parts(first, _SECTION)
        level, size, output = 1, 20, first
        if supersection:
            # Bits 39:36 of the address stand where a section has its domain, 35:32 above them.
            output = first & 0xFF00_0000 | (above & 15) << 32 | domain << 36
            size, domain = 24, 0
    ap = ap2 << 2 | ap10
    if c.AFE and not ap & 1:
        raise Faulted(Fault(ACCESS_FLAG, level))
    role = c.DACR >> 2 * domain & 3
    if role in (0, 2):
        raise Faulted(Fault(DOMAIN, level))
    kinds = 7 if role == 3 else _short_kinds(c, ap, privileged, xn, pxn)
    if not kinds & access:
        raise Faulted(Fault(PERMISSION, level))
    offset = (1 << size) - 1
    attributes, shareability = _short_attributes(c, tex, cb, s)
    return Found(output & ~offset & 0xFF_FFFF_FFFF | address & offset, size, kinds, attributes, shareability)


def _short_kinds(c: Controls, ap: int, privileged: bool, xn: int, pxn: int) -> int:
    user = {2: (1, 0), 3: (1, 1), 6: (1, 0), 7: (1, 0)}.get(ap, (0, 0))
    kernel = {1: (1, 1), 2: (1, 1), 3: (1, 1), 5: (1, 0), 6: (1, 0), 7: (1, 0)}.get(ap, (0, 0))
    read, write = kernel if privileged else user
    return _kinds(c, bool(read), bool(write), bool(user[1]), privileged, xn, pxn)


def _short_attributes(c: Controls, tex: int, cb: int, s: int) -> tuple[int, int]:
    """Table B3-10 without remapping, B3-12 with it."""
    policies = (0x4, 0xF, 0xA, 0xE)
    if c.TRE:
        n = (tex & 1) << 2 | cb
        kind = c.PRRR >> 2 * n & 3
        if kind != 2:
            return (0x00, 0x04)[kind], 2
        attributes = policies[c.NMRR >> 16 + 2 * n & 3] << 4 | policies[c.NMRR >> 2 * n & 3]
        shared = c.PRRR >> (19 if s else 18) & 1
        return attributes, (3 if c.PRRR >> 24 + n & 1 else 2) if shared else 0
    if tex >= 4:
        attributes = policies[tex & 3] << 4 | policies[cb]
    else:
        usual = {(0, 0): 0x00, (0, 1): 0x04, (0, 2): 0xAA, (0, 3): 0xEE, (1, 0): 0x44, (1, 3): 0xFF, (2, 0): 0x04}
        attributes = usual.get((tex, cb), 0x00)
    return attributes, 2 if attributes < 0x10 or s else 0


# Long descriptors ----------------------------------------------------------------------------------------------------


def _walk(read: Callable[[int, int], int], table: int, bits: int, start: int, address: int) -> tuple[int, int, int]:
    """A leaf, its level, and what the tables on the way took away."""
    limits, width = 0, bits - _SHIFT[start]
    table &= 0xFF_FFFF_FFFF & -(1 << width + 3)
    for level in range(start, 4):
        value = read(table | (address >> _SHIFT[level] & (1 << width) - 1) << 3, level)
        if not value & 1 or (level == 3 and not value & 2):
            raise Faulted(Fault(TRANSLATION, level))
        if level == 3 or not value & 2:
            return value, level, limits
        limits |= value >> 59 & 15
        table, width = value & 0xFF_FFFF_F000, 9
    raise AssertionError


def _long_stage1(tables: Tables, address: int, access: int, privileged: bool) -> Found:
    c = tables.controls
    upper = c.T1SZ and address >> 32 - c.T1SZ == (1 << c.T1SZ) - 1
    lower = not c.T0SZ or address >> 32 - c.T0SZ == 0
    if not c.T1SZ and not lower:
        upper = True
    if upper:
        table, size, off = c.TTBR1, c.T1SZ, c.EPD1
    elif lower:
        table, size, off = c.TTBR0, c.T0SZ, c.EPD0
    else:
        raise Faulted(Fault(TRANSLATION, 1))
    if off:
        raise Faulted(Fault(TRANSLATION, 1))
    leaf, level, limits = _walk(
        lambda at, level: _read(tables, at, 8, level), table, 32 - size, 2 if size > 1 else 1, address
    )
    if not leaf >> 10 & 1:
        raise Faulted(Fault(ACCESS_FLAG, level))
    user = bool(leaf >> 6 & 1) and not limits & 4
    writable = not leaf >> 7 & 1 and not limits & 8
    read = privileged or user
    kinds = _kinds(
        c,
        read,
        read and writable,
        user and writable,
        privileged,
        leaf >> 54 & 1 or limits & 2,
        leaf >> 53 & 1 or limits & 1,
    )
    if not kinds & access:
        raise Faulted(Fault(PERMISSION, level))
    offset = (1 << _SHIFT[level]) - 1
    attributes = (c.NMRR << 32 | c.PRRR) >> 8 * (leaf >> 2 & 7) & 0xFF
    return Found(leaf & 0xFF_FFFF_F000 & ~offset | address & offset, _SHIFT[level], kinds, attributes, leaf >> 8 & 3)


def _stage2(tables: Tables, ipa: int, access: int, on_walk: bool) -> Found:
    c = tables.controls
    bits = 32 - (c.S2T0SZ - 16 if c.S2T0SZ & 8 else c.S2T0SZ)
    try:
        if ipa >> bits:
            raise Faulted(Fault(TRANSLATION, 1))
        start = 1 if c.SL0 else 2
        leaf, level, _ = _walk(lambda at, level: tables.descriptor(at, 8, level, 2), c.VTTBR, bits, start, ipa)
        if not leaf >> 10 & 1:
            raise Faulted(Fault(ACCESS_FLAG, level))
        hap, memory = leaf >> 6 & 3, leaf >> 2 & 15
        kinds = hap | (FETCH if hap & 1 and not leaf >> 54 & 1 else 0)
        if not kinds & access or (on_walk and c.PTW and memory < 4):
            raise Faulted(Fault(PERMISSION, level))
    except Faulted as faulted:
        raise Faulted(faulted.fault._replace(stage2=True, on_walk=on_walk, ipa=ipa)) from None
    offset = (1 << _SHIFT[level]) - 1
    policies = (None, 0x4, 0xA, 0xF)
    outer, inner = policies[memory >> 2], policies[memory & 3]
    attributes = (memory & 3) << 2 if outer is None else outer << 4 | (inner or 0xF)
    return Found(leaf & 0xFF_FFFF_F000 & ~offset | ipa & offset, _SHIFT[level], kinds, attributes, leaf >> 8 & 3)
