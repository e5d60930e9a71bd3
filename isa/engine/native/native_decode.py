"""Filling decoded pages: the instruction that was come to, and those behind it that are sure to follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import code
from ...model.items import Form
from ..errors import Interrupt
from ..interface import FETCH, ByteOrder
from ..purity import calls, reachable, walk
from ..softtlb import PAGE_BITS, PAGE_SIZE
from .native_fetch import NativeFetch
from .pages import CodePage, PageKey
from .regions.tier import Place

if TYPE_CHECKING:
    from ..fetch import CodeSet

_AHEAD = 32
"""Instructions that are decoded at once, at most. Data behind code is not: a store to it would drop the page."""
_MOST_WORDS = 1 << 16
"""Words whose forms are remembered."""


class NativeDecode(NativeFetch):
    """Decodes for native code."""

    _forms: dict[tuple[int, int, int], Form | None]
    _jumps: dict[str, bool]

    def prepare_decoding(self) -> None:
        """Before anything is decoded."""
        self._forms = {}
        self._jumps = {}

    def decode(self, pc: int) -> bool:
        """Fills the entry of the instruction at `pc`; False where `find_page` has to find the page first."""
        chosen = self.present_set()
        base = self.here().fetches.get(pc >> PAGE_BITS)
        if base is None:
            return False
        order: ByteOrder = "big" if self.fetches_big_endian() else "little"
        page = self.code_page(PageKey(base >> PAGE_BITS, chosen.code, order == "big"), chosen.unit)
        self.claim(base >> PAGE_BITS)
        undecoded = self.code.special["undecoded"]
        for _ in range(_AHEAD):
            length = self._decode_one(page, chosen, pc, base, order)
            pc += length
            offset = pc & (PAGE_SIZE - 1)
            if not length or not offset or page.entry(offset)[0] != undecoded:
                break
        return True

    def _decode_one(self, page: CodePage, chosen: CodeSet, pc: int, base: int, order: ByteOrder) -> int:
        """Decodes one; its length if what lies behind it is sure to be an instruction, else 0."""
        offset = pc & (PAGE_SIZE - 1)
        special = self.code.special
        if offset in self._stop_offsets:
            page.put(offset, special["breakpoint"], 0, 0)
            return 0
        if offset + chosen.unit == PAGE_SIZE and chosen.is_long is not None:
            first = int.from_bytes(self.get_bytes(base | offset, chosen.unit, True), order)
            if chosen.is_long(first):
                page.put(offset, special["step"], 0, 0)
                return 0
        word, length = self._read_instruction(pc, base | offset, chosen, order)
        key = (chosen.code, word, length)
        if key not in self._forms:
            if len(self._forms) >= _MOST_WORDS:
                self._forms.clear()
            self._forms[key] = chosen.decoder.decode(word, length * 8)
        form = self._forms[key]
        page.put(offset, special["step"] if form is None else self.code.handlers[form.name], word, length)
        return 0 if form is None or self._may_jump(form) else length

    def _may_jump(self, form: Form) -> bool:
        """Whether a form can set the next address, or raise of its own."""
        found = self._jumps.get(form.name)
        if found is None:
            functions = self.description.functions
            bodies = [form.body, *(functions[name].body for name in reachable(functions, calls(form.body)))]
            found = any(isinstance(node, (code.SetNext, code.Raise)) for node in walk(tuple(bodies)))
            self._jumps[form.name] = found
        return found

    def place_of(self, pc: int) -> Place | None:
        """Where the code at `pc` is, if that page has been decoded."""
        chosen = self.present_set()
        here = self.here()
        if pc >> PAGE_BITS not in here.fetches:
            # Native code found the page by itself, and what it has translated can be translated again.
            self.cia = self.nia = pc
            try:
                self.physical(pc, FETCH, FETCH)
            except Interrupt:
                return None
        base = here.fetches.get(pc >> PAGE_BITS)
        if base is None:
            return None
        page = self._native_pages.get(PageKey(base >> PAGE_BITS, chosen.code, self.fetches_big_endian()))
        return None if page is None else Place(page, pc & -PAGE_SIZE, chosen.decoder)

    def stops_at(self, offset: int) -> bool:
        """Whether a breakpoint stands at this offset of some page."""
        return offset in self._stop_offsets
