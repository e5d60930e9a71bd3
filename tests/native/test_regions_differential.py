"""Whatever the block tier compiles does what the reference engine does, however the run is cut."""

from __future__ import annotations

import functools
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from trapline.isa.engine.native.running.engine import NativeEngine
from trapline.isa.engine.native.tier import tier
from trapline.isa.engine.native.tier.tiers import COPIED, EAGER, INTERPRETER, Tiers
from trapline.tests.oracle.slices import soak_seeds

from .loops import Loop, loops
from .pair import Pair, Side
from .programs import settings
from .test_differential import SETS, agree

LATE = Tiers(threshold=3)
"""Regions are made of what has run a few times, several at once."""
BACKGROUND = Tiers(threshold=3, background=True)
"""The same by another process: they come into use at any time."""
KEPT = Tiers(threshold=3, kept=True)
"""The same from an earlier run, where there was one."""
UNITS = Tiers(threshold=40, units=2, later=5)
"""Stencils are copied of what has run twice; what goes on becomes regions, beside and in place of them."""
BOTH_BESIDE = Tiers(threshold=40, units=2, later=5, background=True)
"""The same, stencils and regions being made by another process."""


@functools.cache
def pair_of(core: str, tiers: Tiers) -> Pair:
    """The two machines of a core, made once."""
    return Pair(core, tiers)


