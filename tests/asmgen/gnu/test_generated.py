"""Claims about generated sources: GNU as and we make the same objects of them."""

from __future__ import annotations

import pytest

from ...oracle.slices import soak_seeds
from .generated import KINDS, Kind, found_differences, generate
from .held import held

pytestmark = pytest.mark.oracle

STATEMENTS = 5_000
SOAK_STATEMENTS = 25_000
"""For each kind and slice: four kinds, ten slices, a million together."""

_HOLDING = [kind for kind in KINDS if f"generated {kind.name}" not in held()]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_same_seed_gives_the_same_source(kind: Kind) -> None:
    """And another seed another one."""
    assert generate(kind, 1, 200) == generate(kind, 1, 200) != generate(kind, 2, 200)


@pytest.mark.parametrize("kind", _HOLDING, ids=lambda kind: kind.name)
def test_generated_sources_are_assembled_as_by_gnu(kind: Kind) -> None:
    """Twenty thousand statements over all kinds."""
    assert found_differences(kind, generate(kind, 1, STATEMENTS)) == []


@pytest.mark.soak
@pytest.mark.parametrize("kind", _HOLDING, ids=lambda kind: kind.name)
def test_soak(kind: Kind) -> None:
    """A million statements with TRAPLINE_SOAK at its default, each slice from a seed of its own."""
    for seed in soak_seeds():
        assert found_differences(kind, generate(kind, seed, SOAK_STATEMENTS)) == []
