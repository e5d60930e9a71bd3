"""The page of a run, the pytest plugin, the guide's commands, the remote target: the product as others use it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path

import pytest

from trapline.firmware.suites.reports.coverage import coverage_of
from trapline.firmware.suites.reports.outcome import Reported
from trapline.firmware.suites.reports.page import page
from trapline.firmware.suites.running.results import Ran, Result, Status
from trapline.firmware.suites.running.runner import BuiltSuite, RunOptions, run_suite
from trapline.firmware.suites.running.specs import parse_target
from trapline.firmware.suites.running.store import Store

from ..oracle import require
from ..patience import HANGS

DOCS = Path(__file__).resolve().parents[2] / "docs"
PLUGIN = "trapline.firmware.suites.pytest_plugin"
"""Named for installations from before it was an entry point."""
_VOID = {"meta", "input", "br"}
_OPTIONAL = {"th", "td", "tr", "li", "p"}


class _Page(HTMLParser):
    """What a page has: element ids, and whether elements are closed."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.open: list[str] = []
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """See `HTMLParser`."""
        found = dict(attrs)
        self.ids.add(found.get("id") or "")
        self.outside += [value for name, value in attrs if name in ("src", "href") and value and value[0] != "#"]
        if tag not in _VOID | _OPTIONAL:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """See `HTMLParser`."""
        if tag not in _OPTIONAL:
            assert self.open.pop() == tag


@pytest.fixture(scope="module")
def reported(built: BuiltSuite, tmp_path_factory: pytest.TempPathFactory) -> Reported:
    """A run on the reference engine."""
    where = tmp_path_factory.mktemp("page") / "results.sqlite"
    spec = parse_target("trapline:reference", built.manifest.machine, built.manifest.limits)
    with Store(where) as store:
        run_suite(built, built.manifest.tests, spec, RunOptions(jobs=1), store)
    return Reported.read(built, where)


def test_the_page_needs_nothing_else_and_has_everything(reported: Reported) -> None:
    """No other file, every test, a search, and what a guest printed cannot become a part of it."""
    bad = Result("H_READ-001", Status.FAIL, Ran("failed", "no", "<script>alert(1)</script>", 1, 0.1), 1)
    shown = Reported(reported.record, reported.suite, (bad, *reported.results[1:]))
    text = page([shown], [reported])
    parser = _Page()
    parser.feed(text)
    assert parser.open == []
    assert parser.outside == []
    assert {"search", "status", "theme", "changes", "papr-hcalls"} <= parser.ids
    assert "<script>alert" not in text
    assert all(one.name in text for one in reported.suite.manifest.tests)
    assert "prefers-color-scheme: dark" in text


def test_coverage_is_what_came(reported: Reported) -> None:
    """Each return code that the description gives a call, and how often it came; a step not reached is none."""
    covered = coverage_of(reported)
    assert set(covered.calls["H_READ"]) == {"H_SUCCESS", "H_PARAMETER"}
    assert covered.calls["H_READ"]["H_SUCCESS"] >= 1
    assert 0 < covered.reached_codes < covered.all_codes
    silent = tuple(Result(one.test, one.status, Ran("silent", "", "", 1, 0.1), 1) for one in reported.results)
    assert coverage_of(Reported(reported.record, reported.suite, silent)).calls == {}


def _environment(tmp_path: Path) -> dict[str, str]:
    source = Path(sys.executable).parent
    return {
        **os.environ,
        "PATH": f"{source}:{os.environ['PATH']}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTEST_ADDOPTS": f"-p {PLUGIN}",
    }


@pytest.mark.gdb
def test_the_example_repository_passes_with_its_own_suite(tmp_path: Path) -> None:
    """Its tests in Python, its suite, and a suite of Trapline's, by one pytest."""
    require.oracle("gdb-multiarch")
    folder = tmp_path / "firmware-tests"
    shutil.copytree(DOCS / "examples" / "firmware-tests", folder)
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider"]
    command += ["--trapline-suite", "suites/mine.toml"]
    done = subprocess.run(command, cwd=folder, env=_environment(tmp_path), capture_output=True, text=True,
                          timeout=HANGS, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout
    assert "mine::sprg0-0" in done.stdout


def test_the_guides_commands_do_what_it_says(tmp_path: Path) -> None:
    """docs/guide/suites.md, all its shell blocks in one folder, in order."""
    blocks = re.findall(r"```sh\n(.*?)```", (DOCS / "guide" / "suites.md").read_text(), re.DOTALL)
    script = "set -e\n" + "\n".join(blocks)
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=_environment(tmp_path), capture_output=True,
                          text=True, timeout=HANGS, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "expected  r3 = 0xfffffffffffffffc (H_PARAMETER)" in done.stdout
    assert "came      r3 = 0xfffffffffffffff9" in done.stdout
    assert "found" in done.stdout
    assert "4 passed" in done.stdout
    assert (tmp_path / "library" / "suite_arm.s").exists()
    assert "<html" in (tmp_path / "report.html").read_text()


@contextmanager
def _served(elf: Path, socket: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "trapline", "serve", "--wait", "--gdb", f"unix:{socket}"]
    command += ["--console", str(socket.with_suffix(".console")), str(elf)]
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + HANGS
        while not socket.exists() and server.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
        yield
    finally:
        server.kill()
        server.wait()


@pytest.mark.gdb
def test_a_remote_target_of_a_debuggers_runs_a_suite(built: BuiltSuite, tmp_path: Path) -> None:
    """Tests are loaded through gdb, run to their end, and judged by the log in their memory; reset comes in between."""
    require.oracle("gdb-multiarch")
    tests = built.chosen(["H_READ-00[12]", "H_CEDE-001"])
    socket = tmp_path / "gdb.sock"
    with _served(built.folder / tests[0].elf, socket), Store(tmp_path / "r.sqlite") as store:
        spec = parse_target(f"remote:{socket}", built.manifest.machine, built.manifest.limits, (), "monitor reset")
        number = run_suite(built, tests, spec, RunOptions(jobs=1), store)
        found = list(store.results(number))
    assert [one.status for one in found] == [Status.PASS] * 3
    assert all("ok 3 - what the partition has now" in one.run.console for one in found)
