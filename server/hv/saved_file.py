"""Files that VMs are saved in: a first line that says of what, the version of the format, packed structures.

Also what structures of both models have in common: pages of memory that are not zero.
"""

from __future__ import annotations

import errno
import zlib
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import msgspec

from ...isa.errors import reason_of
from ..machine.ram import PAGE_SIZE, GuestRam
from .errors import KvmError

_S = TypeVar("_S", bound=msgspec.Struct)
_MOST_BYTES: Final = 1 << 33
_ZEROS: Final = bytes(PAGE_SIZE)


class Format(NamedTuple):
    """What a file begins with."""

    magic: bytes
    version: int


def write_file(path: Path, made: Format, saved: msgspec.Struct) -> None:
    """Raises KvmError (EIO) where the file cannot be written."""
    data = zlib.compress(msgspec.msgpack.encode(saved), 1)
    try:
        path.write_bytes(made.magic + made.version.to_bytes(4, "big") + data)
    except OSError as error:
        raise KvmError(f"cannot write {path}: {reason_of(error)}", "name another file", errno=errno.EIO) from error


def read_file(path: Path, wanted: Format, kind: type[_S]) -> _S:
    """What a file holds. Raises KvmError: ENOENT or EIO where it cannot be read, EINVAL for what is no VM of this
    version."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise KvmError(f"cannot read {path}: {reason_of(error)}", errno=error.errno or errno.EIO) from error
    head = len(wanted.magic)
    version = int.from_bytes(data[head : head + 4], "big")
    if not data.startswith(wanted.magic):
        raise KvmError(f"{path} is no saved VM", "such files are written by `save`")
    if version != wanted.version:
        raise KvmError(f"{path} has version {version} of the format, and this is version {wanted.version}")
    try:
        unpacker = zlib.decompressobj()
        unpacked = unpacker.decompress(data[head + 4 :], _MOST_BYTES)
        if not unpacker.eof:
            raise KvmError(f"{path} is cut off, or has more than {_MOST_BYTES:#x} bytes when unpacked")
        return msgspec.msgpack.decode(unpacked, type=kind)
    except (zlib.error, msgspec.MsgspecError) as error:
        raise KvmError(f"{path} is damaged: {error}", "save the VM again") from error


def pages_of(ram: GuestRam, offset: int, size: int) -> dict[int, bytes]:
    """Pages that are not zero, by their numbers from `offset` on."""
    found = {}
    for at in range(0, size, PAGE_SIZE):
        page = ram.read(offset + at, PAGE_SIZE)
        if page != _ZEROS:
            found[at // PAGE_SIZE] = page
    return found


def fill_pages(ram: GuestRam, pages: dict[int, bytes]) -> None:
    """Puts them back."""
    for page, data in pages.items():
        ram.write(page * PAGE_SIZE, data)


def dirty_pages_of(ram: GuestRam, offset: int, size: int) -> tuple[int, ...]:
    """Pages written since somebody looked, by their numbers from `offset` on."""
    first = offset // PAGE_SIZE
    return tuple(page - first for page in ram.dirty_pages(offset, size))


def mark_dirty(ram: GuestRam, pages: tuple[int, ...]) -> None:
    """Has just these pages count as written."""
    ram.clear_dirty(0, ram.size)
    for page in pages:
        ram.write(page * PAGE_SIZE, ram.read(page * PAGE_SIZE, PAGE_SIZE))
