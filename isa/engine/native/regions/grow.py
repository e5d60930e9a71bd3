"""Which guest blocks make up a region: those on ways around through its first one, or else a short way from it on."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence

from .blocks import Block, Source, write_block
from .leaving import Page
from .machine import Surroundings
from .modes import Modes
from .pieces import Piece
from .region import Plan, Volatile, region_text

_MOST_BLOCKS = 48
_MOST_INSTRUCTIONS = 320
_MOST_BEFORE_LANDED = 64
"""Instructions of a region that has grown far enough without what its indirect branches lead to."""
_SHORT_WAY = 48
"""Instructions of a way around that is short in any case."""
_STRAIGHT_BLOCKS = 6
"""Blocks of a region that has no way back to where it begins."""


def grow(
    surroundings: Surroundings,
    source: Source,
    page: Page,
    pc: int,
    volatile: set[tuple[Piece, int]],
    modes: Modes,
    is_apart: Callable[[int], bool],
    landed: Sequence[int],
) -> tuple[Plan, str] | None:
    """The region at `pc` and its text; None where its first instruction cannot be in one.

    `is_apart` says of a jump's target that it is to be left out. `landed` are addresses that indirect branches often
    led to, the most often first.

    Pieces that turn out to change where they were taken as modes are added to `volatile`.
    """
    landed = [target for target in landed if not _is_returned_to(surroundings, source, modes, page, target)]
    while True:
        modes.assumed.clear()
        blocks = _reached(surroundings, source, modes, pc, is_apart, landed)
        if not blocks:
            return None
        chosen = _chosen(blocks, pc, landed)
        assumed = {piece: modes.assumed[piece] for block in chosen.values() for piece in sorted(block.assumed)}
        plan = Plan(chosen, assumed, page, tuple(landed))
        try:
            return plan, region_text(surroundings, plan)
        except Volatile as found:
            volatile.add((found.piece, modes.assumed[found.piece]))


def _is_returned_to(surroundings: Surroundings, source: Source, modes: Modes, page: Page, pc: int) -> bool:
    """Whether a call stands before an address: who comes there returns."""
    for length in (page.unit, 2 * page.unit):
        before = source(pc - length)
        if before is not None and before.length == length:
            block = write_block(surroundings, modes, source, 0, before.pc, (pc,))
            if block is not None and pc in block.returns:
                return True
    return False


def _reached(
    surroundings: Surroundings,
    source: Source,
    modes: Modes,
    pc: int,
    is_apart: Callable[[int], bool],
    landed: Sequence[int],
) -> dict[int, Block]:
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
        targets = [*sorted(target for target in block.targets if target is not None), *sorted(block.returns)]
        if None in block.targets and count < _MOST_BEFORE_LANDED:
            targets += landed
        for target in targets:
            if target not in seen and not is_apart(target):
                seen.add(target)
                waiting.append(target)
    return blocks


def _chosen(blocks: Mapping[int, Block], pc: int, landed: Sequence[int]) -> dict[int, Block]:
    """The blocks on short ways around through the first one; where there is no way around, the nearest blocks.

    What lies on a much longer way than the shortest is left out: its registers would be kept in the shorter one's way.
    """
    returns = {address for block in blocks.values() for address in block.returns} | set(landed)
    after = {first: _successors(block, returns) & blocks.keys() for first, block in blocks.items()}
    before: dict[int, set[int]] = {first: set() for first in blocks}
    for first, targets in after.items():
        for target in targets:
            before[target].add(first)
    lengths = {first: len(block.instructions) for first, block in blocks.items()}
    there, back = _distances(pc, after, lengths), _distances(pc, before, lengths)
    around = {first: there[first] + back[first] for first in blocks if first in there and first in back}
    if not around:
        return dict(list(blocks.items())[:_STRAIGHT_BLOCKS])
    longest = max(2 * there[pc], _SHORT_WAY)
    return {first: block for first, block in blocks.items() if around.get(first, longest + 1) <= longest or first == pc}


def _distances(pc: int, after: Mapping[int, set[int]], lengths: Mapping[int, int]) -> dict[int, int]:
    """Instructions of the shortest ways that lead from the first block's end to the end of each, itself included."""
    found: dict[int, int] = {}
    waiting = [(lengths[target], target) for target in after[pc]]
    while waiting:
        distance, first = heapq.heappop(waiting)
        if first in found:
            continue
        found[first] = distance
        if first != pc:
            for target in after[first]:
                heapq.heappush(waiting, (distance + lengths[target], target))
    return found


def _successors(block: Block, returns: set[int]) -> set[int]:
    if block.stopped or block.other_set == 1:
        return set()
    found = {target for target in block.targets if target is not None}
    return found | returns if None in block.targets else found
