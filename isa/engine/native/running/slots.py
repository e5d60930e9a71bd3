"""The table of RAM slots that native code reaches by physical address, and the map of pages with decoded code."""

from __future__ import annotations

from collections.abc import Iterable

from ...interface import Slot
from ...softtlb import PAGE_BITS
from ..shared import Area, DecodedWords
from ..shared import cpu_layout as cpu

_MASK = (1 << 64) - 1
_LARGEST_SLOT = 1 << 38
"""Bytes of a slot beyond which native code leaves accesses to the engine: its map of code pages would be large."""


class NativeSlots:
    """Slots are shown when an access first reaches them, and all forgotten when one was added or removed.

    The map of code pages is only ever too careful: a mark may be old, a missing one never is.
    """

    def __init__(self, vcpu: memoryview, words: DecodedWords) -> None:
        """`vcpu` are the words of the vcpu's area, `words` the machine's marks."""
        self._vcpu = vcpu
        self._words = words
        self._table = Area(cpu.MAXIMUM_SLOTS * cpu.SLOT_ENTRY)
        self._code_maps: dict[int, tuple[Slot, Area]] = {}
        vcpu[cpu.SLOTS >> 3] = self._table.address

    def show(self, slot: Slot | None, code_pages: Iterable[int]) -> None:
        """Lets native code reach a slot, with these page numbers marked as code; None is no slot."""
        if slot is None or slot.base in self._code_maps or slot.size > _LARGEST_SLOT:
            return
        count = self._vcpu[cpu.SLOT_COUNT >> 3]
        if count >= cpu.MAXIMUM_SLOTS:
            return
        code_map = Area(slot.size >> PAGE_BITS)
        self._code_maps[slot.base] = slot, code_map
        for page in code_pages:
            self.mark(page, 1)
        first = slot.base >> PAGE_BITS
        values = (
            slot.base,
            slot.size,
            slot.ram.host_address + slot.offset - slot.base,
            slot.ram.dirty_address + (slot.offset >> PAGE_BITS) - first,
            code_map.address - first,
            int(slot.read_only),
            self._words.show(slot, code_pages),
        )
        at = count * cpu.SLOT_ENTRY >> 3
        for place, value in enumerate(values):
            self._table.words[at + place] = value & _MASK
        self._vcpu[cpu.SLOT_COUNT >> 3] = count + 1

    def forget(self) -> None:
        """Native code asks for slots again."""
        self._vcpu[cpu.SLOT_COUNT >> 3] = 0
        self._code_maps.clear()
        self._words.forget()

    def mark(self, page: int, value: int) -> None:
        """Marks a physical page number as holding decoded code (1), or as free of it (0)."""
        for slot, code_map in self._code_maps.values():
            number = page - (slot.base >> PAGE_BITS)
            if 0 <= number < code_map.size:
                code_map.view[number] = value
