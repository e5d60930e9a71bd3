"""Interrupt presentation controllers on the bus, and a thread's external interrupt line, which has more drivers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ....isa.engine.devices import DescribedDevice, DevicePorts
from ....isa.model.items import Description
from ...core import Core
from ...machine.bus import Bus
from ..devices import OnBus

PRESENTATION: Final = 0x80_0010_0000
"""Real address of the presentation controller of the thread whose PIR is 0; those of others follow, a page each."""
PRESENTATION_STRIDE: Final = 0x1000


class ExternalLine:
    """The external interrupt input of a thread: high while one of those that drive it is."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._high: set[str] = set()

    def of(self, driver: str) -> Callable[[bool], None]:
        """What a device calls with its level."""

        def drive(level: bool) -> None:
            (self._high.add if level else self._high.discard)(driver)
            self._core.set_input("EXTERNAL_PENDING", int(bool(self._high)))

        return drive


def attach_presentation(
    bus: Bus, description: Description, identity: int, line: ExternalLine, accessing: Callable[[], int | None]
) -> None:
    """Puts the presentation controller of the thread with that PIR on the bus. Raises BusError for a taken place."""
    drive = line.of("presentation controller")
    ports = DevicePorts(signals={"external": lambda index, level: drive(bool(level))})
    device = DescribedDevice(description, "xics_presentation", ports)
    bus.attach(PRESENTATION + identity * PRESENTATION_STRIDE, OnBus(device, accessing))
