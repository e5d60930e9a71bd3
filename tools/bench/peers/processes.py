"""Peers that are programs of their own: their output is read as it comes."""

from __future__ import annotations

import os
import select
import subprocess
import time

from ..timing import Marks, PeerError, Round, process_clock


def run_process(command: list[str], rounds: int, seconds: float) -> list[Round]:
    """Runs a command to its end and times its rounds. Raises PeerError."""
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
    ) as process:
        try:
            marks = Marks(process_clock(process.pid))
            _read(process, marks, seconds)
            assert process.stderr is not None
            complaint = process.stderr.read().decode(errors="replace").strip()
            status = process.wait()
        finally:
            process.kill()
    if status != 0:
        raise PeerError(f"{command[0]} ended with status {status}: {complaint or 'no message'}")
    return marks.rounds(rounds)


def _read(process: subprocess.Popen[bytes], marks: Marks, seconds: float) -> None:
    assert process.stdout is not None
    end = time.monotonic() + seconds
    while True:
        ready, _, _ = select.select([process.stdout], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            raise PeerError(f"it had not ended after {seconds:.0f} s")
        data = os.read(process.stdout.fileno(), 4096)
        if not data:
            return
        marks.feed(data)
