"""Files of the user's cache directory: written in one step, so that several processes can fill it at once."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import itertools
import os
import re
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from .cache_place import cache_directory as cache_directory
from .errors import reason_of

KEPT: Final = 4
"""Entries of one name that stay."""
_PART = ".part"
"""How files are called that are not whole yet; a process that was killed leaves one behind."""
_ABANDONED: Final = 3600.0
"""Seconds after which such a file is nobody's any more."""
_SETTLED: Final = 2.0
"""Seconds after a file's last change from which on its time tells every later change."""
_numbers = itertools.count()


def put_in_place(path: Path, content: bytes) -> bool:
    """Make `content` the file's, whole or not at all.  False where the cache cannot be written, which is no error."""
    part = path.with_name(f".{os.getpid()}-{next(_numbers)}{_PART}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with part.open("xb") as file:
            file.write(content)
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        _tell_once(path.parent, reason_of(error))
        return False
    return True


@functools.cache
def _tell_once(folder: Path, reason: str) -> None:
    """Why each run takes as long as the first one."""
    sys.stderr.write(f"trapline: the cache {folder} cannot be written ({reason}): nothing is kept for later runs\n")


def whole(path: Path) -> bytes | None:
    """What `put_whole` wrote; None where the file is missing, damaged or cut off."""
    try:
        raw = path.read_bytes()
    except OSError:
        return None
    content = memoryview(raw)[32:]
    return bytes(content) if hashlib.sha256(content).digest() == raw[:32] else None


def put_whole(path: Path, content: bytes) -> bool:
    """Like `put_in_place`, beside a checksum."""
    return put_in_place(path, hashlib.sha256(content).digest() + content)


def kept(path: Path, make: Callable[[], bytes]) -> bytes:
    """What `make` gave the last time, if the file beside its checksum is whole; else what it gives now."""
    content = whole(path)
    if content is None:
        content = make()
        put_whole(path, content)
    return content


def old_files(folder: Path, pattern: str) -> list[Path]:
    """The files whose names match, those that were used last at the end; none where they cannot be looked at."""
    wanted = re.compile(pattern)
    try:
        with os.scandir(folder) as entries:
            found = [(entry.stat().st_mtime, entry.path) for entry in entries if wanted.fullmatch(entry.name)]
    except OSError:
        return []
    return [Path(path) for _, path in sorted(found)]


def remove_old(folder: Path, pattern: str, most: int = KEPT) -> None:
    """Leaves the files that were used last of those whose names match: descriptions are edited, and several
    versions may be in use. Where files cannot be removed, they stay. What killed processes left goes, too."""
    try:
        for path in old_files(folder, pattern)[:-most]:
            path.unlink(missing_ok=True)
        for path in old_files(folder, rf"\..*{re.escape(_PART)}"):
            if path.stat().st_mtime < time.time() - _ABANDONED:
                path.unlink(missing_ok=True)
    except OSError:
        return


def note_use(path: Path) -> None:
    """Makes a file one that was used last."""
    try:
        path.touch()
    except OSError:
        return


def files_in(folder: Path, *suffixes: str, below: bool = False) -> list[str]:
    """The files of a folder, or (`below`) of all folders in it, too, that end in one of `suffixes`."""
    # What a start does for hundreds of files: `Path` takes ten times as long.
    found, waiting = [], [os.fspath(folder)]
    for place in waiting:
        with os.scandir(place) as entries:
            for entry in entries:
                if entry.name.endswith(suffixes):
                    found.append(entry.path)
                elif below and entry.is_dir():
                    waiting.append(entry.path)
    return found


def digest_of(name: str, files: Iterable[Path | str]) -> str:
    """A digest of the contents of files, in hexadecimal.

    They are not read where a file in the cache, called after `name`, says what the digest was, and nothing has been
    written to any of them since.
    """
    known = sorted(str(path) for path in files)
    times, latest = [], 0.0
    for path in known:
        found = os.stat(path)  # noqa: PTH116 - hundreds of files at each start
        times.append((path, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino))
        latest = max(latest, found.st_mtime, found.st_ctime)
    seen = hashlib.sha256(repr(times).encode())
    stamp = cache_directory() / f"{name}.stamp"
    noted = whole(stamp)
    if noted is not None and noted[:32] == seen.digest():
        return noted[32:].hex()
    digest = hashlib.sha256()
    for path in known:
        digest.update(Path(path).name.encode() + b"\0" + Path(path).read_bytes() + b"\0")
    if time.time() - latest > _SETTLED:
        put_whole(stamp, seen.digest() + digest.digest())
    return digest.hexdigest()
