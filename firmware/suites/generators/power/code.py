"""Pieces of Power code that several generators use."""

from __future__ import annotations

import random
from typing import Final

from .....isa.model.items import Description
from ...making.case import Check

MASK: Final = (1 << 64) - 1
_EDGES: Final = (
    0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000,
    0x7FFFFFFFFFFFFFFF, 0x8000000000000000, MASK, MASK - 1, 0xFFFFFFFF80000000, 0x00000000FFFFFFFE,
)  # fmt: skip
_FLOATS: Final = (
    0x0000000000000000, 0x8000000000000000, 0x3FF0000000000000, 0xBFF0000000000000, 0x4000000000000000,
    0x7FF0000000000000, 0xFFF0000000000000, 0x7FF8000000000000, 0x7FF0000000000001, 0x0000000000000001,
    0x000FFFFFFFFFFFFF, 0x0010000000000000, 0x7FEFFFFFFFFFFFFF, 0x3FB999999999999A, 0x41DFFFFFFFC00000,
    0x43E0000000000000, 0x36A0000000000000, 0x47EFFFFFE0000000, 0x3FF0000000000001,
)  # fmt: skip


def reason(description: Description) -> Check:
    """What the interrupt of a step has put into SRR1 33:36 and 42:47 (Power ISA 2.06 Book III-S, 6.2.5)."""
    return Check("srr1", ~description.constants["SAVED_FROM_MSR"].value & MASK, "the interrupt's reason", (), 0)


def msr(description: Description, *names: str) -> int:
    """Bits of MSR by their names."""
    found = {one.name: 1 << one.low for one in description.registers["MSR"].fields}
    return sum(found[name] for name in names)


def handlers_msr(description: Description) -> Check:
    """The MSR that a handler finds. Whether machine checks are on (ME) is up to whoever has started the partition."""
    return Check("imsr", MASK & ~msr(description, "ME"))


def saved_msr(description: Description) -> Check:
    """SRR1 as a whole, but for ME."""
    return Check("srr1", MASK & ~msr(description, "ME"))


def hcall(name: str, *arguments: int | str) -> tuple[str, ...]:
    """A hypervisor call with its arguments, numbers or expressions; a text such as `r20` moves that register."""
    code = [f"load64  r3, {name}"]
    for register, one in enumerate(arguments, 4):
        if isinstance(one, str) and one[:1] == "r" and one[1:].isdigit():
            code.append(f"mr      r{register}, {one}")
        else:
            code.append(f"load64  r{register}, {one if isinstance(one, str) else hex(one)}")
    return (*code, "sc      1")


def segment(number: int, esid: int, vsid: int) -> tuple[str, ...]:
    """SLB entry `number` for what `esid` lies in; `vsid` is the whole second doubleword. r4 and r5 are changed."""
    size = 1 << (40 if vsid >> 62 == 1 else 28)
    return (
        f"load64  r4, {esid & -size & MASK | 0x8000000 | number:#x}",
        f"load64  r5, {vsid:#x}",
        "slbmte  r5, r4",
        "isync",
    )


def data_on(description: Description) -> tuple[str, ...]:
    """Data is translated from here on; instructions are not. r15 is changed."""
    return "mfmsr   r15", f"ori     r15, r15, {msr(description, 'DR'):#x}", "mtmsrd  r15", "isync"


def data_off(description: Description) -> tuple[str, ...]:
    """Data is not translated any more. r15 and r16 are changed."""
    bit = msr(description, "DR")
    return "mfmsr   r15", f"li      r16, {bit:#x}", "andc    r15, r15, r16", "mtmsrd  r15", "isync"


def go_on(description: Description, *names: str, at: str = "1f") -> tuple[str, ...]:
    """rfid to a place with bits of MSR set. r14 is changed; a place of 1f is right behind."""
    code = (
        "mfmsr   r14",
        f"ori     r14, r14, {msr(description, *names):#x}        # MSR: {', '.join(names)}",
        "mtsrr1  r14",
        f"load64  r14, {at}",
        "mtsrr0  r14",
        "rfid",
    )
    return (*code, "1:") if at == "1f" else code


def into_problem_state(description: Description) -> tuple[str, ...]:
    """Code that goes on in problem state; r14 is changed."""
    bit = msr(description, "PR")
    return (
        "mfmsr   r14",
        f"ori     r14, r14, {bit:#x}        # MSR[PR]",
        "mtsrr1  r14",
        "load32  r14, 1f",
        "mtsrr0  r14",
        "rfid",
        "1:",
    )


def word(rng: random.Random) -> int:
    """64 bits, often at an edge."""
    kind = rng.randrange(4)
    if kind == 0:
        return rng.getrandbits(64)
    if kind == 1:
        return rng.getrandbits(rng.randint(1, 63))
    return rng.choice(_EDGES)


def double(rng: random.Random) -> int:
    """A double-precision number, often a special one."""
    return rng.choice(_FLOATS) if rng.random() < 0.6 else rng.getrandbits(64)
