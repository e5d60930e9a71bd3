"""Deferred values on their way between blocks: their operands are kept, and the value is computed where it is needed.

A flag that is set in a loop and read by nobody in it costs the registers of its operands, which the loop often has
anyway, instead of its computation in every turn.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..text import FunctionText
from .blocks import Block
from .pieces import Piece
from .values import Deferred, Later, Recipe, Scalar

_MOST_RECIPES = 4
"""Ways to compute a piece that are told apart where it is needed."""


class _Group:
    """Pieces that the same blocks set, by the same deferred values: `set_by` has a block's by its address.

    `tag` says by what recipe they were set last; 0: not in this region.
    """

    def __init__(self, text: FunctionText, set_by: dict[int, Deferred]) -> None:
        self.set_by = set_by
        self.recipes = list({deferred.recipe.kind: deferred.recipe for deferred in set_by.values()}.values())
        self.tag = text.variable("i8")
        self._cells: dict[tuple[int, int], str] = {}
        for recipe in self.recipes:
            for at, width in enumerate(recipe.widths):
                if (at, width) not in self._cells:
                    self._cells[at, width] = text.variable(f"i{width}")

    def enter(self, text: FunctionText) -> None:
        text.do(f"store i8 0, ptr {self.tag}")
        for (_, width), cell in self._cells.items():
            text.do(f"store i{width} 0, ptr {cell}")

    def store(self, text: FunctionText, deferred: Deferred) -> None:
        recipe = deferred.recipe
        text.do(f"store i8 {self._number(recipe)}, ptr {self.tag}")
        for at, (width, value) in enumerate(zip(recipe.widths, deferred.operands, strict=True)):
            text.do(f"store i{width} {value}, ptr {self._cells[at, width]}")

    def _number(self, recipe: Recipe) -> int:
        return 1 + [known.kind for known in self.recipes].index(recipe.kind)

    def wholes(self, text: FunctionText) -> list[Scalar]:
        """What each recipe makes of the operands; those of other recipes than the last one mean nothing."""
        return [
            recipe.write(
                text,
                [
                    text.value(f"load i{width}, ptr {self._cells[at, width]}")
                    for at, width in enumerate(recipe.widths)
                ],
            )
            for recipe in self.recipes
        ]


class Carried:
    """The pieces of a region that are carried as operands."""

    def __init__(self, text: FunctionText, blocks: Iterable[Block]) -> None:
        found: dict[Piece, dict[int, Later]] = {}
        known: set[Piece] = set()
        for block in blocks:
            for piece, value in block.outputs.items():
                if isinstance(value, Later):
                    found.setdefault(piece, {})[block.pc] = value
                else:
                    known.add(piece)
        self._groups: dict[tuple[tuple[int, int], ...], _Group] = {}
        self._group_of: dict[Piece, _Group] = {}
        self._lows: dict[Piece, dict[int, Later]] = {}
        for piece, by_block in found.items():
            kinds = {later.deferred.recipe.kind for later in by_block.values()}
            if piece in known or len(kinds) > _MOST_RECIPES:
                continue
            key = tuple((pc, id(later.deferred)) for pc, later in by_block.items())
            if key not in self._groups:
                self._groups[key] = _Group(text, {pc: later.deferred for pc, later in by_block.items()})
            self._group_of[piece] = self._groups[key]
            self._lows[piece] = by_block
        self._made: dict[int, list[Scalar]] = {}

    def __contains__(self, piece: object) -> bool:
        return piece in self._group_of

    def enter(self, text: FunctionText) -> None:
        """Where the region is entered nothing has been set."""
        for group in self._groups.values():
            group.enter(text)

    def store(self, text: FunctionText, block: Block) -> None:
        """Behind a block."""
        for group in self._groups.values():
            if block.pc in group.set_by:
                group.store(text, group.set_by[block.pc])

    def forget(self) -> None:
        """What has been computed is not known at the next place."""
        self._made.clear()

    def load(self, text: FunctionText, piece: Piece, before: str) -> str:
        """A piece's present value; `before` is the one that it had where the region was entered."""
        group = self._group_of[piece]
        if id(group) not in self._made:
            self._made[id(group)] = group.wholes(text)
        value = before
        tag = text.value(f"load i8, ptr {group.tag}")
        for number, (recipe, whole) in enumerate(zip(group.recipes, self._made[id(group)], strict=True)):
            later = next(found for found in self._lows[piece].values() if found.deferred.recipe.kind == recipe.kind)
            same = text.value(f"icmp eq i8 {tag}, {number + 1}")
            value = text.value(f"select i1 {same}, i{piece.width} {later.of(text, whole)}, i{piece.width} {value}")
        return value

