"""Steps, alone and in ranges, do what runs do; and a run that the host's user interrupts can go on."""

from __future__ import annotations

import gc
import random
import signal
from types import FrameType

import pytest

from trapline.isa.engine.interface import Stop, StopReason
from trapline.isa.engine.layout import RETIRED
from trapline.isa.errors import TraplineError

from .pair import CODE, Side
from .programs import settings, streams
from .test_differential import SETS, pair_of


def steps(side: Side, count: int) -> list[Stop | int | str]:
    """What `count` calls of `step` tell."""
    told: list[Stop | int | str] = []
    for _ in range(count):
        try:
            told.append(side.engine.step())
        except TraplineError as error:
            told.append(str(error))
    return told


@pytest.mark.parametrize(("core", "instruction_set"), SETS)
def test_native_steps_do_what_the_reference_does(core: str, instruction_set: str) -> None:
    """Random streams, one instruction at a time: what each step tells, and the state in the end."""
    pair = pair_of(core)
    for number, (form, words) in enumerate(streams(pair, instruction_set, 23, 40, 24)):
        generator = random.Random(number)
        pair.prepare(generator, settings(pair, form, generator), words)
        told = [steps(side, 40) for side in pair.sides]
        assert told[0] == told[1], number
        assert not pair.differences(), number


@pytest.mark.parametrize(("core", "instruction_set"), SETS)
def test_steps_in_a_range_stop_where_it_ends(core: str, instruction_set: str) -> None:
    """As many single steps as it takes to leave the range, or fewer than asked for, end in the same state."""
    pair = pair_of(core)
    start, end = CODE, CODE + 0x20
    for number, (form, words) in enumerate(streams(pair, instruction_set, 29, 30, 24)):
        generator = random.Random(number)
        pair.prepare(generator, settings(pair, form, generator), words)
        reference, native = pair.sides
        while start <= native.state.pc < end:
            try:
                done = native.engine.step(start, end, 5)
            except TraplineError:
                break
            assert isinstance(done, Stop) or 1 <= done <= 5
            steps(reference, done.steps if isinstance(done, Stop) else done)
            assert not pair.differences(), number
            if isinstance(done, Stop):
                break


def test_a_breakpoint_in_a_range_is_not_passed() -> None:
    """The instruction at pc is executed whatever stands there, and the range ends before the next breakpoint."""
    pair = pair_of("power7")
    nop = (0x60000000).to_bytes(4, "big")
    pair.prepare(random.Random(1), {"MSR": 0x9000000002802000}, nop * 16)
    engine = pair.sides[1].engine
    engine.set_breakpoints(frozenset({CODE, CODE + 16}))
    try:
        done = 0
        while engine.state.pc != CODE + 16:
            made = engine.step(CODE, CODE + 64, 100)
            assert isinstance(made, int)
            done += made
        assert done == 4
        assert engine.run(10).reason is StopReason.BREAKPOINT
        assert engine.step() == 1
        assert engine.state.pc == CODE + 20
    finally:
        engine.set_breakpoints(frozenset())


_SWALLOW = ("logging", "threading", "random")
"""Modules whose callbacks run when a process forks, to build native code, say: Python swallows what they raise."""


def test_a_run_that_is_interrupted_goes_on_where_it_was() -> None:
    """Whatever instruction the signal comes at, pc and count agree with the registers."""
    pair = pair_of("power7")
    # addi 3,3,1; addi 4,4,1; b -8: registers tell how many instructions were executed.
    loop = b"".join(word.to_bytes(4, "big") for word in (0x38630001, 0x38840001, 0x4BFFFFF8))
    pair.prepare(random.Random(1), {"MSR": 0x9000000002802000}, loop)
    side = pair.sides[1]
    side.state.write("GPR", 0, 3)
    side.state.write("GPR", 0, 4)

    def interrupt(number: int, frame: FrameType | None) -> None:
        if frame is not None and frame.f_globals.get("__name__") in _SWALLOW:
            signal.setitimer(signal.ITIMER_REAL, 0.001)
            return
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    # A callback of the garbage collector's would swallow what the signal raises in it, and test libraries have some.
    gc.disable()
    try:
        for _ in range(5):
            signal.setitimer(signal.ITIMER_REAL, 0.02)
            with pytest.raises(KeyboardInterrupt):
                side.engine.run(1 << 40)
            retired, place = side.engine.retired, (side.state.pc - CODE) // 4
            assert retired == side.state.read(RETIRED)
            assert side.state.read("GPR", 3) == (retired + 2) // 3
            assert side.state.read("GPR", 4) == (retired + 1) // 3
            assert place == retired % 3
    finally:
        gc.enable()
        signal.signal(signal.SIGALRM, before)
