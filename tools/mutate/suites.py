"""Breakages judged by the shipped suites: tests that were built from the intact package run in the broken one.

Which tests can notice a breakage is known: what each test executes, statements of descriptions and lines of models, is
collected once (`suite cover`). Of those that execute the broken line some run, spread over each suite; where the line
is none that is executed (a constant, an item's head), some of all suites. A process for each breakage runs them until
one fails. Of a host stub nobody knows what a test executes of it: tests that can live under it run twice, under the
model and under the broken stub (`--oracle stub`), and have to see the same.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .breakage import Breakage
from .run import PACKAGE, SECONDS, BreakageError, copied

if TYPE_CHECKING:
    from ...firmware.suites.reach.collecting import Reach
    from ...firmware.suites.running.runner import BuiltSuite

TESTS: Final = 16
"""Of each suite, unless somebody says otherwise."""
_FALLBACK: Final = 8
"""Of each suite, where it is not known which tests execute a line."""
_OF_A_SUITE: Final = 60
"""Tests that are built of a suite, spread over it."""
_OF_INSTRUCTIONS: Final = 40
"""Of a suite of instructions: most are about what no breakage is in."""
_WHOLE: Final = frozenset(("papr-hcalls", "kvm-arm"))
"""Suites that most breakages are about: all of their tests are there to choose from."""
_UNDER_STUBS: Final = 6
"""Times as many of each suite under a host stub, where a test is short and nobody knows what it executes."""
_ARM: Final = ("isa/arch/arm", "server/hv/arm", "firmware/hoststubs/arm")
_STUBS: Final = "firmware/hoststubs"
_WITH_STUBS: Final = frozenset(("arm-virt", "arm-kvm", "pseries"))
_STUB_ORACLE: Final = "oracle:stub:reference"
_JUDGE: Final = """
import sys
from trapline.tools.mutate.suites import first_failure
print(first_failure(sys.argv[1], sys.argv[2:]))
"""
_NOTHING: Final = "nothing fails"


@dataclass(frozen=True)
class Slice:
    """A built suite, and what its tests execute."""

    suite: BuiltSuite
    reach: Reach
    files: tuple[str, ...]
    """The description's."""
    architecture: str

    @property
    def core(self) -> str:
        """That its tests run on."""
        return self.suite.manifest.machine.core


def is_stub(breakage: Breakage) -> bool:
    """Whether it breaks a host stub."""
    return breakage.file.startswith(_STUBS)


def architecture_of(breakage: Breakage) -> str:
    """Whose suites may notice it."""
    return "arm" if breakage.file.startswith(_ARM) else "power"


def build_slices(wanted: Sequence[Breakage]) -> list[Slice]:
    """The shipped suites that may notice some of these, and what they execute; both is kept in the cache."""
    from ...firmware.suites.catalogue import shipped_suites
    from ...firmware.suites.places import Asked, built_suite, spread_over
    from ...firmware.suites.reach.collecting import reach_of
    from ...isa.lang.load import load_core

    found = []
    architectures = {architecture_of(one) for one in wanted}
    for suite in shipped_suites():
        description = load_core(suite.machine.core)
        if description.name not in architectures:
            continue
        asked = Asked(suite.name)
        count = _OF_INSTRUCTIONS if suite.name.startswith("isa-") else _OF_A_SUITE
        built = built_suite(asked) if suite.name in _WHOLE else spread_over(asked, count)
        found.append(Slice(built, reach_of(built), tuple(description.files), description.name))
    return found


def chosen(breakage: Breakage, slices: Sequence[Slice], tests: int) -> list[str]:
    """Paths of tests that may notice it, suites by turns."""
    wanted = [one for one in slices if one.architecture == architecture_of(breakage)]
    if is_stub(breakage):
        return _under_stub(wanted, _UNDER_STUBS * tests)
    lines = _lines(breakage)
    known = [(one, one.reach.tests_of(breakage.file, lines, one.files)) for one in wanted]
    if not any(names for _, names in known):
        known = [(one, _spread(one.reach.tests, _FALLBACK)) for one in wanted]
    return list(_by_turns([(one, _best(one, breakage.file, names, tests)) for one, names in known]))


