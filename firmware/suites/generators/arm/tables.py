"""Translation tables for tests on Arm, as assembly: stage 2, and both formats of stage 1. They are drawn at random; the
library's own megabytes are mapped to themselves.

ARM DDI 0406C, sections B3.5 (short descriptors), B3.6 (long descriptors), B3.6.2 and B3.7.6 (stage 2's attributes).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

RAM: Final = 0x4000_0000
OWN: Final = 2 << 20
"""Bytes from the start of RAM that a test and its library have."""
TARGET: Final = 0x4200_0000
"""Where pages lie that tests look at: `TARGETS` blocks of 2 MB."""
TARGETS: Final = 2
_BLOCK: Final = 2 << 20
_SECTION: Final = 1 << 20


@dataclass(frozen=True)
class TableAt:
    """A descriptor that names a table by its symbol: `bits` are the others."""

    symbol: str
    bits: int


def table(name: str, entries: Sequence[int | TableAt], align: int, size: int) -> list[str]:
    """Data: a table with entries of 4 or 8 bytes; runs of zeros are left to the assembler."""
    lines = [f"        .balign {align}", f"{name}:"]
    empty = 0
    for one in entries:
        if one == 0:
            empty += size
            continue
        if empty:
            lines.append(f"        .skip   {empty}")
            empty = 0
        low, high = (one & 0xFFFFFFFF, one >> 32) if isinstance(one, int) else (one.bits & 0xFFFFFFFF, one.bits >> 32)
        text = f"{low:#x}" if isinstance(one, int) else f"{one.symbol} + {low:#x}"
        lines.append(f"        .word   {text}" + (f", {high:#x}" if size == 8 else ""))
    return [*lines, *([f"        .skip   {empty}"] if empty else [])]


def target(rng: random.Random, size: int) -> int:
    """A physical address for a block or page of so many bytes."""
    return (TARGET + rng.randrange(TARGETS) * _BLOCK + rng.randrange(0, _BLOCK, size)) & ~(size - 1)


class Stage2:
    """Stage 2 from level 1 on: 32 bits of intermediate physical addresses, tables named by the test."""

    def __init__(self, rng: random.Random, name: str = "stage2") -> None:
        self._rng, self.name = rng, name
        self._tables: list[list[str]] = []
        self.places: list[int] = []
        """Intermediate physical addresses that an access may look at."""
        second: list[int | TableAt] = [0] * 512
        second[0] = RAM | self._leaf(access=True, permissions=3, attributes=15, executable=True) | 1
        for index in range(8, 24):
            second[index] = self._entry(index)
            self.places.append(RAM + index * _BLOCK)
        for index in range(16, 18):
            self.places.append(RAM + index * _BLOCK + rng.randrange(0, _BLOCK, 4))
        self._second = second
        self._other = rng.choice((0, 0, 0x8000_0000 | self._leaf() | 1, 0x8000_0003))

    def _leaf(
        self,
        access: bool | None = None,
        permissions: int | None = None,
        attributes: int | None = None,
        executable: bool | None = None,
    ) -> int:
        rng = self._rng
        access = rng.random() < 0.85 if access is None else access
        permissions = rng.choice((3, 3, 3, 1, 2, 0)) if permissions is None else permissions
        attributes = rng.choice((15, 15, 15, 5, 1, 0, 10)) if attributes is None else attributes
        executable = rng.random() < 0.8 if executable is None else executable
        return int(not executable) << 54 | access << 10 | rng.randrange(4) << 8 | permissions << 6 | attributes << 2

    def _entry(self, index: int) -> int | TableAt:
        """Of level 2: a block, a table, or nothing. The address of a table is added by the assembler."""
        rng = self._rng
        kind = rng.choice(("block", "block", "block", "table", "table", "none"))
        if kind == "none":
            return rng.choice((0, 0xFFFF_F000, 2))
        if kind == "block":
            return target(rng, _BLOCK) | self._leaf() | 1
        words: list[int | TableAt] = []
        for page in range(512):
            words.append(
                0
                if page > 3
                else rng.choice((3, 3, 3, 1, 0)) and target(rng, 0x1000) | self._leaf() | rng.choice((3, 3, 3, 1))
            )
        self.places += [RAM + index * _BLOCK + page * 0x1000 + rng.choice((0, 8, 0xFF8, 0xFFC)) for page in range(5)]
        self._tables.append(table(f"{self.name}_pages_{index}", words, 4096, 8))
        return TableAt(f"{self.name}_pages_{index}", 3)

    def data(self) -> list[str]:
        """The tables."""
        first = (0, TableAt(f"{self.name}_blocks", 3), self._other, 0)
        lines = ["        .data", *table(self.name, first, 4096, 8)]
        lines += table(f"{self.name}_blocks", self._second, 4096, 8)
        for one in self._tables:
            lines += one
        return lines


class ShortStage1:
    """The short-descriptor format: sections, supersections, small and large pages."""

    def __init__(self, rng: random.Random, name: str = "stage1") -> None:
        self._rng, self.name = rng, name
        self._tables: list[list[str]] = []
        self.places: list[int] = []
        first: list[int | TableAt] = [0] * 4096
        for megabyte in range(OWN >> 20):
            first[(RAM >> 20) + megabyte] = RAM + megabyte * _SECTION | 0xC02
        first[0x090] = 0x0900_0C02
        for index in range(16):
            at = (0x5000_0000 >> 20) + index
            first[at] = self._entry(at)
            self.places += [at << 20, (at << 20) + rng.randrange(0, _SECTION, 4)]
        self._first = first
        self.domains = 0x55555555 & ~0xC | rng.choice((0, 4, 12, 4, 4, 4))
        """DACR: domain 0 is a client, domain 1 is what is drawn."""

    def _attributes(self) -> tuple[int, int, int, int]:
        rng = self._rng
        return rng.choice((3, 3, 3, 1, 2, 0, 5, 6, 7)), rng.choice((0, 0, 0, 1)), rng.randrange(2), rng.randrange(4)

    def _entry(self, at: int) -> int | TableAt:
        rng = self._rng
        kind = rng.choice(("section", "section", "table", "table", "none", "supersection"))
        permissions, never, domain, cached = self._attributes()
        access = (permissions & 3) << 10 | (permissions >> 2) << 15
        if kind == "none":
            return rng.choice((0, 0xFFFF_FFFC))
        if kind == "section":
            return target(rng, _SECTION) | access | never << 4 | domain << 5 | cached << 2 | rng.randrange(2) << 17 | 2
        if kind == "supersection":
            return TARGET | access | never << 4 | cached << 2 | 1 << 18 | 2
        words: list[int | TableAt] = []
        for page in range(256):
            permissions, never, _, cached = self._attributes()
            low = (permissions & 3) << 4 | (permissions >> 2) << 9 | cached << 2
            small = target(rng, 0x1000) | low | 2 | never
            words.append(0 if page > 3 else rng.choice((small, small, small, 0)))
        large = target(rng, 0x10000) | 0x30 | rng.randrange(2) << 15 | 1
        words[16:32] = [large] * 16
        self.places += [(at << 20) + page * 0x1000 + rng.choice((0, 4, 0xFFC)) for page in (0, 1, 2, 3, 4, 17)]
        self._tables.append(table(f"{self.name}_pages_{at}", words, 1024, 4))
        return TableAt(f"{self.name}_pages_{at}", 1 | domain << 5)

    def data(self) -> list[str]:
        """The tables."""
        lines = ["        .data", *table(self.name, self._first, 16384, 4)]
        for one in self._tables:
            lines += one
        return lines

    def switch_on(self, rng: random.Random) -> list[str]:
        """Code of PL1: stage 1 on. r0 is lost."""
        extra = rng.choice((0, 0, 0, 1 << 29))  # AFE
        return [
            f"load32  r0, {self.name}",
            "mcr     p15, 0, r0, c2, c0, 0           @ TTBR0",
            "mov     r0, #0",
            "mcr     p15, 0, r0, c2, c0, 2           @ TTBCR",
            f"load32  r0, {self.domains:#x}",
            "mcr     p15, 0, r0, c3, c0, 0           @ DACR",
            *sctlr(extra),
        ]


class LongStage1:
    """The long-descriptor format: blocks of 1 GB and 2 MB, pages, hierarchical attributes."""

    def __init__(self, rng: random.Random, name: str = "stage1") -> None:
        self._rng, self.name = rng, name
        self._tables: list[list[str]] = []
        self.places: list[int] = []
        second: list[int | TableAt] = [0] * 512
        second[0] = RAM | 0x741
        for index in range(32, 48):
            second[index] = self._entry(index)
            self.places += [RAM + index * _BLOCK, RAM + index * _BLOCK + rng.randrange(0, _BLOCK, 4)]
        self._second = second
        self._first: list[int] = [0x701, 0, rng.choice((0, 0x4000_0701)), 0]
        self.places += [0x8000_0000 + TARGET - RAM, 0xC000_0000]

    def _leaf(self) -> int:
        rng = self._rng
        never = rng.choice((0, 0, 0, 1, 2, 3)) << 53
        return (
            never
            | rng.randrange(2) << 11
            | (rng.random() < 0.85) << 10
            | 3 << 8
            | rng.randrange(4) << 6
            | rng.randrange(2) << 2
        )

    def _entry(self, index: int) -> int | TableAt:
        rng = self._rng
        kind = rng.choice(("block", "block", "table", "table", "none"))
        if kind == "none":
            return rng.choice((0, 2))
        if kind == "block":
            return target(rng, _BLOCK) | self._leaf() | 1
        words = [
            0 if page > 3 else rng.choice((3, 3, 1, 0)) and target(rng, 0x1000) | self._leaf() | 3
            for page in range(512)
        ]
        self.places += [RAM + index * _BLOCK + page * 0x1000 + rng.choice((0, 8, 0xFFC)) for page in range(5)]
        self._tables.append(table(f"{self.name}_pages_{index}", words, 4096, 8))
        return TableAt(f"{self.name}_pages_{index}", 3 | rng.choice((0, 0, 1, 2, 4, 8)) << 59)

    def data(self) -> list[str]:
        """The tables."""
        first: list[int | TableAt] = [self._first[0], TableAt(f"{self.name}_blocks", 3), *self._first[2:]]
        lines = ["        .data", *table(self.name, first, 4096, 8)]
        lines += table(f"{self.name}_blocks", self._second, 4096, 8)
        for one in self._tables:
            lines += one
        return lines

    def switch_on(self, rng: random.Random) -> list[str]:
        """Code of PL1: stage 1 on. r0 and r1 are lost."""
        return [
            f"load32  r0, {self.name}",
            "mov     r1, #0",
            "mcrr    p15, 0, r0, r1, c2              @ TTBR0",
            "load32  r0, 0x80000000",
            "mcr     p15, 0, r0, c2, c0, 2           @ TTBCR: long descriptors",
            "load32  r0, 0xFF44FF00",
            "mcr     p15, 0, r0, c10, c2, 0          @ MAIR0",
            *sctlr(0),
        ]


def sctlr(extra: int) -> list[str]:
    """Stage 1 on, with more bits of SCTLR. r0 is lost."""
    code = ["mcr     p15, 0, r0, c8, c7, 0           @ TLBIALL", "mrc     p15, 0, r0, c1, c0, 0           @ SCTLR"]
    if extra:
        code.append(f"orr     r0, r0, #{extra:#x}")
    return [*code, "orr     r0, r0, #1", "mcr     p15, 0, r0, c1, c0, 0", "isb"]
