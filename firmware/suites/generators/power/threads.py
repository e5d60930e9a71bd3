"""`smt-cede`: threads of one core that are started, cede and are prodded; nothing is lost, whoever comes first.

Each thread works, prods the next one and cedes, round and round, in an order and with work drawn at random. A prod that
comes before its cede is not lost, so the end does not depend on who was first: what each has counted is checked, and
registers that a ceding thread had.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ...making.case import Case, Check, Step
from ...making.context import Context
from .code import hcall

_TESTS: Final = 24
_RULE: Final = "PAPR 2.x, section 14.11.3 (H_CEDE, H_PROD); Power ISA 2.06 Book III-S, section 3.3"
_COUNTS: Final = 0x300000
_BLOCK: Final = 0x310000


def generate(context: Context) -> Iterator[Case]:
    """The cases."""
    threads = context.suite.machine.vcpus
    for number in range(1, round(int(context.options.get("tests", _TESTS)) * context.weight("threads")) + 1):
        yield _case(context, number, threads)


def _case(context: Context, number: int, threads: int) -> Case:
    rng = context.source(f"threads/{number}")
    rounds = rng.randint(1, 6)
    code: list[str] = [f"load64  r20, {_COUNTS:#x}", "li      r21, 0"]
    code += [f"std     r21, {8 * at}(r20)" for at in range(2 * threads)]
    for thread in range(1, threads):
        code += _start(thread, f"thread_{thread}")
    # Round and round: each thread wakes the next one; the last one wakes this.
    order = list(range(1, threads))
    rng.shuffle(order)
    ring = [0, *order]
    code += [f"li      r22, {rounds}", "1:", *_work(rng.randint(0, 40), "2"), *hcall("H_PROD", ring[1])]
    code += [*hcall("H_CEDE"), "addi    r22, r22, -1", "cmpwi   r22, 0", "bne     1b", f"load64  r20, {_COUNTS:#x}"]
    code += [f"ld      r{23 + at}, {8 * at}(r20)" for at in range(1, threads)]
    checks = [
        Check("trap"),
        Check("r22"),
        *(Check(f"r{23 + at}", note=f"rounds of thread {at}") for at in range(1, threads)),
    ]
    checks += [Check(f"r{one}", note="kept over cedes") for one in (14, 15, 16, 17, 30, 31)]
    data: list[str] = ["        .text"]
    for at, thread in enumerate(ring[1:], 1):
        following = ring[(at + 1) % len(ring)]
        data += [
            f"        .global thread_{thread}",
            f"thread_{thread}:",
            "        load32  r14, 0x7FFFFFFF",
            "        mtdec   r14",
        ]
        data += [f"        load64  r20, {_COUNTS + 8 * thread:#x}", "        li      r21, 0", "1:"]
        lines = [
            *hcall("H_CEDE"),
            *_work(rng.randint(0, 40), "2"),
            "addi    r21, r21, 1",
            "std     r21, 0(r20)",
            "sync",
        ]
        data += [
            one if one.endswith(":") else f"        {one}"
            for one in (*lines, *hcall("H_PROD", following), "b       1b")
        ]
    title = f"{rounds} rounds over {threads} threads: {' '.join(map(str, ring))}"
    step = Step(title, tuple(code), tuple(checks), _RULE, covers=("hcall H_CEDE", "hcall H_PROD", "smt"))
    return Case(f"ring-{number:03}", f"{rounds} rounds of prods over {threads} threads", (step,), ("smt",), tuple(data))


def _start(thread: int, entry: str) -> list[str]:
    """RTAS start-cpu."""
    code = [f"load64  r4, {_BLOCK:#x}"]
    for at, value in enumerate(("start_cpu", "3", "1", str(thread), entry, str(thread))):
        code += [f"load32  r5, {value}", f"stw     r5, {4 * at}(r4)"]
    return [*code, "load64  r3, H_RTAS", "sc      1"]


def _work(count: int, label: str) -> list[str]:
    """So many turns of a loop."""
    return [f"li      r18, {count + 1}", "mtctr   r18", f"{label}:", "mulli   r19, r19, 3", f"bdnz    {label}b"]
