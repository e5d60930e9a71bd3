"""pytest plugin: `pytest --trapline-suite NAME` runs a suite's tests; fixtures put guests into machines.

Fixtures: `machine` makes machines that are closed at the end of a test, `assemble` makes ELF files, `gdb` runs commands
of gdb-multiarch against a served guest. See docs/guide/suites.md.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import pytest

if TYPE_CHECKING:
    from ...server.api import Machine
    from ...server.api.keywords import MachineKeywords
    from .running.results import Ran
    from .running.runner import BuiltSuite
    from .running.targets import Target

_TARGETS = pytest.StashKey[dict[str, "Target"]]()
_SECONDS = 120


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the plugin."""
    group = parser.getgroup("trapline")
    group.addoption("--trapline-suite", action="append", default=[], metavar="NAME", help="Run a suite of Trapline's.")
    group.addoption("--trapline-target", default="trapline", metavar="TARGET", help="What it runs on: see suite run.")
    group.addoption(
        "--trapline-tests", action="append", default=[], metavar="GLOB", help="Only its tests of this glob."
    )


def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Adds the suites' tests behind those of files."""
    for name in config.getoption("--trapline-suite"):
        suite = _built(name)
        collector = SuiteCollector.from_parent(
            session, name=f"suite {suite.manifest.suite}", nodeid=suite.manifest.suite
        )
        for entry in suite.chosen(config.getoption("--trapline-tests")):
            items.append(SuiteItem.from_parent(collector, name=entry.name, suite=suite))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Lets go of machines."""
    for target in config.stash.get(_TARGETS, {}).values():
        target.close()


def _built(name: str) -> BuiltSuite:
    from ...isa.errors import TraplineError
    from .places import Asked, built_suite

    try:
        return built_suite(Asked(name))
    except TraplineError as error:
        raise pytest.UsageError(f"--trapline-suite {name}: {error}") from error


class SuiteCollector(pytest.Collector):
    """A suite in the tree of tests."""

    def collect(self) -> list[pytest.Item]:
        """Its tests are added when everything has been collected."""
        return []


class SuiteItem(pytest.Item):
    """A test of a suite."""

    def __init__(self, *, suite: BuiltSuite, **more: Any) -> None:  # noqa: ANN401 - what pytest hands on
        super().__init__(**more)
        self._suite = suite
        self._ran: Ran | None = None

    def runtest(self) -> None:
        """Runs it on the target; one machine serves all tests of a suite."""

        from msgspec import to_builtins

        from .standalone.run import known_failure

        manifest = self._suite.manifest
        target = self._target()
        entry = next(one for one in manifest.tests if one.name == self.name)
        self._ran = run = target.run(self._suite.folder / entry.elf)
        self.add_report_section("call", "guest's console", run.console)
        kind = str(self.config.getoption("--trapline-target")).partition(":")[0]
        known = known_failure(to_builtins(manifest.expected_failures), self.name, kind, run.outcome, run.console)
        if run.outcome == "skipped":
            pytest.skip(run.reason)
        if not run.passed and known is not None:
            pytest.xfail(known)
        if not run.passed:
            raise SuiteFailureError(self._explained(run))

    def _target(self) -> Target:
        from .running.specs import parse_target
        from .running.targets import open_target

        targets = self.config.stash.setdefault(_TARGETS, {})
        manifest = self._suite.manifest
        if manifest.suite not in targets:
            text = self.config.getoption("--trapline-target")
            targets[manifest.suite] = open_target(parse_target(text, manifest.machine, manifest.limits))
        return targets[manifest.suite]

    def _explained(self, run: Ran) -> str:
        from .doing import manifest_of
        from .failures.capsule import SUFFIX, capsule_of, write_capsule
        from .failures.explain import explained, following_command
        from .places import failures_folder
        from .running.results import Result, Status

        result = Result(self.name, Status.FAIL, run, 1)
        path = failures_folder(self._suite, None) / f"{self.name}{SUFFIX}"
        write_capsule(capsule_of(self._suite, result, self.config.getoption("--trapline-target")), path)
        return "\n".join(explained(result, manifest_of(self._suite, self.name), following_command(path)))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: str | None = None) -> str | Any:  # noqa: ANN401 - pytest's own type has no public name
        """The explanation, without a traceback of ours."""
        if isinstance(excinfo.value, SuiteFailureError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where it stands: the test's source."""
        entry = next(one for one in self._suite.manifest.tests if one.name == self.name)
        return self._suite.folder / entry.source, None, f"{self._suite.manifest.suite}/{self.name}"


class SuiteFailureError(Exception):
    """A test of a suite that fails; its text explains it."""


@pytest.fixture
def machine() -> Iterator[Callable[..., Machine]]:
    """`machine(guest, **options)` is `trapline.Machine(guest, **options)`, closed at the end of the test."""
    from ...server.api import Machine

    made: list[Machine] = []

    def make(guest: str | Path | bytes, **options: Unpack[MachineKeywords]) -> Machine:
        made.append(Machine(guest, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def assemble() -> Callable[..., bytes]:
    """`assemble(text, core, base=0, library=False)`: an ELF file; `library`: linked with the suites' guest library."""

    def make(text: str, core: str = "power7", base: int = 0, library: bool = False) -> bytes:
        from ...asmgen import Layout, Source, target_for
        from ...asmgen import assemble as assembled
        from ...isa.lang.load import load_core

        target = target_for(load_core(core))
        if not library:
            return assembled([Source("test.s", text)], target, Layout(base=base)).elf
        from .making.assembling import Linked
        from .making.guests import library_for

        return Linked(target, library_for(target.description.name)).image("test", text).elf

    return make


@pytest.fixture
def gdb(tmp_path: Path) -> Callable[..., str]:
    """`gdb(elf, *commands, machine=NAME)`: what gdb-multiarch prints for the commands, from the guest's start."""

    def run(elf: bytes, *commands: str, machine: str | None = None) -> str:
        guest, socket = tmp_path / "guest.elf", tmp_path / "gdb.sock"
        guest.write_bytes(elf)
        words = [sys.executable, "-m", "trapline", "serve", "--gdb", f"unix:{socket}", "--wait", "--once"]
        words += [*(["--machine", machine] if machine else []), "--console", str(tmp_path / "console"), str(guest)]
        with (tmp_path / "server.log").open("wb") as log:
            server = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            end = time.monotonic() + _SECONDS
            while not socket.exists() and server.poll() is None and time.monotonic() < end:
                time.sleep(0.05)
            if not socket.exists():
                raise AssertionError((tmp_path / "server.log").read_text(errors="replace"))
            given = [f"file {guest}", f"target remote {socket}", *commands, "kill"]
            typed = [word for one in given for word in ("-ex", one)]
            line = ["gdb-multiarch", "-nx", "-batch", *typed]
            done = subprocess.run(line, capture_output=True, text=True, timeout=_SECONDS, check=False,
                                  stdin=subprocess.DEVNULL)  # fmt: skip
            return done.stdout
        finally:
            server.kill()
            server.wait()
            socket.unlink(missing_ok=True)

    return run
