"""Watchpoints under the native engine: the reference's stops and state, and full speed where nothing is watched."""

from __future__ import annotations

import functools
import random
from collections import Counter

import pytest

from trapline.isa.engine.interface import Stop, StopReason, WatchKind, Watchpoint
from trapline.isa.engine.native.bodies.restart import Restarts
from trapline.isa.engine.native.tier.tiers import EAGER, INTERPRETER, Tiers
from trapline.isa.model.items import Form

from ..oracle.slices import soak_seeds
from .loops import branch_back
from .pair import DATA, Pair
from .programs import pool, settings
from .test_differential import SETS, agree, count_steps
from .test_slow_paths import requests_of

KINDS = tuple(WatchKind)


@functools.cache
def pair_of(core: str, tiers: Tiers) -> Pair:
    """The two machines of a core, made once."""
    return Pair(core, tiers)


@functools.cache
def memory_forms(pair: Pair, instruction_set: str) -> list[tuple[Form, bytes]]:
    """Those of the pool that access memory by themselves."""
    restarts = Restarts(pair.description)
    return [
        (form, word) for form, word in pool(pair, instruction_set)
        if restarts.accesses_memory(form)
    ]  # fmt: skip


def accessed(pair: Pair) -> list[tuple[int, int]]:
    """(address, size) of the first accesses that the program of the reference side makes."""
    engine = pair.sides[0].engine
    engine.set_watchpoints([Watchpoint(0, 1 << 64, WatchKind.ACCESS)], before=False)
    found = []
    for _ in range(12):
        stop = pair.sides[0].run(12)
        if isinstance(stop, str):
            break
        if stop.watch is not None:
            found.append((stop.watch.address, stop.watch.size))
    engine.set_watchpoints([], before=False)
    return found


def random_watchpoints(generator: random.Random, near: list[tuple[int, int]]) -> list[Watchpoint]:
    """None or a few, of any kind, near what the program accesses."""
    found = []
    for _ in range(generator.choice([0, 1, 1, 2, 4]) if near else 0):
        address, size = generator.choice(near)
        address += generator.choice([0, 0, size - 1, -1, size, generator.randrange(-64, 64)])
        size = generator.choice([1, 2, 4, 8, 8, 100])
        found.append(Watchpoint(max(address, 0), size, generator.choice(KINDS)))
    return found


def point_at_data(pair: Pair, generator: random.Random) -> None:
    """Address registers lead near what may be watched."""
    bank, width = ("GPR", 64) if "MSR" in pair.description.registers else ("R", 32)
    for index in range(13):
        value = generator.choice([
            DATA + generator.randrange(0x100), DATA + 0x1000 - generator.randrange(32), generator.randrange(32),
            DATA + (generator.randrange(0x100) & -16), generator.getrandbits(width),
        ])  # fmt: skip
        for side in pair.sides:
            side.state.write(bank, value, index)


def begin(pair: Pair, form: Form, words: bytes, seed: str) -> None:
    """A program in a state that the seed stands for."""
    generator = random.Random(seed)
    pair.prepare(generator, settings(pair, form, generator), words)
    point_at_data(pair, generator)


def agree_on_watched(pair: Pair, instruction_set: str, seed: int, count: int, before: bool) -> int:
    """Runs loops in pieces, with other watchpoints ever so often; how many stops these made."""
    hits = 0
    chosen = memory_forms(pair, instruction_set) * 3 + pool(pair, instruction_set)
    for number in range(count):
        generator = random.Random(f"{seed} {number}")
        parts = [generator.choice(chosen) for _ in range(8)]
        body = b"".join(word for _, word in parts)
        words = body + branch_back(instruction_set, len(body))
        begin(pair, parts[0][0], words, f"{seed} {number}")
        near = accessed(pair)
        begin(pair, parts[0][0], words, f"{seed} {number}")
        for part in range(9):
            budget = generator.choice([1, 3, generator.randrange(1, 40)])
            if part % 3 == 0:
                watchpoints = random_watchpoints(generator, near)
                for side in pair.sides:
                    side.engine.set_watchpoints(watchpoints, before)
            stops = [side.run(budget) for side in pair.sides]
            told = f"loop {number}, part {part}, {words.hex()}, {watchpoints}"
            assert stops[0] == stops[1], told
            found = pair.differences()
            assert not found, f"{told}: {found[:5]}"
            hits += isinstance(stops[0], Stop) and stops[0].reason is StopReason.WATCHPOINT
    for side in pair.sides:
        side.engine.set_watchpoints([], before)
    return hits


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("tiers", [EAGER, INTERPRETER], ids=["eager", "interpreter"])
@pytest.mark.parametrize(("core", "instruction_set"), SETS)
def test_random_watchpoints_stop_random_loops_alike(
    core: str, instruction_set: str, tiers: Tiers, before: bool
) -> None:
    """The same stop, hit, count and state; accesses of several pieces and over page ends among them."""
    assert agree_on_watched(pair_of(core, tiers), instruction_set, 41, 30, before) > 4


@pytest.mark.soak
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize(("core", "instruction_set"), SETS)
def test_soak(core: str, instruction_set: str, before: bool) -> None:
    """The same with other seeds, as many times as TRAPLINE_SOAK says."""
    for seed in soak_seeds():
        for tiers in (EAGER, INTERPRETER):
            agree_on_watched(pair_of(core, tiers), instruction_set, seed, 200, before)


@pytest.mark.parametrize("tiers", [EAGER, INTERPRETER], ids=["eager", "interpreter"])
def test_a_program_that_stays_away_from_what_is_watched_stays_native(tiers: Tiers) -> None:
    """Loads and stores of another page: no request, no step of the loop's own, and a stop when it comes there."""
    pair = Pair("power7", tiers)
    # stw r5, 0(r4); stwu r5, 4(r6); addi r5, r5, 1; b to the first
    words = b"".join(word.to_bytes(4, "big") for word in (0x90A40000, 0x94A60004, 0x38A50001, 0x4BFFFFF4))
    pair.prepare(random.Random(1), {"MSR": 0x9000000002802000}, words)
    far = DATA + 0x4000
    for side in pair.sides:
        side.state.write("GPR", DATA, 4)
        side.state.write("GPR", DATA + 0x10, 6)
        side.engine.set_watchpoints([Watchpoint(far, 4, WatchKind.WRITE)], before=True)
    native = pair.sides[1]
    native.run(400)
    asked = requests_of(native.engine)
    steps = count_steps(native.engine, lambda: native.run(8000))
    assert (steps, asked) == (0, Counter())
    pair.sides[0].run(8400)
    agree(pair, 10_000, "to the watched address")
    assert native.state.read("GPR", 6) == far - 4
