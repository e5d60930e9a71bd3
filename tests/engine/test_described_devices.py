"""Described devices: registers in a window, parts of registers, ports, snapshots."""

from __future__ import annotations

from collections import deque

import pytest

from trapline.isa.engine.devices import DescribedDevice, DeviceError, DevicePorts, NoRegister, WriteIgnored

from .toy import toy


def test_streams_inputs_and_signals_reach_what_they_are_connected_to() -> None:
    """A write sends, a read receives (0 when there is nothing), an array's signal says which one."""
    sent: list[int] = []
    lamps: list[tuple[int, int]] = []
    waiting = deque([7, 8])
    ports = DevicePorts(
        {"out": sent.append}, {"in": waiting}, {"lamp": lambda index, level: lamps.append((index, level))}
    )
    device = DescribedDevice(toy(), "box", ports)
    device.write(0, 1, 65)
    assert sent == [65]
    assert [device.read(1, 1), device.read(0, 1), device.read(0, 1), device.read(1, 1), device.read(0, 1)] == [
        1,
        7,
        8,
        0,
        0,
    ]
    device.write(0x14, 2, 1)
    assert lamps == [(2, 1)]
    assert device.read(0x14, 2) == 1


def test_an_access_may_touch_a_part_or_several_registers() -> None:
    """The window is little-endian; a partial write keeps the rest."""
    device = DescribedDevice(toy(), "box")
    assert [device.read(offset, 1) for offset in range(4, 8)] == [0x44, 0x33, 0x22, 0x11]
    assert device.read(4, 8) == 0x0000000511223344
    device.write(6, 1, 0xAA)
    assert device.read(4, 4) == 0x11AA3344


def test_bytes_without_a_register_are_told_not_guessed() -> None:
    """Also when only a part of the access has none; nothing is written then."""
    device = DescribedDevice(toy(), "box")
    assert device.read(0x1C, 4) == NoRegister(0x1C, 4)
    before = device.snapshot()
    assert device.write(0, 4, 0) == NoRegister(2, 4)
    assert device.snapshot() == before


def test_a_write_to_a_readonly_register_is_ignored_and_reported() -> None:
    """The caller may tell the person; the device goes on."""
    assert DescribedDevice(toy(), "box").write(1, 1, 9) == WriteIgnored("READY", 9)


def test_a_device_knows_who_accesses_it() -> None:
    """The vcpu's number, or 0xFF for the debugger."""
    device = DescribedDevice(toy(), "box")
    assert (device.read(0x18, 1, vcpu=3), device.read(0x18, 1)) == (3, 0xFF)


def test_reset_and_snapshots_cover_registers_and_states() -> None:
    """`reset` goes back to the declared values, `restore` to the saved ones."""
    device = DescribedDevice(toy(), "box")
    device.write(4, 4, 1)
    device.write(0, 1, 1)
    snapshot = device.snapshot()
    device.reset()
    assert (device.read(4, 4), device.read(8, 4)) == (0x11223344, 5)
    device.restore(snapshot)
    assert (device.read(4, 4), device.read(8, 4)) == (1, 6)


def test_a_devices_functions_can_be_called_and_call_described_ones() -> None:
    """A machine calls them when something outside changed."""
    device = DescribedDevice(toy(), "box")
    assert device.call("add_to_count", 4) == 13


def test_wrong_names_are_answered_with_those_that_there_are() -> None:
    """Devices, ports and functions."""
    with pytest.raises(DeviceError, match="did you mean box"):
        DescribedDevice(toy(), "bux")
    with pytest.raises(DeviceError, match="did you mean lamp"):
        DescribedDevice(toy(), "box", DevicePorts(signals={"lamps": lambda index, level: None}))
    with pytest.raises(DeviceError, match="no function"):
        DescribedDevice(toy(), "box").call("missing")
