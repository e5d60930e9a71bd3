"""Which statements of the description, and which lines of hypervisor models, each test executes.

Tests run on the reference engine, whose generated code notes statements; lines of the models' Python are noted by the
interpreter's own trace. A suite is asked once: the answer is kept beside it.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ....isa.errors import TraplineError, reason_of
from ..making.manifest import Entry
from ..running.runner import BuiltSuite

if TYPE_CHECKING:
    from ....server.api import Machine

FILE: Final = "reach.json"
_PACKAGE: Final = Path(__file__).resolve().parents[3]
_MODELS: Final = ("server/hv/", "server/boards/power/papr/")

Told = Callable[[int, int], None]


class Reach(msgspec.Struct, frozen=True):
    """Of a built suite. `described` has the packed lines of statements, `models` lines of Python by file; both tell
    which tests (indices of `tests`) execute them."""

    description: str
    """The fingerprint of the core's description."""
    tests: tuple[str, ...]
    described: dict[int, list[int]]
    models: dict[str, dict[int, list[int]]]

    @property
    def lines(self) -> frozenset[int]:
        """Packed lines of the statements that are executed."""
        return frozenset(self.described)

    def tests_of(self, file: str, lines: Sequence[int], files: Sequence[str]) -> list[str]:
        """Tests that execute one of these lines of a file of the package (`isa/arch/…` or `server/…`), in their order;
        `files` are the description's."""
        by_line = self._by_line(file, files)
        found = {test for line in lines for test in by_line.get(line, ())}
        return [self.tests[one] for one in sorted(found)]

    def executed_of(self, file: str, files: Sequence[str]) -> dict[str, int]:
        """By test, how many lines of such a file it executes, where it does any."""
        counted = Counter(test for tests in self._by_line(file, files).values() for test in tests)
        return {self.tests[one]: count for one, count in counted.items()}

    def _by_line(self, file: str, files: Sequence[str]) -> Mapping[int, Sequence[int]]:
        described = file.removeprefix("isa/arch/")
        if described == file:
            return self.models.get(file, {})
        if described not in files:
            return {}
        number = files.index(described)
        return {line & 0xFFFFF: tests for line, tests in self.described.items() if line >> 20 == number}


def reach_of(suite: BuiltSuite, told: Told | None = None) -> Reach:
    """What was kept, or what a run of all tests comes to.  Raises TraplineError."""
    kept = suite.folder / FILE
    if kept.exists():
        try:
            found = msgspec.json.decode(kept.read_bytes(), type=Reach)
        except (OSError, msgspec.MsgspecError):
            found = None
        if found is not None and found.description == suite.manifest.description:
            return found
    found = collect(suite, suite.manifest.tests, told)
    try:
        kept.write_bytes(msgspec.json.encode(found))
    except OSError as error:
        raise TraplineError(f"cannot write {kept}: {reason_of(error)}", "make the folder writable") from error
    return found


def kept_reach(suite: BuiltSuite) -> Reach | None:
    """What was kept, if it is there."""
    return reach_of(suite) if (suite.folder / FILE).exists() else None


def collect(suite: BuiltSuite, tests: Sequence[Entry], told: Told | None = None) -> Reach:
    """Runs tests and notes what they execute.  Raises TraplineError for a foreign suite."""
    from ....isa.engine.create import covering_engine

    if suite.manifest.is_foreign:
        raise TraplineError("what foreign tests reach is not collected", "they run on machines of many kinds")
    seen: set[int] = set()
    described: dict[int, list[int]] = {}
    models: dict[str, dict[int, list[int]]] = {}
    with covering_engine(seen) as engine, _machine(suite, engine) as machine:
        for number, test in enumerate(tests):
            seen.clear()
            lines = _run(machine, suite, test)
            for line in seen:
                described.setdefault(line, []).append(number)
            for file, line in lines:
                models.setdefault(file, {}).setdefault(line, []).append(number)
            if told is not None:
                told(number + 1, len(tests))
    return Reach(suite.manifest.description, tuple(one.name for one in tests), described, models)


def _machine(suite: BuiltSuite, engine: str) -> Machine:
    from ....server.api import Machine

    needs = suite.manifest.machine
    return Machine(
        machine=needs.name,
        core=needs.core,
        vcpus=needs.vcpus,
        threads=needs.threads,
        memory=needs.memory,
        clock_shift=needs.clock_shift,
        engine=engine,
    )


def _run(machine: Machine, suite: BuiltSuite, test: Entry) -> set[tuple[str, int]]:
    limits = suite.manifest.limits
    machine.load((suite.folder / test.elf).read_bytes())
    lines: set[tuple[str, int]] = set()
    top = f"{_PACKAGE}/"
    ours: dict[str, str] = {}

    def line_of(frame: FrameType, event: str, _: object) -> Callable[..., Any]:
        if event == "line":
            lines.add((ours[frame.f_code.co_filename], frame.f_lineno))
        return line_of

    def called(frame: FrameType, _event: str, _: object) -> Callable[..., Any] | None:
        name = frame.f_code.co_filename
        short = ours.get(name)
        if short is None:
            short = ours[name] = name.removeprefix(top) if name.startswith(top) else ""
        return line_of if short.startswith(_MODELS) else None

    before = sys.gettrace()
    sys.settrace(called)
    try:
        machine.run(max_instructions=limits.instructions, timeout=10 * limits.seconds)
    finally:
        sys.settrace(before)
    return lines
