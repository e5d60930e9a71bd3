"""`isa-power7`, `isa-ppc970`: every instruction of the core, its operands at their edges and naming the same registers.

Each test is one encoding of the description; each of its steps one instance: registers that it reads get values, it
is executed, and what it writes, the condition register, XER, LR, CTR, every other general register (`gprs`) and the
interrupt that it ends in are looked at. What is privileged is executed in problem state, and so is a move to and
from each special purpose register.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from .....asmgen.catalog.instructions import Drawn, InstructionInfo
from .....asmgen.catalog.operands import OperandInfo
from .....isa.errors import TraplineError
from ...making.case import Case, Check, Step
from ...making.context import Context
from ..flags import with_flags
from .code import double, into_problem_state, reason, word

_KEPT: Final = tuple(f"r{number}" for number in range(14, 32))
"""Registers that no instance names: the code around it uses them."""
_PREFIXES: Final = ("r", "f", "v", "vs")
_TIME: Final = frozenset({"COUNTED", "TIME_OFFSET", "TIME_BASE_OFFSET"})
_MEMORY: Final = (
    "        .data",
    "        .balign 16",
    "suite_memory:",
    *(f"        .quad   {0x0123456789ABCDEF ^ number * 0x1111111111111111:#x}" for number in range(16)),
)
_REGISTERS_A_TEST: Final = 8


def generate(context: Context) -> Iterator[Case]:
    """A case for each encoding, then the special purpose registers."""
    for info in context.catalog.instructions:
        case = InstructionCase(context, info).case() if context.wants(info.name) else None
        if case is not None:
            yield case
    yield from _special_registers(context)


class InstructionCase:
    """Makes the case of one encoding. What it loads and stores is at `PLACE`, one of `offsets` behind it."""

    PLACE = "suite_memory"

    def __init__(self, context: Context, info: InstructionInfo) -> None:
        self._context, self._info = context, info
        self._rng = context.source(info.name)
        self._rule = context.rules.at(info.form.line)
        self._data: list[str] = []

    def case(self) -> Case | None:
        """None where it cannot be one: a system call is for other suites."""
        info = self._info
        if info.spaces or info.name in self._context.options.get("leave_out", ()):
            return None
        count = round(int(self._context.options.get("instances", 4)) * self._context.weight(info.name))
        steps: list[Step] = []
        for number in range(max(count, 1)):
            drawn = self._drawn(number, alike=number == 1)
            if drawn is not None:
                steps.append(self._step(drawn, number))
                if any(one.kind == "store" for one in info.memory):
                    steps.append(self._memory(drawn))
        if not steps:
            return None
        tags = (*info.features, *(("privileged",) if info.privilege else ()), *(("memory",) if info.memory else ()))
        data = (*_MEMORY, *self._data)
        return Case(info.name, f"{info.instruction}: {info.title}", tuple(steps), tags, data, is_drawn=True)

    def offsets(self) -> Sequence[int]:
        """Where an access may begin."""
        return tuple(64 + one for one in (0, 0, 0, 8, 16, 1, 2, 4, 7))

    def _drawn(self, number: int, alike: bool) -> Drawn | None:
        """Instance `number`; `alike`: its registers have one number, where that is allowed."""
        exclude = set(_KEPT)
        if alike:
            number = self._rng.randint(3, 12)
            alike_ones = {f"{kind}{number}" for kind in _PREFIXES}
            numbered = {f"{kind}{other}" for kind in _PREFIXES for other in range(64)} - alike_ones
            exclude |= {name for one in self._info.operands for name in one.names if name in numbered}
        for _ in range(20):
            try:
                drawn = with_flags(self._info, self._rng, exclude, number)
            except TraplineError:
                if not alike:
                    return None
                return self._drawn(number, alike=False)
            if self._can_be_placed(drawn):
                return drawn
        return None

    def _can_be_placed(self, drawn: Drawn) -> bool:
        """Whether its address can be made to lie in the test's memory."""
        if not self._info.memory:
            return True
        bits = drawn.bits
        base = bits.get("RA|0", bits.get("RA", 0))
        if "RB" in bits:
            return base == 0 or bits["RB"] != base
        return base != 0

    # One instance

    def _step(self, drawn: Drawn, number: int) -> Step:
        info, rng = self._info, self._rng
        code, comments = [], []
        floats = [one for one in info.operands if set(one.registers) & {"FPR", "VR", "VSR_LOW"}]
        read = [one for one in floats if "read" in one.role]
        if floats:
            code += self._float_inputs(read, drawn, number)
        for register, value in self._general_inputs(drawn).items():
            code.append(f"load64  r{register}, {value}")
        crs = rng.getrandbits(32)
        if "CR" in info.reads:
            code += [f"load32  r14, {crs:#x}", "mtcrf   0xFF, r14"]
        if "XER" in info.reads:
            code += [f"load32  r14, {rng.choice((0, 0x20000000, 0xE0000000)):#x}", "mtxer   r14"]
        if {"LR", "CTR"} & set(info.reads):
            code += ["load32  r14, 2f", "mtlr    r14", "mtctr   r14"]
        text, after, branched = drawn.text, list[str](), list[Check]()
        address = next((one for one in info.operands if one.kind == "address"), None)
        if address is not None or {"LR", "CTR"} & set(info.reads):
            after = ["li      r15, 1", "2:"]
            branched.append(Check("r15", note="1: it was not taken"))
        if address is not None:
            text = f"{text.rpartition(' ')[0]} 2f"
        checks = [Check("trap"), reason(self._context.description)]
        for operand in info.operands:
            if operand.registers == ("GPR",) and "written" in operand.role:
                checks.append(Check(f"r{drawn.bits[operand.name]}", note=f"{operand.name}, written"))
        checks += [*branched, *(Check(one) for one in ("cr", "xer", "lr", "ctr"))]
        if floats:
            made, seen = _float_outputs(floats, drawn, "FPSCR" in info.writes)
            after += made
            checks += seen
        if _TIME & set(info.reads):
            checks = checks[:1]
        else:
            checks.append(Check("gprs", note="all general registers"))
        if info.privilege:
            code += into_problem_state(self._context.description)
            comments.append("In problem state: the instruction is privileged. The system call is behind it.")
            after = ["sc      0"]
        code.append(text)
        return Step(drawn.text, tuple(code), _once(checks), self._rule, tuple(comments), (), tuple(after),
                    (f"instruction {info.instruction}",))  # fmt: skip

    def _general_inputs(self, drawn: Drawn) -> dict[int, str]:
        """What general registers hold, by number: values as the assembler writes them."""
        info, rng, bits = self._info, self._rng, drawn.bits
        found: dict[int, str] = {}
        for operand in info.operands:
            if operand.registers == ("GPR",) and "read" in operand.role:
                found[bits[operand.name]] = f"{word(rng):#x}"
        if info.memory:
            offset = rng.choice(self.offsets())
            base = bits.get("RA|0", bits.get("RA", 0))
            if "RB" in bits:
                index = rng.choice((0, 8, 16)) if base else 0
                if base:
                    found[base] = f"{self.PLACE} + {offset - index}"
                    found[bits["RB"]] = f"{index:#x}"
                else:
                    found[bits["RB"]] = f"{self.PLACE} + {offset}"
            else:
                found[base] = f"{self.PLACE} + {offset} - ({_displacement(info, drawn)})"
        elif "RA|0" in bits and bits["RA|0"] == 0:
            found.pop(0, None)
        return found

    def _float_inputs(self, read: Sequence[OperandInfo], drawn: Drawn, number: int) -> list[str]:
        label = f"inputs_{number}"
        code, table = [f"load32  r30, {label}"], ["        .balign 16", f"{label}:"]
        for operand in read:
            for register in _numbers(operand, drawn):
                at = 16 * (len(table) - 2)
                table.append(f"        .quad   {double(self._rng):#x}, {double(self._rng):#x}")
                code += _move(operand, register, at, "load")
        self._data += table if read else []
        return [*(code if read else []), "mtfsfi  7, 0", "mtfsb0  0"]

    def _memory(self, drawn: Drawn) -> Step:
        """What stands in memory behind a store."""
        code = ["load32  r4, suite_memory"] + [f"ld      r{10 + at}, {8 * at}(r4)" for at in range(4, 14)]
        checks = tuple(Check(f"r{10 + at}", note=f"memory, {8 * at} bytes in") for at in range(4, 14))
        return Step(f"memory after {drawn.text}", tuple(code), checks, self._rule)


