"""Crossing of values: every pair of values of two parameters stands together in some row, in few rows."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
_CANDIDATES = 12


def crossed(kinds: Sequence[Sequence[T]], rng: random.Random) -> list[tuple[T, ...]]:
    """All combinations, in the order of `itertools.product`."""
    return list(itertools.product(*kinds))


def pairwise(kinds: Sequence[Sequence[T]], rng: random.Random) -> list[tuple[T, ...]]:
    """Rows in which each pair of values of two parameters occurs; of one parameter, each value; of none, one row.

    Greedy: each row begins with a pair that has not been, and takes for each other parameter the value that makes
    the most new pairs; of several rows made so, the best is kept.
    """
    if len(kinds) < 2:
        return crossed(kinds, rng)
    sizes = [len(one) for one in kinds]
    left = {
        (a, i, b, j)
        for a, b in itertools.combinations(range(len(kinds)), 2)
        for i in range(sizes[a])
        for j in range(sizes[b])
    }
    order = sorted(left)
    rng.shuffle(order)
    rows: list[tuple[T, ...]] = []
    for pair in order:
        if pair not in left:
            continue
        best = max((_row(pair, sizes, left, rng) for _ in range(_CANDIDATES)), key=lambda row: _gain(row, left))
        left -= _pairs(best)
        rows.append(tuple(kinds[at][value] for at, value in enumerate(best)))
    return rows


def _row(
    pair: tuple[int, int, int, int], sizes: Sequence[int], left: set[tuple[int, int, int, int]], rng: random.Random
) -> tuple[int, ...]:
    a, i, b, j = pair
    chosen = {a: i, b: j}
    others = [at for at in range(len(sizes)) if at not in chosen]
    rng.shuffle(others)
    for at in others:

        def new(value: int, at: int = at) -> int:
            return sum(_key(at, value, other, taken) in left for other, taken in chosen.items())

        values = list(range(sizes[at]))
        rng.shuffle(values)
        chosen[at] = max(values, key=new)
    return tuple(chosen[at] for at in range(len(sizes)))


def _key(a: int, i: int, b: int, j: int) -> tuple[int, int, int, int]:
    return (a, i, b, j) if a < b else (b, j, a, i)


def _pairs(row: Sequence[int]) -> set[tuple[int, int, int, int]]:
    return {(a, row[a], b, row[b]) for a, b in itertools.combinations(range(len(row)), 2)}


def _gain(row: Sequence[int], left: set[tuple[int, int, int, int]]) -> int:
    return len(_pairs(row) & left)
