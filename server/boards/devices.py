"""Described devices on a machine's bus, and the serial ports among them on its console."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from ...isa.engine.devices import DEBUGGER, DescribedDevice, DevicePorts, NoRegister
from ...isa.model.items import Description
from ..machine.bus import AccessRefused
from ..machine.console import Console

UART: Final = 0x80_0000_0000
"""Real address of the Power machines' 16550, beyond all memory: a partition reaches it through its page table only."""


DEBUG_EXIT: Final = 0x80_0000_1000
"""Real address of the Power machines' debug-exit device."""


class OnBus:
    """A described device as the bus knows devices. `accessing` tells whose access it is, None for the debugger's."""

    def __init__(self, device: DescribedDevice, accessing: Callable[[], int | None], size: int | None = None) -> None:
        """`size`: length of the window where it is more than the device's registers take."""
        self.device = device
        self.name = device.name
        self.size = size or device.size
        self._accessing = accessing

    def read(self, offset: int, size: int) -> int:
        """Raises AccessRefused where the device has no register."""
        found = self.device.read(offset, size, self._vcpu())
        if isinstance(found, NoRegister):
            raise AccessRefused(f"{self.name} has no register at offset {found.offset:#x}")
        return found

    def write(self, offset: int, size: int, value: int) -> None:
        """Raises AccessRefused where there is no register. A read-only one takes the write and stays as it is."""
        found = self.device.write(offset, size, value, self._vcpu())
        if isinstance(found, NoRegister):
            raise AccessRefused(f"{self.name} has no register at offset {found.offset:#x}")

    def _vcpu(self) -> int:
        vcpu = self._accessing()
        return DEBUGGER if vcpu is None else vcpu


def debug_exit(description: Description, leave: Callable[[int, str], None], vcpu: Callable[[], int | None]) -> OnBus:
    """The device that ends the run with a status."""
    ports = DevicePorts(streams={"ended": lambda status: leave(status, "the guest left by debug-exit")})
    return OnBus(DescribedDevice(description, "debug_exit", ports), vcpu, size=0x1000)


def serial_port(
    description: Description,
    name: str,
    console: Console,
    update: str = "",
    interrupt: Callable[[bool], None] | None = None,
) -> DescribedDevice:
    """A described serial port whose characters are the console's.

    `update` is the device's function that looks at its input again; without it the port gets no input, because
    something else reads the console. `interrupt` is told the level of the port's one signal.
    """
    device = description.devices[name]
    stream, typed, signal = (
        next(port.name for port in device.ports if port.kind == kind) for kind in ("stream", "input", "signal")
    )
    waiting: deque[int] = deque()
    port = DescribedDevice(
        description,
        name,
        DevicePorts(
            streams={stream: lambda value: console.write(bytes([value & 0xFF]))},
            inputs={typed: waiting},
            signals={} if interrupt is None else {signal: lambda index, level: interrupt(bool(level))},
        ),
    )

    def on_input() -> None:
        waiting.extend(console.take(console.waiting))
        port.call(update)

    if update:
        console.on_input(on_input)
    return port
