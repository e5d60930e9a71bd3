"""The usual stencils of a description: made once, beside the guests that run meanwhile, by a process of its own."""

from __future__ import annotations

import contextlib
import functools
import gc
import hashlib
import os
import time
from pathlib import Path

from ....cache_files import digest_of
from ....model.items import Description
from ...errors import EngineError

_NICENESS = 19
_PATIENCE = 300.0
"""Seconds after which whoever makes stencils is taken to have died."""


def begin_kit(description: Description, folder: Path) -> None:
    """Has a process of its own make the usual stencils, where there are none and nobody is at it.

    It takes some seconds at the lowest priority, and goes on when this process ends.
    """
    if os.uname().machine != "x86_64" or any(folder.glob("*.stencils")) or _is_begun(folder):
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
            from ..shared import settle
            from .shelves import build_kit

            gc.freeze()
            settle(_NICENESS)
            with contextlib.suppress(EngineError):
                build_kit(description, folder)
            _marker(folder).unlink(missing_ok=True)
    finally:
        os._exit(0)


def _marker(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.begun")


def _is_begun(folder: Path) -> bool:
    """Whether somebody makes the stencils; if nobody does, this process is to."""
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


def wait_for_kits(cache: Path, seconds: float) -> bool:
    """Until all stencils that were begun in a cache are there; whether they are."""
    end = time.monotonic() + seconds
    while any(cache.glob("stencils-*.begun")):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@functools.cache
def stencils_folder(cache: Path, native: str) -> Path:
    """Where the stencils are of a description with native code of the key `native`: looked up once in a process."""
    home = Path(__file__).resolve().parent.parent
    writers = digest_of("stencils", [path for room in ("copies", "stencils") for path in (home / room).glob("*.py")])
    return cache / f"stencils-{hashlib.sha256(f'{native} {writers}'.encode()).hexdigest()[:24]}"
