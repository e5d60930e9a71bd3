"""`isa-armv7ve`: every encoding of A32 and T32, its operands at their edges and naming each other's registers.

Each test is one encoding of the description; each of its steps one instance, in SVC mode with the MMU off: core
registers that it reads get values, d0 to d31 come from the test's table, it is executed, and what it writes, the
flags, the sums of all core registers (`regs`) and of all vector registers (`dregs`), FPSCR and the exception that
it ends in are looked at.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from typing import Final

from .....asmgen import Memory
from .....asmgen.catalog.instructions import Drawn, InstructionInfo
from .....isa.errors import TraplineError
from ...making.case import Case, Check, Step
from ...making.context import Context
from ..flags import with_flags

_KEPT: Final = frozenset({"pc", "sp", "r15", "r13"})
_EDGES: Final = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFF8000)
_FLOATS: Final = (
    0x00000000, 0x80000000, 0x3F800000, 0xBF800000, 0x40000000, 0x7F800000, 0xFF800000, 0x7FC00000, 0x7F800001,
    0x00000001, 0x007FFFFF, 0x00800000, 0x7F7FFFFF, 0x3FF00000, 0x7FF00000, 0xFFF80000, 0x41E00000, 0x4F000000,
)  # fmt: skip
_CENTRE: Final = 64
_TRIES: Final = 6
_MEMORY: Final = (
    "        .data",
    "        .balign 8",
    "        .skip   8192",
    "suite_memory:",
    *(f"        .word   {0x01234567 ^ number * 0x11111111 & 0xFFFFFFFF:#x}" for number in range(48)),
    "        .skip   8192",
)


def generate(context: Context) -> Iterator[Case]:
    """A case for each encoding that is not left out."""
    left_out = tuple(context.options.get("leave_out", ()))
    for info in context.catalog.instructions:
        names = (info.name, info.instruction)
        if info.spaces or any(fnmatch.fnmatchcase(name, glob) for name in names for glob in left_out):
            continue
        if any(one.kind in ("address", "place") for one in info.operands):
            continue
        if not context.wants(info.name):
            continue
        case = _Encoding(context, info).case()
        if case is not None:
            yield case


class _Encoding:
    """Makes the case of one encoding."""

    def __init__(self, context: Context, info: InstructionInfo) -> None:
        self._context, self._info = context, info
        self._rng = context.source(info.name)
        self._rule = context.rules.at(info.form.line)
        self._is_t32 = info.instruction_set == "T32"

    def case(self) -> Case | None:
        """None where no instance was found whose registers may be used."""
        info = self._info
        count = max(1, round(int(self._context.options.get("instances", 4)) * self._context.weight(info.name)))
        steps: list[Step] = []
        for number in range(count):
            drawn = self._drawn(number, alike=number == 1)
            if drawn is None:
                continue
            steps.append(self._step(drawn, len(steps) + 1))
            if any(one.kind == "store" for one in info.memory):
                steps.append(self._memory(drawn))
        if not steps:
            return None
        tags = (info.instruction_set, *info.features, *(("memory",) if info.memory else ()))
        data = (*_MEMORY, *self._vectors())
        return Case(info.name, f"{info.instruction}: {info.title}", tuple(steps), tags, data, is_drawn=True)

    def _drawn(self, number: int, alike: bool) -> Drawn | None:
        """Instance `number`; `alike`: of a few, the one whose registers are the fewest different ones."""
        try:
            drawn = [with_flags(self._info, self._rng, _KEPT, number) for _ in range(_TRIES if alike else 1)]
        except TraplineError:
            return None
        registers = [one.name for one in self._info.operands if one.kind == "register"]
        return min(drawn, key=lambda one: len({one.bits[name] for name in registers if name in one.bits}))

    def _step(self, drawn: Drawn, number: int) -> Step:
        info, rng = self._info, self._rng
        code: list[str] = []
        values = self._inputs(drawn)
        flags = rng.choice((0, 0, 0x20000000, 0xF0000000, 0x90000000, 0xA80F0000))
        if flags:
            code += [f"load32  r0, {flags:#x}", "msr     cpsr_fs, r0"]
            values.setdefault(0, "0")
        code += [f"load32  {_name(register)}, {value}" for register, value in values.items()]
        after: list[str] = []
        condition = self._condition(drawn)
        if self._is_t32:
            code.append(f"into_t32 {number}")
            after = ["out_of_t32"]
            if condition:
                code.append(f"it      {condition}")
        code.append(drawn.text)
        checks = [Check("trap"), Check("fsr", note="fault status"), Check("far", note="fault address")]
        for operand in info.operands:
            if operand.registers == ("R",) and "written" in operand.role and operand.kind == "register":
                register = drawn.bits[operand.name]
                if register < 15:
                    checks.append(Check(f"r{register}", note=f"{operand.name}, written"))
        checks += [Check("cpsr"), Check("regs", note="all core registers")]
        if info.features:
            checks += [Check("fpscr"), Check("dregs", note="all vector registers")]
        checks = list({one.word: one for one in checks}.values())
        return Step(drawn.text, tuple(code), tuple(checks), self._rule, (), (), tuple(after),
                    (f"instruction {info.instruction}",))  # fmt: skip

    def _condition(self, drawn: Drawn) -> str:
        """The condition that an IT block has to give a T32 instruction; empty: none."""
        for operand in self._info.operands:
            if operand.name == "it_cond":
                name = operand.text(drawn.bits["it_cond"], 0) or ""
                return "" if name == "al" else name
        return ""

    def _inputs(self, drawn: Drawn) -> dict[int, str]:
        """What core registers hold, by number, as the assembler writes it."""
        found: dict[int, str] = {}
        memory = next((one for one in drawn.operands if isinstance(one, Memory)), None)
        for operand in self._info.operands:
            if operand.registers != ("R",) or operand.kind != "register" or "read" not in operand.role:
                continue
            register = drawn.bits[operand.name]
            if register >= 15:
                continue
            if self._info.memory and operand.name.startswith("Rn"):
                # Write-back with an index: the address is the base, moved by what the operand says.
                offset = memory.offset if memory is not None else 0
                found[register] = f"suite_memory + {_CENTRE} - ({offset}) + {self._rng.choice((0, 0, 0, 4, 8, 1, 2))}"
            elif self._info.memory and operand.name.startswith("Rm"):
                found.setdefault(register, self._rng.choice(("0", "4", "8")))
            else:
                found.setdefault(register, f"{self._value():#x}")
        return found

    def _value(self) -> int:
        rng = self._rng
        kind = rng.randrange(4)
        if kind == 0:
            return rng.getrandbits(32)
        return rng.getrandbits(rng.randint(1, 31)) if kind == 1 else rng.choice(_EDGES)

    def _vectors(self) -> list[str]:
        rng = self._rng
        lines = ["        .balign 8", "        .global suite_vectors", "suite_vectors:"]
        for _ in range(16):
            words = [rng.choice(_FLOATS) if rng.random() < 0.6 else rng.getrandbits(32) for _ in range(4)]
            lines.append("        .word   " + ", ".join(f"{one:#x}" for one in words))
        return lines

    def _memory(self, drawn: Drawn) -> Step:
        """What stands in memory behind a store."""
        code = ["load32  r14, suite_memory + 32", "ldmia   r14, {r0-r12}"]
        checks = tuple(Check(f"r{at}", note=f"memory, {32 + 4 * at} bytes in") for at in range(13))
        return Step(f"memory after {drawn.text}", tuple(code), checks, self._rule)


def _name(register: int) -> str:
    return {13: "sp", 14: "lr"}.get(register, f"r{register}")
