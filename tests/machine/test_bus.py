"""The bus dispatches by address and never leaves an access without an answer."""

from dataclasses import dataclass, field
from fractions import Fraction

import pytest

from trapline.server.machine.bus import AccessRefused, Bus, BusError, Refusal, Unclaimed
from trapline.server.machine.clock import GuestClock
from trapline.server.machine.events import DeviceAccess, EventStream


@dataclass
class Registers:
    """A device that keeps what is stored, and refuses bytes."""

    name: str
    size: int
    stored: dict[int, int] = field(default_factory=dict)

    def read(self, offset: int, size: int) -> int:
        """The value at an offset, wider than asked: the bus must cut it."""
        if size == 1:
            raise AccessRefused("bytes are not readable")
        return self.stored.get(offset, 0) | 0xABCD << 64

    def write(self, offset: int, size: int, value: int) -> None:
        """Keeps a value."""
        if size == 1:
            raise AccessRefused("bytes are not writable")
        self.stored[offset] = value


@pytest.fixture
def bus() -> Bus:
    """Two devices with a gap between them."""
    made = Bus(EventStream(), GuestClock(Fraction(1), now=77))
    made.attach(0x2000, Registers("second", 0x100))
    made.attach(0x1000, Registers("first", 0x800))
    return made


def test_accesses_reach_the_device_at_their_offset(bus: Bus) -> None:
    """A store and a load go to the right device with the offset in its window, cut to their size."""
    assert bus.write(0x2010, 4, 0x1_2345_6789) is None
    assert bus.read(0x2010, 4) == 0x2345_6789
    assert bus.read(0x1010, 4) == 0


def test_an_unclaimed_access_has_a_typed_answer(bus: Bus) -> None:
    """A hole, the end of a device and a refusal differ, and each answer can be read by a person."""
    assert bus.read(0x1800, 4) == Unclaimed(0x1800, 4, False, Refusal.NOTHING_THERE)
    assert bus.write(0x0, 4, 1) == Unclaimed(0x0, 4, True, Refusal.NOTHING_THERE)
    assert bus.read(0x20FE, 4) == Unclaimed(0x20FE, 4, False, Refusal.CROSSES_END, "second")
    refused = bus.write(0x1004, 1, 1)
    assert refused == Unclaimed(0x1004, 1, True, Refusal.REFUSED, "first", "bytes are not writable")
    assert str(refused) == "store of 1 bytes at physical address 0x1004 (first): bytes are not writable"
    assert isinstance(bus.read(0x1004, 1), Unclaimed)


def test_overlapping_devices_are_both_named(bus: Bus) -> None:
    """The message names the two devices and their windows."""
    with pytest.raises(BusError, match=r"third \(0x1700-0x18ff\) overlaps first \(0x1000-0x17ff\)"):
        bus.attach(0x1700, Registers("third", 0x200))
    with pytest.raises(BusError, match="cannot have 0x0 bytes"):
        bus.attach(0x9000, Registers("empty", 0))


def test_a_detached_device_does_not_answer(bus: Bus) -> None:
    """Its window is a hole, and detaching where nothing starts is an error."""
    assert bus.detach(0x1000).name == "first"
    assert isinstance(bus.read(0x1010, 4), Unclaimed)
    with pytest.raises(BusError, match="0x1000"):
        bus.detach(0x1000)


def test_device_accesses_are_events_when_somebody_listens() -> None:
    """Only accesses that a device took are published, with guest time, vcpu and offset."""
    events = EventStream()
    bus = Bus(events, GuestClock(Fraction(1), now=77))
    bus.attach(0x1000, Registers("uart", 0x100))
    bus.write(0x1008, 4, 1)
    seen: list[DeviceAccess] = []
    events.subscribe(DeviceAccess, seen.append)
    bus.write(0x1008, 4, 5, vcpu=2)
    bus.read(0x1008, 4, vcpu=3)
    bus.read(0x1008, 1)
    bus.read(0x3000, 4)
    assert seen == [
        DeviceAccess(77, 2, "uart", 8, 4, 5, True),
        DeviceAccess(77, 3, "uart", 8, 4, 5, False),
    ]
