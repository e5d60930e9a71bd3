"""Interrupts of `kvm-arm`: the virtual timer's, through whatever plays the interrupt controller for the guest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .....server.machine.virt_fdt import VirtMap
from ...making.case import Case, Check, Step
from .code import NO_VECTORS, told

_MAP: Final = VirtMap()
_DISTRIBUTOR: Final = _MAP.gic_distributor.base
_INTERFACE: Final = _MAP.gic_cpu_interface.base
_TIMER: Final = 27
_PRIORITY: Final = 0x40
_RULE: Final = "ARM DDI 0406C, sections B8.1.5 (virtual timer) and B1.8.11; ARM IHI 0048B (GICv2), chapter 4"
_WAIT: Final = (
    "mov     r10, #0x400",
    "9:",
    "mrc     p15, 0, r8, c12, c1, 0          @ ISR",
    "ands    r8, r8, #0x80",
    "bne     8f",
    "subs    r10, r10, #1",
    "bne     9b",
    "8:",
)
"""Until an interrupt waits (r8 = 0x80), or for long enough."""


def interrupts() -> Iterator[Case]:
    """The cases: taken, masked by priority, waited for, and what of it outlives an exit."""
    taken = (_on(), _taken("cpsie   i"), _acknowledged(), _taken("msr     cpsr_c, #0x53"), _acknowledged(), _off())
    yield Case("interrupt-taken", "the virtual timer interrupts", taken, ("interrupts",), NO_VECTORS)
    masked = (_on(), _held_off(), _acknowledged(), _kept(), _off())
    yield Case("interrupt-priority", "the priority mask holds the timer off", masked, ("interrupts",), NO_VECTORS)
    waited = (_on(), _waited(), _acknowledged(), _kept(), _waited(), _acknowledged(), _off())
    yield Case("interrupt-waited", "WFI waits for the virtual timer", waited, ("interrupts",), NO_VECTORS)


def _put(address: int, value: int, store: str = "str ") -> list[str]:
    return [f"load32  r1, {address:#x}", f"load32  r0, {value:#x}", f"{store}    r0, [r1]"]


def _timer(ticks: int) -> list[str]:
    return [
        f"load32  r0, {ticks:#x}",
        "mcr     p15, 0, r0, c14, c3, 0          @ CNTV_TVAL",
        "mov     r0, #1",
        "mcr     p15, 0, r0, c14, c3, 1          @ CNTV_CTL",
        "isb",
    ]


def _on() -> Step:
    code = [*_put(_DISTRIBUTOR + 0x400 + _TIMER, _PRIORITY, "strb"), *_put(_DISTRIBUTOR + 0x100, 1 << _TIMER)]
    code += [*_put(_DISTRIBUTOR, 1), *_put(_INTERFACE + 4, 0xF0), *_put(_INTERFACE, 1)]
    code += [f"load32  r1, {_INTERFACE:#x}", "ldr     r5, [r1, #4]", "ldr     r6, [r1]", "ldr     r7, [r1, #0xC]"]
    checks = (Check("r5", note="GICC_PMR"), Check("r6", note="GICC_CTLR"), Check("r7", note="GICC_IAR"), *told())
    return Step("the interrupt controller is on", tuple(code), checks, _RULE, covers=("virtual interrupt on",))


def _taken(enable: str) -> Step:
    code = (*_timer(20), *_WAIT, enable, "mov     r9, #1", "mov     r9, #2")
    checks = (*told(), Check("r8", note="ISR"), Check("r9", note="nothing behind the interrupt"))
    return Step(f"the timer, taken by {enable.split()[0]}", code, checks, _RULE, covers=("virtual interrupt taken",))


def _acknowledged() -> Step:
    code = [f"load32  r1, {_INTERFACE:#x}", "ldr     r5, [r1, #0xC]", "ldr     r6, [r1, #0x14]", "mov     r0, #0"]
    code += ["mcr     p15, 0, r0, c14, c3, 1          @ CNTV_CTL", "isb", "str     r5, [r1, #0x10]"]
    code += ["ldr     r7, [r1, #0x14]", "ldr     r8, [r1, #0xC]", "mrc     p15, 0, r9, c12, c1, 0          @ ISR"]
    notes = {"r5": "GICC_IAR", "r6": "GICC_RPR", "r7": "GICC_RPR behind it", "r8": "GICC_IAR again", "r9": "ISR"}
    checks = (*told(), *(Check(word, note=note) for word, note in notes.items()))
    return Step("acknowledged and ended", tuple(code), checks, _RULE, covers=("virtual interrupt ended",))


def _held_off() -> Step:
    code = [
        *_put(_INTERFACE + 4, _PRIORITY),
        *_timer(20),
        *_WAIT,
        "mov     r5, r8",
        *_put(_INTERFACE + 4, 0xF0),
        *_WAIT,
    ]
    checks = (*told(), Check("r5", note="ISR, masked"), Check("r8", note="ISR, not masked"))
    return Step("held off by GICC_PMR, then not", tuple(code), checks, _RULE, covers=("virtual interrupt masked",))


def _waited() -> Step:
    code = [*_timer(100), "mov     r5, #0", "1:", "wfi", "mrc     p15, 0, r8, c12, c1, 0          @ ISR"]
    code += ["ands    r8, r8, #0x80", "beq     1b"]
    return Step("WFI until the timer", tuple(code), (*told(), Check("r8", note="ISR")), _RULE, covers=("wfi",))


def _kept() -> Step:
    code = [
        "load32  r5, 0x12345678",
        "mov     r6, #0x77",
        "mcrr    p15, 3, r5, r6, c14             @ CNTV_CVAL",
        "mov     r0, #3",
        "mcr     p15, 0, r0, c14, c3, 1          @ CNTV_CTL: on, masked",
        "load32  r0, PSCI_VERSION",
        "hvc     #0",
        "mrrc    p15, 3, r5, r6, c14",
        "mrc     p15, 0, r7, c14, c3, 1",
        "and     r7, r7, #3",
        f"load32  r1, {_INTERFACE:#x}",
        "ldr     r8, [r1, #4]",
        "ldr     r9, [r1]",
        "mov     r0, #0",
        "mcr     p15, 0, r0, c14, c3, 1",
    ]
    notes = {"r5": "CNTV_CVAL", "r6": "its upper word", "r7": "CNTV_CTL", "r8": "GICC_PMR", "r9": "GICC_CTLR"}
    checks = (*told(), *(Check(word, note=note) for word, note in notes.items()))
    return Step("timer and interface behind an exit", tuple(code), checks, _RULE, covers=("virtual interrupt kept",))


def _off() -> Step:
    code = [*_put(_INTERFACE, 0), *_put(_DISTRIBUTOR + 0x180, 1 << _TIMER), "mrc     p15, 0, r8, c12, c1, 0"]
    return Step("all off again", tuple(code), (*told(), Check("r8", note="ISR")), _RULE)
