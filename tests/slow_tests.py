"""Tells where a test is that takes very long, and lets it go on.

pytest's own `faulthandler_timeout` does so from a thread that reads Python's frames without holding the interpreter's
lock: while the test calls functions, as generated Python does all the time, that ends the process with a segmentation
fault (CPython 3.11). Here a thread of Python's looks.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections.abc import Generator
from typing import Final

import pytest

AFTER: Final = "300"
"""Seconds, unless `-o slow_after=SECONDS` says otherwise."""


class SlowTests:
    """Writes the stacks of all threads to `out`, a file descriptor, once a test has taken `seconds`."""

    def __init__(self, seconds: float, out: int) -> None:
        self._seconds = seconds
        self._out = out

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Around each test, with its fixtures."""
        timer = threading.Timer(self._seconds, self._tell, (item.nodeid,))
        timer.daemon = True
        timer.start()
        try:
            return (yield)
        finally:
            timer.cancel()

    def _tell(self, test: str) -> None:
        names = {thread.ident: thread.name for thread in threading.enumerate()}
        lines = [f"\nSLOW {test}: it has taken {self._seconds:g} s so far\n"]
        for ident, frame in sys._current_frames().items():
            if ident != threading.get_ident():
                lines += [f"Thread {names.get(ident, ident)}:\n", *traceback.format_stack(frame)]
        os.write(self._out, "".join(lines).encode())


def install(config: pytest.Config) -> None:
    """In each process that runs tests; the output is where the run's own errors go, whatever a test does with its."""
    config.pluginmanager.register(SlowTests(float(config.getini("slow_after")), os.dup(2)), "slow-tests")
