"""Tells objects and archives from sources by their first bytes."""

from __future__ import annotations

from pathlib import Path

from ...isa.errors import TraplineError

ARCHIVE, THIN_ARCHIVE, ELF = b"!<arch>\n", b"!<thin>\n", b"\x7fELF"
MAX_OBJECT_BYTES = 256 << 20


def is_archive(data: bytes) -> bool:
    """Whether the bytes begin as an archive."""
    return data[:8] in (ARCHIVE, THIN_ARCHIVE)


def is_object(data: bytes) -> bool:
    """Whether the bytes begin as an ELF file."""
    return data[:4] == ELF


def read_linkable(path: Path) -> bytes | None:
    """The contents of an object or archive; None for a source.

    Raises OSError, and TraplineError for a file that is too large.
    """
    with path.open("rb") as file:
        head = file.read(8)
        if not (is_object(head) or is_archive(head)):
            return None
        data = head + file.read(MAX_OBJECT_BYTES)
    if len(data) > MAX_OBJECT_BYTES:
        raise TraplineError(f"{path} is larger than {MAX_OBJECT_BYTES >> 20} MiB", "link a smaller archive")
    return data
