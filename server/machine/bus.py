"""The bus: devices at physical addresses where no RAM is.

Data lanes are little-endian, as AMBA and PCI have them: the byte at the lowest address is the least
significant byte of `value`. A big-endian core swaps the bytes of what it loads and stores.
"""

from bisect import bisect_right
from enum import Enum
from typing import Protocol

import msgspec

from ...isa.errors import TraplineError
from .clock import GuestClock
from .events import DeviceAccess, EventStream


class AccessRefused(Exception):
    """What a device raises when it does not take an access (size, alignment, secure only...).

    It is no mistake of the user's: the bus turns it into an `Unclaimed`, the core into an abort.
    """


class Device(Protocol):
    """Something that answers in a window of physical addresses."""

    @property
    def name(self) -> str:
        """How messages and events call it, such as "pl011@9000000"."""

    @property
    def size(self) -> int:
        """Length of its window in bytes."""

    def read(self, offset: int, size: int) -> int:
        """The `size` bytes (1, 2, 4 or 8) at `offset` in the window. May raise AccessRefused."""

    def write(self, offset: int, size: int, value: int) -> None:
        """Stores `size` bytes at `offset` in the window. May raise AccessRefused."""


class Refusal(Enum):
    """Why nobody took an access."""

    NOTHING_THERE = "no device is there"
    CROSSES_END = "it reaches over the end of the device"
    REFUSED = "the device refuses it"


class Unclaimed(msgspec.Struct, frozen=True):
    """An access that nobody took; the core makes an external abort or a machine check of it."""

    address: int
    size: int
    is_write: bool
    refusal: Refusal
    device: str | None = None
    reason: str = ""

    def __str__(self) -> str:
        kind = "store" if self.is_write else "load"
        where = f" ({self.device})" if self.device else ""
        why = self.reason or self.refusal.value
        return f"{kind} of {self.size} bytes at physical address {self.address:#x}{where}: {why}"


class Window(msgspec.Struct, frozen=True):
    """A device at its place on the bus."""

    base: int
    size: int
    device: Device

    def __str__(self) -> str:
        return f"{self.device.name} ({self.base:#x}-{self.base + self.size - 1:#x})"


class BusError(TraplineError):
    """A device that cannot be attached or detached."""


class Bus:
    """Dispatches accesses by physical address to the devices attached to it.

    Every access that a device takes is published as a `DeviceAccess`, if somebody listens.
    """

    def __init__(self, events: EventStream, clock: GuestClock) -> None:
        self._windows: list[Window] = []
        self._bases: list[int] = []
        self._events = events
        self._clock = clock

    @property
    def windows(self) -> tuple[Window, ...]:
        """What is attached, by ascending base."""
        return tuple(self._windows)

    def attach(self, base: int, device: Device) -> Window:
        """Puts `device` at physical address `base`. Raises BusError when its window is taken."""
        window = Window(base, device.size, device)
        if base < 0 or device.size <= 0:
            raise BusError(f"{device.name} cannot have {device.size:#x} bytes at {base:#x}")
        for other in self._windows:
            if base < other.base + other.size and other.base < base + device.size:
                raise BusError(f"{window} overlaps {other} on the bus", "give one of them another base")
        at = bisect_right(self._bases, base)
        self._windows.insert(at, window)
        self._bases.insert(at, base)
        return window

    def detach(self, base: int) -> Device:
        """Takes away the device at `base` and returns it. Raises BusError if none starts there."""
        at = bisect_right(self._bases, base) - 1
        if at < 0 or self._bases[at] != base:
            raise BusError(f"no device starts at {base:#x} on the bus")
        del self._bases[at]
        return self._windows.pop(at).device

    def window_at(self, address: int) -> Window | None:
        """The window that holds physical address `address`, or None."""
        at = bisect_right(self._bases, address) - 1
        if at < 0:
            return None
        window = self._windows[at]
        return window if address < window.base + window.size else None

    def read(self, address: int, size: int, vcpu: int | None = None) -> int | Unclaimed:
        """What a load of `size` bytes at physical address `address` gives; `vcpu` is for the event."""
        window = self.window_at(address)
        if window is None or address + size > window.base + window.size:
            return _unclaimed(window, address, size, is_write=False)
        try:
            value = window.device.read(address - window.base, size) & ((1 << 8 * size) - 1)
        except AccessRefused as refused:
            return Unclaimed(address, size, False, Refusal.REFUSED, window.device.name, str(refused))
        self._publish(window, address, size, value, vcpu, is_write=False)
        return value

    def write(self, address: int, size: int, value: int, vcpu: int | None = None) -> Unclaimed | None:
        """Stores the low `size` bytes of `value`; None when a device took them."""
        window = self.window_at(address)
        if window is None or address + size > window.base + window.size:
            return _unclaimed(window, address, size, is_write=True)
        value &= (1 << 8 * size) - 1
        try:
            window.device.write(address - window.base, size, value)
        except AccessRefused as refused:
            return Unclaimed(address, size, True, Refusal.REFUSED, window.device.name, str(refused))
        self._publish(window, address, size, value, vcpu, is_write=True)
        return None

    def _publish(
        self, window: Window, address: int, size: int, value: int, vcpu: int | None, *, is_write: bool
    ) -> None:
        if DeviceAccess in self._events.wanted:
            offset = address - window.base
            event = DeviceAccess(self._clock.now, vcpu, window.device.name, offset, size, value, is_write)
            self._events.publish(event)


def _unclaimed(window: Window | None, address: int, size: int, *, is_write: bool) -> Unclaimed:
    if window is None:
        return Unclaimed(address, size, is_write, Refusal.NOTHING_THERE)
    return Unclaimed(address, size, is_write, Refusal.CROSSES_END, window.device.name)