@pytest.fixture(autouse=True)
def _nothing_refused(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """LLVM takes every region."""
    yield
    assert not caplog.records


def tier_of(pair: Pair) -> tier.RegionTier:
    """What the native side compiles with."""
    engine = pair.sides[1].engine
    assert isinstance(engine, NativeEngine)
    assert engine.regions is not None
    return engine.regions


def regions_of(pair: Pair) -> int:
    """How many regions the native side has, all being compiled."""
    regions = tier_of(pair)
    while regions.compiling:
        regions.wait()
        regions.go_on()
    return len(regions.present())


def budgets(generator: random.Random, count: int) -> list[int]:
    """Where a run is cut: often behind a few instructions, sometimes behind many."""
    return [generator.choice([1, 3, generator.randrange(1, 60), generator.randrange(60, 300)]) for _ in range(count)]


@pytest.mark.parametrize("tiers", [EAGER, LATE, BACKGROUND, UNITS], ids=["eager", "late", "background", "units"])
@pytest.mark.parametrize(("core", "instruction_set"), SETS)
def test_random_loops_end_alike_after_any_budget(core: str, instruction_set: str, tiers: Tiers) -> None:
    """Loops that fault, branch, store and change modes, in several states."""
    assert _agree_on_loops(pair_of(core, tiers), instruction_set, 21, 16) > 16


@pytest.mark.parametrize(("core", "instruction_set"), SETS)
def test_loops_end_alike_with_regions_of_an_earlier_run(
    core: str, instruction_set: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Most are taken from the cache; of its files some were damaged, cut short, or are another place's."""
    monkeypatch.setattr(tier, "cache_directory", lambda: tmp_path)
    first, second = Pair(core, KEPT), Pair(core, KEPT)
    assert _agree_on_loops(first, instruction_set, 25, 12) > 12
    generator = random.Random(f"{core} {instruction_set}")
    _damage(sorted(tmp_path.glob("*/*.region")), generator)
    assert _agree_on_loops(second, instruction_set, 25, 12) > 12
    made, found = (tier_of(pair) for pair in (first, second))
    assert found.found > found.made
    assert found.found + found.made >= made.made


def _damage(files: Sequence[Path], generator: random.Random) -> None:
    """Every fourth file is spoilt in one of several ways."""
    for path in files[::4]:
        whole = bytearray(path.read_bytes())
        kind = generator.randrange(4)
        if kind == 0:
            whole[generator.randrange(len(whole))] ^= 1 << generator.randrange(8)
        elif kind == 1:
            del whole[generator.randrange(len(whole)) :]
        elif kind == 2:
            whole = bytearray(generator.choice(files).read_bytes())
        else:
            whole[64:] = generator.randbytes(len(whole) - 64)
        path.write_bytes(whole)


@pytest.mark.soak
@pytest.mark.parametrize(("core", "instruction_set"), SETS)
def test_soak(core: str, instruction_set: str) -> None:
    """The same with other seeds, as many times as TRAPLINE_SOAK says."""
    for seed in soak_seeds():
        for tiers in (EAGER, LATE, BACKGROUND, COPIED, UNITS, BOTH_BESIDE):
            _agree_on_loops(pair_of(core, tiers), instruction_set, seed, 100)


def _agree_on_loops(pair: Pair, instruction_set: str, seed: int, count: int) -> int:
    """Runs loops in pieces; how many regions there were behind each, in all."""
    seen = 0
    for number, (generator, loop) in enumerate(loops(pair, instruction_set, seed, count, 10)):
        pair.prepare(generator, settings(pair, loop.form, generator), loop.words)
        for part, budget in enumerate(budgets(generator, 6)):
            agree(pair, budget, f"loop {number}, part {part}, {loop.words.hex()}")
            seen += regions_of(pair)
    return seen


@pytest.mark.parametrize("tiers", [EAGER, COPIED], ids=["regions", "units"])
@pytest.mark.parametrize(("core", "instruction_set"), SETS)
def test_loops_that_overwrite_themselves_end_alike(core: str, instruction_set: str, tiers: Tiers) -> None:
    """All address registers point into the loop, so that stores change code that has been compiled."""
    pair = pair_of(core, tiers)
    bank = "GPR" if core == "power7" else "R"
    for number, (generator, loop) in enumerate(loops(pair, instruction_set, 22, 10, 8)):
        pair.prepare(generator, settings(pair, loop.form, generator), loop.words)
        near = {index: loop.address(generator) & -4 for index in range(1, 13)}
        for side in pair.sides:
            for index, value in near.items():
                side.state.write(bank, value, index)
        for part, budget in enumerate(budgets(generator, 4)):
            agree(pair, budget, f"loop {number}, part {part}, {loop.words.hex()}")


@pytest.mark.parametrize("tiers", [EAGER, COPIED], ids=["regions", "units"])
@pytest.mark.parametrize(("core", "instruction_set"), SETS)
def test_breakpoints_stop_compiled_loops_where_they_stop_the_reference(
    core: str, instruction_set: str, tiers: Tiers
) -> None:
    """Set and removed between parts of a run, within the loop."""
    pair = pair_of(core, tiers)
    for number, (generator, loop) in enumerate(loops(pair, instruction_set, 23, 8, 8)):
        pair.prepare(generator, settings(pair, loop.form, generator), loop.words)
        for part, budget in enumerate(budgets(generator, 8)):
            chosen = frozenset(loop.address(generator) for _ in range(generator.randrange(3)))
            for side in pair.sides:
                side.engine.set_breakpoints(chosen)
            agree(pair, budget, f"loop {number}, part {part}, {sorted(chosen)}, {loop.words.hex()}")
        for side in pair.sides:
            side.engine.set_breakpoints(frozenset())


@pytest.mark.parametrize("tiers", [EAGER, COPIED], ids=["regions", "units"])
@pytest.mark.parametrize(("core", "instruction_set"), SETS)
def test_every_cut_of_a_run_gives_the_state_that_the_interpreter_tier_has_there(
    core: str, instruction_set: str, tiers: Tiers
) -> None:
    """One long run in the interpreter tier, and the same in a higher tier in pieces of every small length."""
    interpreted, compiled = pair_of(core, INTERPRETER), pair_of(core, tiers)
    for number, (generator, loop) in enumerate(loops(compiled, instruction_set, 24, 4, 9)):
        _same_at_every_cut(interpreted, compiled, generator, loop, f"loop {number}, {loop.words.hex()}")


def _run(side: Side, budget: int, most: int) -> bool:
    """Runs for a budget, at most so many instructions at once; False where the engine gives up."""
    while budget:
        stop = side.run(min(budget, most))
        if isinstance(stop, str):
            return False
        budget -= stop.steps
    return True


def _same_at_every_cut(first: Pair, second: Pair, generator: random.Random, loop: Loop, told: str) -> None:
    seed = generator.getrandbits(32)
    for pair in (first, second):
        again = random.Random(seed)
        pair.prepare(again, settings(pair, loop.form, again), loop.words)
    for budget in range(1, 24):
        if not all(_run(side, budget, step) for side, step in ((first.sides[1], 1), (second.sides[1], budget))):
            return
        states = [pair.sides[1].state.snapshot() for pair in (first, second)]
        found = [str(difference) for difference in first.sides[1].state.diff(*states)]
        assert not found, f"{told}, after a part of {budget}: {found[:5]}"
