"""Files that a semihosted program has open: the console, the feature byte, and those of a folder of the host's.

What a file holds is kept here, as part of the machine, while the program runs; the folder is given it when the program
closes the file, or ends. Modes and errors: Arm IHI 0046, section 5.9 (SYS_OPEN).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from .host_folder import HostFolder

_MOST_FILES: Final = 64
_MOST_BYTES: Final = 64 << 20
_READ, _READ_WRITE, _APPEND = 0, 2, 8
"""Modes as fopen has them, two for each (text and binary): r, r+, w, w+, a, a+."""
_FEATURES: Final = b"SHFB\x03"
"""Magic, then bit 0: SYS_EXIT_EXTENDED, bit 1: `:tt` gives handles of standard output and error."""


@dataclass
class OpenFile:
    """`content` None is the console. `name` "" is nobody's in the folder."""

    content: bytearray | None = None
    at: int = 0
    name: str = ""
    mode: int = _READ

    @property
    def can_write(self) -> bool:
        """Whether SYS_WRITE may."""
        return self.content is None or self.mode >= _READ_WRITE

    @property
    def can_read(self) -> bool:
        """Whether SYS_READ may."""
        return self.content is None or self.mode < 4 or self.mode % 4 >= 2

    def take(self, count: int) -> bytes:
        """The next bytes of a file that has contents."""
        assert self.content is not None
        data = bytes(self.content[self.at : self.at + count])
        self.at += len(data)
        return data

    def put(self, data: bytes) -> int:
        """Writes at the file's place, or its end; how many bytes were written."""
        assert self.content is not None
        if self.mode >= _APPEND:
            self.at = len(self.content)
        data = data[: max(0, _MOST_BYTES - self.at)]
        if self.at > len(self.content):
            self.content.extend(bytes(self.at - len(self.content)))
        self.content[self.at : self.at + len(data)] = data
        self.at += len(data)
        return len(data)


@dataclass
class Files:
    """Of one program. `folder` None: it may open the console alone."""

    folder: HostFolder | None
    handles: dict[int, OpenFile] = field(default_factory=dict)
    changed: dict[str, bytearray | None] = field(default_factory=dict)
    """What the program has made of files by their names; None: it has removed it."""

    def open(self, name: str, mode: int) -> int | str:
        """A handle, or the name of an error."""
        free = next((number for number in range(1, _MOST_FILES + 1) if number not in self.handles), None)
        if free is None:
            return "EACCES"
        file = self._file(name, mode)
        if isinstance(file, OpenFile):
            self.handles[free] = file
            return free
        return file

    def _file(self, name: str, mode: int) -> OpenFile | str:
        if name == ":tt":
            return OpenFile()
        if name == ":semihosting-features":
            return OpenFile(bytearray(_FEATURES)) if mode < 4 else "EACCES"
        if self.folder is None or mode > 11:
            return "ENOENT" if mode < 4 else "EACCES"
        known = self.content(name)
        if mode < 4:
            if known is None:
                return "ENOENT"
            return OpenFile(known, 0, name, mode)
        content = bytearray() if known is None or mode < _APPEND else known
        # Whether it can be written is known now, not when the program has done its work.
        self.changed[name] = content
        return OpenFile(content, 0, name, mode)

    def content(self, name: str) -> bytearray | None:
        """What a file holds for the program, or None: it is not there."""
        if name in self.changed:
            return self.changed[name]
        found = None if self.folder is None else self.folder.read(name)
        return None if found is None else bytearray(found)

    def remove(self, name: str) -> bool:
        """Whether there was such a file; it is gone then."""
        if self.folder is None or self.content(name) is None:
            return False
        self.changed[name] = None
        return True

    def rename(self, name: str, other: str) -> bool:
        """Whether there was such a file; it has the other name then."""
        content = None if self.folder is None else self.content(name)
        if content is None:
            return False
        self.changed[name], self.changed[other] = None, content
        return True

    def note(self, file: OpenFile) -> None:
        """A file was written to."""
        self.changed[file.name] = file.content

    def give_to_host(self, names: list[str] | None = None) -> bool:
        """Has the folder hold what the program has made of files; whether all could be written."""
        done = True
        for name in list(self.changed) if names is None else names:
            if self.folder is None or name not in self.changed:
                continue
            content = self.changed[name]
            if content is None:
                self.folder.remove(name)
            else:
                done &= self.folder.write(name, bytes(content))
        return done
