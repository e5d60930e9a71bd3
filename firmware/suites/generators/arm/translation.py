"""`stage2` and `translation-armv7ve`: tables drawn at random, and what accesses through them find, or end in.

Each test has tables of its own: stage 2, stage 1 in one of its formats, or both. Its steps load, store and fetch, from
PL1 and PL0, at the edges of blocks and pages: the value, or the abort's vector, syndrome and addresses. The last step
looks at memory itself.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Final

from ...making.case import Case, Check, Step
from ...making.context import Context
from .tables import TARGET, TARGETS, LongStage1, ShortStage1, Stage2

_TESTS: Final = 60
_ACCESSES: Final = 10
_STAGE2: Final = "ARM DDI 0406C, sections B3.6.2 (stage 2), B3.7.6 and B3.13.6 (HSR)"
_STAGE1: Final = "ARM DDI 0406C, sections B3.5, B3.6 and B3.13.3 (fault status)"
_LOADS: Final = (
    "ldr     r2, [r4]",
    "ldrb    r2, [r4, #1]",
    "ldrsh   r2, [r4]",
    "ldrd    r2, r3, [r4]",
    "ldr     r2, [r4], #4",
    "ldmia   r4, {r2, r3}",
    "ldrex   r2, [r4]",
    "ldrt    r2, [r4]",
    "pld     [r4]",
)
_STORES: Final = (
    "str     r5, [r4]",
    "strb    r5, [r4, #3]",
    "strh    r5, [r4]",
    "strd    r6, r7, [r4]",
    "str     r5, [r4, #4]!",
    "stmia   r4, {r5, r6}",
    "strt    r5, [r4]",
    "mcr     p15, 0, r4, c7, c14, 1          @ DCCIMVAC",
)
_PROBES: Final = (
    "mcr     p15, 0, r4, c7, c8, 0           @ ATS1CPR",
    "mcr     p15, 0, r4, c7, c8, 1           @ ATS1CPW",
    "mcr     p15, 0, r4, c7, c8, 2           @ ATS1CUR",
    "mcr     p15, 0, r4, c7, c8, 3           @ ATS1CUW",
)


def generate(context: Context) -> Iterator[Case]:
    """The cases; the option `stages` says which tables there are: `2`, `1`."""
    stages = str(context.options.get("stages", "1"))
    count = round(int(context.options.get("tests", _TESTS)) * context.weight("translation"))
    for number in range(1, count + 1):
        name = f"tables-{number:03}"
        if context.wants(name):
            yield _Maker(context, name, stages == "2").case()


class _Maker:
    def __init__(self, context: Context, name: str, has_stage2: bool) -> None:
        self._context, self._name = context, name
        self._rng = rng = context.source(name)
        self._stage2 = Stage2(rng) if has_stage2 else None
        self._stage1: ShortStage1 | LongStage1 | None = None
        if not has_stage2 or rng.random() < 0.5:
            self._stage1 = rng.choice((ShortStage1, LongStage1))(rng)
        self._rule = _STAGE2 if has_stage2 else _STAGE1

    def case(self) -> Case:
        """One test."""
        kinds = [*(["stage 2"] if self._stage2 else [])]
        if self._stage1 is not None:
            kinds.append("short descriptors" if isinstance(self._stage1, ShortStage1) else "long descriptors")
        steps = [self._ready(), *(self._access() for _ in range(_ACCESSES)), self._witness()]
        data: list[str] = ["        .data", "        .balign 8", "        .global suite_vectors", "suite_vectors:"]
        data += ["        .skip   256"]
        for one in (self._stage1, self._stage2):
            if one is not None:
                data += one.data()
        tags = tuple(one.replace(" ", "-") for one in kinds)
        return Case(self._name, f"accesses with {' and '.join(kinds)}", tuple(steps), tags, tuple(data))

    def _ready(self) -> Step:
        """Memory that can be told apart, with code in it: a supervisor call."""
        code = [f"load32  r1, {TARGET:#x}", f"load32  r2, {TARGET + TARGETS * (2 << 20):#x}", "load32  r3, 0x1000"]
        code += ["load32  r5, 0xEF000000", "1:", "str     r1, [r1]", "str     r5, [r1, #8]", "add     r6, r1, #0xF00"]
        code += [
            "str     r6, [r6, #0xFC]",
            "str     r6, [r6, #0xF8]",
            "add     r1, r1, r3",
            "cmp     r1, r2",
            "blo     1b",
        ]
        code += ["mcr     p15, 0, r0, c7, c5, 0           @ ICIALLU", "isb"]
        return Step("memory is filled", tuple(code), (Check("trap"), Check("r1")), self._rule)

    def _access(self) -> Step:
        rng = self._rng
        places = [*(self._stage1.places if self._stage1 else []), *(self._stage2.places if self._stage2 else [])]
        address = rng.choice(places)
        is_user = rng.random() < 0.3
        kind = rng.choice(("load", "load", "store", "store", "fetch", "probe"))
        if kind == "fetch":
            address = address & ~0xFFF | 8
            text = "bx      r4"
        else:
            texts: Sequence[str] = {"load": _LOADS, "store": _STORES, "probe": _PROBES}[kind]
            text = rng.choice(texts)
        # The instruction alone is told of, without its remark.
        told = " ".join(text.partition("@")[0].split())
        state = "PL0" if is_user and kind != "probe" else "PL1"
        code = self._switched_on(rng)
        code += [f"load32  r4, {address:#x}", f"load32  r5, {rng.getrandbits(32):#x}"]
        if state == "PL0":
            code.append("cps     #0x10")
        after = ("svc     #0",) if state == "PL0" else ()
        if kind == "probe":
            after = ("mrc     p15, 0, r8, c7, c4, 0           @ PAR",)
        checks = [Check(one) for one in ("trap", "elr", "spsr", "fsr", "icpsr", "r2", "r3", "r4")]
        checks += [
            Check("far", unless=0),
            Check("hpfar", unless=0),
            *([Check("r8", note="PAR")] if kind == "probe" else []),
        ]
        return Step(f"{told} at {address:#x} from {state}", (*code, text), tuple(checks), self._rule, (), (), after,
                    (f"translation {kind} {state}",))  # fmt: skip

    def _switched_on(self, rng: random.Random) -> list[str]:
        code: list[str] = []
        if self._stage2 is not None:
            bits = 1 | rng.choice((0, 0, 4, 1 << 12))  # VM; PTW, DC
            code += ["into_hyp", f"load32  r0, {self._stage2.name}", f"load32  r1, {rng.randrange(256) << 16:#x}"]
            code += ["mcrr    p15, 6, r0, r1, c2              @ VTTBR", "load32  r0, 0x80003540"]
            code += ["mcr     p15, 4, r0, c2, c1, 2           @ VTCR: 32 bits, from level 1", f"load32  r0, {bits:#x}"]
            code += [
                "mcr     p15, 4, r0, c1, c1, 0           @ HCR",
                "mcr     p15, 4, r0, c8, c7, 4           @ TLBIALLNSNH",
            ]
            code += ["isb", "out_of_hyp"]
        return [*code, *(self._stage1.switch_on(rng) if self._stage1 is not None else [])]

    def _witness(self) -> Step:
        code = [f"load32  r1, {TARGET:#x}", f"load32  r2, {TARGET + TARGETS * (2 << 20):#x}", "mov     r3, #0", "1:"]
        for at in (0, 0xFF0):
            code += [f"add     r0, r1, #{at:#x}", "ldmia   r0, {r4-r7}"]
            code += [f"eor     r3, r{one}, r3, ror #31" for one in (4, 5, 6, 7)]
        code += ["add     r1, r1, #0x1000", "cmp     r1, r2", "blo     1b"]
        return Step("what memory has now, all in one word", tuple(code), (Check("r3"), Check("trap")), self._rule)
