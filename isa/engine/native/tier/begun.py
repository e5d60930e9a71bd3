"""The usual stencils of a description: made once, beside the guests that run meanwhile, by a process of its own."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import gc
import hashlib
import os
import time
from pathlib import Path
from typing import NoReturn

from ....cache_files import digest_of
from ....model.items import Description
from ...errors import EngineError

_NICENESS = 19


def begin_kit(description: Description, folder: Path) -> None:
    """Has a process of its own make the usual stencils, where there are none and nobody is at it.

    It takes some seconds at the lowest priority, and goes on when this process ends.
    """
    if os.uname().machine != "x86_64" or any(folder.glob("*.stencils")):
        return
    marker = _claimed(folder)
    if marker is None:
        return
    try:
        child = os.fork()
    except OSError:
        child = -1
    if child == 0:
        _make(description, folder, marker)
    os.close(marker)
    if child > 0:
        os.waitpid(child, 0)


def _make(description: Description, folder: Path, marker: int) -> NoReturn:
    # This process leaves at once, so that nobody has to wait for the other.
    try:
        if os.fork() == 0:
            from ..shared import give_way, settle
            from .shelves import build_kit

            gc.freeze()
            settle(_NICENESS, marker)
            give_way(_NICENESS)
            with contextlib.suppress(EngineError):
                build_kit(description, folder)
            _marker(folder).unlink(missing_ok=True)
    finally:
        os._exit(0)


def _marker(folder: Path) -> Path:
    """The file that whoever makes the stencils holds a lock on: it ends with the process, however that ends."""
    return folder.with_name(f"{folder.name}.begun")


def _claimed(folder: Path) -> int | None:
    """The open marker, if this process is to make the stencils; None where somebody is at it, or no file can be."""
    try:
        marker = os.open(_marker(folder), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
    if _lock(marker) and not any(folder.glob("*.stencils")):
        return marker
    os.close(marker)
    return None


def _lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def wait_for_kits(cache: Path, seconds: float) -> bool:
    """Until all stencils that were begun in a cache are there; whether they are."""
    end = time.monotonic() + seconds
    while any(_is_begun(marker) for marker in cache.glob("stencils-*.begun")):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def _is_begun(marker: Path) -> bool:
    with contextlib.suppress(FileNotFoundError), marker.open("r+b") as file:
        return not _lock(file.fileno())
    return False


@functools.cache
def stencils_folder(cache: Path, native: str) -> Path:
    """Where the stencils are of a description with native code of the key `native`: looked up once in a process."""
    home = Path(__file__).resolve().parent.parent
    writers = digest_of("stencils", [path for room in ("copies", "stencils") for path in (home / room).glob("*.py")])
    return cache / f"stencils-{hashlib.sha256(f'{native} {writers}'.encode()).hexdigest()[:24]}"
