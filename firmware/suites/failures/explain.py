"""A failure in words: what was expected, what came, by which rule, and the next command to type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ..making.manifest import CaseManifest, StepManifest
from ..running.results import Difference, FailedStep, Result, failed_steps

_MOST = 4


def explained(result: Result, manifest: CaseManifest, following: str) -> list[str]:
    """Lines; `following` is the command that looks into it."""
    lines = [f"FAIL {manifest.suite}/{manifest.name}: {manifest.title}"]
    steps = failed_steps(result.run.console)
    for failed in steps[:_MOST]:
        lines += _step(failed, manifest)
    if len(steps) > _MOST:
        lines.append(f"  and {len(steps) - _MOST} more of its steps")
    if not steps:
        lines.append(f"  {result.run.outcome}: {result.run.reason.splitlines()[0]}")
        lines += [f"    {one}" for one in result.run.reason.splitlines()[1:6]]
    lines.append(f"  next      {following}")
    return lines


def _step(failed: FailedStep, manifest: CaseManifest) -> Iterator[str]:
    step = manifest.steps[failed.number - 1] if failed.number <= len(manifest.steps) else None
    yield f"  step {failed.number}: {failed.title}"
    answers = {} if step is None else {int(value, 16): name for name, value in step.allowed.items()}
    notes = _notes(step)
    first = step.expected[0]["word"] if step is not None and step.expected else ""
    for one in failed.differences[:_MOST]:
        names = answers if one.word == first else {}
        yield f"  expected  {_shown(one, one.expected, notes.get(one.word, ''), names)}"
        yield f"  came      {_shown(one, one.came & one.mask, '', names)}"
    if len(failed.differences) > _MOST:
        yield f"            and {len(failed.differences) - _MOST} more words"
    if failed.excluded is not None and step is not None:
        yield f"  excluded  {failed.excluded:#x} is no answer of this call; it has {', '.join(step.allowed)}"
    yield f"  rule      {failed.rule}"


def _shown(one: Difference, value: int, note: str, names: dict[int, str]) -> str:
    name = names.get(value, "") or note
    under = "" if one.mask in ((1 << 64) - 1, (1 << 32) - 1) else f" under mask {one.mask:#x}"
    return f"{one.word} = {value:#x}{under}" + (f" ({name})" if name else "")


def _notes(step: StepManifest | None) -> dict[str, str]:
    return {} if step is None else {one["word"]: one["note"] for one in step.expected if "note" in one}


def same_reason(one: Sequence[FailedStep], other: Sequence[FailedStep]) -> bool:
    """Whether two failures are the same: the first step that fails has the same title and words that differ."""
    if not one or not other:
        return not one and not other
    return one[0].title == other[0].title and _words(one[0]) == _words(other[0])


def _words(step: FailedStep) -> set[str]:
    return {difference.word for difference in step.differences} | ({"excluded"} if step.excluded is not None else set())


def following_command(capsule: Path) -> str:
    """What looks into a capsule."""
    return f"trapline suite repro {capsule} --gdb"