def _once(checks: Sequence[Check]) -> tuple[Check, ...]:
    return tuple({one.word: one for one in checks}.values())


def _displacement(info: InstructionInfo, drawn: Drawn) -> int:
    """The signed number of bytes of a memory operand."""
    for name, scale in (("D", 1), ("DS", 4), ("DQ", 16)):
        if name in drawn.bits:
            operand = info.operand(name)
            value = drawn.bits[name] * (scale if operand.width < 16 else 1)
            return value - 0x10000 if value >= 0x8000 else value
    return 0


def _numbers(operand: OperandInfo, drawn: Drawn) -> list[int]:
    number = drawn.bits[operand.name]
    return [number & ~1, number | 1] if operand.name.endswith("p") else [number]


def _move(operand: OperandInfo, register: int, at: int, what: str) -> list[str]:
    """Code that loads a register from r30 + at, or stores it there; r31 is changed."""
    is_load = what == "load"
    if operand.registers == ("FPR",):
        return [f"{'lfd' if is_load else 'stfd'}    f{register}, {at}(r30)"]
    if operand.registers == ("VR",):
        return [f"li      r31, {at}", f"{'lvx' if is_load else 'stvx'}     v{register}, r30, r31"]
    return [f"li      r31, {at}", f"{'lxvd2x' if is_load else 'stxvd2x'}  vs{register}, r30, r31"]


