"""`trapline.run`: one call from a guest's file to the result of its run."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any

from .machine import Machine

if TYPE_CHECKING:
    from ..result import Result


def run(
    guest: str | PathLike[str] | bytes | None = None,
    *,
    max_instructions: int | None = None,
    timeout: float | None = None,
    input: bytes = b"",
    **options: Any,  # noqa: ANN401 - Machine's own
) -> Result:
    """Runs a guest to its end, as `trapline run` does, and says how it ended.

    `max_instructions` and `timeout` (seconds of the host's) bound it, `input` is typed on its console at the start;
    all other options are those of `Machine`. Raises TraplineError for what cannot be loaded or made.
    """
    with Machine(guest, **options) as machine:
        if input:
            machine.send(input)
        return machine.run(max_instructions=max_instructions, timeout=timeout)
