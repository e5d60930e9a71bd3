"""What a core of a partition sees where no memory is: accesses to devices, performed or noted for user space."""

from __future__ import annotations

from typing import Final, Protocol

from ....machine.bus import Refusal, Unclaimed
from ...errors import KvmError
from ...exits import Mmio
from ..partition.layout import DEVICE_WINDOW, DEVICE_WINDOW_SIZE

MOST_ACCESSES: Final = 128
"""Of one instruction: lswi stores 32 registers a byte at a time at most."""


class DirectAccess(Protocol):
    """Who performs accesses at once."""

    def read(self, real: int, size: int) -> int:
        """A load from partition real address `real`."""

    def write(self, real: int, size: int, value: int) -> None:
        """A store."""


class DeviceWindow:
    """The bus of one vcpu's core: a window that stands for partition real addresses without memory."""

    def __init__(self) -> None:
        self.answered: list[Mmio] = []
        self._position = 0
        self.direct: DirectAccess | None = None
        """Who performs accesses at once. Otherwise, and while `by_hand`, they wait for user space."""
        self.by_hand = False
        self.waiting: Mmio | None = None
        """The access that user space has to perform before the instruction can go on."""

    def start_over(self) -> None:
        """Called before the instruction is executed again: its accesses come from the first on."""
        self._position = 0
        self.waiting = None

    def finish(self) -> None:
        """Forgets what was answered: the instruction is complete, or will not be executed any more."""
        self.answered.clear()
        self.start_over()

    def answer(self, data: bytes) -> None:
        """User space has performed the waiting access; `data` is what a load gave. Raises KvmError."""
        access = self.waiting
        if access is None:
            raise KvmError("no access to a device is waiting for its data")
        if not access.is_write and len(data) != access.size:
            raise KvmError(f"a load of {access.size} bytes cannot be answered with {len(data)}")
        done = access if access.is_write else Mmio(access.address, access.size, False, data)
        self.answered.append(done)
        self.waiting = None

    def read(self, address: int, size: int, vcpu: int | None = None) -> int | Unclaimed:
        """A load of the instruction under way; Unclaimed when it has to leave first."""
        if self.direct is not None and not self.by_hand and _in_window(address):
            return self.direct.read(address - DEVICE_WINDOW, size)
        done = self._next(address, size, None)
        return done if isinstance(done, Unclaimed) else int.from_bytes(done.data, "little")

    def write(self, address: int, size: int, value: int, vcpu: int | None = None) -> Unclaimed | None:
        """A store of the instruction under way; Unclaimed when it has to leave first."""
        if self.direct is not None and not self.by_hand and _in_window(address):
            self.direct.write(address - DEVICE_WINDOW, size, value)
            return None
        done = self._next(address, size, value.to_bytes(size, "little"))
        return done if isinstance(done, Unclaimed) else None

    def _next(self, address: int, size: int, stored: bytes | None) -> Mmio | Unclaimed:
        is_write = stored is not None
        if not _in_window(address):
            return Unclaimed(address, size, is_write, Refusal.NOTHING_THERE)
        if self._position < len(self.answered):
            self._position += 1
            return self.answered[self._position - 1]
        if self.waiting is None and len(self.answered) < MOST_ACCESSES:
            self.waiting = Mmio(address - DEVICE_WINDOW, size, is_write, stored or b"")
        return Unclaimed(address, size, is_write, Refusal.REFUSED, reason="user space has to perform the access")


def _in_window(address: int) -> bool:
    return DEVICE_WINDOW <= address < DEVICE_WINDOW + DEVICE_WINDOW_SIZE
