"""Files of the user's cache directory: written in one step, so that several processes can fill it at once."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path


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


def remove_others(path: Path, pattern: str) -> None:
    """Remove what matches `pattern` beside `path`, but for `path`; where that is not permitted, it stays."""
    try:
        for stale in path.parent.glob(pattern):
            if stale != path:
                stale.unlink(missing_ok=True)
    except OSError:
        return
