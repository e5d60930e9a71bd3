"""The function around the blocks of a region: what is checked where it is entered, the ways between blocks, and out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..handlers import CONVENTION, HANDLER, stop
from ..shared import MISSES, REGION, with_declarations
from ..shared import cpu_layout as cpu
from ..text import FunctionText
from .accesses import CONTEXT, empty_sites, site_places
from .blocks import Block
from .carried import Carried
from .functions import with_functions
from .leaving import Leaving, Page
from .machine import Surroundings
from .pieces import Piece
from .values import Deferred, Later, Scalar

_MOST_RETURNS = 4
"""Return addresses that an indirect jump is compared with."""
_MOST_LANDED = 32
"""Other addresses that it is looked up among."""


class Volatile(Exception):
    """A piece that was taken as a mode changes within the region."""

    def __init__(self, piece: Piece) -> None:
        super().__init__(str(piece))
        self.piece = piece


@dataclass(frozen=True, slots=True)
class Plan:
    """What a region is made of: its blocks by address, the one where it is entered first; what its registers are
    taken to hold; its page; where indirect branches may lead (see `grow`)."""

    blocks: Mapping[int, Block]
    assumed: Mapping[Piece, int]
    page: Page
    landed: tuple[int, ...] = ()

    @property
    def loops(self) -> bool:
        """Whether there is a way back to where it is entered."""
        return any(self.header.pc in block.targets for block in self.blocks.values())

    @property
    def length(self) -> int:
        """How many instructions there are."""
        return sum(len(block.instructions) for block in self.blocks.values())

    @property
    def header(self) -> Block:
        """The block that is entered."""
        return next(iter(self.blocks.values()))


def region_text(surroundings: Surroundings, plan: Plan) -> str:
    """The definition of a region's function. Raises Volatile."""
    return _Region(surroundings, plan).function()


