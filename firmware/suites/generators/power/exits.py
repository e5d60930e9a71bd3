"""`book3s-exits`: every reason for which a partition leaves its processor, one behind the other; nothing is lost.

Exits drawn at random: calls that real mode answers, that the kernel or user space answers, emulated accesses,
interrupts, facilities. Around each stand all registers, floating point and vectors among them, the SLB and SPRGs;
behind it everything is as it was but what the exit is to change.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final

from ...making.case import Case, Check, Step
from ...making.context import Context
from .absent_mmio import FIRST, INDEX, INHIBITED, PORT, VSID, WINDOW
from .code import data_off, data_on, hcall, segment, word

_TESTS: Final = 40
_EXITS: Final = 6
_RULE: Final = "Linux KVM Book3S HV, kvmppc_handle_exit_hv; Power ISA 2.06 Book III-S, chapter 6"
_SPRGS: Final = (272, 273)
"""SPRG0 and SPRG1: the library has the others."""


def generate(context: Context) -> Iterator[Case]:
    """The cases."""
    for number in range(1, round(int(context.options.get("tests", _TESTS)) * context.weight("exits")) + 1):
        rng = context.source(f"exits/{number}")
        steps = [_ready(rng)]
        names = []
        for _ in range(_EXITS):
            name, code, after = _exit(context, rng)
            names.append(name)
            steps.append(_step(context, rng, name, code, after))
        yield Case(f"exits-{number:03}", ", ".join(names), tuple(steps), ("exits", *dict.fromkeys(names)))


def _ready(rng: random.Random) -> Step:
    code = [*segment(1, WINDOW, VSID << 12), *hcall("H_ENTER", "H_EXACT", INDEX, FIRST, PORT | INHIBITED | 2)]
    for at in range(8):
        code += [f"load64  r4, {word(rng):#x}", f"load32  r5, {0x300000 + 8 * at:#x}", "std     r4, 0(r5)"]
    return Step("the port's page is entered, values lie ready", tuple(code), (Check("r3"),), _RULE)


def _exit(context: Context, rng: random.Random) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """A reason: its name, the code, and what is behind it."""
    on, off = data_on(context.description), data_off(context.description)
    port = f"load64  r21, {WINDOW:#x}"
    reasons: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
        "real-mode-call": (hcall("H_READ", 0, INDEX), ()),
        "kernel-call": ((*hcall("H_PROD", 0), *hcall("H_CEDE")), ()),
        "user-call": (hcall("H_CPPR", 0), ()),
        "unknown-call": (hcall("0x2000"), ()),
        "rtas": (_rtas(), ()),
        "mmio-load": ((port, *on, "lbz     r3, 5(r21)"), off),
        "mmio-store": ((port, "li      r22, 0x21", *on, "stb     r22, 7(r21)"), off),
        "own-fault": (("load64  r21, 0x7000000000", *on, "lwz     r3, 0(r21)"), off),
        "system-call": (("sc      0",), ()),
        "illegal": ((".long   0",), ()),
        "trap": (("trap",), ()),
        "confer": (hcall("H_CONFER", 0xFFFFFFFFFFFFFFFF, 0), ()),
    }
    name = rng.choice(list(reasons))
    return name, *reasons[name]


def _rtas() -> tuple[str, ...]:
    """An RTAS call that there is not."""
    code = ["load64  r4, 0x320000"]
    for at, value in enumerate((0x2123, 0, 0)):
        code += [f"load32  r5, {value:#x}", f"stw     r5, {4 * at}(r4)"]
    return (*code, "load64  r3, H_RTAS", "sc      1")


def _step(context: Context, rng: random.Random, name: str, code: tuple[str, ...], after: tuple[str, ...]) -> Step:
    before = [
        "load32  r30, 0x300000",
        "lfd     f1, 0(r30)",
        "lfd     f31, 8(r30)",
        "li      r29, 16",
        "lvx     v0, r30, r29",
    ]
    before += ["li      r29, 32", "lvx     v31, r30, r29"]
    for number in _SPRGS:
        before += [f"load64  r29, {word(rng):#x}", f"mtspr   {number}, r29"]
    before += [f"load32  r29, {rng.getrandbits(32):#x}", "mtcrf   0xFF, r29", "mtxer   r29"]
    # What has no word of its own is brought into registers, whether an interrupt has ended the step or not.
    behind = [
        "load32  r30, 0x300100",
        "stfd    f1, 0(r30)",
        "stfd    f31, 8(r30)",
        "li      r29, 16",
        "stvx    v0, r30, r29",
    ]
    behind += ["li      r29, 32", "stvx    v31, r30, r29", *(f"ld      r{20 + at}, {8 * at}(r30)" for at in range(6))]
    behind += ["mfspr   r26, 272", "mfspr   r27, 273", "li      r29, 1", "slbmfee r28, r29"]
    notes = ("f1", "f31", "v0", "v0, low", "v31", "v31, low", "SPRG0", "SPRG1", "SLB entry 1")
    checks = [Check("trap"), Check("r3"), Check("cr"), Check("xer", 0xE000007F), Check("lr")]
    checks += [Check(f"r{20 + at}", note=note) for at, note in enumerate(notes)]
    checks += [Check(f"r{one}", note="preserved") for one in (1, 2, 13, 17, 18, 19)]
    return Step(name, (*before, *code), tuple(checks), _RULE, (), (), (*after, *behind), (f"exit {name}",))
