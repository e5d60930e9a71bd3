"""`vrma-rma`: what a partition reaches with translation off: a POWER7's virtual real mode area, a 970's own.

Loads, stores and fetches at the edges of memory and of the area, beyond them, with bits of the address that real mode
does not look at, in each mixture of MSR.IR and DR.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ...making.case import Case, Check, Step
from ...making.context import Context
from .code import data_off, data_on, go_on, handlers_msr, hcall, reason, segment

_RULE: Final = "Power ISA 2.06 Book III-S, section 5.7.3 (real addressing mode)"
_ACCESSES: Final = {
    "lbz": "lbz     r20, 0(r21)",
    "ld": "ld      r20, 0(r21)",
    "lwarx": "lwarx   r20, 0, r21",
    "stb": "stb     r22, 0(r21)",
    "std": "std     r22, 0(r21)",
    "dcbz": "dcbz    0, r21",
    "dcbt": "dcbt    0, r21",
    "icbi": "icbi    0, r21",
    "lmw": "lmw     r28, 0(r21)",
    "lfd": "lfd     f1, 0(r21)",
    "lvx": "lvx     v1, 0, r21",
}
_HIGH: Final = (0, 1 << 63, 1 << 62, 1 << 60, 1 << 59, 1 << 40)
"""Bits above the address: the first four are not looked at."""


def generate(context: Context) -> Iterator[Case]:
    """The cases."""
    size = context.suite.machine.memory << 20
    edges = (0x200000, size - 0x10, size - 8, size - 1, size, size + 0x1000, 2 * size, 1 << 34, 1 << 39, (1 << 40) - 8)
    for name, text in _ACCESSES.items():
        steps = [_step(context, name, text, edge | high) for edge in edges for high in _HIGH[:2]]
        yield Case(f"edge-{name}", f"{name} at the edges of memory", tuple(steps), ("edge",))
        steps = [_step(context, name, text, 0x200040 | high) for high in _HIGH]
        yield Case(f"high-{name}", f"{name} with bits above the address", tuple(steps), ("high",))
    for at, edge in enumerate(edges):
        steps = [_fetch(context, edge | high) for high in _HIGH[:3]]
        yield Case(f"fetch-{at}", f"a fetch at {edge:#x}", tuple(steps), ("fetch",))
    yield from _mixtures(context)


def _step(context: Context, name: str, text: str, address: int) -> Step:
    code = (f"load64  r21, {address:#x}", "load64  r22, 0x1122334455667788", text)
    checks = [Check("trap"), reason(context.description), Check("r20"), Check("r28"), Check("r31")]
    checks += [Check("dar", unless=0), Check("dsisr", unless=0)]
    return Step(f"{name} at {address:#x}", code, tuple(checks), _RULE, covers=(f"real mode {name}",))


def _fetch(context: Context, address: int) -> Step:
    # Where memory is, a system call stands there, so that the fetch ends the step.
    size = context.suite.machine.memory << 20
    code = [f"load64  r21, {address:#x}", "load32  r22, 0x44000002"]
    if address & 0xFFFFFFFFFF < size - 4:
        code += ["stw     r22, 0(r21)", "dcbst   0, r21", "sync", "icbi    0, r21", "isync"]
    checks = (Check("trap"), Check("srr0"), reason(context.description), handlers_msr(context.description))
    return Step(f"a fetch at {address:#x}", (*code, "mtctr   r21", "bctr"), checks, _RULE, covers=("real mode fetch",))


def _mixtures(context: Context) -> Iterator[Case]:
    """Data translated and instructions not, and the other way round: one page that both see at different addresses."""
    effective, vsid = 0xD0000000, 0x456
    for write in (False, True):
        for kind in ("data", "instructions", "both"):
            enter = [
                *segment(1, effective, vsid << 12),
                *hcall("H_ENTER", "H_EXACT", vsid * 8, vsid << 12 | 1, 0x200012),
            ]
            ready = Step("a page", (*enter, "mr      r20, r3"), (Check("r20"),), _RULE)
            text = "std     r22, 0x40(r21)" if write else "ld      r20, 0x40(r21)"
            code = [f"load64  r21, {effective if kind != 'instructions' else 0x200000:#x}", "load64  r22, 0x99"]
            after: tuple[str, ...] = ()
            if kind == "data":
                code += data_on(context.description)
                after = data_off(context.description)
            else:
                code += go_on(context.description, *(("IR", "DR") if kind == "both" else ("IR",)))
                after = ("sc      0",)
            checks = (Check("trap"), Check("r20"), Check("dar", unless=0))
            seen = ("load64  r21, 0x200040", "ld      r20, 0(r21)")
            covers = (f"mixture {kind}",)
            access = Step(f"{kind} translated", (*code, text), checks, _RULE, (), (), after, covers)
            steps = (ready, access, Step("the page in real mode", seen, (Check("r20"), Check("trap")), _RULE))
            yield Case(
                f"mixture-{kind}-{'store' if write else 'load'}",
                f"{kind} translated, a {text.split()[0]}",
                steps,
                ("mixture",),
            )
