"""Makes a failing test smaller: fewer steps, calls, page table entries, interrupt points and instructions, less data.

Each attempt is a whole test: it is assembled, what it has to come to is asked of the reference engine with the suite's
own description, and it runs on the target where the first one failed. It is kept if it fails for the same reason: in
the step of the same title, in the same words. (Zeller, Hildebrandt: Simplifying and Isolating Failure-Inducing Input.)
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from msgspec import structs

from ....asmgen import target_for
from ....isa.errors import TraplineError
from ....isa.lang.load import load_core
from ..making.assembling import Linked
from ..making.build import MadeTest, steps_of
from ..making.case import Case, Step
from ..making.guests import library_for
from ..making.manifest import CaseManifest
from ..making.oracle import Oracle, expected_of
from ..making.patching import with_expectations
from ..making.source import source_of
from ..running.results import FailedStep, Ran, failed_steps
from ..running.targets import Target
from .capsule import Capsule
from .explain import same_reason
from .reading import case_of

SECONDS: Final = 30.0
"""How long one test is made smaller, unless somebody says otherwise."""
_LOAD: Final = re.compile(r"load(?:64|32)\s+(r\d+), (0x[0-9a-fA-F]+|\d+)$")


class NotRepeatedError(TraplineError):
    """The failure does not come again, so that nothing could be told of a smaller test."""


@dataclass(frozen=True)
class Smaller:
    """A capsule that fails as the first one did. `tries` tests were run; `instructions` and `calls` are those that are
    left in its steps (macros that load a constant count as one)."""

    capsule: Capsule
    tries: int
    instructions: int
    calls: int


@dataclass(frozen=True)
class _Found:
    """A test that fails for the reason."""

    case: Case
    made: MadeTest
    run: Ran


class Shrinker:
    """For one capsule and the target that it fails on."""

    def __init__(self, capsule: Capsule, target: Target, seconds: float = SECONDS) -> None:
        manifest = capsule.manifest
        description = load_core(manifest.core)
        if description.fingerprint != manifest.description:
            raise NotRepeatedError(
                f"{manifest.name} was made from another description of {manifest.core}", "generate its suite anew"
            )
        self._capsule, self._target = capsule, target
        self._library = library_for(description.name)
        self._linked = Linked(target_for(description), self._library)
        self._oracle = Oracle(manifest.machine, self._library)
        self._reason = failed_steps(capsule.head.result.run.console)
        self._end = time.monotonic() + seconds
        self._folder = tempfile.TemporaryDirectory(prefix="trapline-shrink-")
        self.tries = 0

    def close(self) -> None:
        """Gives machine and files back; the target is the caller's."""
        self._oracle.close()
        self._folder.cleanup()

    def smaller(self) -> Smaller:
        """The smallest test found until time is over.  Raises NotRepeatedError if the failure does not come again."""
        capsule = self._capsule
        if not self._reason:
            raise NotRepeatedError(f"{capsule.manifest.name} has no step that failed", "it ended without a word")
        best = self._fails(case_of(capsule.manifest, capsule.source, self._library))
        if best is None:
            raise NotRepeatedError(
                f"{capsule.manifest.name} does not fail like that any more", "run it as it is: trapline suite repro"
            )
        for part in (_without_checks, _steps, _data, _blocks, _lines, _lines, _checks, _shorter):
            best = part(best, self)
        return self._done(best)

    def attempt(self, best: _Found, case: Case | None) -> _Found:
        """The smaller one, if it fails for the reason; else the one that there was."""
        if case is None or case == best.case or time.monotonic() > self._end:
            return best
        return self._fails(case) or best

    @property
    def is_over(self) -> bool:
        """Whether time is up."""
        return time.monotonic() > self._end

    @property
    def reason(self) -> FailedStep:
        """The step that has to fail."""
        return self._reason[0]

    def _fails(self, case: Case) -> _Found | None:
        self.tries += 1
        try:
            image = self._linked.image(case.name, source_of(case, self._library, ()))
        except TraplineError:
            return None
        blocks = self._oracle.blocks(image, len(case.steps))
        if isinstance(blocks, str):
            return None
        expected = expected_of(case, blocks, self._library)
        elf = with_expectations(image, expected, self._library)
        file = Path(self._folder.name) / f"{case.name}.elf"
        file.write_bytes(elf)
        run = self._target.run(file)
        steps = failed_steps(run.console)
        if run.outcome != self._capsule.head.result.run.outcome or not same_reason(steps, self._reason):
            return None
        text = source_of(case, self._library, (f"Made smaller from {self._capsule.head.test}.",), expected)
        return _Found(case, MadeTest(case, elf, text, expected), run)

    def _done(self, best: _Found) -> Smaller:
        capsule = self._capsule
        manifest: CaseManifest = structs.replace(capsule.manifest, steps=steps_of(best.made))
        head = structs.replace(
            capsule.head,
            result=structs.replace(capsule.head.result, run=best.run),
            shrunk_from=capsule.head.shrunk_from or capsule.head.test,
        )
        small = structs.replace(capsule, head=head, manifest=manifest, elf=best.made.elf, source=best.made.source)
        lines = [one for step in best.case.steps for one in (*step.code, *step.after) if _is_instruction(one)]
        calls = sum(one.split()[:2] == ["sc", "1"] or one.split()[0] in ("hvc", "smc") for one in lines)
        return Smaller(small, self.tries, len(lines), calls)