class _Region:
    def __init__(self, surroundings: Surroundings, plan: Plan) -> None:
        self.surroundings = surroundings
        self.plan = plan
        self.blocks = plan.blocks
        self.assumed = plan.assumed
        self.text = FunctionText()
        pieces = {piece for block in self.blocks.values() for piece in (*block.inputs, *block.outputs)}
        self.cells = {piece: self.text.variable(f"i{piece.width}") for piece in sorted(pieces)}
        self.carried = Carried(self.text, self.blocks.values())
        self.left = self.text.variable("i64")
        self.sites = frozenset().union(*(block.sites for block in self.blocks.values()))
        site_places(self.text, self.sites)
        self.returns = sorted({address for block in self.blocks.values() for address in block.returns})
        self.changed = self._changed()
        self.leaving = Leaving(surroundings, self.text, plan.page, self.cells, self.carried, self.assumed)

    def function(self) -> str:
        """The text."""
        self._entry()
        for block in self.blocks.values():
            self._block(block)
        self.leaving.write()
        self._miss()
        whole = self.text.text(f"define {CONVENTION} i32 @{REGION}{HANDLER} nounwind")
        return with_declarations(with_functions(self.surroundings, REGION, whole))

    def _changed(self) -> dict[int, frozenset[Piece]]:
        """For each block the pieces that may differ from memory where it begins."""
        found: dict[int, frozenset[Piece]] = {pc: frozenset() for pc in self.blocks}
        again = True
        while again:
            again = False
            for pc, block in self.blocks.items():
                after = found[pc] | self._written(block)
                for target in self._inside(block):
                    if not after <= found[target]:
                        found[target] |= after
                        again = True
        return found

    def _written(self, block: Block) -> frozenset[Piece]:
        return frozenset(piece for piece, value in block.outputs.items() if self.assumed.get(piece) != value)

    def _inside(self, block: Block) -> list[int]:
        """Where a block can go on within the region."""
        targets = [target for target in block.targets if target in self.blocks]
        if None in block.targets:
            targets += [address for address in self._candidates() if address not in targets]
        return [target for target in targets if target is not None]

    def _candidates(self) -> list[int]:
        return self._returns() + self._landed()

    def _returns(self) -> list[int]:
        return [address for address in self.returns if address in self.blocks][:_MOST_RETURNS]

    def _landed(self) -> list[int]:
        returns = self._returns()
        landed = [address for address in self.plan.landed if address in self.blocks and address not in returns]
        return landed[:_MOST_LANDED]

    # The entry

    def _entry(self) -> None:
        text = self.text
        registers = sorted({(piece.register, piece.element) for piece in (*self.cells, *self.assumed)})
        values = {element: self.leaving.load(*element) for element in registers}
        differs = text.value(f"xor i64 %pc, {self.plan.header.pc}")
        for (register, index), value in values.items():
            own = [found for found in self.assumed.items() if found[0][:2] == (register, index)]
            if not own:
                continue
            bits = self.leaving.bits(register)
            mask = sum((1 << piece.width) - 1 << piece.low for piece, _ in own)
            wanted = sum(mode << piece.low for piece, mode in own)
            seen = text.value(f"and i{bits} {value}, {mask}")
            other = text.value(f"xor i{bits} {seen}, {wanted}")
            wide = other if bits == 64 else text.value(f"zext i{bits} {other} to i64")
            differs = text.value(f"or i64 {differs}, {wide}")
        same = text.value(f"icmp eq i64 {differs}, 0")
        text.end(f"br i1 {same}, label %begin, label %miss, !prof !0")
        text.block("begin")
        text.do(f"{CONTEXT} = load i64, ptr {text.address('%cpu', cpu.CONTEXT)}")
        for piece, cell in self.cells.items():
            value = self.leaving.piece(values[piece.register, piece.element], piece)
            text.do(f"store i{piece.width} {value}, ptr {cell}")
        self.carried.enter(text)
        text.do(f"store i64 %left, ptr {self.left}")
        followed = {site for block in self.blocks.values() for site in block.followed & block.sites}
        empty_sites(text, self.sites, followed)
        text.end(f"br label %{self.plan.header.prefix}start")

    def _miss(self) -> None:
        """Other modes, or another address of the same code: the instruction's own handler goes on."""
        text = self.text
        text.block("miss")
        rest = text.value(f"sub i64 {text.value(f'load i64, ptr {MISSES}')}, 1")
        text.do(f"store i64 {rest}, ptr {MISSES}")
        over, on = text.name(), text.name()
        text.branch(text.value(f"icmp eq i64 {rest}, 0"), over, on)
        text.block(over)
        stop(text, "%pc", "%left", cpu.STALE_STATUS)
        text.block(on)
        self.leaving.handler(self.plan.header.instructions[0], "%pc", "%left")

    # Blocks

    def _block(self, block: Block) -> None:
        text, prefix = self.text, block.prefix
        length = len(block.instructions)
        changed = self.changed[block.pc]
        text.block(f"{prefix}start")
        left = f"%{prefix}left"
        text.do(f"{left} = load i64, ptr {self.left}")
        # More than the block takes: whatever comes behind it may count on one that is left.
        enough = text.value(f"icmp ugt i64 {left}, {length}")
        short = self.leaving.before(block, 0, {}, changed, "short")
        text.end(f"br i1 {enough}, label %{prefix}body, label %{short}, !prof !0")
        text.block(f"{prefix}body")
        self.carried.forget()
        for piece, name in block.inputs.items():
            if piece in self.carried:
                value = self.leaving.present(piece)
                text.do(f"{name} = select i1 1, i{piece.width} {value}, i{piece.width} {value}")
            else:
                text.do(f"{name} = load i{piece.width}, ptr {self.cells[piece]}")
        for line in block.lines:
            text.raw(line)
        for out in block.exits:
            self.leaving.before(block, out.instruction, out.registers, changed, "out")
        self._store(block)
        text.do(f"store i64 {text.value(f'sub i64 {left}, {length}')}, ptr {self.left}")
        self._go_on(block)

    def _store(self, block: Block) -> None:
        """What the block leaves for others."""
        text = self.text
        made: dict[Deferred, Scalar] = {}
        for piece, value in block.outputs.items():
            if piece in self.carried:
                continue
            if isinstance(value, Later):
                if value.deferred not in made:
                    made[value.deferred] = value.deferred.recipe.write(text, value.deferred.operands)
                value = value.of(text, made[value.deferred])
            text.do(f"store i{piece.width} {value}, ptr {self.cells[piece]}")
        self.carried.store(text, block)

    def _go_on(self, block: Block) -> None:
        text = self.text
        written = self.changed[block.pc] | self._written(block)
        following = block.following
        if block.other_set != 0:
            out = self.leaving.anywhere(following, written, self.left)
            if block.other_set == 1:
                text.end(f"br label %{out}")
                return
            on = text.name()
            text.branch(str(block.other_set), out, on)
            text.block(on)
        if isinstance(following, int):
            text.end(f"br label %{self._way(block, following, written)}")
            return
        width = self.surroundings.unit.description.address_width
        known = sorted(target for target in block.targets if target is not None)
        open_ended = None in block.targets
        for target in known if open_ended else known[:-1]:
            on = text.name()
            same = text.value(f"icmp eq i{width} {following}, {target}")
            text.branch(same, self._way(block, target, written), on)
            text.block(on)
        if not open_ended:
            text.end(f"br label %{self._way(block, known[-1], written)}")
            return
        self._indirect(block, str(following), self.leaving.indirect(following, written, self.left))

    def _indirect(self, block: Block, following: str, out: str) -> None:
        """To an address that may be any: within the region if it is one that is looked for."""
        text = self.text
        returns, landed = self._returns(), self._landed()
        if not returns and not landed:
            text.end(f"br label %{out}")
            return
        for piece, moved in self._moved(block):
            value = moved
            if isinstance(moved, Later):
                value = moved.of(text, moved.deferred.recipe.write(text, moved.deferred.operands))
            on = text.name()
            text.branch(text.value(f"icmp eq i{piece.width} {value}, {self.assumed[piece]}"), on, out)
            text.block(on)
        width = self.surroundings.unit.description.address_width
        for target in returns:
            on = text.name()
            same = text.value(f"icmp eq i{width} {following}, {target}")
            text.branch(same, f"{self.blocks[target].prefix}start", on)
            text.block(on)
        if not landed:
            text.end(f"br label %{out}")
            return
        first = min(landed)
        # In the distance's low bits there is nothing: turned, the numbers are close enough for a table.
        bits = (self.plan.page.unit - 1).bit_length()
        distance = text.value(f"sub i{width} {following}, {first}")
        turned = text.value(
            f"call i{width} @llvm.fshr.i{width}(i{width} {distance}, i{width} {distance}, i{width} {bits})"
        )
        cases = " ".join(
            f"i{width} {target - first >> bits}, label %{self.blocks[target].prefix}start" for target in landed
        )
        text.end(f"switch i{width} {turned}, label %{out} [ {cases} ]")

    def _moved(self, block: Block) -> Iterable[tuple[Piece, Scalar | Later]]:
        """The modes that a block may change."""
        for piece, mode in self.assumed.items():
            value = block.outputs.get(piece, mode)
            if value != mode:
                yield piece, value

    def _way(self, block: Block, target: int, written: frozenset[Piece]) -> str:
        """The label of the way to an address."""
        if target in self.blocks:
            moved = list(self._moved(block))
            for piece, value in moved:
                if not isinstance(value, int):
                    raise Volatile(piece)
            if not moved:
                return f"{self.blocks[target].prefix}start"
        return self.leaving.direct(target, written, self.left)
