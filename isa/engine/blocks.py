"""Blocks of registers: what holds the values of one scope.

Generated code reads and writes a block's `registers` by attribute (`reg.MSR`, `reg.GPR[3]`). `PythonBlock` keeps
Python ints, which is what the reference engine is fast with; `BufferBlock` keeps the declared layout's bytes, which
native code shares. Both give the same snapshots.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol

from ..errors import TraplineError
from .layout import BlockLayout, Slot

_DOUBLEWORD = (1 << 64) - 1
_CELLS: dict[int, Literal["B", "H", "I", "Q"]] = {1: "B", 2: "H", 4: "I", 8: "Q"}
"""How memoryviews call unsigned integers of so many bytes."""


class SnapshotError(TraplineError):
    """Bytes that are not a snapshot of this block."""


class Block(Protocol):
    """Registers of one scope. `registers` has an attribute for each slot: an int, or a sequence of ints."""

    layout: BlockLayout
    registers: Any

    def get(self, slot: Slot, index: int) -> int:
        """Element `index` (0 for a single register)."""

    def set(self, slot: Slot, index: int, value: int) -> None:
        """Sets an element; `value` must fit."""

    def reader(self, places: Sequence[tuple[Slot, int]]) -> Callable[[], tuple[int, ...]]:
        """What reads these elements again and again."""

    def writer(self, places: Sequence[tuple[Slot, int]]) -> Callable[[Sequence[int]], None]:
        """What writes these elements, or the first of them, again and again; values are cut to their widths."""

    def snapshot(self) -> bytes:
        """The values in the declared layout."""

    def restore(self, snapshot: bytes) -> None:
        """Takes the values back. Raises SnapshotError where the length differs."""

    def save(self) -> object:
        """A quick copy for `load`, of no declared form."""

    def load(self, saved: object) -> None:
        """Undoes what happened since `save`."""

    def reset(self) -> None:
        """Gives every element its reset value."""


class Registers:
    """Nothing but attributes, one for each slot of a PythonBlock."""


class PythonBlock:
    """Values as Python ints in attributes; arrays as lists, which stay the same objects for the block's life."""

    def __init__(self, layout: BlockLayout) -> None:
        self.layout = layout
        self.registers: Any = Registers()
        for slot in layout.slots.values():
            setattr(self.registers, slot.attribute, [slot.reset] * slot.count if slot.count else slot.reset)

    def get(self, slot: Slot, index: int) -> int:
        held = getattr(self.registers, slot.attribute)
        return int(held[index] if slot.count else held)

    def set(self, slot: Slot, index: int, value: int) -> None:
        if slot.count:
            getattr(self.registers, slot.attribute)[index] = value
        else:
            setattr(self.registers, slot.attribute, value)

    def reader(self, places: Sequence[tuple[Slot, int]]) -> Callable[[], tuple[int, ...]]:
        return lambda: tuple(self.get(slot, index) for slot, index in places)

    def writer(self, places: Sequence[tuple[Slot, int]]) -> Callable[[Sequence[int]], None]:
        return _writer(self, places)

    def snapshot(self) -> bytes:
        data = bytearray(self.layout.size)
        values = vars(self.registers)
        for slot in self.layout.slots.values():
            held = values[slot.attribute]
            offset, size = slot.offset, slot.size
            kind = _CELLS.get(size)
            if slot.count and kind is not None:
                struct.pack_into(f"<{slot.count}{kind}", data, offset, *held)
                continue
            for value in held if slot.count else (held,):
                data[offset : offset + size] = value.to_bytes(size, "little")
                offset += size
        return bytes(data)

    def restore(self, snapshot: bytes) -> None:
        check_length(self.layout, snapshot)
        for slot in self.layout.slots.values():
            for index in range(slot.elements):
                offset = slot.offset + index * slot.size
                self.set(slot, index, int.from_bytes(snapshot[offset : offset + slot.size], "little"))

    def save(self) -> object:
        return {name: held.copy() if isinstance(held, list) else held for name, held in vars(self.registers).items()}

    def load(self, saved: object) -> None:
        assert isinstance(saved, dict)
        values = vars(self.registers)
        for name, held in saved.items():
            if isinstance(held, list):
                values[name][:] = held
            else:
                values[name] = held

    def reset(self) -> None:
        values = vars(self.registers)
        for slot in self.layout.slots.values():
            if slot.count:
                values[slot.attribute][:] = [slot.reset] * slot.count
            else:
                values[slot.attribute] = slot.reset


class _Elements:
    """An array of a BufferBlock, indexed as a list is."""

    def __init__(self, buffer: memoryview, slot: Slot) -> None:
        self._buffer = buffer
        self._slot = slot

    def _place(self, index: int) -> slice:
        if not 0 <= index < self._slot.count:
            raise IndexError(f"{self._slot.name} has no element {index}")
        start = self._slot.offset + index * self._slot.size
        return slice(start, start + self._slot.size)

    def __getitem__(self, index: int) -> int:
        return int.from_bytes(self._buffer[self._place(index)], "little")

    def __setitem__(self, index: int, value: int) -> None:
        self._buffer[self._place(index)] = value.to_bytes(self._slot.size, "little")

    def __len__(self) -> int:
        return self._slot.count


def _property(buffer: memoryview, slot: Slot) -> property:
    place = slice(slot.offset, slot.offset + slot.size)
    size = slot.size

    def read(_: object) -> int:
        return int.from_bytes(buffer[place], "little")

    def write(_: object, value: int) -> None:
        buffer[place] = value.to_bytes(size, "little")

    return property(read, write)


