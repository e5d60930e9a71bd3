"""An agent expression as a function: its bytecode is checked once, and made into Python that runs a breakpoint's
condition in a microsecond or two.

The stack's height is known at each place (an expression that comes to one with different heights is refused), so that
entries are variables. Only a jump backwards can keep it from ending: those are counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from . import arithmetic
from .errors import AgentError
from .formats import Format
from .opcodes import OPERANDS, TAKES, Op

RegisterReader = Callable[[], int]
MemoryReader = Callable[[int, int], int]

MOST_BYTES: Final = 1 << 16
_MOST_TURNS: Final = 10_000
_MOST_HEIGHT: Final = 256
_EXPRESSIONS: Final = {
    Op.ADD: "({0} + {1} & M)", Op.SUB: "({0} - {1} & M)", Op.MUL: "({0} * {1} & M)",
    Op.DIV_SIGNED: "divide_signed({0}, {1})", Op.DIV_UNSIGNED: "divide({0}, {1})",
    Op.REM_SIGNED: "remainder_signed({0}, {1})", Op.REM_UNSIGNED: "remainder({0}, {1})",
    Op.LSH: "shift_left({0}, {1})", Op.RSH_SIGNED: "shift_right_signed({0}, {1})",
    Op.RSH_UNSIGNED: "shift_right({0}, {1})", Op.BIT_AND: "({0} & {1})", Op.BIT_OR: "({0} | {1})",
    Op.BIT_XOR: "({0} ^ {1})", Op.EQUAL: "int({0} == {1})", Op.LESS_SIGNED: "int(({0} ^ S) < ({1} ^ S))",
    Op.LESS_UNSIGNED: "int({0} < {1})", Op.LOG_NOT: "int(not {0})", Op.BIT_NOT: "({0} ^ M)",
    Op.L_TO_D: "from_integer({0})", Op.D_TO_L: "to_integer({0})",
    Op.REF8: "memory({0}, 1)", Op.REF16: "memory({0}, 2)", Op.REF32: "memory({0}, 4)", Op.REF64: "memory({0}, 8)",
    Op.REF_FLOAT: "widened(memory({0}, 4))", Op.REF_DOUBLE: "memory({0}, 8)", Op.REF_LONG_DOUBLE: "memory({0}, 8)",
}  # fmt: skip


@dataclass(frozen=True)
class Surroundings:
    """What an expression reads and writes besides its stack: of one vcpu, at one place of the guest.

    `register(number)` gives what reads a register, by gdb's number; values are unsigned. `memory(address, size)` reads
    memory. `variables` are trace state variables. `print` shows text to the user. What they raise passes through.
    """

    register: Callable[[int], RegisterReader]
    memory: MemoryReader
    read_string: Callable[[int, int], str] = lambda address, most: ""
    print: Callable[[str], None] = lambda text: None
    variables: dict[int, int] = field(default_factory=dict)
    long_bits: int = 64


@dataclass(frozen=True, slots=True)
class Instruction:
    """One of an expression; `next` is the place behind it."""

    opcode: int
    operand: int
    next: int
    format: Format | None = None


class Program:
    """A checked expression. `registers` are the numbers that it reads."""

    def __init__(self, code: bytes, has_value: bool) -> None:
        """Raises AgentError."""
        self.code = code
        self._formats: list[Format] = []
        self.places = instructions = _decoded(code)
        """By their places in the bytecode."""
        self.registers = frozenset(one.operand for one in instructions.values() if one.opcode == Op.REG)
        self._made = compile(_Writer(instructions, has_value, self._formats).text(), "<agent expression>", "exec")

    def bind(self, around: Surroundings) -> Callable[[], int]:
        """The function that evaluates it there; it raises AgentError where it goes wrong."""
        names: dict[str, Any] = {
            name: getattr(arithmetic, name)
            for name in (
                "divide", "divide_signed", "remainder", "remainder_signed", "shift_left", "shift_right",
                "shift_right_signed", "signed", "floating", "widened", "from_integer", "to_integer",
            )
        }  # fmt: skip
        names.update({f"r{number}": around.register(number) for number in self.registers})

        def show(number: int, *values: int) -> None:
            around.print(self._formats[number](values, around.long_bits, around.read_string))

        names.update(M=arithmetic.MASK, S=1 << 63, memory=around.memory, show=show, variables=around.variables)
        names.update(too_long=_too_long)
        exec(self._made, names)
        function: Callable[[], int] = names["run"]
        return function


def condition(code: bytes) -> Program:
    """An expression with a value. Raises AgentError."""
    return Program(code, True)


def command(code: bytes) -> Program:
    """An expression that is evaluated for what it does. Raises AgentError."""
    return Program(code, False)


def _too_long() -> None:
    raise AgentError(f"the expression has not ended after {_MOST_TURNS} turns of a loop")


def _decoded(code: bytes) -> dict[int, Instruction]:
    """All instructions by their places. Raises AgentError."""
    if not code:
        raise AgentError("the expression is empty")
    if len(code) > MOST_BYTES:
        raise AgentError(f"the expression has {len(code)} bytes, at most {MOST_BYTES}")
    found: dict[int, Instruction] = {}
    known = frozenset(Op)
    at = 0
    while at < len(code):
        opcode = code[at]
        if opcode not in known:
            raise AgentError(f"the expression has opcode {opcode:#04x}, which does not exist")
        size = OPERANDS.get(opcode, 0)
        end = at + 1 + size
        operand = int.from_bytes(code[at + 1 : end], "big")
        text: Format | None = None
        if opcode == Op.PRINTF:
            operand, length = int.from_bytes(code[at + 1 : at + 2], "big"), int.from_bytes(code[at + 2 : at + 4], "big")
            end = at + 4 + length
            letters = code[at + 4 : end]
            if end <= len(code):
                if not letters.endswith(b"\0"):
                    raise AgentError("the expression has a format that does not end")
                text = Format(letters[:-1].decode("utf-8", "replace"), operand)
        if end > len(code):
            raise AgentError("the expression ends in the middle of an instruction")
        found[at] = Instruction(opcode, operand, end, text)
        at = end
    return found


class _Writer:
    """Writes the function: a block for each place that is jumped to, in a loop if there are several."""

    def __init__(self, instructions: dict[int, Instruction], has_value: bool, formats: list[Format]) -> None:
        self._instructions = instructions
        self._has_value = has_value
        self._formats = formats
        self._heights = {0: 0}
        self._loops = False
        self._temporaries = 0

    def text(self) -> str:
        """The function's source. Raises AgentError."""
        leaders = {0}
        for at, one in self._instructions.items():
            if one.opcode in (Op.GOTO, Op.IF_GOTO):
                leaders |= {one.operand, one.next}
                self._loops |= one.operand <= at
        waiting, blocks = [0], dict[int, list[str]]()
        while waiting:
            at = waiting.pop()
            if at not in blocks:
                blocks[at], following = self._block(at, leaders)
                waiting += following
        if len(blocks) == 1 and not self._loops:
            return "\n".join(["def run():", *(f"    {line}" for line in blocks[0])])
        lines = ["def run():", "    at = 0"]
        if self._loops:
            lines.append("    turns = 0")
        lines.append("    while True:")
        if self._loops:
            lines += ["        turns += 1", f"        if turns > {_MOST_TURNS}: too_long()"]
        for at, block in sorted(blocks.items()):
            lines += [f"        if at == {at}:", *(f"            {line}" for line in block)]
        return "\n".join(lines)

    def _block(self, at: int, leaders: set[int]) -> tuple[list[str], list[int]]:
        """Its lines, and where it goes on."""
        lines: list[str] = []
        stack = [f"s{height}" for height in range(self._heights[at])]
        while True:
            one = self._instructions.get(at)
            if one is None:
                raise AgentError(f"the expression goes on at {at}, where no instruction begins")
            if one.opcode == Op.END:
                if self._has_value and not stack:
                    raise AgentError("the expression takes more from the stack than is there")
                return [*lines, f"return {stack[-1] if stack else 0}"], []
            if one.opcode in (Op.GOTO, Op.IF_GOTO):
                test = ""
                if one.opcode == Op.IF_GOTO:
                    test = self._taken(stack, 1)[0]
                targets = [one.operand] if one.opcode == Op.GOTO else [one.operand, one.next]
                lines += self._left(stack, targets)
                where = f"{targets[0]} if {test} else {targets[1]}" if test else f"{targets[0]}"
                return [*lines, f"at = {where}", "continue"], targets
            self._execute(one, stack, lines)
            if len(stack) > _MOST_HEIGHT:
                raise AgentError(f"the expression needs more than {_MOST_HEIGHT} stack entries")
            # A prefix and its operator are one.
            at = self._instructions[one.next].next if one.opcode == Op.FLOAT else one.next
            if at in leaders:
                lines += self._left(stack, [at])
                return [*lines, f"at = {at}", "continue"], [at]

    def _left(self, stack: list[str], targets: list[int]) -> list[str]:
        """The stack as those who go on there find it."""
        for target in targets:
            if self._heights.setdefault(target, len(stack)) != len(stack):
                raise AgentError(f"the expression comes to {target} with stacks of different heights")
        places = [f"s{height}" for height in range(len(stack))]
        return [f"{', '.join(places)} = {', '.join(stack)}"] if places and places != stack else []

    def _taken(self, stack: list[str], count: int) -> list[str]:
        if len(stack) < count:
            raise AgentError("the expression takes more from the stack than is there")
        taken = stack[len(stack) - count :]
        del stack[len(stack) - count :]
        return taken

    def _put(self, value: str, stack: list[str], lines: list[str]) -> None:
        if value.isalnum():
            stack.append(value)
            return
        self._temporaries += 1
        lines.append(f"t{self._temporaries} = {value}")
        stack.append(f"t{self._temporaries}")

    def _execute(self, one: Instruction, stack: list[str], lines: list[str]) -> None:
        opcode, operand = one.opcode, one.operand
        if opcode == Op.PICK:
            if operand >= len(stack):
                raise AgentError("the expression takes more from the stack than is there")
            stack.append(stack[-1 - operand])
            return
        if opcode == Op.PRINTF:
            taken = self._taken(stack, operand + 2)
            assert one.format is not None
            self._formats.append(one.format)
            lines.append(f"show({', '.join([str(len(self._formats) - 1), *reversed(taken[:operand])])})")
            return
        if opcode == Op.FLOAT:
            self._float(one, stack, lines)
            return
        taken = self._taken(stack, TAKES.get(opcode, 0))
        if opcode in _EXPRESSIONS:
            self._put(_EXPRESSIONS[Op(opcode)].format(*taken), stack, lines)
        elif opcode in (Op.CONST8, Op.CONST16, Op.CONST32, Op.CONST64):
            stack.append(str(operand))
        elif opcode == Op.REG:
            self._put(f"r{operand}()", stack, lines)
        elif opcode == Op.EXT:
            self._put(f"(signed({taken[0]}, {min(operand, 64) or 64}) & M)", stack, lines)
        elif opcode == Op.ZERO_EXT:
            self._put(f"({taken[0]} & {(1 << min(operand, 64)) - 1})", stack, lines)
        elif opcode in (Op.DUP, Op.SWAP, Op.ROT):
            stack += {Op.DUP: taken * 2, Op.SWAP: taken[::-1], Op.ROT: [*taken[-1:], *taken[:-1]]}[Op(opcode)]
        elif opcode == Op.GETV:
            self._put(f"variables.get({operand}, 0)", stack, lines)
        elif opcode == Op.SETV:
            lines.append(f"variables[{operand}] = {taken[0]}")
            stack += taken
        elif opcode in (Op.TRACE_QUICK, Op.TRACE16):
            # There is no tracepoint that would record it.
            stack += taken

    def _float(self, one: Instruction, stack: list[str], lines: list[str]) -> None:
        """The prefix stands by itself in the bytecode: the operator behind it is done here, and skipped."""
        behind = self._instructions.get(one.next)
        if behind is None or behind.opcode not in arithmetic.FLOATING:
            raise AgentError("the expression has a floating-point operator that does not exist")
        first, second = self._taken(stack, 2)
        self._put(f"floating({behind.opcode}, {first}, {second})", stack, lines)
