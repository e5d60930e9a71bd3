"""The native engine does what the reference engine does: every form, and random streams of them."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable

import pytest

from trapline.isa.engine.native.running.engine import NativeEngine

from .pair import Pair
from .programs import decoders_of, settings, streams, word_of

CORES = ("power7", "armv7ve")
SETS = (("power7", "PPC"), ("armv7ve", "A32"), ("armv7ve", "T32"))
_SAMPLES = 3
"""Random instructions of each form."""


@functools.cache
def pair_of(core: str) -> Pair:
    """The two machines of a core, made once."""
    return Pair(core)


def agree(pair: Pair, budget: int, told: str) -> None:
    """Runs both sides and compares how the run ended, all registers and all RAM."""
    stops = [side.run(budget) for side in pair.sides]
    found = pair.differences()
    assert stops[0] == stops[1], told
    assert not found, f"{told}: {found[:5]}"


@pytest.mark.parametrize("core", CORES)
def test_every_form_does_natively_what_the_reference_does(core: str) -> None:
    """Random fields and registers, in several states; each form's own handler executes, none is stepped in Python."""
    pair = pair_of(core)
    native = pair.sides[1].engine
    decoders = decoders_of(pair)
    executed: set[str] = set()
    for name, form in pair.description.forms.items():
        generator = random.Random(name)
        for sample in range(_SAMPLES):
            word = word_of(pair, form, generator, decoders)
            assert word is not None, f"no word decodes to {name}"
            pair.prepare(generator, settings(pair, form, generator), word * 2)
            told = f"{name}, sample {sample}, {word.hex()}"
            stepped = count_steps(native, functools.partial(agree, pair, 1, told))
            if not stepped:
                executed.add(name)
    assert executed == set(pair.description.forms)


def count_steps(engine: object, action: Callable[[], object]) -> int:
    """How many instructions the native engine executes in Python during `action`."""
    assert isinstance(engine, NativeEngine)
    steps = 0
    own = engine._step

    def step(pc: int) -> int:
        nonlocal steps
        steps += 1
        return own(pc)

    engine.__dict__["_step"] = step
    try:
        action()
    finally:
        del engine.__dict__["_step"]
    return steps


@pytest.mark.parametrize(("core", "instruction_set"), SETS)
def test_random_streams_end_alike_after_any_budget(core: str, instruction_set: str) -> None:
    """Faults, branches and stores included; each stream is cut and continued at random places."""
    pair = pair_of(core)
    for number, (form, words) in enumerate(streams(pair, instruction_set, 7, 60, 24)):
        generator = random.Random(number)
        pair.prepare(generator, settings(pair, form, generator), words)
        for part in range(4):
            agree(pair, generator.randrange(1, 20), f"stream {number}, part {part}")


@pytest.mark.parametrize(("core", "instruction_set"), SETS)
def test_streams_that_overwrite_themselves_end_alike(core: str, instruction_set: str) -> None:
    """All address registers point into the code, so that stores change instructions that were decoded before."""
    pair = pair_of(core)
    bank = "GPR" if core == "power7" else "R"
    for number, (form, words) in enumerate(streams(pair, instruction_set, 11, 40, 16)):
        generator = random.Random(number)
        near = {(bank, index): 0x10000 + generator.randrange(0, 64, 4) for index in range(1, 13)}
        pair.prepare(generator, settings(pair, form, generator), words)
        for side in pair.sides:
            for (name, index), value in near.items():
                side.state.write(name, value, index)
        for part in range(3):
            agree(pair, 16, f"stream {number}, part {part}")


def test_a_planted_difference_is_found() -> None:
    """The comparison sees one bit of one register and one byte of RAM."""
    pair = Pair("power7")
    pair.prepare(random.Random(1), {}, bytes(8))
    assert not pair.differences()
    pair.sides[1].state.write("GPR", pair.sides[1].state.read("GPR", 5) ^ 1, 5)
    pair.sides[1].ram.write(0x700, b"\1")
    assert len(pair.differences()) == 2
