"""Files of the user's cache directory: written in one step, so that several processes can fill it at once."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

KEPT: Final = 4
"""Entries of one name that stay."""


def put_in_place(path: Path, content: bytes) -> bool:
    """Make `content` the file's, whole or not at all.  False where the cache cannot be written, which is no error."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            made = Path(file.name)
            file.write(content)
        try:
            made.replace(path)
        except OSError:
            made.unlink()
            return False
    except OSError:
        return False
    return True


def kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """What `make` gave the last time, if the file beside its checksum is whole; else what it gives now."""
    try:
        raw = path.read_bytes()
    except OSError:
        raw = b""
    checksum, content = raw[:32], raw[32:]
    if hashlib.sha256(content).digest() != checksum:
        content = make()
        put_in_place(path, hashlib.sha256(content).digest() + content)
    return content


def old_files(folder: Path, pattern: str) -> list[Path]:
    """The files whose names match, those that were used last at the end; none where they cannot be looked at."""
    try:
        found = [(path.stat().st_mtime, path) for path in folder.iterdir() if re.fullmatch(pattern, path.name)]
    except OSError:
        return []
    return [path for _, path in sorted(found)]


def remove_old(folder: Path, pattern: str) -> None:
    """Leaves the KEPT files that were used last of those whose names match: descriptions are edited, and several
    versions may be in use. Where files cannot be removed, they stay."""
    try:
        for path in old_files(folder, pattern)[:-KEPT]:
            path.unlink(missing_ok=True)
    except OSError:
        return


def note_use(path: Path) -> None:
    """Makes a file one that was used last."""
    try:
        path.touch()
    except OSError:
        return
