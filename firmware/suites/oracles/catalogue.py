"""The oracles by name: how each has a test run twice, and what it says about two runs that are not the same."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from msgspec import structs

from ....isa.errors import TraplineError
from ....server.boards.moving import MOVERS, arrive, save
from .neighbours import HOSTS, beside
from .program import Program
from .rule import OracleRule
from .seen import Seen
from .staging import Stage, Staging, ran
from .worlds import BARE, MODEL, STUB, staged, worlds_of


class SilentError(TraplineError):
    """An oracle says nothing of a test: the message says why."""


@dataclass(frozen=True)
class Asked:
    """A test, how its suite stages it, and what the suite says of the oracle."""

    program: Program
    staging: Staging
    rule: OracleRule

    def source(self, what: str) -> random.Random:
        """The one source of chance of a test: the same each time."""
        return random.Random(f"{self.program.name}/{what}")


@dataclass(frozen=True)
class Pair:
    """Two runs that have to be the same. `world` is where the second one was, for the suite's rules."""

    world: str
    first: Seen
    second: Seen


Runs = Callable[[Asked], Iterator[Pair]]


@dataclass(frozen=True)
class Oracle:
    """`claim` is what has to hold, in a line."""

    name: str
    claim: str
    runs: Runs


def _engines(asked: Asked) -> Iterator[Pair]:
    staging, program = asked.staging, asked.program
    first = ran(staging.stage(program, engine="reference"), "on the reference engine")
    yield Pair("native", first, ran(staging.stage(program, engine="native"), "on the native engine"))


def _worlds(asked: Asked, wanted: tuple[str, ...]) -> Iterator[Pair]:
    name = asked.program.name
    possible = [one for one in worlds_of(asked.staging) if one in (asked.rule.worlds or wanted)]
    if len(possible) < 2:
        here = ", ".join(worlds_of(asked.staging))
        raise SilentError(f"tests of machine '{asked.staging.needs.name}' live in one world here: {here}")
    if possible[0] == BARE and len(possible) > 2 and asked.rule.refuses(name, BARE) is not None:
        possible = possible[1:]
    refused = {one: asked.rule.refuses(name, one) for one in possible[1:]}
    if all(refused.values()):
        raise SilentError(next(filter(None, refused.values())))
    first = ran(staged(possible[0], asked.program, asked.staging), _WORLDS[possible[0]])
    for world in possible[1:]:
        if refused[world] is None:
            yield Pair(world, first, ran(staged(world, asked.program, asked.staging), _WORLDS[world]))


_WORLDS: Final = {
    BARE: "on a core of its own",
    MODEL: "under the hypervisor model",
    STUB: "under the host stub",
}


def _transparency(asked: Asked) -> Iterator[Pair]:
    return _worlds(asked, (BARE, MODEL, STUB))


def _stub(asked: Asked) -> Iterator[Pair]:
    return _worlds(asked, (MODEL, STUB))


def _alone(asked: Asked) -> Seen:
    return ran(asked.staging.stage(asked.program), "undisturbed")


def _migration(asked: Asked) -> Iterator[Pair]:
    if asked.staging.needs.name not in MOVERS:
        raise SilentError(f"machine '{asked.staging.needs.name}' cannot be moved")
    first = _alone(asked)
    length = first.time or 1
    rng = asked.source("migration")
    moments = sorted({rng.randrange(1, max(length, 2)) for _ in range(asked.rule.points)})

    def moved(stage: Stage) -> str | None:
        for moment in moments:
            over = stage.run(max(1, moment - stage.machine.clock.now))
            if over is not None:
                return over
            with tempfile.TemporaryDirectory(prefix="trapline-move-") as folder:
                save(stage.machine, Path(folder))
                before, stage.machine = stage.machine, arrive(stage.machine, Path(folder))
                for vcpu in before.vcpus:
                    vcpu.core.engine.close()
            stage.watch()
        return stage.run()

    shown = ", ".join(f"{one:,}" for one in moments)
    yield Pair("moved", first, ran(asked.staging.stage(asked.program), f"moved at instruction {shown}", moved))


def _schedule(asked: Asked) -> Iterator[Pair]:
    if asked.staging.needs.vcpus < 2:
        raise SilentError("one vcpu has one interleaving")
    first = _without_time(ran(asked.staging.stage(asked.program), "in the usual turns"))
    for quantum in asked.rule.quanta:
        second = ran(asked.staging.stage(asked.program, quantum=quantum), f"in turns of {quantum:,} instructions")
        yield Pair(str(quantum), first, _without_time(second))


def _without_time(seen: Seen) -> Seen:
    """Guest time is that of all vcpus: who waits for whom is the schedule's."""
    return structs.replace(seen, time=None)


def _interference(asked: Asked) -> Iterator[Pair]:
    if asked.staging.needs.name not in HOSTS:
        raise SilentError(f"machine '{asked.staging.needs.name}' has no partitions")
    first = _alone(asked)
    yield Pair("beside", first, beside(asked.program, asked.staging, asked.source("non-interference")))


ORACLES: Final = {
    one.name: one
    for one in (
        Oracle("engines", "the native engine does what the reference engine does, to the instruction", _engines),
        Oracle("transparency", "a guest sees the same bare, under the model and under the host stub", _transparency),
        Oracle("stub", "the host stub does what the hypervisor model does", _stub),
        Oracle(
            "non-interference",
            "what other partitions of the host do changes nothing, to the instruction",
            _interference,
        ),
        Oracle("migration", "save and restore at random moments changes nothing, to the instruction", _migration),
        Oracle(
            "schedule", "another interleaving of vcpus changes nothing that the suite says is independent", _schedule
        ),
    )
}
"""`qemu` is none of them: QEMU runs a test's own checks (`--target qemu`)."""
