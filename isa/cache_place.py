"""Where the user's cache directory is.

What is read from it becomes code of this process. So a directory that others can write to is refused.
"""

from __future__ import annotations

import functools
import os
import stat
import sys
from pathlib import Path

from .errors import TraplineError


def cache_directory() -> Path:
    """Where made products are kept: `TRAPLINE_CACHE`, or the user's cache directory.

    Raises TraplineError where others than the user (and root) could change what is in it.
    """
    named = os.environ.get("TRAPLINE_CACHE")
    folder = Path(named) if named else _users_folder()
    _refuse_shared(folder)
    return folder


def _users_folder() -> Path:
    system: str = sys.platform
    if system == "linux":
        # What platformdirs says, which takes longer to load than all of a small guest's run.
        base = os.environ.get("XDG_CACHE_HOME", "")
        return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "trapline"
    import platformdirs

    return Path(platformdirs.user_cache_dir("trapline"))


@functools.cache
def _refuse_shared(folder: Path) -> None:
    """Once a process for each folder; one that is not there yet will be the user's own."""
    try:
        found = folder.stat()
    except OSError:
        return
    if found.st_uid not in (os.geteuid(), 0):
        reason = "it belongs to another user"
    elif stat.S_IMODE(found.st_mode) & (stat.S_IWGRP | stat.S_IWOTH):
        reason = "others can write to it"
    else:
        return
    raise TraplineError(
        f"the cache directory {folder} is not safe: {reason}, and what is read from it is executed",
        f"chmod go-w {folder}, or set TRAPLINE_CACHE to a directory of your own",
    )
