"""Which guest blocks make up a region: those on ways around through its first one, or else a short way from it on."""

from __future__ import annotations

from collections.abc import Mapping

from .blocks import Block, Source, write_block
from .leaving import Page
from .machine import Surroundings
from .modes import Modes
from .pieces import Piece
from .region import Plan, Volatile, region_text

_MOST_BLOCKS = 48
_MOST_INSTRUCTIONS = 320
_STRAIGHT_BLOCKS = 6
"""Blocks of a region that has no way back to where it begins."""


def grow(
    surroundings: Surroundings, source: Source, page: Page, pc: int, name: str, volatile: set[Piece], modes: Modes
) -> tuple[Plan, str] | None:
    """The region at `pc` and its text; None where its first instruction cannot be in one.

    Pieces that turn out to change where they were taken as modes are added to `volatile`.
    """
    while True:
        modes.assumed.clear()
        blocks = _reached(surroundings, source, modes, pc)
        if not blocks:
            return None
        chosen = _chosen(blocks, pc)
        assumed = {piece: modes.assumed[piece] for block in chosen.values() for piece in sorted(block.assumed)}
        plan = Plan(name, chosen, assumed, page)
        try:
            return plan, region_text(surroundings, plan)
        except Volatile as found:
            volatile.add(found.piece)


def _reached(surroundings: Surroundings, source: Source, modes: Modes, pc: int) -> dict[int, Block]:
    """Blocks from `pc` on, nearest first, as far as a region may reach."""
    blocks: dict[int, Block] = {}
    waiting = [pc]
    seen = {pc}
    count = 0
    while waiting and len(blocks) < _MOST_BLOCKS and count < _MOST_INSTRUCTIONS:
        first = waiting.pop(0)
        block = write_block(surroundings, modes, source, len(blocks), first, seen)
        if block is None:
            continue
        blocks[first] = block
        count += len(block.instructions)
        if block.stopped or block.other_set == 1:
            continue
        for target in (*sorted(target for target in block.targets if target is not None), *sorted(block.returns)):
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return blocks


def _chosen(blocks: Mapping[int, Block], pc: int) -> dict[int, Block]:
    """The blocks that lie on a way from the first one back to it; without any, the nearest ones."""
    returns = {address for block in blocks.values() for address in block.returns}
    after = {first: _successors(block, returns) & blocks.keys() for first, block in blocks.items()}
    back = {pc}
    again = True
    while again:
        found = {first for first in blocks if first not in back and after[first] & back}
        again = bool(found)
        back |= found
    if any(pc in after[first] for first in blocks):
        return {first: block for first, block in blocks.items() if first in back}
    return dict(list(blocks.items())[:_STRAIGHT_BLOCKS])


def _successors(block: Block, returns: set[int]) -> set[int]:
    if block.stopped or block.other_set == 1:
        return set()
    found = {target for target in block.targets if target is not None}
    return found | returns if None in block.targets else found
