"""The declared layout of state: where each register element lies in its block's bytes.

There is one block for each scope (thread, core, partition, machine). Elements are little-endian, 1, 2, 4, 8 or 16
bytes wide (the least that holds the register) and aligned to their size, up to 8. Both engines and snapshots use it.
A thread's block also holds what the engine itself must remember between runs, in slots whose names begin with "$".
"""

from __future__ import annotations

import msgspec

from ..model.items import Description, Device
from .python_names import Identifiers

SCOPES = ("thread", "core", "partition", "machine")
TIMERS = 8
"""How many timers a description can set (`set_timer(k, at)`)."""

PC = "$pc"
RETIRED = "$retired"
TIMER_AT = "$timer_at"
TIMERS_SET = "$timers_set"
POLL = "$poll"

_ENGINE_SLOTS = ((RETIRED, 64, 0), (TIMER_AT, 64, TIMERS), (TIMERS_SET, TIMERS, 0), (POLL, 1, 0))


class Slot(msgspec.Struct, frozen=True):
    """A register's place: element i (of `count`, 0: not an array) at `offset` + i × `size` bytes.

    `attribute` is its name in generated Python; `reset` the value after reset.
    """

    name: str
    attribute: str
    width: int
    count: int
    offset: int
    size: int
    reset: int

    @property
    def elements(self) -> int:
        """How many values there are: 1 unless it is an array."""
        return self.count or 1


class BlockLayout(msgspec.Struct, frozen=True):
    """The slots of one scope, by name, and the block's length in bytes."""

    scope: str
    slots: dict[str, Slot]
    size: int


class StateLayout(msgspec.Struct, frozen=True):
    """All blocks by scope; `scope_of` says where a register with storage is."""

    blocks: dict[str, BlockLayout]
    scope_of: dict[str, str]
    places: dict[str, tuple[str, Slot]]
    """Scope and slot of each register with storage: what `scope_of` and `blocks` say, in one look."""

    def slot(self, name: str) -> Slot:
        """A register's slot. Raises KeyError where it has no storage."""
        return self.blocks[self.scope_of[name]].slots[name]


def element_size(width: int) -> int:
    """Bytes that an element of `width` bits takes."""
    return next(size for size in (1, 2, 4, 8, 16) if width <= size * 8)


def _block(scope: str, registers: list[tuple[str, int, int, int]], strip: str = "") -> BlockLayout:
    attributes = Identifiers()
    slots: dict[str, Slot] = {}
    offset = 0
    for name, width, count, reset in registers:
        size = element_size(width)
        offset += -offset % min(size, 8)
        slots[name] = Slot(name, attributes[name.removeprefix(strip)], width, count, offset, size, reset)
        offset += size * (count or 1)
    return BlockLayout(scope, slots, offset + -offset % 8)


def layout_of(description: Description) -> StateLayout:
    """The layout of a description's registers, in the order of their declaration."""
    chosen: dict[str, list[tuple[str, int, int, int]]] = {scope: [] for scope in SCOPES}
    chosen["thread"] += [(PC, description.address_width, 0, 0)]
    chosen["thread"] += [(name, width, count, 0) for name, width, count in _ENGINE_SLOTS]
    for register in description.registers.values():
        if register.kind == "storage":
            chosen[register.scope].append((register.name, register.width, register.count, register.reset))
    blocks = {scope: _block(scope, registers) for scope, registers in chosen.items()}
    places = {name: (scope, slot) for scope, block in blocks.items() for name, slot in block.slots.items()}
    return StateLayout(blocks, {name: scope for name, (scope, _) in places.items()}, places)


def device_layout(device: Device) -> BlockLayout:
    """The layout of a device's registers and states, which its functions know as `DEVICE.NAME`."""
    named = [(f"{device.name}.{own.name}", own.width, own.count, own.reset) for own in device.registers]
    named += [(f"{device.name}.{own.name}", own.width, own.count, own.reset) for own in device.states]
    return _block(device.name, named, f"{device.name}.")
