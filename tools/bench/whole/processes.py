"""One process from its start to its end: how long it took, and what it said."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..timing import PeerError

_MARK = re.compile(rb"^T ([0-9A-F]{8})\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock on the wall, and of processor time with all children; the last checksum that it printed."""

    wall: float
    cpu: float
    checksum: str


def run(command: Sequence[str], environment: Mapping[str, str], seconds: float, checked: bool) -> Took:
    """Runs a command for at most so long. `checked`: it has to print a checksum. Raises PeerError."""
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment
        )
        pid, status, used = _waited(process.pid, began + seconds)
        wall = time.perf_counter() - began
        if pid == 0:
            process.kill()
            process.wait()
            raise PeerError(f"it had not ended after {seconds:.0f} s")
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read()
    marks = _MARK.findall(said)
    if process.returncode != 0 or (checked and not marks):
        last = said.decode(errors="replace").strip()[-200:]
        raise PeerError(f"{command[0]} ended with status {process.returncode}: {last or 'it said nothing'}")
    return Took(wall, used, marks[-1].decode() if marks else "")


def _waited(pid: int, end: float) -> tuple[int, int, float]:
    """(pid or 0, status, processor time). Looks rarely enough not to count itself."""
    pause = 0.001
    while True:
        found, status, usage = os.wait4(pid, os.WNOHANG)
        if found:
            return found, status, usage.ru_utime + usage.ru_stime
        if time.perf_counter() > end:
            return 0, 0, 0.0
        time.sleep(pause)
        pause = min(pause * 1.1, 0.02)
