"""Mapping symbols: where code of each kind, and data inside of code, begins in a section.

What is marked, also beyond need, follows GNU as (`mapping_state`, `arm_init_frag`, `check_mapping_symbols`), so that
objects are alike: alignment in code counts as code even where it adds nothing, and each literal pool is marked.
Source: ELF for the Arm Architecture, 5.5.5 "Mapping symbols".
"""

from __future__ import annotations

from msgspec import Struct, field

from ..layout.code_runs import CodeRun
from ..layout.sections import Code, Datum, Item, Leb128, Origin, Padding, PoolStart, Raw, Section
from ..target.padding import CodePadding


class MappingSymbols(Struct):
    """Collects the symbols of one section from its items, which come in order."""

    section: Section
    data: str
    """The symbol that marks data; empty where the architecture marks nothing."""
    _state: str = ""
    _at: dict[int, str] = field(default_factory=dict)
    """By the offset from the section's start; the last one at a place counts."""

    def add(self, item: Item) -> None:
        """Take note of the next item."""
        if not self.data or isinstance(item, Origin):
            return
        if isinstance(item, Code | CodeRun):
            self._enter_code(item.instruction_set.mapping_symbol, item.offset)
            if isinstance(item, CodeRun):
                for place, size in item.plain:
                    self._enter(self.data, item.offset + place)
                    if place + size < item.size:
                        self._enter(item.instruction_set.mapping_symbol, item.offset + place + size)
        elif isinstance(item, Padding):
            if isinstance(item.fill, CodePadding):
                self._padding(item, item.fill)
            else:
                self._enter(self.data, item.offset)
        elif isinstance(item, PoolStart):
            self._state = self._at[item.offset] = self.data
        elif isinstance(item, Raw | Datum | Leb128):
            # Data at the very start is marked when code follows.
            if self._state and (item.size or not isinstance(item, Raw)):
                self._enter(self.data, item.offset)
        elif item.size or self._state:
            self._enter(self.data, item.offset)

    def found(self) -> list[tuple[int, str]]:
        """Offsets and names; nothing is marked at the end of the section."""
        return sorted((offset, name) for offset, name in self._at.items() if offset < self.section.size)

    def _padding(self, item: Padding, fill: CodePadding) -> None:
        self._enter_code(fill.mapping_symbol, item.offset)
        odd = item.size % len(fill.unit)
        if odd:
            # Less than an instruction: zeros, which are data.
            self._at[item.offset] = self.data
            self._at[item.offset + odd] = fill.mapping_symbol

    def _enter_code(self, wanted: str, offset: int) -> None:
        if not self._state and offset:
            self._at[0] = self.data
        self._enter(wanted, offset)

    def _enter(self, wanted: str, offset: int) -> None:
        if wanted and wanted != self._state:
            self._state = self._at[offset] = wanted