class BufferBlock:
    """Values in the declared layout, in a writable buffer of `layout.size` bytes (native code's own memory, say)."""

    def __init__(self, layout: BlockLayout, buffer: bytearray | memoryview) -> None:
        view = memoryview(buffer).cast("B")
        if len(view) != layout.size:
            raise SnapshotError(f"the {layout.scope} block has {layout.size} bytes, and this buffer {len(view)}")
        self.layout = layout
        self.buffer = view
        members: dict[str, object] = {}
        self._arrays: dict[int, memoryview] = {}
        """By their offsets, slots whose elements are not wider than a memoryview's can be."""
        for slot in layout.slots.values():
            kind = _CELLS.get(slot.size)
            if kind is not None:
                self._arrays[slot.offset] = view[slot.offset : slot.offset + slot.size * slot.elements].cast(kind)
            members[slot.attribute] = _Elements(view, slot) if slot.count else _property(view, slot)
        self.registers: Any = type("BufferRegisters", (), members)()
        self.reset()

    def get(self, slot: Slot, index: int) -> int:
        array = self._arrays.get(slot.offset)
        if array is not None:
            return array[index]
        offset = slot.offset + index * slot.size
        return int.from_bytes(self.buffer[offset : offset + slot.size], "little")

    def set(self, slot: Slot, index: int, value: int) -> None:
        array = self._arrays.get(slot.offset)
        if array is not None:
            array[index] = value
            return
        offset = slot.offset + index * slot.size
        self.buffer[offset : offset + slot.size] = value.to_bytes(slot.size, "little")

    def reader(self, places: Sequence[tuple[Slot, int]]) -> Callable[[], tuple[int, ...]]:
        words = self._doublewords(places)
        if words is not None:
            unpack, buffer = struct.Struct(f"={len(places)}Q").unpack_from, words.cast("B")
            return lambda: unpack(buffer)
        cells = self._cells(places)
        if cells is None:
            return lambda: tuple(self.get(slot, index) for slot, index in places)
        if len(cells) == 1:
            cell = cells[0]
            return lambda: (cell[0],)
        return lambda: tuple([cell[0] for cell in cells])

    def writer(self, places: Sequence[tuple[Slot, int]]) -> Callable[[Sequence[int]], None]:
        words = self._doublewords(places)
        if words is None:
            cells = self._cells(places)
            return _writer(self, places) if cells is None else _cells_writer(cells, places)
        packs = [struct.Struct(f"={count}Q").pack_into for count in range(len(places) + 1)]
        buffer = words.cast("B")

        def write(values: Sequence[int]) -> None:
            try:
                packs[len(values)](buffer, 0, *values)
            except struct.error:
                packs[len(values)](buffer, 0, *(value & _DOUBLEWORD for value in values))

        return write

    def _cells(self, places: Sequence[tuple[Slot, int]]) -> list[memoryview] | None:
        """Each element as the one of an array of its own, if none is wider than that can be."""
        cells = []
        for slot, index in places:
            kind = _CELLS.get(slot.size)
            if kind is None:
                return None
            start = slot.offset + index * slot.size
            cells.append(self.buffer[start : start + slot.size].cast(kind))
        return cells

    def _doublewords(self, places: Sequence[tuple[Slot, int]]) -> memoryview | None:
        """The elements as one array, if they are doublewords that stand side by side."""
        offsets = [slot.offset + index * slot.size for slot, index in places]
        first, count = offsets[0], len(offsets)
        if first % 8 or offsets != list(range(first, first + 8 * count, 8)) or any(
            slot.width != 64 for slot, _ in places
        ):
            return None
        return self.buffer[first : first + 8 * count].cast("Q")

    def snapshot(self) -> bytes:
        return bytes(self.buffer)

    def restore(self, snapshot: bytes) -> None:
        check_length(self.layout, snapshot)
        self.buffer[:] = snapshot

    def save(self) -> object:
        return bytes(self.buffer)

    def load(self, saved: object) -> None:
        assert isinstance(saved, bytes)
        self.buffer[:] = saved

    def reset(self) -> None:
        for slot in self.layout.slots.values():
            end = slot.offset + slot.size * slot.elements
            self.buffer[slot.offset : end] = slot.reset.to_bytes(slot.size, "little") * slot.elements


def _writer(block: Block, places: Sequence[tuple[Slot, int]]) -> Callable[[Sequence[int]], None]:
    masked = [(slot, index, (1 << slot.width) - 1) for slot, index in places]

    def write(values: Sequence[int]) -> None:
        for (slot, index, mask), value in zip(masked, values, strict=False):
            block.set(slot, index, value & mask)

    return write


def _cells_writer(
    cells: Sequence[memoryview], places: Sequence[tuple[Slot, int]]
) -> Callable[[Sequence[int]], None]:
    masked = [(cell, (1 << slot.width) - 1) for cell, (slot, _) in zip(cells, places, strict=True)]

    def write(values: Sequence[int]) -> None:
        for (cell, mask), value in zip(masked, values, strict=False):
            cell[0] = value & mask

    return write


BlockMaker = Callable[[BlockLayout], Block]
"""What makes the blocks of a state: `PythonBlock`, or a function that places a BufferBlock."""


def check_length(layout: BlockLayout, snapshot: bytes) -> None:
    """Raises SnapshotError where `snapshot` cannot be of a block of this layout."""
    if len(snapshot) != layout.size:
        raise SnapshotError(
            f"a snapshot of the {layout.scope} block has {layout.size} bytes, and this one {len(snapshot)}",
            "it was taken with another description or another core",
        )
