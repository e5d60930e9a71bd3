"""Guest blocks: instructions one behind the other, from a place that is jumped to until one that may jump."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass

from ....model.items import Form
from .execute import Execute
from .flow import Targets
from .machine import Surroundings
from .modes import Modes
from .pieces import Piece
from .state import Frame, Registers, SideExit, Unsupported
from .values import Scalar
from .writer import Writer, site_name

LONGEST = 64
"""Instructions of a guest block."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """A decoded instruction: `entry` is its place in the decoded page, in bytes."""

    form: Form
    pc: int
    word: int
    length: int
    entry: int


Source = Callable[[int], Instruction | None]
"""The instruction at an address, where a region may contain it."""


@dataclass(frozen=True, slots=True)
class Block:
    """A written guest block.

    `following` is the next address; `targets` what it can be. `other_set` is not 0 where the instruction set may have
    changed: an IR value, or 1. `stopped` says that the last instruction is followed by one that no region can contain.
    `returns` are the addresses behind calls. `sites` and `followed`: see `accesses`.
    """

    number: int
    instructions: tuple[Instruction, ...]
    lines: tuple[str, ...]
    inputs: dict[Piece, str]
    assumed: frozenset[Piece]
    sites: frozenset[str]
    followed: frozenset[str]
    outputs: Registers
    exits: tuple[SideExit, ...]
    following: Scalar
    targets: Targets
    other_set: Scalar
    stopped: bool
    returns: frozenset[int]

    @property
    def pc(self) -> int:
        """Where it begins."""
        return self.instructions[0].pc

    @property
    def prefix(self) -> str:
        """What its names begin with."""
        return prefix_of(self.number)


def prefix_of(number: int) -> str:
    """What the names of a block begin with."""
    return f"b{number}."


def write_block(
    surroundings: Surroundings, modes: Modes, source: Source, number: int, pc: int, leaders: Container[int]
) -> Block | None:
    """The block at `pc`, which ends before a leader; None where its first instruction cannot be in a region."""
    text = Writer(prefix_of(number), modes)
    writer = _BlockWriter(surroundings, text, prefix_of(number))
    instructions: list[Instruction] = []
    stopped = False
    while len(instructions) < LONGEST and (not instructions or pc not in leaders):
        instruction = source(pc)
        if instruction is None or not writer.instruction(instruction, len(instructions)):
            stopped = True
            break
        instructions.append(instruction)
        pc = writer.sequential
        if writer.following is not None or writer.other_set != 0:
            break
    if not instructions:
        return None
    following = pc if writer.following is None or stopped else writer.following
    targets = frozenset({following}) if isinstance(following, int) else writer.targets.get(following, frozenset({None}))
    return Block(
        number, tuple(instructions), tuple(text.lines()), text.inputs, frozenset(text.assumed),
        frozenset(text.sites), _followed(text, writer.registers),        writer.registers, tuple(writer.exits),
        following, targets, 0 if stopped else writer.other_set, stopped, frozenset(writer.returns),
    )  # fmt: skip


def _followed(text: Writer, registers: Registers) -> frozenset[str]:
    """The sites of registers that the block loads."""
    return frozenset(
        site_name(kind, piece)
        for piece, value in registers.items() if value in text.loaded for kind in ("load", "store")
    )  # fmt: skip


class _BlockWriter(Execute):
    """Writes instructions; `other_set` and `returns` as in `Block`."""

    def __init__(self, surroundings: Surroundings, text: Writer, prefix: str) -> None:
        super().__init__(surroundings, text, prefix)
        self.other_set: Scalar = 0
        self.returns: set[int] = set()

    def instruction(self, instruction: Instruction, number: int) -> bool:
        """Writes one; False, and nothing written, where it cannot be in a region."""
        text = self.text
        mark, label, exits, registers = text.mark(), text.label, len(self.exits), self.registers
        kept = self.number, self.pc, self.word, self.length, self.sequential, self.following, self.other_set
        self.number = number
        self.pc, self.word, self.length = instruction.pc, instruction.word, instruction.length
        mask = (1 << self.surroundings.unit.description.address_width) - 1
        self.sequential = (instruction.pc + instruction.length) & mask
        self.begin()
        try:
            self._form(instruction.form)
            done = not self.dead
        except Unsupported:
            done = False
        if not done:
            text.cut(mark)
            text.resume(label)
            del self.exits[exits:]
            self.registers = registers
            self.number, self.pc, self.word, self.length, self.sequential, self.following, self.other_set = kept
            self.dead = False
            self.calls = 0
            return False
        self._note_calls(registers)
        return True

    def _form(self, form: Form) -> None:
        fields = {
            field.name: (sum(
                (self.word >> piece.word_low & (1 << piece.width) - 1) << piece.field_low for piece in field.pieces
            ), field.width)
            for field in form.fields
        }  # fmt: skip
        description = self.surroundings.unit.description
        self.frame = Frame(dict(fields))
        self.body(form.body)
        if not self.dead:
            self._return(())
        self.join(self.frame.returns, ())
        if form.after:
            self.called(description.functions[form.after], ())
        if not self.dead:
            self._check_set(form)

    def _check_set(self, form: Form) -> None:
        description = self.surroundings.unit.description
        if not description.set_state or len(description.instruction_sets) == 1:
            return
        function = description.functions[description.set_state]
        watched = {piece for piece in self.registers if piece.register in function.reads}
        if not any(self.registers[piece] != self._start.get(piece) for piece in watched):
            return
        width = function.results[0]
        state = self.text.scalar(self.called(function, ())[0], width)
        code = description.instruction_sets[form.instruction_set].code
        if isinstance(state, int):
            self.other_set = int(state != code)
        else:
            self.other_set = self.text.value(f"icmp ne i{width} {state}, {code}")

    def _note_calls(self, before: Registers) -> None:
        """An instruction that jumps and puts its successor's address into a register is a call."""
        if self.following is None:
            return
        for piece, value in self.registers.items():
            if isinstance(value, int) and value & -2 == self.sequential and before.get(piece) != value:
                self.returns.add(self.sequential)
