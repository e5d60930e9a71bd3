"""The programs of walks of address translation (power_walks.py): where what stands, what is noted of each access.

The program runs in hypervisor real mode, at effective addresses whose first bit is one (HRMOR does not count there).
An access is made from a stub that is mapped in every world; it comes back by `sc 1`, or by the interrupt that it
causes, and the handler writes down how. All memory from 8 MB on holds, in each doubleword, `li r5, PAGE; sc 1`: what
a load gets, or a fetch executes, tells which page was reached.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from .power_translation import LOAD, STORE, Real, Refused

RAM: Final = 64 << 20
FREE: Final = 8 << 20
"""From here on memory is the walk's; below stand vectors, page tables, the program and its notes."""
TABLES: Final = (0x40000, 0x80000)
"""SDR1 of each partition."""
PROGRAM, STUB_PAGE, NOTES = 0x200000, 0x500000, 0x600000
REAL: Final = 1 << 63
STUB_SEGMENT: Final = (0x70000000 | 1 << 27, 0x7777 << 12)
STUB_RELOCATED: Final = 0x70001000
VECTORS: Final = (0x200, 0x300, 0x380, 0x400, 0x480, 0x600, 0x700, 0xC00, 0xE00, 0xE20, 0xE40)
OFFSETS: Final = (0, 1 << 20, 4 << 20)
"""Values of HRMOR and RMOR: each place has the vectors, and STUB_PAGE is the same in all of them."""
NOTE_SIZE: Final = 80
LOAD64: Final = """.macro load64 register, value
lis \\register, (\\value)@highest
ori \\register, \\register, (\\value)@higher
sldi \\register, \\register, 32
oris \\register, \\register, (\\value)@h
ori \\register, \\register, (\\value)@l
.endm
"""
UNTOUCHED: Final = 0x0123456789ABCDEF
KINDS: Final = {LOAD: "ld %r5, 0(%r4)", STORE: "std %r6, 0(%r4)"}


def pattern(real: int, mark: int = 0) -> int:
    """What memory holds at a real address: li r5, PAGE (with a mark, of a store); sc 1."""
    return (0x38A00000 | mark | real >> 12) << 32 | 0x44000022


STORED: Final = 0x4000


@dataclass(frozen=True)
class Step:
    """An access, and what must be noted of it. `stub`: where it is made; a fetch is made at its own address."""

    kind: int
    address: int
    stub: int
    expected: Real | Refused
    """Of the access, or of the fetch of its stub where that is refused already."""
    story: str
    """The world, and what was done to it since the access before."""


@dataclass
class Walk:
    """A program, the memory that it begins with, and what it must note."""

    text: list[str]
    memory: dict[int, int] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)


def program(walk: Walk, core: str) -> dict[int, str]:
    """The texts of a walk, by real address: vectors, stub, handler and program."""
    own = "mfspr %r3, 314\nstd %r3, 24(%r29)\nmfspr %r3, 315\nstd %r3, 32(%r29)\n"
    own += "mfspr %r3, 306\nstd %r3, 48(%r29)\n" if core == "power7" else ""
    handler = (
        "std %r30, 0(%r29)\nmfspr %r3, 26\nstd %r3, 8(%r29)\nmfspr %r3, 27\nstd %r3, 16(%r29)\n"
        f"{own}mfspr %r3, 18\nstd %r3, 40(%r29)\nstd %r5, 56(%r29)\nmtctr %r28\nbctr\n"
    )
    start = f"load64 %r29, {REAL | NOTES:#x}\nload64 %r31, {REAL | PROGRAM:#x}\nb begin\n.org 0x200\nbegin:\n"
    start = f"{handler}.org 0x100\nstart:\n{start}"
    texts = {PROGRAM: LOAD64 + start + "\n".join(walk.text) + "\nend: b end\n"}
    texts[STUB_PAGE] = "\n".join((KINDS[LOAD], "sc 1", KINDS[STORE], "sc 1"))
    for offset in OFFSETS:
        for vector in VECTORS:
            texts[offset | vector] = f"li %r30, {vector:#x}\nmtctr %r31\nbctr"
    return texts
