"""`trapline.run`: one call from a guest's file to the result of its run."""

from __future__ import annotations

from typing import Unpack

from ..result import Result
from .files import File
from .keywords import MachineKeywords
from .machine import Machine


def run(
    guest: File | bytes | None = None,
    *,
    max_instructions: int | None = None,
    timeout: float | None = None,
    input: bytes = b"",
    **options: Unpack[MachineKeywords],
) -> Result:
    """Runs a guest to its end, as `trapline run` does, and says how it ended.

    `max_instructions` and `timeout` (seconds of the host's) bound it, `input` is typed on its console at the start;
    all other options are those of `Machine`. Raises TraplineError for what cannot be loaded or made, OSError for a
    file that cannot be read.
    """
    with Machine(guest, **options) as machine:
        if input:
            machine.send(input)
        return machine.run(max_instructions=max_instructions, timeout=timeout)
