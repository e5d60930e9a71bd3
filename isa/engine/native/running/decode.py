"""Filling decoded pages: the instruction that was come to, and those behind it that are sure to follow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....model.items import Form
from ...errors import Interrupt
from ...interface import FETCH, ByteOrder
from ...kept import kept_product
from ...softtlb import PAGE_BITS, PAGE_SIZE
from ..shared import AHEAD, CodePage, PageKey, ends_code
from ..tier import Place
from .changes import NativeChanges

if TYPE_CHECKING:
    from ...fetch import CodeSet

_MOST_WORDS = 1 << 16
"""Words whose forms are remembered."""


class NativeDecode(NativeChanges):
    """Decodes for native code."""

    _forms: dict[tuple[int, int, int], tuple[Form | None, int]]

    def prepare_decoding(self) -> None:
        """Before anything is decoded."""
        self._forms = {}
        self._lacking: dict[int, str] = {}
        """Forms without native code by where one was met last, so that looking again costs little."""

    def decode(self, pc: int) -> bool:
        """Fills the entry of the instruction at `pc`; False where `find_page` has to find the page first."""
        chosen = self.present_set()
        base = self.here().fetches.get(pc >> PAGE_BITS)
        if base is None:
            return False
        order: ByteOrder = "big" if self.fetches_big_endian() else "little"
        key = PageKey(base >> PAGE_BITS, chosen.code, order == "big", self.stops_in(pc))
        page = self.code_page(key, chosen.unit, pc)
        if not page.is_open and self.open_page(page, base):
            return True
        self.claim(base >> PAGE_BITS)
        undecoded = self.code.special["undecoded"]
        instructions = self._instructions(chosen, pc, base, order)
        for _ in range(AHEAD):
            length = self._decode_one(page, chosen, pc, base, order, instructions)
            pc += length
            offset = pc & (PAGE_SIZE - 1)
            if not length or not offset or page.entry(offset)[0] != undecoded:
                break
        return True

    def open_page(self, page: CodePage, base: int) -> bool:
        """See `NativePages`."""
        self.claim(base >> PAGE_BITS)
        slot = self.memory.slot_at(base)
        if page.marks is None:
            page.marks = self.decoded_words.of(base >> PAGE_BITS)
        if slot is None or page.marks is None or self.decodes_itself(page):
            return False
        page.open(slot.ram.host_address + slot.offset + base - slot.base, self.fetches_big_endian(), page.marks)
        return True

    def _instructions(self, chosen: CodeSet, pc: int, base: int, order: ByteOrder) -> Iterator[tuple[int, int]]:
        """(word, length) of the instructions from `pc` on, as far as the page goes."""
        unit, offset = chosen.unit, pc & (PAGE_SIZE - 1)
        if chosen.is_long is None:
            data = self.get_bytes(base | offset, min(AHEAD * unit, PAGE_SIZE - offset), True)
            for at in range(0, len(data), unit):
                yield int.from_bytes(data[at : at + unit], order), unit
            return
        while True:
            word, length = self._read_instruction(pc, base | (pc & (PAGE_SIZE - 1)), chosen, order)
            yield word, length
            pc += length

    def _decode_one(
        self,
        page: CodePage,
        chosen: CodeSet,
        pc: int,
        base: int,
        order: ByteOrder,
        instructions: Iterator[tuple[int, int]],
    ) -> int:
        """Decodes the next of `instructions`; its length if behind it there surely is another, else 0."""
        offset = pc & (PAGE_SIZE - 1)
        special = self.code.special
        if offset in page.stops:
            self.put_stop(page, chosen, pc, instructions)
            return 0
        if offset + chosen.unit == PAGE_SIZE and chosen.is_long is not None:
            first = int.from_bytes(self.get_bytes(base | offset, chosen.unit, True), order)
            if chosen.is_long(first):
                page.put(offset, special["split"], 0, 0)
                return 0
        word, length = next(instructions)
        form, handler = self._known(chosen, word, length)
        if form is not None and self.executes_alone(form):
            handler = special["step"]
        page.put(offset, handler, word, length)
        return 0 if form is None or self._may_jump(form) else length

    def put_stop(self, page: CodePage, chosen: CodeSet, pc: int, instructions: Iterator[tuple[int, int]]) -> None:
        """Puts what stops at a breakpoint in the place of the next of `instructions`, which is at `pc`."""
        page.put(pc & (PAGE_SIZE - 1), self.code.special["breakpoint"], 0, 0)

    def _may_jump(self, form: Form) -> bool:
        """Whether a form is of those behind which there need not be code."""
        # A note that all engines of a description fill.
        jumps = kept_product(self.description.fingerprint, "jumps", dict[str, bool])
        found = jumps.get(form.name)
        if found is None:
            found = jumps[form.name] = ends_code(self.description.functions, form.body, True)
        return found

    def decodes_itself(self, page: CodePage) -> bool:
        """Whether native code must not decode for a page."""
        return bool(page.stops)

    def executes_alone(self, form: Form) -> bool:
        """Whether a form is left to the loop at present."""
        raise NotImplementedError

    def form_of(self, chosen: CodeSet, word: int, length: int) -> Form | None:
        """The form of a word; it is remembered."""
        return self._known(chosen, word, length)[0]

    def _known(self, chosen: CodeSet, word: int, length: int) -> tuple[Form | None, int]:
        """The form of a word and the handler that it usually has."""
        key = (chosen.code, word, length)
        if key not in self._forms:
            if len(self._forms) >= _MOST_WORDS:
                self._forms.clear()
            name = self.code.form(chosen.decoder.instruction_set.name, word, length * 8)
            form = None if name is None else self.description.forms[name]
            handler = self.code.special["illegal"] if form is None else self.code.handler(form.name, word)
            if handler == self.code.special["unbuilt"]:
                return form, handler
            self._forms[key] = form, handler
        return self._forms[key]

    def look_again(self, pc: int) -> bool:
        """Has an entry decoded again whose form had no native code; whether it has now. Raises EngineError where that
        cannot be built."""
        lacking = self._lacking.get(pc)
        if lacking is not None and not self.code.has(lacking):
            return False
        chosen = self.present_set()
        place = self.place_of(pc)
        if place is None:
            return False
        handler, word, length = place.page.entry(pc - place.address)
        form, known = self._known(chosen, word, length)
        if form is None:
            return False
        if known == self.code.special["unbuilt"]:
            self._lacking[pc] = form.name
            return False
        self._lacking.pop(pc, None)
        if handler == self.code.special["unbuilt"]:
            place.page.forget(pc - place.address)
        return True

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
        key = PageKey(base >> PAGE_BITS, chosen.code, self.fetches_big_endian(), self.stops_in(pc))
        page = self._native_pages.get(key)
        return None if page is None else Place(page, pc & -PAGE_SIZE, chosen.decoder)
