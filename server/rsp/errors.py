"""What can go wrong between the protocol and the target, as exceptions.

A target raises `TargetError`s; the session turns each into an ``E`` reply and goes on. A packet that
cannot be understood is a `PacketError`, raised by the parsers. Everything else that escapes from a
target is a defect: the session logs it with its traceback, answers with an error, and survives.

The numbers are errno values of GDB's File-I/O chapter ("Errno Values"); GDB shows them and no more.
"""

from __future__ import annotations

from typing import ClassVar

ENOENT = 2
EIO = 5
EBADF = 9
EACCES = 13
EFAULT = 14
EBUSY = 16
EINVAL = 22
EROFS = 30


class RspError(Exception):
    """An error with a text for a person and a number for the wire."""

    errno: ClassVar[int] = EIO


class PacketError(RspError):
    """A packet is malformed: the text names the packet, the offending part and what was expected."""

    errno = EINVAL


class TargetError(RspError):
    """The target cannot do what a well-formed packet asks."""


class MemoryFault(TargetError):
    """Memory at `address` cannot be accessed; `reason` says why ("unmapped", "read-only ROM", …)."""

    errno = EFAULT

    def __init__(self, address: int, reason: str) -> None:
        super().__init__(f"cannot access memory at {address:#x}: {reason}")
        self.address = address
        self.reason = reason


class RegisterError(TargetError):
    """A register does not exist, or does not take the value."""

    errno = EINVAL


class RegisterReadOnly(RegisterError):
    """A register exists, and writes to it are refused rather than thrown away."""

    errno = EROFS


class RegisterUnavailable(RegisterError):
    """A register exists, and has no value now; GDB shows ``<unavailable>``."""


class BreakpointError(TargetError):
    """A breakpoint or watchpoint cannot be set or removed (no slot left, bad length, unmapped)."""

    errno = EINVAL


class MonitorError(TargetError):
    """A ``monitor`` command failed; the text is printed on the user's console."""

    errno = EINVAL


class ClientGone(Exception):
    """The connection is lost, or the server is closing: the session ends without another reply."""


class DescriptionError(ValueError):
    """A target description contradicts itself; raised when it is built, not when GDB connects."""
