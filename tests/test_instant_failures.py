"""A failing test is named while the others still run; one that takes very long is told with its stack."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SLOW = """import pathlib, time

def test_slow() -> None:
    while not pathlib.Path({!r}).exists():
        time.sleep(0.02)
"""
FAILS = 'def test_wrong() -> None:\n    assert 1 == 2, "numbers differ"\n'


@pytest.mark.parametrize("processes", ["0", "2"])
def test_a_failure_is_named_before_the_run_ends(processes: str, tmp_path: Path) -> None:
    """The slow test ends when the other one's failure has been read from the output: it would wait for ever else."""
    gate = tmp_path / "seen"
    (tmp_path / "test_a.py").write_text(FAILS)
    (tmp_path / "test_b.py").write_text(SLOW.format(str(gate)))
    (tmp_path / "conftest.py").write_text(
        "import pytest\nfrom trapline.tests.instant_failures import install\n\n"
        "@pytest.hookimpl(trylast=True)\ndef pytest_configure(config):\n    install(config)\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-n", processes, "-p", "no:cacheprovider", str(tmp_path)]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        line = next(line for line in run.stdout if "FAILED NOW" in line)
        gate.touch()
        rest = run.stdout.read()
    assert "test_wrong: AssertionError: numbers differ" in line
    assert "1 failed, 1 passed" in rest


DEEP = """import time

def test_deep() -> None:
    def down(n: int) -> int:
        return 0 if n == 0 else down(n - 1) + 1
    end = time.monotonic() + 2
    while time.monotonic() < end:
        down(300)
"""


def test_where_a_slow_test_is_found_does_it_no_harm(tmp_path: Path) -> None:
    """Its stacks are told while it calls functions all the time, and it goes on to pass."""
    (tmp_path / "test_deep.py").write_text(DEEP)
    (tmp_path / "conftest.py").write_text("from trapline.tests.conftest import *\n")
    words = ["-q", "-n", "0", "-p", "no:cacheprovider", "-o", "slow_after=0.3", str(tmp_path)]
    run = subprocess.run([sys.executable, "-m", "pytest", *words], cwd=tmp_path, capture_output=True, text=True)
    assert "SLOW test_deep.py::test_deep: it has taken 0.3 s so far" in run.stderr
    assert "Thread MainThread:" in run.stderr
    assert "in down" in run.stderr or "in test_deep" in run.stderr
    assert (run.returncode, "1 passed" in run.stdout) == (0, True), run.stdout
