"""What a described device's instances have in common: its functions, and where its registers are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from ..model.items import Description, Device, DeviceRegister
from .kept import kept_product
from .layout import BlockLayout, device_layout
from .python_cache import load_generated


class DeviceCode(msgspec.Struct, frozen=True):
    """Made once for a description. `stateful` are the functions that take (cpu, reg) before their own parameters."""

    layout: BlockLayout
    functions: dict[str, Callable[..., Any]]
    stateful: frozenset[str]
    at: dict[int, tuple[DeviceRegister, int]]
    """The register, and which of an array, that each byte of the window belongs to."""
    whole: dict[tuple[int, int], tuple[DeviceRegister, int]]
    """Registers by offset and size in bytes, for accesses that are of just one."""


def device_code(description: Description, device: Device, coverage: set[int] | None) -> DeviceCode:
    """The code of a device. `coverage` collects the packed lines of the statements that run."""
    if coverage is not None:
        return _made(description, device, "-coverage", {"cover": coverage.add})
    return kept_product(
        description.fingerprint, f"device {device.name}", lambda: _made(description, device, "", {})
    )


def _made(description: Description, device: Device, suffix: str, extra: dict[str, object]) -> DeviceCode:
    layout = device_layout(device)
    namespace = load_generated(
        f"device-{device.name}-{description.core}{suffix}",
        description.edition if extra else description.fingerprint,
        lambda: _source(device, layout, description, bool(extra)),
        extra,
    )
    functions = namespace["FUNCTIONS"]
    assert isinstance(functions, dict)
    stateful = frozenset(name for name, found in functions.items() if found.__code__.co_varnames[:2] == ("cpu", "reg"))
    at: dict[int, tuple[DeviceRegister, int]] = {}
    whole: dict[tuple[int, int], tuple[DeviceRegister, int]] = {}
    for register in device.registers:
        for index in range(register.count or 1):
            first = register.place(index)
            whole[first, register.width // 8] = register, index
            for offset in range(first, first + register.width // 8):
                at[offset] = (register, index)
    return DeviceCode(layout, functions, stateful, at, whole)


def _source(device: Device, layout: BlockLayout, description: Description, coverage: bool) -> str:
    # Only where something is generated: the writer's modules take a while to load.
    from .python_source import device_source

    return device_source(device, layout, description, coverage)
