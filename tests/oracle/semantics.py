"""Blocks through our engine and through QEMU, and what differs between them, told so that a person can repeat it."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Generic, TypeVar

from trapline.asmgen import Disassembler, target_for
from trapline.isa.model.items import Description

from .blocks import Block
from .qemu_user import Fault, Result

S = TypeVar("S")

_SHOWN = 38  # values of an initial state: the general registers and those behind them

Named = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Difference:
    """A register, a byte of memory, or the fault, whose value is not the same."""

    name: str
    before: int
    ours: int
    qemu: int

    def __str__(self) -> str:
        return f"{self.name}: {self.before:#x} -> ours {self.ours:#x}, QEMU {self.qemu:#x}"


@dataclass(frozen=True, slots=True)
class Known(Generic[S]):
    """A difference of the oracle that is explained: for blocks with an instruction of a form named like `forms`.

    `covers` says of one difference whether it is that; `reason` has the book's section.
    """

    forms: str
    covers: Callable[[Block[S], Difference], bool]
    reason: str


def values(state: object, memory: bytes, fault: Fault | None) -> Iterator[Named]:
    """Every value that is compared, by name."""
    for one in fields(state):  # type: ignore[arg-type]
        value = getattr(state, one.name)
        if isinstance(value, tuple):
            yield from ((f"{one.name}[{number}]", element) for number, element in enumerate(value))
        else:
            yield one.name, value
    yield from ((f"memory[{number}]", byte) for number, byte in enumerate(memory))
    yield "signal", fault.signal if fault is not None else 0
    yield "fault at", fault.pc if fault is not None else 0


def differences(block: Block[S], qemu: Result[S]) -> list[Difference]:
    """What differs; empty when the two agree."""
    ours = block.left.result
    if (ours.state, ours.memory) == (qemu.state, qemu.memory) and _same_fault(ours.fault, qemu.fault):
        return []
    before = values(block.instance.state, block.instance.memory, None)
    here = values(ours.state, ours.memory, ours.fault)
    there = values(qemu.state, qemu.memory, qemu.fault)
    return [
        Difference(name, was, mine, other)
        for (name, was), (_, mine), (_, other) in zip(before, here, there, strict=True)
        if mine != other
    ]


def _same_fault(ours: Fault | None, qemu: Fault | None) -> bool:
    if ours is None or qemu is None:
        return ours is qemu
    return (ours.signal, ours.pc) == (qemu.signal, qemu.pc)


class Report:
    """Writes a failing block: its text, where it starts from, and what came out."""

    def __init__(self, description: Description) -> None:
        target = target_for(description)
        self._disassembler = Disassembler(target)
        self._sets = {entry.name: entry for entry in target.instruction_sets}

    def text(self, block: Block[S], found: Sequence[Difference]) -> str:
        """A few lines for one block."""
        ours = block.left.result
        instruction_set = self._sets[block.samples[0].form.instruction_set]
        code = self._disassembler.run(block.instance.code, ours.code_address, instruction_set)
        lines = [f"  {one.address:#x}: {one.word:08x}  {one.text}  [{one.form}]" for one in code]
        before = list(values(block.instance.state, block.instance.memory, None))
        after = values(ours.state, ours.memory, ours.fault)
        changed = [
            f"{name} {was:#x}->{now:#x}" for (name, was), (_, now) in zip(before, after, strict=True) if was != now
        ]
        lines.append("  from: " + ", ".join(f"{name} {value:#x}" for name, value in before[:_SHOWN] if value))
        lines.append("  ours: " + ", ".join(changed[:16]))
        return "\n".join([*lines, *(f"  {one}" for one in found[:8])])


def unexplained(
    block: Block[S], found: Sequence[Difference], known: Sequence[Known[S]], used: set[str] | None = None
) -> list[Difference]:
    """The differences that no entry of the table covers; `used` collects the reasons of those that do."""
    names = [sample.form.name for sample in block.samples]
    applying = [one for one in known if any(re.fullmatch(one.forms, name) for name in names)]
    left = []
    for one in found:
        covering = [entry.reason for entry in applying if entry.covers(block, one)]
        if not covering:
            left.append(one)
        elif used is not None:
            used.update(covering)
    return left
