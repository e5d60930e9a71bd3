"""`interrupts`: each interrupt of a partition, from each state, and at each point of a piece of code.

First every interrupt by what causes it, in privileged and problem state, with and without single-step tracing and
external interrupts: vector, SRR0, SRR1, DAR, DSISR, and the MSR that the handler finds. Then points of arrival: the
decrementer and an interprocessor interrupt of the vcpu's own come at each instruction of a sequence: all that was
before it is done, nothing of what is behind. Last the presentation: priorities, XIRR, EOI.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ...making.case import Case, Check, Step
from ...making.context import Context
from .code import go_on, handlers_msr, hcall, msr, saved_msr, word

_BOOK: Final = "Power ISA 2.06 Book III-S, section 6.5"
_PRESENTATION: Final = "PAPR 2.x, section 14.5.4.6 (interrupt presentation)"
_POINTS: Final = 24
_SEQUENCES: Final = 4
_PRIORITIES: Final = (0, 1, 4, 5, 6, 0xFE, 0xFF)


def generate(context: Context) -> Iterator[Case]:
    """The cases."""
    maker = _Maker(context)
    yield from maker.causes()
    yield from maker.masked()
    yield from maker.points()
    yield from maker.presentation()


class _Maker:
    def __init__(self, context: Context) -> None:
        self._context = context
        # What an interrupt leaves.
        self._told = (
            Check("trap"),
            Check("srr0"),
            saved_msr(context.description),
            handlers_msr(context.description),
            Check("dar", unless=0),
            Check("dsisr", unless=0),
        )
        self._description = context.description
        self._has_vsx = "VSX" in self._description.features

    # Causes

    def causes(self) -> Iterator[Case]:
        """One test for each cause, one step for each state that it comes from."""
        for name, rule, code in self._list():
            steps = []
            for bits in ((), ("EE",), ("PR",), ("SE",), ("BE",), ("PR", "SE"), ("RI",), ("EE", "PR", "SE")):
                steps.append(self._step(name, bits, code, f"{_BOOK}.{rule}"))
            yield Case(f"cause-{name}", f"{name}, from each state", tuple(steps), ("cause", name))

    def _list(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        yield "nothing", "13 (system call, by which the step ends)", ("sc      0",)
        yield "system-call", "14", ("li      r20, 0x1234", "sc      0")
        yield "trap", "9 (program)", ("li      r20, 5", "tdi     31, r20, 5")
        yield "trap-not-taken", "9 (program)", ("li      r20, 5", "tdi     4, r20, 6", "sc      0")
        yield "illegal", "9 (program)", (".long   0x00000000",)
        yield "illegal-reserved", "9 (program)", (".long   0x7C00078E",)
        yield "privileged", "9 (program)", ("mfmsr   r20", "sc      0")
        yield "privileged-spr", "9 (program)", ("mfspr   r20, 26", "sc      0")
        yield "hypervisor-spr", "9 (program)", ("mfspr   r20, 311", "sc      0")
        yield "no-such-spr", "9 (program)", ("mfspr   r20, 1000", "sc      0")
        yield "data-storage-load", "3", ("load64  r21, 0x8000000", "lwz     r20, 0(r21)", "sc      0")
        yield "data-storage-store", "3", ("load64  r21, 0x8000000", "stw     r20, 0(r21)", "sc      0")
        yield "data-segment", "4", ("load64  r21, 0x5000000010", "ld      r20, 0(r21)", "sc      0")
        yield "instruction-segment", "6", ("load64  r21, 0x5000000010", "mtctr   r21", "bctr")
        yield "alignment", "8", ("load64  r21, 0x200001", "lwarx   r20, 0, r21", "sc      0")
        yield "alignment-multiple", "8", ("load64  r21, 0x200002", "lmw     r29, 0(r21)", "sc      0")
        for bit, text, section in (("FP", "fadd    f1, f2, f3", "10"), ("VEC", "vand    v1, v2, v3", "23"),
                                   ("VSX", "xxlor   vs1, vs2, vs3", "24")):  # fmt: skip
            if bit == "VSX" and not self._has_vsx:
                continue
            yield f"{bit.lower()}-unavailable", section, (text, "sc      0")
        yield "decrementer-passed", "11", ("li      r20, -1", "mtdec   r20", "nop", "nop", "sc      0")
        yield "branch-traced", "15 (trace)", ("b       3f", "nop", "3:", "sc      0")
        yield "branch-not-taken", "15 (trace)", ("cmpwi   r20, 0", "beq     3f", "3:", "sc      0")
        yield "sync-traced", "15 (trace)", ("isync", "sc      0")

    def _step(self, name: str, bits: tuple[str, ...], code: tuple[str, ...], rule: str) -> Step:
        off = {"fp-unavailable": "FP", "vec-unavailable": "VEC", "vsx-unavailable": "VSX"}.get(name)
        title = f"{name} with MSR {', '.join(bits) or 'as it is'}"
        ready: tuple[str, ...] = ()
        if off is not None:
            ready = ("mfmsr   r15", f"load64  r16, {msr(self._description, off):#x}", "andc    r15, r15, r16",
                     "mtmsrd  r15", "isync")  # fmt: skip
        return Step(
            title,
            (*ready, *go_on(self._description, *bits), *code),
            (*self._told, Check("r20"), Check("ctr")),
            rule,
            covers=(f"interrupt {name} {'problem' if 'PR' in bits else 'privileged'}",),
        )

    # What does not come

    def masked(self) -> Iterator[Case]:
        """A decrementer that has passed waits for EE, and comes where that is set."""
        enable = msr(self._description, "EE")
        ways = {
            "mtmsrd": ("mfmsr   r15", f"ori     r15, r15, {enable:#x}", "mtmsrd  r15", "li      r20, 2"),
            "mtmsrd-1": (f"li      r15, {enable - 0x10000}", "mtmsrd  r15, 1", "li      r20, 2"),
            "rfid": (*go_on(self._description, "EE"), "li      r20, 2"),
            "rfid-problem": (*go_on(self._description, "PR"), "li      r20, 2"),
            "never": ("nop", "li      r20, 2"),
            "written-back": (
                "load32  r15, 0x7FFFFFFF",
                "mtdec   r15",
                *go_on(self._description, "EE"),
                "li      r20, 2",
            ),
        }
        for name, code in ways.items():
            ready = ("li      r20, -1", "mtdec   r20", *["nop"] * 40, "li      r20, 1")
            checks = (*self._told, Check("r20"))
            step = Step(f"it waits, then {name}", (*ready, *code, "sc      0"), checks, f"{_BOOK}.11",
                        covers=("interrupt decrementer masked",))  # fmt: skip
            yield Case(f"masked-{name}", f"a decrementer that waits for EE: {name}", (step,), ("masked",))

    # Points of arrival

    def points(self) -> Iterator[Case]:
        """The same code with an interrupt at each of its instructions."""
        for sequence in range(1, _SEQUENCES + 1):
            rng = self._context.source(f"sequence/{sequence}")
            body = self._body(rng.getrandbits(32))
            for kind in ("decrementer", "external"):
                steps = [self._point(kind, point, body) for point in range(0, _POINTS, 2)]
                yield Case(f"points-{kind}-{sequence}", f"{kind} at each point of sequence {sequence}", tuple(steps),
                           ("points", kind))  # fmt: skip

    def _body(self, seed: int) -> list[str]:
        """Instructions each of which leaves a trace: registers, memory, a loop, a store with update, a reservation."""
        rng = self._context.source(f"body/{seed}")
        choices = (
            lambda n: [f"addi    r{n}, r{n}, 1"],
            lambda n: [f"mulld   r{n}, r{n}, r20"],
            lambda n: [f"stdu    r{n}, 8(r21)"],
            lambda n: ["lwarx   r22, 0, r21", "addi    r22, r22, 1", "stwcx.  r22, 0, r21"],
            lambda n: [f"li      r{n}, 3", f"mtctr   r{n}", "4:", "addi    r23, r23, 1", "bdnz    4b"],
            lambda n: [f"add.    r{n}, r{n}, r20"],
            lambda n: [f"lmw     r{28}, 0(r21)"],
        )
        code = [f"load64  r20, {word(rng):#x}", "load64  r21, 0x200000"]
        while len(code) < 2 * _POINTS:
            code += rng.choice(choices)(rng.randint(24, 27))
        return code

    def _point(self, kind: str, point: int, body: list[str]) -> Step:
        if kind == "decrementer":
            ready = (*go_on(self._description, "EE"), f"li      r14, {point + 1}", "mtdec   r14")
            rule = f"{_BOOK}.11"
        else:
            # It is there as soon as the call is, and waits for EE: that is set at each point.
            ready = (*hcall("H_CPPR", 0xFF), *hcall("H_IPI", 0, 4))
            rule = f"{_BOOK}.7"
            enable = ("mfmsr   r15", f"ori     r15, r15, {msr(self._description, 'EE'):#x}", "mtmsrd  r15")
            body = [*body[:point], *enable, *body[point:]]
        registers = tuple(Check(f"r{at}") for at in range(20, 30))
        memory = tuple(f"ld      r{16 + at}, {8 * at}(r14)" for at in range(4))
        code = (*ready, *body, "sc      0")
        after = ("load64  r14, 0x200008", *memory)
        checks = (*self._told, *registers, Check("ctr"), Check("cr"))
        end = (*hcall("H_XIRR"), *hcall("H_EOI", "r4")) if kind == "external" else ()
        return Step(f"{kind} at point {point}", code, checks, rule, (), (), (*after, *end),
                    (f"interrupt {kind} arrival",))  # fmt: skip

    # Presentation

    def presentation(self) -> Iterator[Case]:
        """Priorities: which request is presented at which CPPR, what XIRR gives, and what EOI lets through."""
        for number, own in enumerate(_PRIORITIES):
            steps = []
            for request in _PRIORITIES:
                code = [*hcall("H_CPPR", own), "mr      r20, r3", *hcall("H_IPI", 0, request), "mr      r21, r3"]
                code += [*hcall("H_XIRR"), "mr      r22, r3", "mr      r23, r4", *hcall("H_IPI", 0, 0xFF)]
                code += [*hcall("H_XIRR"), "mr      r24, r4", *hcall("H_EOI", "r23"), "mr      r25, r3"]
                code += [*hcall("H_XIRR"), "mr      r26, r4", *hcall("H_CPPR", 0), "mr      r27, r3"]
                checks = tuple(Check(f"r{at}") for at in range(20, 28))
                steps.append(Step(f"CPPR {own:#x}, a request of {request:#x}", tuple(code), checks, _PRESENTATION,
                                  covers=("hcall H_XIRR", "hcall H_EOI", "hcall H_IPI", "hcall H_CPPR")))  # fmt: skip
            yield Case(f"priority-{number}", f"requests at CPPR {own:#x}", tuple(steps), ("presentation",))
