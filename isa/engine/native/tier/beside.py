"""Processes beside the guest's that nobody waits for: they leave what they make in the cache, for whoever runs next."""

from __future__ import annotations

import contextlib
import fcntl
import gc
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from ...errors import EngineError

_NICENESS = 19
_BEGUN = ".begun"
_KINDS = ("stencils-", "regions-")


def begin_beside(folder: Path, is_done: Callable[[], bool], work: Callable[[], None]) -> None:
    """Has a process of its own do some work for a folder of the cache, unless one is at it, or it is done.

    It works at the lowest priority, and goes on when this process ends. An EngineError ends its work.
    """
    marker = _claimed(folder, is_done)
    if marker is None:
        return
    try:
        child = os.fork()
    except OSError:
        child = -1
    if child == 0:
        _do(work, folder, marker)
    os.close(marker)
    if child > 0:
        os.waitpid(child, 0)


def _do(work: Callable[[], None], folder: Path, marker: int) -> NoReturn:
    # This process leaves at once, so that nobody has to wait for the other.
    try:
        if os.fork() == 0:
            from ..shared import give_way, settle

            gc.freeze()
            settle(_NICENESS, marker)
            give_way(_NICENESS)
            with contextlib.suppress(EngineError):
                work()
            _marker(folder).unlink(missing_ok=True)
    finally:
        os._exit(0)


def _marker(folder: Path) -> Path:
    """The file that whoever works for a folder holds a lock on: it ends with the process, however that ends."""
    return folder.with_name(f"{folder.name}{_BEGUN}")


def _claimed(folder: Path, is_done: Callable[[], bool]) -> int | None:
    """The open marker, if this process is to do it; None where somebody is at it, or no file can be."""
    try:
        marker = os.open(_marker(folder), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
    if _lock(marker) and not is_done():
        return marker
    os.close(marker)
    return None


def _lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def wait_beside(cache: Path, seconds: float) -> bool:
    """Until all that was begun for a cache is done; whether it is."""
    end = time.monotonic() + seconds
    while any(_is_begun(marker) for kind in _KINDS for marker in cache.glob(f"{kind}*{_BEGUN}")):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def _is_begun(marker: Path) -> bool:
    with contextlib.suppress(FileNotFoundError), marker.open("r+b") as file:
        return not _lock(file.fileno())
    return False
