"""Reads archives of objects (`ar`): members by the name that defines what is missing.

Source: System V ABI, chapter 7 "Archive File"; GNU's long names (`//`).
"""

from __future__ import annotations

from collections.abc import Iterator

from .files import THIN_ARCHIVE
from .modules import LinkError

_HEADER = 60


def members(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and contents of each member that is no table of the archive's own.  Raises LinkError."""
    if data[:8] == THIN_ARCHIVE:
        raise LinkError(f"{name} is a thin archive, which holds no objects", "make it without ar's T")
    position, long_names = 8, b""
    while position + _HEADER <= len(data):
        header = data[position : position + _HEADER]
        size = header[48:58].strip()
        if header[58:60] != b"`\n" or not size.isdigit():
            raise LinkError(f"{name} is no sound archive: there is no member at {position:#x}", "make it anew")
        start = position + _HEADER
        contents = data[start : start + int(size)]
        title = header[:16].rstrip()
        if title == b"//":
            long_names = contents
        elif title not in (b"/", b"/SYM64/", b"__.SYMDEF"):
            yield f"{name}({_title(title, long_names)})", contents
        position = start + int(size) + int(size) % 2


def _title(title: bytes, long_names: bytes) -> str:
    if title[:1] == b"/" and title[1:].isdigit():
        title = long_names[int(title[1:]) :].split(b"\n", 1)[0]
    return title.rstrip(b"/").decode("utf-8", "replace")
