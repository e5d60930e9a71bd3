"""Ways out of a region: registers that it changed go back to memory, and the other tier or another region goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..handlers import CONVENTION
from ..shared import ENTRIES, block_symbol, handler_symbol, special_symbol
from ..shared import cpu_layout as cpu
from ..text import FunctionText
from .blocks import Block, Instruction
from .carried import Carried
from .machine import Surroundings
from .pieces import Piece
from .state import Registers
from .values import Deferred, Later, Scalar

_PAGE = 4096
_FEW_WAYS = 3
"""Ways out of a block that have nothing in common."""


@dataclass(frozen=True, slots=True)
class Page:
    """The guest page that a region's code lies in: its address, bytes of a unit."""

    address: int
    unit: int

    def entry(self, pc: int) -> int | None:
        """The place of an address's decoded entry, in bytes, if it is in this page."""
        offset = pc - self.address
        if not 0 <= offset < _PAGE or offset % self.unit:
            return None
        return offset // self.unit * cpu.CODE_ENTRY


@dataclass(slots=True)
class _Shared:
    """A way out that several blocks take."""

    target: Scalar
    changed: set[Piece]
    left: str


@dataclass(frozen=True, slots=True)
class _Before:
    """A way out before an instruction: what the block has changed until then, and what had been changed before it."""

    label: str
    number: int
    values: Registers
    changed: frozenset[Piece]


