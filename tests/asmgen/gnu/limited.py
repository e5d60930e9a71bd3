"""Runs `trapline asm` with 256 MiB of address space and 5 s of processor time, many times without starting Python anew.

As a program it is the server: it loads a core once, and forks for each request that it reads, one JSON line each.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from ...oracle.objects.ours import run_command
from ...patience import HANGS

MEMORY = 256 << 20
SECONDS = 5
_STUCK, _BROKEN = 98, 99


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: the exit status (negative: killed by that signal), what it printed, its peak memory in bytes."""

    status: int
    printed: str
    peak: int


class Limited:
    """A server for one core."""

    def __init__(self, core: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __spec__.name, core], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def assemble(self, source: Path, *options: str) -> Outcome:
        """Assemble a file under the limits. Raises RuntimeError where the server is gone."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps([*options, str(source)]) + "\n")
        stdin.flush()
        line = stdout.readline()
        if not line:
            raise RuntimeError("the server of limited runs has ended")
        return Outcome(**json.loads(line))

    def close(self) -> None:
        """End the server."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(timeout=10)


@contextmanager
def limited(core: str) -> Iterator[Limited]:
    """A server for one core while the block runs."""
    server = Limited(core)
    try:
        yield server
    finally:
        server.close()


def _serve(core: str) -> None:
    # What a first run loads is loaded before the forks.
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "warm.s")
        source.write_text("nop\n bogus\n")
        run_command("asm", "--arch", core, "-o", str(Path(folder, "out.elf")), str(source))
    for line in sys.stdin:
        with tempfile.TemporaryFile("w+", errors="replace") as printed, tempfile.TemporaryDirectory() as folder:
            child = os.fork()
            if child == 0:
                _child(core, json.loads(line), Path(folder, "out.elf"), printed.fileno())
            _, status, usage = os.wait4(child, 0)
            printed.seek(0)
            answer = {"status": os.waitstatus_to_exitcode(status), "printed": printed.read(1 << 20),
                      "peak": usage.ru_maxrss << 10}
        print(json.dumps(answer), flush=True)


def _child(core: str, arguments: list[str], output: Path, printed: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    signal.signal(signal.SIGALRM, _stop)
    signal.alarm(HANGS)  # what waits without computing, say for a pipe, ends too
    status, text = _BROKEN, ""
    try:
        status, text = run_command("asm", "--arch", core, "-o", str(output), *arguments)
    finally:
        # Whatever went wrong, this process ends here, and the server goes on.
        os.write(printed, (text or str(sys.exc_info()[1])).encode(errors="replace"))
        os._exit(status)


def _stop(_number: int, _frame: FrameType | None) -> None:
    os._exit(_STUCK)


if __name__ == "__main__":
    _serve(sys.argv[1])
