"""The one error of the hypervisor models."""

from __future__ import annotations

import errno as numbers

from ...isa.errors import TraplineError


class KvmError(TraplineError):
    """What an ioctl would refuse. `errno` is the number that it would fail with, `name` that number's name."""

    def __init__(self, message: str, hint: str | None = None, *, errno: int = numbers.EINVAL) -> None:
        super().__init__(message, hint)
        self.errno = errno

    @property
    def name(self) -> str:
        """EINVAL, say."""
        return numbers.errorcode[self.errno]