class Leaving:
    """Collects the ways out of one region, and writes them behind its blocks."""

    def __init__(
        self,
        surroundings: Surroundings,
        text: FunctionText,
        page: Page,
        cells: Mapping[Piece, str],
        carried: Carried,
        assumed: Mapping[Piece, int],
    ) -> None:
        self._surroundings = surroundings
        self._text = text
        self._page = page
        self._cells = cells
        self._carried = carried
        self._assumed = assumed
        self._before: dict[int, tuple[Block, list[_Before]]] = {}
        self._direct: dict[int, _Shared] = {}
        self._others: list[tuple[str, _Shared]] = []

    # Registers in memory

    def bits(self, register: str) -> int:
        """How many bits a register's element takes in memory."""
        return self._surroundings.unit.place(register)[1].size * 8

    def _place(self, register: str, index: int) -> str:
        field, slot = self._surroundings.unit.place(register)
        offset = slot.offset + index * slot.size
        if field is None:
            return self._text.address("%cpu", cpu.THREAD + offset)
        return self._text.address(block_symbol(field), offset)

    def load(self, register: str, index: int) -> str:
        """An element as it is in memory."""
        bits = self.bits(register)
        return self._text.value(f"load i{bits}, ptr {self._place(register, index)}, align {min(bits // 8, 8)}")

    def piece(self, value: str, piece: Piece) -> str:
        """One piece of a loaded element."""
        bits = self.bits(piece.register)
        if piece.low:
            value = self._text.value(f"lshr i{bits} {value}, {piece.low}")
        return value if piece.width == bits else self._text.value(f"trunc i{bits} {value} to i{piece.width}")

    def present(self, piece: Piece) -> str:
        """What a piece holds where a block begins."""
        value = self._text.value(f"load i{piece.width}, ptr {self._cells[piece]}")
        return self._carried.load(self._text, piece, value) if piece in self._carried else value

    def _write_back(self, changed: Iterable[Piece], values: Registers) -> None:
        text = self._text
        self._carried.forget()
        made: dict[Deferred, Scalar] = {}
        elements: dict[tuple[str, int], list[Piece]] = {}
        for piece in sorted(changed):
            if piece in values and values[piece] == self._assumed.get(piece):
                continue
            elements.setdefault((piece.register, piece.element), []).append(piece)
        for (register, index), pieces in elements.items():
            bits = self.bits(register)
            place = self._place(register, index)
            align = min(bits // 8, 8)
            whole = "0"
            if sum(piece.width for piece in pieces) < self._surroundings.unit.place(register)[1].width:
                hole = sum((1 << piece.width) - 1 << piece.low for piece in pieces)
                present = text.value(f"load i{bits}, ptr {place}, align {align}")
                whole = text.value(f"and i{bits} {present}, {~hole & (1 << bits) - 1}")
            for piece in pieces:
                found = values.get(piece)
                if isinstance(found, Later):
                    if found.deferred not in made:
                        made[found.deferred] = found.deferred.recipe.write(text, found.deferred.operands)
                    found = found.of(text, made[found.deferred])
                part = self.present(piece) if found is None else str(found)
                if piece.width < bits:
                    part = text.value(f"zext i{piece.width} {part} to i{bits}")
                if piece.low:
                    part = text.value(f"shl i{bits} {part}, {piece.low}")
                whole = part if whole == "0" else text.value(f"or i{bits} {whole}, {part}")
            text.do(f"store i{bits} {whole}, ptr {place}, align {align}")

    # Ways out

    def before(self, block: Block, number: int, values: Registers, changed: frozenset[Piece], kind: str) -> str:
        """Before an instruction of a block, which its own handler then executes. `changed` were so before the block."""
        label = f"{block.prefix}{kind}{number}"
        self._before.setdefault(block.pc, (block, []))[1].append(_Before(label, number, values, changed))
        return label

    def direct(self, target: int, changed: frozenset[Piece], left: str) -> str:
        """To an address that is known."""
        shared = self._direct.setdefault(target, _Shared(target, set(), left))
        shared.changed |= changed
        return f"to{target:x}"

    def indirect(self, target: Scalar, changed: frozenset[Piece], left: str) -> str:
        """To an address that is not known, in the same instruction set."""
        return self._other("indirect", target, changed, left)

    def anywhere(self, target: Scalar, changed: frozenset[Piece], left: str) -> str:
        """To an address whose instruction set is not known."""
        return self._other("anywhere", target, changed, left)

    def _other(self, kind: str, target: Scalar, changed: frozenset[Piece], left: str) -> str:
        label = f"{kind}{len(self._others)}"
        self._others.append((label, _Shared(target, set(changed), left)))
        return label

    def write(self) -> None:
        """All ways out."""
        text = self._text
        for block, ways in self._before.values():
            self._write_before(block, ways)
        for target, shared in self._direct.items():
            text.block(f"to{target:x}")
            self._write_back(shared.changed, {})
            left = text.value(f"load i64, ptr {shared.left}")
            entry = self._page.entry(target)
            if entry is None:
                self._tail("jump", ENTRIES, str(target), left)
            else:
                self._tail("arrive", text.address(ENTRIES, entry), str(target), left)
        for label, shared in self._others:
            text.block(label)
            self._write_back(shared.changed, {})
            left = text.value(f"load i64, ptr {shared.left}")
            pc = self._wide(shared.target)
            if label.startswith("indirect"):
                self._near(pc, left)
            self._tail("jump", ENTRIES, pc, left)

    def _write_before(self, block: Block, ways: Sequence[_Before]) -> None:
        """The ways out of one block: what it does not change goes back at one place for all of them, if they are many.

        The fewer values meet there, the better the host's registers are used on the usual ways.
        """
        text, prefix = self._text, block.prefix
        if len(ways) <= _FEW_WAYS:
            for way in ways:
                text.block(way.label)
                instruction = block.instructions[way.number]
                self._write_back(way.changed | set(way.values), way.values)
                self.handler(instruction, str(instruction.pc), text.value(f"sub i64 %{prefix}left, {way.number}"))
            return
        own = {piece[:2] for way in ways for piece in way.values}
        arms: list[tuple[str, Instruction, int]] = []
        for way in ways:
            text.block(way.label)
            self._write_back([piece for piece in way.changed | set(way.values) if piece[:2] in own], way.values)
            text.end(f"br label %{prefix}leave")
            arms.append((way.label, block.instructions[way.number], way.number))
        text.block(f"{prefix}leave")

        def chosen(values: Sequence[int | str], type_: str = "i64") -> str:
            labels = [label for label, _, _ in arms]
            joined = ", ".join(f"[{value}, %{label}]" for value, label in zip(values, labels, strict=True))
            return text.value(f"phi {type_} {joined}")

        number = chosen([number for _, _, number in arms])
        pc = chosen([instruction.pc for _, instruction, _ in arms])
        entry = chosen([instruction.entry for _, instruction, _ in arms])
        handler = chosen([handler_symbol(instruction.form.name) for _, instruction, _ in arms], "ptr")
        self._write_back([piece for piece in ways[0].changed if piece[:2] not in own], {})
        left = text.value(f"sub i64 %{prefix}left, {number}")
        self._call(handler, text.address(ENTRIES, entry), pc, left)

    def _wide(self, address: Scalar) -> str:
        width = self._surroundings.unit.description.address_width
        if isinstance(address, int) or width == 64:
            return str(address)
        return self._text.value(f"zext i{width} {address} to i64")

    def _near(self, pc: str, left: str) -> None:
        """In the same page the decoded entry can be computed."""
        text, page = self._text, self._page
        offset = text.value(f"sub i64 {pc}, {page.address}")
        near, far = text.name(), text.name()
        outside = text.value(f"and i64 {offset}, {~(_PAGE - page.unit)}")
        text.branch(text.value(f"icmp eq i64 {outside}, 0"), near, far)
        text.block(near)
        distance = text.value(f"mul i64 {offset}, {cpu.CODE_ENTRY // page.unit}")
        self._tail("arrive", text.address(ENTRIES, distance), pc, left)
        text.block(far)

    def handler(self, instruction: Instruction, pc: str, left: str) -> None:
        """Ends in the instruction's own handler."""
        entry = self._text.address(ENTRIES, instruction.entry)
        self._call(handler_symbol(instruction.form.name), entry, pc, left)

    def _tail(self, special: str, entry: str, pc: str, left: str) -> None:
        self._call(special_symbol(special), entry, pc, left)

    def _call(self, function: str, entry: str, pc: str, left: str) -> None:
        text = self._text
        call = f"musttail call {CONVENTION} i32 {function}(ptr %cpu, ptr {entry}, i64 {pc}, i64 {left})"
        text.end(f"ret i32 {text.value(call)}")
