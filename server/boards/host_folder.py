"""A folder of the host's that a guest may use, and nothing outside of it: no `..`, no absolute path, no symbolic link.

What the guest reads is what was there when it asked first, and what it writes itself: so a run that is done again (a
debugger goes back) finds what it found. What it writes reaches the host when the guest has done it for the first time.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from ...isa.errors import TraplineError

_MOST_BYTES: Final = 64 << 20
"""Of one file."""
_MOST_FILES: Final = 1024
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class FolderError(TraplineError):
    """A folder that cannot be used."""


class HostFolder:
    """See the module. It is the host's: no state of the machine. Names are relative, with `/` between parts."""

    def __init__(self, root: Path) -> None:
        """Raises FolderError."""
        try:
            self._root = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            message = f"--semihosting-folder {root}: {error.strerror}"
            raise FolderError(message, "name a folder that is there") from error
        self._seen: dict[str, bytes | None] = {}
        """By name: what it held when it was asked for first, or None: nothing was there."""

    def read(self, name: str) -> bytes | None:
        """What a file holds, or None: there is none that a guest may have."""
        if name not in self._seen:
            if len(self._seen) >= _MOST_FILES:
                return None
            self._seen[name] = self._read(name)
        return self._seen[name]

    def write(self, name: str, data: bytes) -> bool:
        """Whether the file could be written; its folder must be there."""
        if len(data) > _MOST_BYTES:
            return False
        try:
            with self._folder_of(name) as (folder, last):
                flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
                file = os.open(last, flags, 0o644, dir_fd=folder)
                with os.fdopen(file, "wb") as out:
                    if not stat.S_ISREG(os.fstat(file).st_mode):
                        return False
                    out.write(data)
        except (OSError, ValueError):
            return False
        return True

    def remove(self, name: str) -> None:
        """Removes a file; nothing where there is none."""
        with contextlib.suppress(OSError, ValueError), self._folder_of(name) as (folder, last):
            os.unlink(last, dir_fd=folder)

    def _read(self, name: str) -> bytes | None:
        try:
            with self._folder_of(name) as (folder, last):
                file = os.open(last, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
                with os.fdopen(file, "rb") as found:
                    status = os.fstat(file)
                    if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST_BYTES:
                        return None
                    return found.read(_MOST_BYTES)
        except (OSError, ValueError):
            return None

    @contextlib.contextmanager
    def _folder_of(self, name: str) -> Iterator[tuple[int, str]]:
        """The folder that a file is in, opened part by part, and the last part. Raises OSError, ValueError."""
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or ".." in parts or "\0" in name:
            raise ValueError("a name outside of the folder")
        opened = [self._root]
        try:
            for part in parts[:-1]:
                opened.append(os.open(part, _FOLDER, dir_fd=opened[-1]))
            yield opened[-1], parts[-1]
        finally:
            for one in opened[1:]:
                os.close(one)
