"""Processes beside the guest's that nobody waits for: they leave what they make in the cache, for whoever runs next."""

from __future__ import annotations

import contextlib
import gc
import os
import time
from collections.abc import Callable
from pathlib import Path

from ...errors import EngineError
from ..shared import settle

_NICENESS = 19
_PATIENCE = 300.0
"""Seconds after which such a process is taken to have died."""
_BEGUN = ".begun"
_KINDS = ("stencils-", "regions-")


def begin_beside(folder: Path, work: Callable[[], None]) -> None:
    """Has a process of its own do some work for a folder of the cache, unless one is at it already.

    It works at the lowest priority, and goes on when this process ends. An EngineError ends its work.
    """
    if _is_begun(folder):
        return
    try:
        child = os.fork()
    except OSError:
        return
    if child:
        os.waitpid(child, 0)
        return
    # The process between leaves at once, so nobody has to wait for the other.
    try:
        if os.fork() == 0:
            gc.freeze()
            settle(_NICENESS)
            with contextlib.suppress(EngineError):
                work()
            _marker(folder).unlink(missing_ok=True)
    finally:
        os._exit(0)


def _marker(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}{_BEGUN}")


def _is_begun(folder: Path) -> bool:
    """Whether somebody works for a folder; if nobody does, this process is to."""
    marker = _marker(folder)
    try:
        if time.time() - marker.stat().st_mtime < _PATIENCE:
            return True
        marker.unlink()
    except OSError:
        pass
    try:
        marker.open("x").close()
    except OSError:
        return True
    return False


def wait_beside(cache: Path, seconds: float) -> bool:
    """Until all that was begun for a cache is done; whether it is."""
    end = time.monotonic() + seconds
    while any(cache.glob(f"{kind}*{_BEGUN}") for kind in _KINDS):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
