"""`gic`: the board's interrupt controller: registers, priorities, acknowledging, routing to Hyp mode, list registers.

Every register of the description is written with patterns and read back; software interrupts with priorities drawn at
random are acknowledged and ended in their order; each reaches the vector that CPSR and HCR say; and list registers give
a guest's world virtual interrupts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .....isa.model.statements import Switch
from .....server.machine.virt_fdt import VirtMap
from ...making.case import Case, Check, Step
from ...making.context import Context
from .code import NO_VECTORS, told

_MAP: Final = VirtMap()
_DISTRIBUTOR: Final = _MAP.gic_distributor.base
_INTERFACE: Final = _MAP.gic_cpu_interface.base
_HYPERVISOR: Final = _MAP.gic_hypervisor.base
_VIRTUAL: Final = _MAP.gic_virtual_cpu_interface.base
_RULE: Final = "ARM IHI 0048B (GICv2), chapters 3 and 4"
_VIRTUAL_RULE: Final = "ARM IHI 0048B (GICv2), chapter 5"
_PATTERNS: Final = (0xFFFFFFFF, 0, 0xA5A5A5A5, 0x5A5A5A5A)
_AT_ONCE: Final = 4
_NOT_KEPT: Final = (
    "GICD_SGIR",
    *(f"GIC{which}_{what}" for which in "CV" for what in ("IAR", "AIAR", "EOIR", "AEOIR", "DIR")),
)
"""Registers whose reading or writing is an act: they have tests of their own."""
_WORLDS: Final = {
    "physical": 0,
    "imo": 1 << 4,
    "fmo": 1 << 3,
    "vi": 1 << 7 | 1 << 4,
    "vf": 1 << 6 | 1 << 3,
    "vi-without-imo": 1 << 7,
    "tge": 1 << 27,
}
"""HCR."""
_ROUTING: Final = "ARM DDI 0406C, sections B1.8.4 and B1.8.11"
_TESTS: Final = 30


def generate(context: Context) -> Iterator[Case]:
    """The cases."""
    yield from _registers(context)
    for number in range(1, round(int(context.options.get("tests", _TESTS)) * context.weight("gic")) + 1):
        yield _priorities(context, number)
        yield _list_registers(context, number)
    yield from _routing()


def _registers(context: Context) -> Iterator[Case]:
    """Some registers a test: patterns are written and read back."""
    places: list[tuple[str, int, int]] = []
    for one in context.description.devices["gicv2"].registers:
        if not one.name.startswith(_NOT_KEPT):
            for at in dict.fromkeys((0, 1, max(one.count - 1, 0))) if one.count else (0,):
                name = f"{one.name}[{at}]" if one.count else one.name
                places.append((name, _DISTRIBUTOR + one.offset + at * one.width // 8, one.width))
    places += [(f"GICH at {offset:#x}", _HYPERVISOR + offset, 32) for offset in _interface_words(context)]
    for at in range(0, len(places), _AT_ONCE):
        some = places[at : at + _AT_ONCE]
        steps = []
        for name, address, width in some:
            load, store = ("ldr ", "str ") if width == 32 else ("ldrb", "strb")
            code = [f"load32  r1, {address:#x}", f"{load}    r2, [r1]"]
            for number, pattern in enumerate(_PATTERNS):
                code += [
                    f"load32  r3, {pattern & (1 << width) - 1:#x}",
                    f"{store}    r3, [r1]",
                    f"{load}    r{4 + number}, [r1]",
                ]
            code += [f"{store}    r2, [r1]", f"{load}    r8, [r1]"]
            checks = (Check("trap"), Check("r2", note="at first"), *(Check(f"r{one}") for one in range(4, 9)))
            steps.append(Step(f"{name} at {address:#x}", tuple(code), checks, _RULE, covers=(f"gic {name}",)))
        names = ", ".join(one[0] for one in some)
        yield Case(f"registers-{at // _AT_ONCE:02}", names, tuple(steps), ("registers",), NO_VECTORS)


def _interface_words(context: Context) -> list[int]:
    """Offsets of what the virtual interface control has: what the function that reads it tells apart."""
    body = context.description.functions["gich_read"].body
    (switch,) = (one for one in body if isinstance(one, Switch))
    return [offset for case in switch.cases for offset, _ in case.ranges]


def _write(address: int, value: int | str, size: str = "str ") -> list[str]:
    """r0 and r1 are lost."""
    text = value if isinstance(value, str) else f"{value:#x}"
    return [f"load32  r1, {address:#x}", f"load32  r0, {text}", f"{size}    r0, [r1]"]


def _on(mask: int = 0xFF) -> list[str]:
    """Distributor and interface on, every software interrupt enabled."""
    return [
        *_write(_DISTRIBUTOR, 3),
        *_write(_DISTRIBUTOR + 0x100, 0xFFFF),
        *_write(_INTERFACE, 1),
        *_write(_INTERFACE + 4, mask),
    ]


def _priorities(context: Context, number: int) -> Case:
    """Software interrupts to oneself, with priorities; what is acknowledged in which order, what runs, what waits."""
    rng = context.source(f"priorities/{number}")
    steps = []
    for turn in range(4):
        mask = rng.choice((0xFF, 0xF0, 0xA0, 0x50, 0x10))
        code = [*_on(mask), *_write(_INTERFACE + 8, rng.choice((0, 2, 3, 4, 7)))]
        chosen = rng.sample(range(16), 4)
        for one in chosen:
            code += _write(_DISTRIBUTOR + 0x400 + one, rng.choice((0, 0x20, 0x50, 0x80, 0xA0, 0xF8)), "strb")
        for one in chosen:
            code += _write(_DISTRIBUTOR + 0xF00, 0x02000000 | one)
        code += [
            f"load32  r1, {_INTERFACE:#x}",
            "ldr     r2, [r1, #0x18]",
            "ldr     r3, [r1, #0xC]",
            "ldr     r4, [r1, #0x14]",
        ]
        # A second one while the first is active; then both end, in one order or the other.
        code += ["ldr     r5, [r1, #0xC]", "ldr     r6, [r1, #0x14]"]
        code += [f"str     r{one}, [r1, #0x10]" for one in rng.choice(((5, 3), (3, 5)))]
        code += [
            "ldr     r7, [r1, #0x14]",
            "ldr     r8, [r1, #0xC]",
            "str     r8, [r1, #0x10]",
            "ldr     r9, [r1, #0x18]",
        ]
        code += [f"load32  r1, {_DISTRIBUTOR + 0x200:#x}", "ldr     r10, [r1]", "ldr     r11, [r1, #0x100]"]
        code += ["mrc     p15, 0, r12, c12, c1, 0         @ ISR"]
        names = (
            "HPPIR",
            "IAR",
            "RPR",
            "IAR again",
            "RPR",
            "RPR behind both",
            "IAR",
            "HPPIR",
            "pending",
            "active",
            "ISR",
        )
        checks = (Check("trap"), *(Check(f"r{2 + at}", note=note) for at, note in enumerate(names)))
        after = (f"load32  r1, {_DISTRIBUTOR + 0x280:#x}", "load32  r0, 0xFFFF", "str     r0, [r1]")
        title = f"interrupts {chosen}, mask {mask:#x}, turn {turn}"
        steps.append(Step(title, tuple(code), checks, _RULE, (), (), after, ("gic priorities",)))
    return Case(
        f"priorities-{number:02}",
        f"priorities of software interrupts, {number}",
        tuple(steps),
        ("priorities",),
        NO_VECTORS,
    )


def _routing() -> Iterator[Case]:
    """A software interrupt is pending: which vector it takes, by CPSR's masks, HCR and the state that it comes to."""
    for name, hcr in _WORLDS.items():
        steps = []
        for pending in (False, True):
            for unmask in ("#0x13", "#0x93", "#0x53", "#0xD3", "#0x10", "#0x1F"):
                code = ["msr     cpsr_c, #0xD3", *_on(), *(_write(_DISTRIBUTOR + 0xF00, 0x02000005) if pending else [])]
                code += [
                    "into_hyp",
                    f"load32  r0, {hcr:#x}",
                    "mcr     p15, 4, r0, c1, c1, 0           @ HCR",
                    "isb",
                    "out_of_hyp",
                ]
                code += [
                    "mrc     p15, 0, r8, c12, c1, 0          @ ISR",
                    f"msr     cpsr_c, {unmask}",
                    "nop",
                    "nop",
                    "mov     r9, #1",
                ]
                after = ("svc     #0",)
                checks = (*told(), Check("r8", note="ISR"), Check("r9", note="1: it did not come at once"))
                title = f"{'an interrupt' if pending else 'none'} with HCR {hcr:#x}, CPSR {unmask}"
                steps.append(
                    Step(
                        title,
                        (*code, *after),
                        checks,
                        "ARM DDI 0406C, sections B1.8.4 and B1.8.11",
                        covers=(f"irq routing {name}",),
                    )
                )
        yield Case(f"routing-{name}", f"where an interrupt goes: {name}", tuple(steps), ("routing",), NO_VECTORS)


