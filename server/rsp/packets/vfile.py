"""Files: vFile:setfs, open, fstat, pread, close, for the guests' own programs and nothing else.

Source: Debugging with GDB, "Host I/O Packets" and "struct stat". Paths are looked up among what
`ExecFiles` offers; no file of the host is ever opened. Replies begin with F and a result, or -1 and an
errno, so the usual error replies do not occur here except for malformed packets.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import EACCES, EBADF, EBUSY, ENOENT
from ..fields import hex_text, number, numbers, split
from ..framing import escape
from ..replies import UNSUPPORTED
from ..session import Session
from ..target import GuestFile
from .kind import PacketKind

_O_RDONLY = 0
_MAX_OPEN = 16
# ``F``, the count and ``;`` before the data of a pread.
_PREAD_HEAD = 20
# st_dev ino mode nlink uid gid rdev, st_size blksize blocks, atime mtime ctime; always big-endian.
_STAT = struct.Struct(">7I3Q3I")
_REGULAR_READABLE = 0o100444
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class SetFileSystem:
    """``vFile:setfs:PID``: which process's idea of the file system; all are the same here."""

    pid: int


@dataclass(frozen=True, slots=True)
class OpenFile:
    """``vFile:open:PATH,FLAGS,MODE``"""

    path: str
    flags: int


@dataclass(frozen=True, slots=True)
class StatFile:
    """``vFile:fstat:FD``"""

    fd: int


@dataclass(frozen=True, slots=True)
class ReadFile:
    """``vFile:pread:FD,COUNT,OFFSET``"""

    fd: int
    count: int
    offset: int


@dataclass(frozen=True, slots=True)
class CloseFile:
    """``vFile:close:FD``"""

    fd: int


@dataclass(frozen=True, slots=True)
class UnknownOperation:
    """Any other operation (write, unlink, readlink …)."""


FilePacket = SetFileSystem | OpenFile | StatFile | ReadFile | CloseFile | UnknownOperation


def _parse(rest: bytes) -> FilePacket:
    _, operation, operands = split("vFile", ("", "operation", "operands"), rest, b":")
    parse = _OPERATIONS.get(operation)
    return UnknownOperation() if parse is None else parse(operands)


def _parse_setfs(operands: bytes) -> SetFileSystem:
    return SetFileSystem(number("vFile:setfs", "the process", operands))


def _parse_open(operands: bytes) -> OpenFile:
    path, flags, _ = split("vFile:open", ("path", "flags", "mode"), operands, b",")
    return OpenFile(hex_text("vFile:open", "the path", path), number("vFile:open", "the flags", flags))


def _parse_fstat(operands: bytes) -> StatFile:
    return StatFile(number("vFile:fstat", "the descriptor", operands))


def _parse_pread(operands: bytes) -> ReadFile:
    return ReadFile(*numbers("vFile:pread", ("descriptor", "count", "offset"), operands))


def _parse_close(operands: bytes) -> CloseFile:
    return CloseFile(number("vFile:close", "the descriptor", operands))


_OPERATIONS: dict[bytes, Callable[[bytes], FilePacket]] = {
    b"setfs": _parse_setfs,
    b"open": _parse_open,
    b"fstat": _parse_fstat,
    b"pread": _parse_pread,
    b"close": _parse_close,
}


def _handle(session: Session, packet: FilePacket) -> bytes:
    if session.abilities.exec_files is None or isinstance(packet, UnknownOperation):
        return UNSUPPORTED
    if isinstance(packet, SetFileSystem):
        return b"F0"
    if isinstance(packet, OpenFile):
        return _open(session, packet)
    file = session.open_files.get(packet.fd)
    if file is None:
        return _failure(EBADF)
    if isinstance(packet, CloseFile):
        del session.open_files[packet.fd]
        return b"F0"
    if isinstance(packet, StatFile):
        return b"F%x;%b" % (_STAT.size, escape(_stat(file)))
    length = min(packet.count, (session.packet_size - _PREAD_HEAD) // 2)
    data = file.content[packet.offset : packet.offset + length]
    return b"F%x;%b" % (len(data), escape(data))


def _open(session: Session, packet: OpenFile) -> bytes:
    file = _find(session, packet.path)
    if file is None:
        return _failure(ENOENT)
    if packet.flags != _O_RDONLY:
        return _failure(EACCES)
    free = [fd for fd in range(_MAX_OPEN) if fd not in session.open_files]
    if not free:
        return _failure(EBUSY)
    session.open_files[free[0]] = file
    return b"F%x" % free[0]


def _find(session: Session, path: str) -> GuestFile | None:
    files = session.abilities.exec_files
    if files is None:
        return None
    for pid in session.partitions():
        file = files.exec_file(pid)
        if file is not None and file.path == path:
            return file
    return None


def _stat(file: GuestFile) -> bytes:
    size = len(file.content)
    blocks = -(-size // _BLOCK)
    return _STAT.pack(0, 0, _REGULAR_READABLE, 1, 0, 0, 0, size, _BLOCK, blocks, 0, 0, 0)


def _failure(errno: int) -> bytes:
    return b"F-1,%x" % errno


PACKETS = (PacketKind(b"vFile", _parse, _handle, text_errors=False),)
