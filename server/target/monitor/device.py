"""`monitor device`: one access to a device, as the guest would make it.

gdb's own reads never touch a device, since a read may change it (a FIFO, an acknowledge register). Whoever asks for
this wants the access, with all that it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ...rsp.errors import MonitorError
from ...rsp.target import MonitorContext
from ...timeline.changes import AccessDevice
from ..controls import Controls
from .words import number

_SIZES: Final = (1, 2, 4, 8)


def device_command(target: Controls, context: MonitorContext, words: Sequence[str]) -> None:
    """Reads or writes. Raises MonitorError with the reason where no device takes the access."""
    machine = target.machine
    vcpu = machine.turns.current
    core = target.vcpu(context.thread).core
    place, stored = _split(words)
    address = number(core, "device", place, 0)
    if len(place) < 2:
        raise MonitorError("device: say how many bytes: `monitor device ADDRESS SIZE [=VALUE]`")
    size = number(core, "device", place, 1)
    if size not in _SIZES or len(place) > 2:
        raise MonitorError(f"device: {' '.join(place[1:])} is no size: an access has 1, 2, 4 or 8 bytes")
    if machine.memory.slot_at(address) is not None:
        raise MonitorError(f"device: memory is at {address:#x}; `monitor guest` reads it, `monitor poke` writes it")
    window = machine.bus.window_at(address)
    shown = f"{window.device.name}+{address - window.base:#x}" if window is not None else f"{address:#x}"
    if stored is None:
        # A device may change by being read, too.
        found = target.change(AccessDevice(address, size, vcpu.number))
        if not isinstance(found, int):
            raise MonitorError(f"device: {found}; {_devices(target)}")
        context.write(f"{shown} = {found:#0{2 + 2 * size}x}\n")
        return
    value = number(core, "device", [stored], 0)
    if value >> 8 * size:
        raise MonitorError(f"device: {value:#x} does not fit {size} bytes")
    refused = target.change(AccessDevice(address, size, vcpu.number, value))
    if refused is not None:
        raise MonitorError(f"device: {refused}; {_devices(target)}")
    context.write(f"{shown} <- {value:#0{2 + 2 * size}x}\n")


def _split(words: Sequence[str]) -> tuple[list[str], str | None]:
    """What stands before the `=`, and the value behind it, with or without spaces around."""
    place, equals, value = " ".join(words).partition("=")
    if equals and not value.strip():
        raise MonitorError("device: there is no value behind the =")
    return place.split(), value.strip() if equals else None


def _devices(target: Controls) -> str:
    windows = ", ".join(str(window) for window in target.machine.bus.windows)
    return f"devices there are: {windows}" if windows else "the machine has no devices at addresses"