def _list_registers(context: Context, number: int) -> Case:
    """List registers as a host fills them; the guest's interface, and what the host reads back."""
    rng = context.source(f"lists/{number}")
    steps = []
    for turn in range(3):
        code = [
            *_write(_HYPERVISOR, 1 | rng.choice((0, 2, 4, 8))),
            *_write(_HYPERVISOR + 8, rng.choice((0xF8, 0x80, 0x50)) << 24 | 1),
        ]
        for at in range(4):
            state = rng.randrange(4)
            value = (
                state << 28
                | rng.randrange(32) << 23
                | rng.choice((0, 1 << 31))
                | rng.randrange(16, 64)
                | rng.choice((0, 1 << 30))
            )
            code += _write(_HYPERVISOR + 0x100 + 4 * at, value if state else 0)
        code += [
            f"load32  r1, {_HYPERVISOR:#x}",
            "ldr     r2, [r1, #0x10]",
            "ldr     r3, [r1, #0x30]",
            f"load32  r1, {_VIRTUAL:#x}",
        ]
        code += [
            "ldr     r4, [r1, #0x18]",
            "ldr     r5, [r1, #0xC]",
            "ldr     r6, [r1, #0x14]",
            "str     r5, [r1, #0x10]",
        ]
        code += ["ldr     r7, [r1, #0xC]", "str     r7, [r1, #0x10]", f"load32  r1, {_HYPERVISOR:#x}"]
        code += [f"ldr     r{8 + at}, [r1, #{0x100 + 4 * at:#x}]" for at in range(4)]
        code += ["ldr     r12, [r1, #0x20]", "mov     r0, #0", "str     r0, [r1]"]
        names = ("MISR", "ELSR0", "HPPIR", "IAR", "RPR", "IAR again", "LR0", "LR1", "LR2", "LR3", "EISR0")
        checks = (Check("trap"), *(Check(f"r{2 + at}", note=note) for at, note in enumerate(names)))
        steps.append(
            Step(f"list registers, turn {turn}", tuple(code), checks, _VIRTUAL_RULE, covers=("gic list registers",))
        )
    return Case(f"lists-{number:02}", f"virtual interrupts, {number}", tuple(steps), ("lists",), NO_VECTORS)
