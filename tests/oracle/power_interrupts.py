"""Interrupts of POWER7 and the PowerPC 970 as tables of the book: when each is taken, what it saves, what MSR becomes.

Power ISA 2.06 Book III-S, sections 6.4.3, 6.5, 6.7 and 6.8, figure 51, and 2.2 (LPCR); PowerPC Operating Environment
2.02 and PowerPC 970FX User's Manual, chapter 3, for the 970. Written from these, not from the description.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

SF, HV, ME, EE, PR, RI, IR, DR = 1 << 63, 1 << 60, 1 << 12, 1 << 15, 1 << 14, 2, 1 << 5, 1 << 4
VEC, VSX, FP, FE0, SE, BE, FE1 = 1 << 25, 1 << 23, 1 << 13, 1 << 11, 1 << 10, 1 << 9, 1 << 8
SAVED_FROM_MSR: Final = (1 << 64) - 1 & ~(0xF << 27) & ~(0x3F << 16)
"""Bits 33:36 and 42:47 of SRR1 belong to the interrupt."""


@dataclass(frozen=True)
class Routing:
    """What the hypervisor has set: LPES0, LPES1 and HDICE, of LPCR or of HID4 and HID0."""

    core: str
    lpes0: int = 1
    lpes1: int = 1
    hdice: int = 1
    more: int = 0
    """Further bits of LPCR."""

    @property
    def registers(self) -> dict[str, int]:
        """By register."""
        if self.core == "power7":
            return {"LPCR": self.lpes0 << 3 | self.lpes1 << 2 | self.hdice | self.more}
        return {"HID4": self.lpes0 << 63 | self.lpes1 << 6, "HID0": self.hdice << 40}


@dataclass(frozen=True)
class Entered:
    """An interrupt that has been taken."""

    vector: int
    by_hypervisor_registers: bool
    sets_hypervisor_state: bool
    reason: int = 0
    clears: int = 0
    """Bits of MSR that it clears, of those that stay otherwise."""

    def msr_after(self, before: int) -> int:
        """SF is one; HV and ME stay; all else is zero."""
        return (SF | before & (HV | ME) | (HV if self.sets_hypervisor_state else 0)) & ~self.clears

    def saved(self, before: int) -> int:
        """SRR1 or HSRR1."""
        return before & SAVED_FROM_MSR | self.reason


def ordinary(routing: Routing, vector: int, reason: int = 0) -> Entered:
    """Interrupts of the operating system: with LPES1 = 0 they enter hypervisor state."""
    return Entered(vector, False, routing.lpes1 == 0, reason)


@dataclass(frozen=True)
class Pending:
    """An asynchronous exception: registers that make it exist."""

    name: str
    registers: Mapping[str, int]
    cores: tuple[str, ...] = ("power7", "ppc970")
    more: int = 0
    """Bits of LPCR that belong to it."""


PENDING: Final = (
    Pending("system reset", {"SYSTEM_RESET_PENDING": 1}),
    Pending("machine check", {"MACHINE_CHECK_PENDING": 1 << 30}),
    Pending("hypervisor maintenance", {"HMER": 1 << 63, "HMEER": 1 << 63}, ("power7",)),
    Pending("external", {"EXTERNAL_PENDING": 1}),
    Pending("mediated external", {}, ("power7",), 1 << 11),
    Pending("hypervisor decrementer", {"HDEC_ZERO": (1 << 64) - 1000}),
    Pending("performance monitor", {"MMCR0": 0x80000080}),
    Pending("decrementer", {"DEC_ZERO": (1 << 64) - 1000}),
)


def taken(name: str, msr: int, routing: Routing) -> Entered | None:
    """What an exception does at once; None: it stays pending."""
    power7 = routing.core == "power7"
    enabled, below = bool(msr & EE), not msr & HV or bool(msr & PR)
    match name:
        case "system reset":
            return Entered(0x100, False, True, 1 << 20)
        case "machine check":
            return Entered(0x200, False, True, 1 << 30, ME)
        case "hypervisor maintenance":
            return Entered(0xE60, True, True) if enabled or below else None
        case "external" if routing.lpes0:
            return Entered(0x500, False, False) if enabled else None
        case "external" if power7:
            return Entered(0x500, True, True) if enabled or below else None
        case "external":
            return Entered(0x500, False, True) if enabled else None
        case "mediated external":
            return Entered(0x500, True, True, 1 << 21) if enabled and below else None
        case "hypervisor decrementer":
            return Entered(0x980, True, True) if routing.hdice and (enabled or below) else None
        case "performance monitor":
            return ordinary(routing, 0xF00) if enabled else None
        case "decrementer":
            return ordinary(routing, 0x900) if enabled else None
    raise KeyError(name)


@dataclass(frozen=True)
class Caused:
    """A synchronous one: the instruction that causes it, MSR's bits that it needs and lacks, what else it sets."""

    name: str
    text: str
    vector: int
    reason: int = 0
    needs: int = 0
    lacks: int = 0
    next_address: bool = False
    to_hypervisor: bool = False
    by_hypervisor_registers: bool = False
    sets: Mapping[str, int] = field(default_factory=dict)
    cores: tuple[str, ...] = ("power7", "ppc970")

    def entered(self, routing: Routing) -> Entered:
        """How it is taken."""
        if self.to_hypervisor:
            return Entered(self.vector, self.by_hypervisor_registers, True, self.reason)
        return ordinary(routing, self.vector, self.reason)


CAUSED: Final = (
    Caused(
        "illegal instruction",
        ".long 4",
        0xE40,
        0,
        to_hypervisor=True,
        by_hypervisor_registers=True,
        sets={"HEIR": 4},
        cores=("power7",),
    ),
    Caused("illegal instruction", ".long 4", 0x700, 1 << 19, cores=("ppc970",)),
    Caused("attention", "attn", 0x700, 1 << 19, cores=("ppc970",)),
    Caused("privileged instruction", "mfmsr 5", 0x700, 1 << 18, needs=PR),
    Caused("privileged register", "mfspr 5, 26", 0x700, 1 << 18, needs=PR),
    Caused("hypervisor's register", "mfspr 5, 304", 0x700, 1 << 18, needs=PR),
    Caused("trap", "tw 31, 0, 0", 0x700, 1 << 17),
    Caused("enabled floating-point exception", "mtfsb1 0\nmtfsb1 24\nmtfsb1 7", 0x700, 1 << 20, needs=FP | FE0 | FE1),
    Caused("floating-point unavailable", "fadd 1, 2, 3", 0x800, lacks=FP),
    Caused("vector unavailable", "vor 1, 2, 3", 0xF20, lacks=VEC),
    Caused("VSX unavailable", "xxlor 1, 2, 3", 0xF40, lacks=VSX, cores=("power7",)),
    Caused("alignment", "lwarx 5, 0, 1", 0x600, sets={"DAR": 0x1111, "DSISR": 5 << 5}),
    Caused("system call", "sc", 0xC00, next_address=True),
    Caused("hypervisor call", "sc 1", 0xC00, next_address=True, to_hypervisor=True),
    Caused("data segment", "ld 5, 0(3)", 0x380, needs=DR, sets={"DAR": 0x40000}),
)