def _best(one: Slice, file: str, names: Sequence[str], tests: int) -> list[str]:
    """Half of them those that execute most of the file, the others spread over the suite."""
    if len(names) <= tests:
        return list(names)
    most = one.reach.executed_of(file, one.files)
    first = sorted(names, key=lambda name: -most.get(name, 0))[: tests // 2]
    return [*first, *_spread([name for name in names if name not in first], tests - len(first))]


def _under_stub(slices: Sequence[Slice], tests: int) -> list[str]:
    """Tests that can live under a host stub as well as under the model, and of which the suite says nothing else."""
    from ...firmware.suites.oracles.rule import OracleRule

    found = []
    for one in slices:
        machine, oracles = one.suite.manifest.machine, one.suite.manifest.oracles
        if machine.name not in _WITH_STUBS or (machine.name != "pseries" and machine.vcpus > 1):
            continue
        rule = oracles.get("stub", oracles.get("transparency", OracleRule()))
        names = [name for name in one.reach.tests if rule.refuses(name, "stub") is None]
        found.append((one, _spread(names, tests)))
    return list(_by_turns(found))


def _lines(breakage: Breakage) -> range:
    text = (PACKAGE / breakage.file).read_text()
    first = text[: text.index(breakage.line)].count("\n") + 1
    return range(first, first + breakage.line.count("\n") + 1)


def _spread(names: Sequence[str], tests: int) -> list[str]:
    count = min(tests, len(names))
    return [names[(2 * at + 1) * len(names) // (2 * count)] for at in range(count)]


def _by_turns(some: Sequence[tuple[Slice, list[str]]]) -> Iterator[str]:
    """Paths, a test of each suite after the other; suites of one core first, and then another's description is read."""
    for core in dict.fromkeys(one.core for one, _ in some):
        chosen = [(one, names) for one, names in some if one.core == core]
        for number in range(max(len(names) for _, names in chosen)):
            for one, names in chosen:
                if number < len(names):
                    yield str(one.suite.folder / "tests" / f"{names[number]}.elf")


def intact_fails(slices: Sequence[Slice], tests: int) -> str:
    """The first test that fails in the intact package; "" where none does.  Raises BreakageError."""
    every = [(one, _spread(one.reach.tests, max(1, tests // 4))) for one in slices]
    passed, said = _judged(None, "trapline:reference", list(_by_turns(every)))
    if passed:
        of_architectures = {one.architecture for one in slices}
        under = [_under_stub([one for one in slices if one.architecture == name], tests) for name in of_architectures]
        passed, said = _judged(None, _STUB_ORACLE, [name for names in under for name in names])
    return "" if passed else said


def suites_say(breakage: Breakage, slices: Sequence[Slice], tests: int = TESTS) -> tuple[bool, str]:
    """Whether all tests pass, and which one does not.  Raises BreakageError where none can run."""
    # Native code is the intact description's: only a model may be broken above it.
    target = "trapline:reference" if breakage.file.startswith("isa/") else "trapline"
    target = _STUB_ORACLE if is_stub(breakage) else target
    return _judged(breakage, target, chosen(breakage, slices, tests))


def _judged(breakage: Breakage | None, target: str, tests: Sequence[str]) -> tuple[bool, str]:
    with copied(breakage) as folder:
        try:
            done = subprocess.run(
                [sys.executable, "-c", _JUDGE, target, *tests],
                cwd=folder,
                env=os.environ | {"PYTHONPATH": str(folder)},
                capture_output=True,
                text=True,
                timeout=4 * SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise BreakageError(f"the suites have no end within {4 * SECONDS} s", "break another line") from None
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()[-4:]
        raise BreakageError("no suite comes to run:\n" + "\n".join(said), "break the line otherwise")
    last = done.stdout.strip().splitlines()[-1]
    return last.startswith(_NOTHING), last


def first_failure(target: str, tests: Sequence[str]) -> str:
    """In the broken package: the first of some tests of built suites that fails."""
    from ...firmware.suites.running.runner import BuiltSuite
    from ...firmware.suites.running.specs import parse_target
    from ...firmware.suites.running.targets import Target, open_target

    targets: dict[Path, tuple[str, Target]] = {}
    for test in map(Path, tests):
        folder = test.parents[1]
        if folder not in targets:
            manifest = BuiltSuite.read(folder).manifest
            opened = open_target(parse_target(target, manifest.machine, manifest.limits, oracles=manifest.oracles))
            targets[folder] = manifest.suite, opened
        name, opened = targets[folder]
        ran = opened.run(test)
        if not ran.passed and ran.outcome != "skipped":
            return f"{name}/{test.stem}: {ran.reason.splitlines()[0]}"
    return f"{_NOTHING} of {len(tests)} tests"
