"""Filling decoded pages: the instruction that was come to, and those behind it that are sure to follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ...model import code
from ...model.code import Body, Function
from ...model.items import Form
from ..errors import Interrupt
from ..interface import FETCH, ByteOrder
from ..purity import calls, walk
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


def ends_code(functions: Mapping[str, Function], body: Body, always: bool) -> bool:
    """Whether a body may set the next address, or raises without a condition (`always`: the body itself has none).

    Choices by fields alone are taken to go on: that a register is the program counter, say, is rare. This is a guess
    about what is worth decoding, no more.
    """
    for statement in body:
        if isinstance(statement, code.SetNext) or (isinstance(statement, code.Raise) and always):
            return True
        if isinstance(statement, code.If):
            ends = [ends_code(functions, arm, False) for arm in (statement.then, statement.otherwise)]
            if all(ends) or (any(ends) and _reads_state(statement.condition)):
                return True
        elif isinstance(statement, code.Switch):
            arms = [*(case.body for case in statement.cases), statement.default]
            if all(ends_code(functions, arm, False) for arm in arms):
                return True
        elif any(ends_code(functions, functions[name].body, always) for name in calls((statement,))):
            return True
    return False


def _reads_state(condition: code.Expression) -> bool:
    return any(isinstance(node, (code.ReadRegister, code.Call, code.Special)) for node in walk(condition))


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
        instructions = self._instructions(chosen, pc, base, order)
        for _ in range(_AHEAD):
            length = self._decode_one(page, chosen, pc, base, order, instructions)
            pc += length
            offset = pc & (PAGE_SIZE - 1)
            if not length or not offset or page.entry(offset)[0] != undecoded:
                break
        return True

    def _instructions(self, chosen: CodeSet, pc: int, base: int, order: ByteOrder) -> Iterator[tuple[int, int]]:
        """(word, length) of the instructions from `pc` on, as far as the page goes."""
        unit, offset = chosen.unit, pc & (PAGE_SIZE - 1)
        if chosen.is_long is None:
            data = self.get_bytes(base | offset, min(_AHEAD * unit, PAGE_SIZE - offset), True)
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
        if offset in self._stop_offsets:
            page.put(offset, special["breakpoint"], 0, 0)
            return 0
        if offset + chosen.unit == PAGE_SIZE and chosen.is_long is not None:
            first = int.from_bytes(self.get_bytes(base | offset, chosen.unit, True), order)
            if chosen.is_long(first):
                page.put(offset, special["step"], 0, 0)
                return 0
        word, length = next(instructions)
        form = self.form_of(chosen, word, length)
        handler = special["step"] if form is None or self.executes_alone(form) else self.code.handlers[form.name]
        page.put(offset, handler, word, length)
        return 0 if form is None or self._may_jump(form) else length

    def _may_jump(self, form: Form) -> bool:
        """Whether a form is of those behind which there need not be code."""
        found = self._jumps.get(form.name)
        if found is None:
            found = self._jumps[form.name] = ends_code(self.description.functions, form.body, True)
        return found

    def executes_alone(self, form: Form) -> bool:
        """Whether a form is left to the loop at present."""
        raise NotImplementedError

    def form_of(self, chosen: CodeSet, word: int, length: int) -> Form | None:
        """The form of a word; it is remembered."""
        key = (chosen.code, word, length)
        if key not in self._forms:
            if len(self._forms) >= _MOST_WORDS:
                self._forms.clear()
            self._forms[key] = chosen.decoder.decode(word, length * 8)
        return self._forms[key]

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