T = TypeVar("T")


def _is_instruction(line: str) -> bool:
    return not line.endswith(":") and not line.startswith(".")


def _without_checks(best: _Found, shrinker: Shrinker) -> _Found:
    """Only the step that fails is compared: others may say nothing."""
    steps = tuple(
        one if one.title == shrinker.reason.title else structs.replace(one, checks=()) for one in best.case.steps
    )
    return shrinker.attempt(best, structs.replace(best.case, steps=steps))


def _steps(best: _Found, shrinker: Shrinker) -> _Found:
    """Fewer steps: those behind the failure first."""

    def made(steps: Sequence[Step]) -> Case:
        return structs.replace(best.case, steps=tuple(steps))

    return _reduced(best, list(best.case.steps), made, shrinker)


def _data(best: _Found, shrinker: Shrinker) -> _Found:
    """Less data."""

    def made(lines: Sequence[str]) -> Case:
        return structs.replace(best.case, data=tuple(lines))

    return _reduced(best, list(best.case.data), made, shrinker)


def _blocks(best: _Found, shrinker: Shrinker) -> _Found:
    """Fewer calls, entries, interrupts: what ends in a call or a return goes as one."""
    for number in range(len(best.case.steps)):
        blocks: list[list[str]] = [[]]
        for line in best.case.steps[number].code:
            blocks[-1].append(line)
            if line.split()[0] in ("sc", "rfid", "hvc", "smc", "isync", "isb", "eret", "out_of_hyp"):
                blocks.append([])
        blocks = [one for one in blocks if one]

        best = _reduced(best, blocks, partial(_with_blocks, best.case, number), shrinker)
    return best


def _lines(best: _Found, shrinker: Shrinker) -> _Found:
    """Fewer instructions, of each step, and of what is behind it."""
    for number in range(len(best.case.steps)):
        step = best.case.steps[number]
        best = _reduced(best, step.code, partial(_with_code, best.case, number), shrinker)
        best = _reduced(best, step.after, partial(_with_after, best.case, number), shrinker)
    return best


def _checks(best: _Found, shrinker: Shrinker) -> _Found:
    """Only the words that differ."""
    words = {one.word for one in shrinker.reason.differences}
    steps = tuple(
        structs.replace(step, checks=tuple(one for one in step.checks if one.word in words)) for step in best.case.steps
    )
    return shrinker.attempt(best, structs.replace(best.case, steps=steps))


def _shorter(best: _Found, shrinker: Shrinker) -> _Found:
    """Constants that one instruction loads are loaded by one."""
    steps = []
    for step in best.case.steps:
        steps.append(structs.replace(step, code=tuple(_short(one) for one in step.code)))
    return shrinker.attempt(best, structs.replace(best.case, steps=tuple(steps)))


def _short(line: str) -> str:
    found = _LOAD.match(line.partition("#")[0].strip())
    if found is None:
        return line
    value = int(found[2], 0)
    return f"li      {found[1]}, {value}" if value < 0x8000 else line


def _with_code(case: Case, number: int, code: Sequence[str]) -> Case:
    steps = list(case.steps)
    # A step has an instruction, so that there is one to stop at.
    steps[number] = structs.replace(steps[number], code=tuple(code) or ("nop",))
    return structs.replace(case, steps=tuple(steps))


def _with_blocks(case: Case, number: int, blocks: Sequence[Sequence[str]]) -> Case:
    return _with_code(case, number, [line for one in blocks for line in one])


def _with_after(case: Case, number: int, after: Sequence[str]) -> Case:
    steps = list(case.steps)
    steps[number] = structs.replace(steps[number], after=tuple(after))
    return structs.replace(case, steps=tuple(steps))


def _reduced(best: _Found, given: Sequence[T], made: Callable[[Sequence[T]], Case], shrinker: Shrinker) -> _Found:
    """ddmin: leaves ever smaller parts out, from the end on, as long as the test fails."""
    items = list(given)
    size = max(len(items) // 2, 1)
    while items and not shrinker.is_over:
        at, is_smaller = len(items), False
        while at > 0 and not shrinker.is_over:
            kept = items[: max(at - size, 0)] + items[at:]
            after = shrinker.attempt(best, made(kept))
            if after is not best:
                best, items, is_smaller = after, kept, True
            at -= size
        if size == 1 and not is_smaller:
            break
        size = max(size // 2, 1)
    return best
