"""Files that sources name: `.include`, `.incbin`."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from pathlib import Path

from .diagnostics import SourceError

MAX_INCLUDE_BYTES = 16 << 20


def find_included(name: str, directories: Sequence[Path]) -> Path:
    """The first file of that name.  Raises SourceError if there is none, or it is no plain file, or too large."""
    for directory in directories:
        path = directory / name
        try:
            status = path.stat()
        except (OSError, ValueError):
            continue
        if not stat.S_ISREG(status.st_mode):
            raise SourceError(f"'{name}' is not a plain file")
        if status.st_size > MAX_INCLUDE_BYTES:
            raise SourceError(f"'{name}' is larger than {MAX_INCLUDE_BYTES >> 20} MiB")
        return path
    raise SourceError(f"cannot read '{name}': there is no such file", 0,
                      "it is looked for in " + ", ".join(map(str, directories)))
