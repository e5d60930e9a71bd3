"""Crossing of values."""

from __future__ import annotations

import itertools
import random

import pytest

from trapline.firmware.suites.generators.values import values_of
from trapline.firmware.suites.making.pairwise import crossed, pairwise
from trapline.isa.lang.load import load_core


@pytest.mark.parametrize("sizes", [(), (3,), (2, 3), (4, 4, 4), (5, 2, 3, 4), (7, 7, 7, 7, 2)])
def test_each_pair_of_values_stands_together_in_some_row(sizes: tuple[int, ...]) -> None:
    """And in far fewer rows than all combinations."""
    kinds = [list(range(size)) for size in sizes]
    rows = pairwise(kinds, random.Random(1))
    assert rows == pairwise(kinds, random.Random(1))
    for a, b in itertools.combinations(range(len(sizes)), 2):
        assert {(row[a], row[b]) for row in rows} == set(itertools.product(kinds[a], kinds[b]))
    assert len(rows) <= len(crossed(kinds, random.Random(1)))
    if len(sizes) > 2:
        largest = sorted(sizes)[-2:]
        assert len(rows) <= 2 * largest[0] * largest[1]


def test_values_of_a_class_have_its_ends_and_what_is_not_valid() -> None:
    """Named by what they are."""
    one = load_core("power7").argument_classes["character_count"]
    found = {value.number: value.kind for value in values_of(one, random.Random(1), extra=[5])}
    assert found[0] == found[16] == "boundary"
    assert found[17] == found[(1 << 64) - 1] == "invalid"
    assert found[5] == "chosen"
