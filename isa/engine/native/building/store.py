"""Where parts of native code and plans lie: in the user's cache directory, or, where that cannot be written, in a
folder of this process."""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import re
from pathlib import Path

import msgspec

from ....cache_files import cache_directory, note_use, put_whole, remove_old, whole
from .part_files import PartFile, read
from .plans import Plan

VERSIONS = 4
"""Versions of a description whose parts stay."""


class Store:
    """The parts of one description by their numbers."""

    def __init__(self, name: str, plan: Plan) -> None:
        """`name`: what the files are called after."""
        self._name = name
        self._cache = cache_directory()
        self.paths = [_writable(self._cache) / f"{name}-{part.key}.part" for part in plan]
        """Where each is put."""

    def read(self, number: int) -> PartFile | None:
        """None where there is none that is whole."""
        path = self._cache / self.paths[number].name
        found = read(path)
        if found is None:
            return read(self.paths[number]) if path != self.paths[number] else None
        note_use(path)
        return found

    def bound(self) -> None:
        """Removes what was used longest ago where there is too much."""
        remove_old(self._cache, rf"{re.escape(self._name)}-[0-9a-f]{{24}}\.part", VERSIONS * len(self.paths))


def read_plan(name: str, key: str) -> Plan | None:
    """None where there is none that is whole."""
    path = cache_directory() / f"{name}-{key}.plan"
    content = whole(path)
    if content is None:
        return None
    try:
        plan = msgspec.json.decode(content, type=Plan)
    except msgspec.DecodeError:
        return None
    note_use(path)
    return plan


def write_plan(name: str, key: str, plan: Plan) -> None:
    """A cache that cannot be written is no error."""
    path = cache_directory() / f"{name}-{key}.plan"
    if put_whole(path, msgspec.json.encode(plan)):
        remove_old(path.parent, rf"{re.escape(name)}-[0-9a-f]{{24}}\.plan", VERSIONS)


@functools.cache
def _writable(folder: Path) -> Path:
    """The folder, or one of this process alone."""
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_dir() and os.access(folder, os.W_OK):
        return folder
    # Seldom: a start would feel it.
    import shutil
    import tempfile

    own = Path(tempfile.mkdtemp(prefix="trapline-"))
    atexit.register(shutil.rmtree, own, ignore_errors=True)
    return own
