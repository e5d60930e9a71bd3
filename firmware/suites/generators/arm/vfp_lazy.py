"""`vfp-lazy`: floating point and Advanced SIMD that are not there yet: which of three refuses, and what Hyp mode hears.

HCPTR traps to the hypervisor, CPACR and FPEXC.EN make an instruction undefined in the guest itself; the order matters.
Each instruction runs under each combination, from PL1 and PL0; then a host gives the registers at the first use, as
KVM/Arm does, and the guest finds its own values.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ...making.case import Case, Check, Step
from ...making.context import Context
from .code import in_hyp, told

_RULE: Final = "ARM DDI 0406C, sections B1.11.1 (enabling Advanced SIMD and floating point) and B1.14.3 (HCPTR)"
_INSTRUCTIONS: Final = {
    "vadd.f32": "vadd.f32 s4, s2, s0",
    "vadd.f64": "vadd.f64 d4, d2, d1",
    "vadd.f64-high": "vadd.f64 d20, d18, d17",
    "vadd.i32": "vadd.i32 q2, q1, q0",
    "vmul.f32-q": "vmul.f32 q10, q9, q8",
    "vldr": "vldr    d4, [r4]",
    "vstr": "vstr    s0, [r4]",
    "vldmia": "vldmia  r4, {d16-d17}",
    "vld1": "vld1.32 {d4}, [r4]",
    "vmov-core": "vmov    r5, s1",
    "vmov-cores": "vmov    r5, r6, d1",
    "vdup": "vdup.8  q2, r5",
    "vmrs-fpscr": "vmrs    r5, fpscr",
    "vmsr-fpscr": "vmsr    fpscr, r5",
    "vmrs-fpsid": "vmrs    r5, fpsid",
    "vmrs-fpexc": "vmrs    r5, fpexc",
    "vmrs-mvfr0": "vmrs    r5, mvfr0",
    "mrc-p10": "mrc     p10, 7, r5, c8, c0, 0",
    "ldc-p11": "vpush   {d0}",
}
_HCPTR: Final = {"open": 0, "closed": 0xC00, "tase": 0x8000, "tcpac": 0x80000000}
_CPACR: Final = {"full": 0xF00000, "privileged": 0x500000, "none": 0, "asedis": 0x80F00000, "d32dis": 0x40F00000}
_FPEXC: Final = {"on": 0x40000000, "off": 0}
_DATA: Final = (
    "        .data",
    "        .balign 8",
    "        .global suite_vectors",
    "suite_vectors:",
    *(f"        .word   {0x3F800000 + (n << 20):#x}, {0x40000000 + n:#x}" for n in range(32)),
    "        .balign 16",
    "area:   .word   0x3FC00000, 0x40200000, 0x11111111, 0x22222222",
)


def generate(context: Context) -> Iterator[Case]:
    """The cases: one for each instruction and HCPTR, and those in which registers are given at the first use."""
    for name, text in _INSTRUCTIONS.items():
        for trap, value in _HCPTR.items():
            steps = []
            for access, cpacr in _CPACR.items():
                for enabled, fpexc in _FPEXC.items():
                    for state in ("PL1", "PL0"):
                        title = f"{name} with CPACR {access}, FPEXC {enabled}, from {state}"
                        steps.append(_step(title, text, value, cpacr, fpexc, state))
            yield Case(f"{name}-{trap}", f"{name}, HCPTR {trap}", tuple(steps), ("state", trap), _DATA)
    for name, text in _INSTRUCTIONS.items():
        yield Case(
            f"given-{name}", f"{name}: trapped, given, executed", (_closed(text), _given(text)), ("given",), _DATA
        )


def _step(title: str, text: str, hcptr: int, cpacr: int, fpexc: int, state: str) -> Step:
    code = ["load32  r4, area", f"load32  r0, {fpexc:#x}", "vmsr    fpexc, r0", f"load32  r0, {cpacr:#x}"]
    code += ["mcr     p15, 0, r0, c1, c0, 2           @ CPACR", "isb", *in_hyp(HCPTR=hcptr)]
    if state == "PL0":
        code.append("cps     #0x10")
    after = ("svc     #0",) if state == "PL0" else ()
    checks = (*told(), Check("r5"), Check("r6"), Check("fpscr"), Check("dregs"), Check("cpsr"))
    return Step(title, (*code, text), checks, _RULE, (), (), after, (f"vfp {title.split()[0]}",))


def _closed(text: str) -> Step:
    code = ("load32  r4, area", *in_hyp(HCPTR=0xC00), text)
    return Step("the first use", code, (*told(), Check("dregs"), Check("r5")), _RULE, covers=("vfp first use",))


def _given(text: str) -> Step:
    """The host opens HCPTR, loads the guest's registers, and lets it go on."""
    code = ["load32  r4, area", *in_hyp(HCPTR=0xC00), "into_hyp", "mov     r0, #0"]
    code += ["mcr     p15, 4, r0, c1, c1, 2           @ HCPTR", "isb", "load32  r0, suite_vectors + 8"]
    code += ["vldmia  r0, {d0-d7}", "out_of_hyp", text]
    checks = (*told(), Check("dregs"), Check("fpscr"), Check("r5"), Check("r6"))
    return Step("the use behind the trap", tuple(code), checks, _RULE, covers=("vfp given",))
