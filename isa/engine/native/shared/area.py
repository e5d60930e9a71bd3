"""Memory that Python and native code share: the vcpu's area, register blocks, tables."""

from __future__ import annotations

import ctypes
from weakref import WeakKeyDictionary

from ....lazy_memory import lazy_memory
from ...blocks import Block, BufferBlock, PythonBlock
from ...layout import SCOPES
from ...state import State
from . import cpu_layout as cpu

_ALIGNMENT = 64

_adopted: WeakKeyDictionary[Block, BufferBlock] = WeakKeyDictionary()
"""What took the place of a block that several states share."""
_areas: WeakKeyDictionary[Block, Area] = WeakKeyDictionary()
"""By a thread's block, the area that it is in."""


class Area:
    """`size` zero bytes at a fixed `address`, aligned for any access."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._memory = bytearray(size + _ALIGNMENT)
        base = ctypes.addressof(ctypes.c_char.from_buffer(self._memory))
        start = -base % _ALIGNMENT
        self.address = base + start
        self.view = memoryview(self._memory)[start : start + size]
        self.words = self.view[: size & -8].cast("Q")

    def clear(self) -> None:
        """All zero again."""
        ctypes.memset(self.address, 0, self.size)

    def wide(self, offset: int) -> int:
        """128 bits at `offset`."""
        return self.words[offset >> 3] | self.words[(offset >> 3) + 1] << 64

    def set_wide(self, offset: int, value: int) -> None:
        """Sets 128 bits at `offset`."""
        self.words[offset >> 3] = value & 0xFFFF_FFFF_FFFF_FFFF
        self.words[(offset >> 3) + 1] = value >> 64


class LazyArea:
    """`size` zero bytes at a fixed `address`, which take memory where they have been written only."""

    def __init__(self, size: int) -> None:
        memory = lazy_memory(size)
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        self.view = memoryview(memory)


def share_state(state: State) -> tuple[Area, dict[str, int]]:
    """Moves a state's blocks where native code reaches them: (the vcpu's area, addresses of the wider scopes' blocks).

    Values stay. A block that other states share is moved once, for all of them that have not been given to an engine.
    """
    thread = state.layout.blocks["thread"]
    before = state.blocks["thread"]
    known = _areas.get(before)
    if known is not None and len(known.view) == cpu.THREAD + thread.size:
        # An engine that is made anew: who reads registers directly goes on doing so.
        area = known
        area.view[: cpu.THREAD] = bytes(cpu.THREAD)
    else:
        area = Area(cpu.THREAD + thread.size)
        own = BufferBlock(thread, area.view[cpu.THREAD :])
        own.restore(before.snapshot())
        state.blocks["thread"] = own
        _areas[own] = area
    addresses: dict[str, int] = {}
    for scope in SCOPES[1:]:
        block = state.blocks[scope]
        if isinstance(block, PythonBlock):
            block = state.blocks[scope] = _adopt(block)
        assert isinstance(block, BufferBlock)
        buffer = block.buffer
        addresses[scope] = ctypes.addressof(ctypes.c_char.from_buffer(buffer)) if len(buffer) else 0
    return area, addresses


def cell_of(state: State, area: Area, register: str) -> memoryview:
    """A register of the thread's block as the one element of a view of unsigned integers."""
    slot = state.layout.blocks["thread"].slots[register]
    start = cpu.THREAD + slot.offset
    view = area.view[start : start + slot.size]
    if slot.size == 8:
        return view.cast("Q")
    return view.cast("I") if slot.size == 4 else view.cast("H")


def _adopt(block: PythonBlock) -> BufferBlock:
    found = _adopted.get(block)
    if found is None:
        found = _adopted[block] = BufferBlock(block.layout, Area(block.layout.size).view)
        found.restore(block.snapshot())
    return found