def _float_outputs(floats: Sequence[OperandInfo], drawn: Drawn, has_status: bool) -> tuple[list[str], list[Check]]:
    """Code that brings what was written into r16 and up, and the checks of it."""
    code, checks, at = ["load32  r30, 0x300000"], list[Check](), 0
    for operand in floats:
        if "written" not in operand.role:
            continue
        for register in _numbers(operand, drawn):
            code += _move(operand, register, 16 * at, "store")
            halves = 1 if operand.registers == ("FPR",) else 2
            for half in range(halves):
                target = 16 + 2 * at + half
                code.append(f"ld      r{target}, {16 * at + 8 * half}(r30)")
                checks.append(Check(f"r{target}", note=f"{operand.name}, doubleword {half}"))
            at += 1
    if has_status:
        code += ["mffs    f0", "stfd    f0, 96(r30)", "ld      r28, 96(r30)"]
        checks.append(Check("r28", 0xFFFFFFFF, "FPSCR"))
    return (code, checks) if checks else ([], [])


def _special_registers(context: Context) -> Iterator[Case]:
    """mfspr and mtspr of each register from problem state: whether it is allowed, and which interrupt comes if not."""
    registers = context.catalog.registers("SPR")
    rule = context.rules.at(context.catalog.instruction("mfspr").form.line)
    for at in range(0, len(registers), _REGISTERS_A_TEST):
        some = registers[at : at + _REGISTERS_A_TEST]
        steps = []
        for one in some:
            number = one.keys[0]
            for text in (f"mfspr   r3, {number}", f"mtspr   {number}, r4"):
                checks = (Check("trap"), reason(context.description))
                code = ("li      r4, 0", *into_problem_state(context.description), text)
                title = f"{text.replace('   ', ' ')} ({one.register}) in problem state"
                covers = (f"register {one.register} from problem state",)
                steps.append(Step(title, code, checks, rule, after=("sc      0",), covers=covers))
        names = ", ".join(one.register for one in some)
        name = f"spr-{some[0].keys[0]}-{some[-1].keys[0]}"
        yield Case(name, f"special purpose registers from problem state: {names}", tuple(steps), ("privileged", "spr"))
