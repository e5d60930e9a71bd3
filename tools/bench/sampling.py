"""Finds how often a kernel has to run to be timed, then takes the samples."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from .catalogue import Kernel
from .peers.peer import Peer
from .programs import Counts, Program
from .results import Measurement
from .timing import PeerError, Round

_MOST_RUNS: Final = 2_000_000_000
_GROWTH: Final = 100
_LONG_ENOUGH: Final = 0.25
"""A round of this part of a sample's time is a good base for the number of runs."""
_TRIES: Final = 3
_WARM_UP: Final = 2.0
"""Seconds, at the least: a compiler that waits until code is hot, and works on a thread of its own, has to be done."""
PATIENCE: Final = 120.0
"""Seconds after which a run of a program is given up."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`seconds` is about the length of a sample; `clock` is cpu or wall."""

    samples: int
    seconds: float
    clock: str


def measure(peer: Peer, program: Program, settings: Settings, instructions: int | None) -> Measurement:
    """The time of one run of a kernel. Raises PeerError, also for a wrong checksum."""
    kernel = program.kernel
    if kernel.once:
        runs, rounds = 1, [_round(peer, program) for _ in range(settings.samples)]
    elif peer.scaled:
        runs, rounds = 1, _checked(kernel, peer.run(program, Counts(0, 1, 1), PATIENCE))
    else:
        runs, warm_up = enough_runs(peer, program, settings.seconds)
        counts = Counts(warm_up, runs, settings.samples)
        rounds = _checked(kernel, peer.run(program, counts, PATIENCE))
    cpu, wall = (
        tuple(seconds / runs for seconds in one) for one in zip(*((r.cpu, r.wall) for r in rounds), strict=True)
    )
    return Measurement(
        program.arch.name,
        kernel.name,
        kernel.kind.value,
        program.form.value,
        peer.name,
        runs,
        cpu if settings.clock == "cpu" else wall,
        wall,
        instructions,
        kernel.events,
        kernel.unit,
    )


def _round(peer: Peer, program: Program) -> Round:
    """One round of a kernel that is timed cold: its warm-up run only makes it ready."""
    (one,) = _checked(program.kernel, peer.run(program, Counts(1, 1, 1), PATIENCE))
    return one


def enough_runs(peer: Peer, program: Program, seconds: float) -> tuple[int, int]:
    """Runs that take about `seconds`, and so many that they are a warm-up. Raises PeerError."""
    runs = 1
    while True:
        tried = _checked(program.kernel, peer.run(program, Counts(runs, runs, _TRIES), PATIENCE))
        # The shortest one: in the others something was still being compiled.
        one = min(tried, key=lambda found: found.wall)
        wall = max(one.wall, 1e-6)
        wanted = max(1, min(_MOST_RUNS, math.ceil(runs * min(seconds / wall, _GROWTH))))
        if wall >= seconds * _LONG_ENOUGH or wanted <= runs:
            return wanted, max(wanted, math.ceil(runs * _WARM_UP / wall))
        runs = wanted


def _checked(kernel: Kernel, rounds: list[Round]) -> list[Round]:
    expected = kernel.checksum()
    for one in rounds:
        if one.checksum != expected:
            raise PeerError(f"wrong result: {one.checksum:08X} instead of {expected:08X}")
    return rounds
