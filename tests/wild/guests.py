"""Guests that run wild, each with what it has done wrong, and guests that only look as if they did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

POWER, ARM = 0, 0x4001_0000
"""Where the programs of an architecture stand."""


@dataclass(frozen=True)
class WildGuest:
    """`source` on a `board` with a `core`; `at` (a symbol of it, or an address) is where its first cause is.

    `kind` as `Wild.kind` has it, or "died" where the model itself cannot go on. `says`: what the message has in it.
    """

    name: str
    board: str
    core: str
    source: str
    kind: str
    at: str | int
    says: tuple[str, ...]

    @property
    def base(self) -> int:
        """Where it stands."""
        return ARM if self.core == "armv7ve" else POWER


def _power(
    name: str, board: str, code: str, kind: str, at: str | int, *says: str, core: str = "power7", vectors: str = ""
) -> WildGuest:
    return WildGuest(name, board, core, f"{vectors}\n.org 0x4000\n_start:\n{code}\n", kind, at, says)


def _arm(name: str, board: str, code: str, kind: str, at: str | int, *says: str) -> WildGuest:
    return WildGuest(name, board, "armv7ve", f"_start:\n{code}\n", kind, at, says)


_NO_FORM: Final = "the description has no form for this word"
_BOOK: Final = "always illegal: Book I"
_NOT_FETCHED: Final = "the instruction could not be fetched"
_TOP: Final = "lis %r1, 0x7000\n"
_ZEROS: Final = ".space 64\n"
_JUMP: Final = _TOP + "mtctr %r1\nbctr"
_TO_ON: Final = "lis %r4, on@h\nori %r4, %r4, on@l\n"
_CHECKED: Final = "mfmsr %r3\nori %r3, %r3, 0x1000\nmtspr 315, %r3\n" + _TO_ON + "mtspr 314, %r4\nhrfid\non:\n"
"""Machine checks on."""
_PROBLEM_STATE: Final = "li %r3, 0x4000\nmtsrr1 %r3\n" + _TO_ON + "mtsrr0 %r4\nrfid\non: nop\n"
_RELOCATED: Final = "li %r3, 0x30\nmtsrr1 %r3\n" + _TO_ON + "mtsrr0 %r4\nrfid\non: nop\n"

POWER_GUESTS: Final = (
    _power("zeros at the entry", "pseries", _ZEROS, "at a stand", "_start", "0x00000000", _NO_FORM, _BOOK),
    _power("zeros at the entry", "power-bare", _ZEROS, "at a stand", "_start", _NO_FORM, "led to 0xe40"),
    _power("zeros at the entry", "pseries", _ZEROS, "at a stand", "_start", _NO_FORM, "led to 0x700", core="ppc970"),
    _power("zeros at the entry", "power-bare", _ZEROS, "at a stand", "_start", _NO_FORM, core="ppc970"),
    _power("branch to itself", "power-bare", "wait: b wait", "stuck", "wait", "branches to itself", "interrupts off"),
    _power("branch to itself", "pseries", "nop\nwait: b wait", "stuck", "wait", "branches to itself at", "<wait>"),
    _power("loop that changes nothing", "pseries", "wait: cmpwi %r3, 1\nbne wait\nb wait", "stuck", "wait", "2 instr"),
    _power("nothing to load from", "pseries", _TOP + "bad: ld %r4, 0(%r1)", "at a stand", "bad", "ld r4", "r1 0x700"),
    _power("stack in nothing", "pseries", _TOP + "bad: std %r0, -8(%r1)", "at a stand", "bad", "'std r0, -8(r1)'"),
    _power("stack in nothing", "pseries", _TOP + "bad: std %r0, -8(%r1)", "at a stand", "bad", core="ppc970"),
    _power(
        "handler on the lost stack",
        "pseries",
        _TOP + "bad: std %r0, -8(%r1)",
        "at a stand",
        "bad",
        "Data Storage",
        vectors=".org 0x300\nstd %r3, -16(%r1)\nrfid\n",
    ),
    _power(
        "handler that grows the lost stack",
        "pseries",
        _TOP + "bad: std %r0, -8(%r1)",
        "nested",
        "bad",
        "nothing ever returns",
        "'std r0, -8(r1)'",
        vectors=".org 0x300\nsubi %r1, %r1, 256\nstd %r3, 0(%r1)\nrfid\n",
    ),
    _power(
        "handlers that fail in turn",
        "pseries",
        _TOP + "bad: std %r0, -8(%r1)",
        "nested",
        "bad",
        vectors=".org 0x300\naddi %r5, %r5, 1\n.long 0\n.org 0x700\naddi %r5, %r5, 1\nld %r3, 0(%r1)\n",
    ),
    _power("jump to nowhere", "pseries", _JUMP, "at a stand", 0x7000_0000, _NOT_FETCHED, "no memory"),
    _power("jump to nowhere", "power-bare", _JUMP, "no memory", 0x7000_0000, "where no memory is"),
    _power(
        "jump to nowhere with machine checks on",
        "power-bare",
        _CHECKED + _JUMP,
        "at a stand",
        0x7000_0000,
        "Machine Check",
        "no memory is at 0x70000000",
    ),
    _power(
        "jump to data",
        "pseries",
        "lis %r4, data@h\nori %r4, %r4, data@l\nmtctr %r4\nbctr\ndata: .long 1",
        "at a stand",
        "data",
        "0x00000001",
        _NO_FORM,
    ),
    _power("system call without a handler", "pseries", "call: sc", "at a stand", "call", "System Call", "led to 0xc00"),
    _power("hypervisor call without a handler", "power-bare", "call: sc 1", "at a stand", "call", "led to 0xc00"),
    _power("trap without a handler", "pseries", "bad: trap", "at a stand", "bad", "'trap'", "led to 0x700"),
    _power(
        "reservation not aligned",
        "pseries",
        "li %r4, 0x1001\nbad: lwarx %r5, 0, %r4",
        "at a stand",
        "bad",
        "Alignment",
        "lwarx r5",
    ),
    _power("program without a segment", "power-bare", _PROBLEM_STATE, "at a stand", "on", "Instruction Segment"),
    _power("no floating point", "pseries", "bad: fadd %f1, %f2, %f3", "at a stand", "bad", "Floating-Point Unav"),
    _power("no vectors", "pseries", "bad: vaddubm %v1, %v2, %v3", "at a stand", "bad", "Vector Unavailable"),
    _power("translation on without a segment", "pseries", _RELOCATED, "at a stand", "on", "Instruction Segment"),
    _power(
        "translation on without a page table",
        "power-bare",
        "lis %r5, 0x800\nli %r6, 0\nslbmte %r6, %r5\n" + _RELOCATED,
        "at a stand",
        "on",
        "Instruction Storage",
    ),
    _power(
        "decrementer without a handler",
        "pseries",
        "li %r4, 100\nmtdec %r4\nmfmsr %r3\nori %r3, %r3, 0x8000\nmtmsrd %r3, 1\nwait: b wait",
        "at a stand",
        "wait",
        "Decrementer",
        "between two instructions",
        "led to 0x900",
    ),
    _power(
        "handler that returns to the same place",
        "pseries",
        "bad: .long 0",
        "stuck",
        "bad",
        "returns without having changed",
        _NO_FORM,
        vectors=".org 0x700\nrfid\n",
    ),
    _power(
        "machine check without a handler",
        "power-bare",
        _CHECKED + _TOP + "bad: ld %r4, 0(%r1)",
        "at a stand",
        "bad",
        "Machine Check",
        "led to 0x200",
    ),
)

_VECTORS_HERE: Final = "adr r0, vectors\nmcr p15, 4, r0, c12, c0, 0\n"
_IN_SVC: Final = "adr r0, vectors\nmcr p15, 0, r0, c12, c0, 0\n"
_LOST: Final = "mov sp, #0x20000000\n"
"""A stack where no memory is."""
# On arm-virt the vectors lie in flash, which is empty: what goes there executes zeros.

ARM_GUESTS: Final = (
    _arm("udf", "arm-virt", "udf #0", "zeros", "_start", "'udf #0'", "illegal in the book", "led to 0x4"),
    _arm("udf", "arm-kvm", "udf #7", "at a stand", "_start", "'udf #7'", "illegal in the book", "led to 0x4"),
    _arm("word without a form", "arm-virt", ".word 0xec000000", "zeros", "_start", "0xec000000"),
    _arm("zeros at the entry", "arm-virt", ".space 64", "zeros", "_start", "nothing but zeros", "andeq"),
    _arm("zeros at the entry", "arm-kvm", ".space 64", "zeros", "_start", "nothing but zeros", "andeq"),
    # MMU off: memory is Strongly-ordered, where an access has to be aligned (A3.2.1).
    _arm("unaligned", "arm-virt", "adr r1, bad + 2\nbad: str r2, [r1]", "zeros", "bad", "KIND=alignment", "'str r2"),
    _arm("branch to itself", "arm-virt", "wait: b wait", "stuck", "wait", "branches to itself"),
    _arm("branch to itself", "arm-kvm", "nop\nwait: b wait", "stuck", "wait", "branches to itself"),
    _arm(
        "branch to itself in T32",
        "arm-virt",
        "adr r0, wait + 1\nbx r0\n.thumb\nwait: b wait",
        "stuck",
        "wait",
        "branches to itself",
    ),
    _arm("stack in nothing", "arm-virt", _LOST + "bad: push {r0, r1}", "zeros", "bad", "'push", "no memory is at"),
    _arm("stack in nothing", "arm-kvm", _LOST + "bad: push {r0, r1}", "died", "bad", "push {r0, r1}"),
    _arm(
        "abort in the abort handler",
        "arm-virt",
        _VECTORS_HERE + _LOST + "bad: push {r0, r1}\n.align 5\nvectors: b .\nb .\nb .\nb .\nb again\n"
        "again: push {r0, r1}\neret",
        "nested",
        "bad",
        "push {r0, r1}",
    ),
    _arm(
        "abort handler that grows the lost stack",
        "arm-virt",
        _VECTORS_HERE + _LOST + "bad: push {r0, r1}\n.align 5\nvectors: b .\nb .\nb .\nb .\nb again\n"
        "again: sub sp, sp, #64\npush {r0, r1}\neret",
        "nested",
        "bad",
        "nothing ever returns",
    ),
    _arm("jump to nowhere", "arm-virt", "mov r4, #0x10000000\nbx r4", "zeros", 0x1000_0000, "no memory is at"),
    _arm("jump to nowhere", "arm-kvm", "mov r4, #0x10000000\nbx r4", "at a stand", 0x1000_0000, "no memory is at"),
    _arm("jump to data", "arm-kvm", "b data\ndata: .word 0xffffffff", "at a stand", "data", "0xffffffff", _NO_FORM),
    _arm("HVC without a handler", "arm-virt", "call: hvc #1", "zeros", "call", "'hvc #1'", "led to 0x8"),
    _arm("SVC without a handler", "arm-kvm", "call: svc #3", "at a stand", "call", "'svc #3'", "led to 0x8"),
    _arm("SMC of a guest", "arm-kvm", "call: smc #0", "at a stand", "call", "Undefined Instruction", "smc"),
    _arm(
        "exclusive not aligned",
        "arm-virt",
        "mov r4, #0x40000001\nbad: ldrex r5, [r4]",
        "zeros",
        "bad",
        "Data Abort",
        "ldrex r5",
    ),
    _arm(
        "page table that is garbage",
        "arm-kvm",
        "mov r4, #0x41000000\nmcr p15, 0, r4, c2, c0, 0\nmrc p15, 0, r4, c1, c0, 0\norr r4, r4, #1\n"
        "mcr p15, 0, r4, c1, c0, 0\non: nop",
        "at a stand",
        "on",
        "Prefetch Abort",
    ),
    _arm("udf in T32", "arm-virt", "adr r0, bad + 1\nbx r0\n.thumb\nbad: udf #9", "zeros", "bad", "'udf #9'"),
    _arm("floating point that is off", "arm-kvm", "bad: vadd.f64 d0, d1, d2", "at a stand", "bad", "vadd.f64"),
    _arm(
        "vector table of zeros",
        "arm-virt",
        "mov r0, #0x41000000\nmcr p15, 4, r0, c12, c0, 0\nbad: udf #0",
        "zeros",
        "bad",
        "nothing but zeros",
        "'udf #0'",
        "led to 0x41000004",
    ),
    _arm(
        "handler that returns to the same place",
        "arm-virt",
        _VECTORS_HERE + "bad: udf #0\n.align 5\nvectors: b .\neret",
        "stuck",
        "bad",
        "udf #0",
    ),
)

GALLERY: Final = (*POWER_GUESTS, *ARM_GUESTS)
