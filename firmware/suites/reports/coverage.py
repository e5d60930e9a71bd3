"""What of a description a run has reached: return codes of calls, instructions; by manifests and consoles alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec

from ..making.manifest import CaseManifest
from ..running.results import failed_steps
from .outcome import Reported

_TOLD = re.compile(r"^(?:not )?ok (\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Coverage:
    """`calls`: how often each return code came, 0 for one that the description has and that never did.
    `missing_instructions`: those of the core that no step executed; empty where the suite is not about instructions."""

    calls: dict[str, dict[str, int]]
    instructions: int
    missing_instructions: tuple[str, ...]

    @property
    def codes(self) -> list[str]:
        """All return codes, in the order of their first call."""
        return list(dict.fromkeys(code for counts in self.calls.values() for code in counts))

    @property
    def all_codes(self) -> int:
        """Pairs of a call and a code that its description has."""
        return sum(len(counts) for counts in self.calls.values())

    @property
    def reached_codes(self) -> int:
        """Those of them that came."""
        return sum(count > 0 for counts in self.calls.values() for count in counts.values())

    @property
    def reached_instructions(self) -> int:
        """Instructions that were executed."""
        return self.instructions - len(self.missing_instructions)


def coverage_of(run: Reported) -> Coverage:
    """Of the tests that were run, as far as each came."""
    calls: dict[str, dict[str, int]] = {}
    executed: set[str] = set()
    entries = {one.name: one for one in run.suite.manifest.tests}
    for result in run.results:
        entry = entries[result.test]
        if entry.load is not None:
            continue  # nobody has said what it reaches
        manifest = msgspec.json.decode((run.suite.folder / entry.manifest).read_bytes(), type=CaseManifest)
        told = {int(number) for number in _TOLD.findall(result.run.console)}
        failed = {one.number: one for one in failed_steps(result.run.console)}
        for number, step in enumerate(manifest.steps, 1):
            if number not in told:
                continue
            for what in step.covers:
                kind, _, name = what.partition(" ")
                if kind == "instruction":
                    executed.add(name)
                elif kind == "hcall" and step.allowed:
                    counts = calls.setdefault(name, dict.fromkeys(step.allowed, 0))
                    came = next((int(one["value"], 16) for one in step.expected), None)
                    for difference in failed[number].differences if number in failed else ():
                        if difference.word == step.expected[0]["word"]:
                            came = difference.came
                    for code, value in step.allowed.items():
                        counts[code] += int(value, 16) == came
    return Coverage(dict(sorted(calls.items())), *_instructions(run, executed))


def _instructions(run: Reported, executed: set[str]) -> tuple[int, tuple[str, ...]]:
    if not executed:
        return 0, ()
    from ....isa.lang.load import load_core

    every = {form.instruction for form in load_core(run.suite.manifest.core).forms.values()}
    return len(every), tuple(sorted(every - executed))
