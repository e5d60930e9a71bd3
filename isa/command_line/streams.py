"""Standard input, output and error, there in any case and never a cause of an error of their own."""

from __future__ import annotations

import os
import sys
from typing import Final, Literal, TextIO

_STREAMS: Final[tuple[tuple[str, Literal["r", "w"]], ...]] = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def mend_standard_streams() -> None:
    """Where a shell has closed one (`<&-`, `>&-`), it reads nothing and drops what is written.

    Else the next file that is opened would get its number, and what is printed would go into that file. Text that the
    terminal's encoding lacks is shown by its codes.
    """
    for number, (name, mode) in enumerate(_STREAMS):
        stream: TextIO | None = getattr(sys, name)
        if stream is None:
            setattr(sys, name, _nothing(number, mode))
        elif mode == "w" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _nothing(number: int, mode: Literal["r", "w"]) -> TextIO:
    opened = os.open(os.devnull, os.O_RDWR)
    if opened != number:
        os.dup2(opened, number)
        os.close(opened)
    return open(number, mode, encoding="utf-8", closefd=False)
