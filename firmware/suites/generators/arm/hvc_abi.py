"""`hvc-abi` and `psci`: calls to whoever is below, by HVC or SMC: arguments crossed, unknown numbers, what is kept.

Every call of the description's PSCI is made with its arguments' classes crossed pairwise; numbers that nobody has and
immediates that are not 0; from User mode, in A32 and T32. Then processors are started: entry point, context, state, and
what AFFINITY_INFO says before, while and after. Calls that wait or never come back have no test here.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Final

from .....isa.model.items import Hypercall
from ...making.case import Allowed, Case, Check, Step
from ...making.context import Context
from ...making.pairwise import crossed, pairwise
from ..values import Value, values_of
from .code import NO_VECTORS, told

_ABI: Final = "psci"
_ROWS: Final = 16
_MASK: Final = 0xFFFFFFFF
_KEPT: Final = tuple(Check(f"r{one}", note="preserved") for one in range(4, 15))
_RULE: Final = "SMC Calling Convention (ARM DEN 0028), section 2.7; ARM DEN 0022 (PSCI), chapter 5"
_PARKED: Final = (
    "        .text",
    "        .balign 4",
    "@ Where a processor is started: it leaves what it finds, and switches itself off.",
    "started:",
    "        load32  r1, seen",
    "        str     r0, [r1]                        @ the context",
    "        mrs     r0, cpsr",
    "        str     r0, [r1, #4]",
    "        mrc     p15, 0, r0, c1, c0, 0",
    "        str     r0, [r1, #8]                    @ SCTLR",
    "        mrc     p15, 0, r0, c0, c0, 5",
    "        str     r0, [r1, #12]                   @ MPIDR",
    "        dmb",
    "        mov     r0, #1",
    "        str     r0, [r1, #16]",
    "        load32  r0, PSCI_CPU_OFF",
    "        {call}     #0",
    "1:      b       1b",
    "        .balign 4",
    "        .thumb",
    "started_t32:",
    "        bx      pc",
    "        nop",
    "        .arm",
    "        b       started",
    "        .data",
    "        .balign 4",
    "seen:   .word   0, 0, 0, 0, 0",
)
_ENDS: Final = frozenset(("SYSTEM_OFF", "SYSTEM_RESET", "CPU_OFF", "CPU_SUSPEND"))
"""Functions (PSCI's, with or without KVM in front) that have no step behind them: nothing wakes the only processor."""


def generate(context: Context) -> Iterator[Case]:
    """The cases; the option `conduit` says how calls are made."""
    maker = _Maker(context)
    for call in context.description.hypercalls.values():
        if call.abi == _ABI and call.name.partition("PSCI_")[2] not in _ENDS:
            yield from maker.crossed_calls(call)
    yield from maker.unassigned()
    yield from maker.ways()
    if context.suite.machine.vcpus > 1:
        yield from maker.starting()


class _Maker:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._conduit = str(context.options.get("conduit", "hvc"))
        self._description = context.description
        abi = self._description.abis[_ABI]
        self._codes = {name: one.value & _MASK for name, one in abi.return_codes.items()}
        self._data = (*NO_VECTORS, *(one.replace("{call}", self._conduit) for one in _PARKED))

    # Arguments

    def crossed_calls(self, call: Hypercall) -> Iterator[Case]:
        """One test for each row of arguments, from SVC mode."""
        rng = self._context.source(call.name)
        kinds = [self._values(call, at, rng) for at in range(len(call.arguments))]
        rows = (crossed if self._context.full else pairwise)(kinds, rng)
        for number, row in enumerate(rows[: len(rows) if self._context.full else _ROWS], 1):
            name = f"{call.name}-{number:03}"
            yield Case(name, self._title(call, row), (self._call(call, row),), (call.level, call.name), self._data)

    def _values(self, call: Hypercall, number: int, rng: random.Random) -> list[Value]:
        kind = call.arguments[number].type_name
        if kind not in self._description.argument_classes:
            return [Value(0, "boundary"), Value(rng.getrandbits(32), "valid")]
        return values_of(self._description.argument_classes[kind], rng, (), 6)

    def _argument(self, call: Hypercall, number: int, value: Value) -> str:
        """A valid entry point is where a processor can begin, whatever address was drawn."""
        if call.arguments[number].type_name == "entry_point" and value.kind != "invalid":
            return "started_t32 + 1" if value.number & 8 else "started"
        return f"{value.number & _MASK:#x}"

    def _call(self, call: Hypercall, row: Sequence[Value]) -> Step:
        allowed = tuple(Allowed(one.code, self._codes[one.code]) for one in call.returns)
        has_numbers = call.name in ("PSCI_VERSION", "PSCI_AFFINITY_INFO", "PSCI_MIGRATE_INFO_TYPE", "PSCI_FEATURES")
        code = [f"load32  r{at}, {self._argument(call, at - 1, one)}" for at, one in enumerate(row, 1)]
        code += [f"load32  r0, {call.number & _MASK:#x}           @ {call.name}", f"{self._conduit}     #0"]
        checks = (Check("r0"), *(Check(f"r{one}") for one in (1, 2, 3)), *_KEPT, Check("cpsr"), Check("trap"))
        remarks = tuple(
            f"{parameter.name}: {value.kind} as a {parameter.type_name or 'number'}"
            for parameter, value in zip(call.arguments, row, strict=True)
        )
        return Step(
            self._title(call, row),
            tuple(code),
            checks,
            self._context.rules.at(call.line),
            (f"{call.title}.", *remarks),
            () if has_numbers else allowed,
            covers=(f"hcall {call.name}",),
        )

    def _title(self, call: Hypercall, row: Sequence[Value]) -> str:
        shown = (
            f"{parameter.name}={self._argument(call, at, value)}"
            for at, (parameter, value) in enumerate(zip(call.arguments, row, strict=True))
        )
        return f"{call.name}({', '.join(shown)})"

    # Numbers, immediates, states

    def unassigned(self) -> Iterator[Case]:
        """Numbers that the description has not."""
        rng = self._context.source("unassigned")
        taken = {one.number & _MASK for one in self._description.hypercalls.values() if one.abi == _ABI}
        numbers = {0, 1, _MASK, 0x8400001F, 0x95C1BA62, 0xC4000003, *(rng.getrandbits(32) for _ in range(8))} - taken
        for number in sorted(numbers):
            step = Step(f"call {number:#x}", (f"load32  r0, {number:#x}", f"{self._conduit}     #0"),
                        (*told(), Check("r0"), Check("r1"), *_KEPT), _RULE, covers=("hcall unassigned",))  # fmt: skip
            yield Case(
                f"unassigned-{number:08x}", f"call {number:#x}, which nobody has", (step,), ("unassigned",), self._data
            )

    def ways(self) -> Iterator[Case]:
        """Both instructions, immediates, User mode, conditions, both instruction sets."""
        number = "load32  r0, PSCI_VERSION"
        ways: dict[str, tuple[str, ...]] = {}
        for instruction in ("hvc", "smc"):
            for immediate in (0, 1, 15, *((0x4A11, 0xFFFF) if instruction == "hvc" else ())):
                ways[f"{instruction}-{immediate:x}"] = (number, f"{instruction}     #{immediate}")
            ways[f"{instruction}-user"] = (number, "cps     #0x10", f"{instruction}     #0")
            for mode, name in ((0x1F, "system"), (0x12, "irq"), (0x17, "abort"), (0x1B, "undefined"), (0x11, "fiq")):
                ways[f"{instruction}-{name}"] = (
                    number,
                    f"cps     #{mode:#x}",
                    f"{instruction}     #0",
                    "cps     #0x13",
                )
            t32 = ("adr     lr, 3f", "ldr     pc, 4f", "4:", ".word   5f + 1", ".thumb", "5:")
            back = ("bx      lr", ".balign 4", ".arm", "3:")
            ways[f"{instruction}-t32"] = (number, *t32, f"{instruction}.w   #0", *back)
        for name, code in ways.items():
            checks = (*told(), Check("r0"), Check("r1"), *_KEPT, Check("cpsr"))
            after = ("svc     #0",) if name.endswith("user") else ()
            step = Step(name, code, checks, _RULE, (), (), after, (f"call by {name}",))
            yield Case(f"way-{name}", f"PSCI_VERSION by {name}", (step,), ("way",), self._data)

    # Processors

    def starting(self) -> Iterator[Case]:
        """A processor is started, tells what it found, and switches itself off; again; while it is on; in T32."""
        for name, entry, context in (
            ("a32", "started", 0x12345678),
            ("t32", "started_t32 + 1", 0),
            ("twice", "started", 1),
        ):
            for function in ("PSCI_CPU_ON", "KVM_PSCI_CPU_ON"):
                steps = [self._affinity("before"), self._start(function, entry, context)]
                steps += [self._start(function, entry, context + 1)] if name == "twice" else []
                steps.append(self._affinity("after"))
                yield Case(f"start-{function}-{name}", f"{function}, {name}", tuple(steps), ("start",), self._data)

    def _start(self, function: str, entry: str, context: int) -> Step:
        code = [f"load32  r0, {function}", "mov     r1, #1", f"load32  r2, {entry}", f"load32  r3, {context:#x}"]
        # Bounded: a processor that never comes is a failure, not a test without an end.
        code += [f"{self._conduit}     #0", "mov     r4, r0", "load32  r5, seen", "load32  r6, 5000"]
        code += ["1:", "ldr     r7, [r5, #16]", "subs    r6, r6, #1", "cmpne   r7, #0", "beq     2f", "b       3f"]
        code += ["2:", "cmp     r6, #0", "bne     1b", "3:", "dmb", "ldmia   r5, {r8-r11}", "mov     r1, #0"]
        code += ["str     r1, [r5, #16]", *self._wait_until_off()]
        checks = [Check("r4", note="the answer"), Check("r7", note="1: it came"), Check("r8", note="its r0")]
        checks += [Check("r9", note="its CPSR"), Check("r10", note="its SCTLR"), Check("r11", note="its MPIDR")]
        checks += [Check("r0", note="1: it is off again"), Check("trap")]
        return Step(f"{function} of processor 1 at {entry}", tuple(code), tuple(checks), _RULE,
                    covers=(f"hcall {function} started",))  # fmt: skip

    def _wait_until_off(self) -> list[str]:
        code = ["load32  r6, 5000", "1:", "load32  r0, PSCI_AFFINITY_INFO", "mov     r1, #1", "mov     r2, #0"]
        return [
            *code,
            f"{self._conduit}     #0",
            "cmp     r0, #1",
            "beq     2f",
            "subs    r6, r6, #1",
            "bne     1b",
            "2:",
        ]

    def _affinity(self, when: str) -> Step:
        code = []
        for at, (cpu, level) in enumerate(((0, 0), (1, 0), (2, 0), (0, 1), (1, 3))):
            code += ["load32  r0, PSCI_AFFINITY_INFO", f"load32  r1, {cpu:#x}", f"load32  r2, {level:#x}"]
            code += [f"{self._conduit}     #0", f"mov     r{4 + at}, r0"]
        checks = tuple(Check(f"r{4 + at}") for at in range(5))
        return Step(f"AFFINITY_INFO {when}", tuple(code), checks, _RULE, covers=("hcall PSCI_AFFINITY_INFO",))
