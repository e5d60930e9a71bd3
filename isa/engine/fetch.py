"""Fetch and decode: from an address to an instruction that can be executed, with what was decoded kept.

Decoded instructions are kept by physical page (`_Page`), and by address in the present context (`hot`), which is all
that the loop looks at. A store to bytes that an instruction was decoded from drops it, whether or not the guest says
so by its cache instructions: pages with decoded code have no fast path for stores.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec

from ..model.decoder import Decoder, field_value
from ..model.items import Description, Form
from .access import NO_CODE, AccessPath
from .decoded import NOTHING, Decoded
from .errors import EngineError
from .interface import FETCH, Bus, ByteOrder, PhysicalMemory
from .interrupt_log import InterruptLog
from .kept import kept_product
from .softtlb import MAXIMUM_ENTRIES, PAGE_BITS, PAGE_SIZE, HotTable
from .state import State

_LONGEST = 4
"""Bytes of the longest instruction."""
MAXIMUM_PAGES = 4096
"""Physical pages of decoded code that are kept."""


class CodeSet(msgspec.Struct, frozen=True):
    """An instruction set: its code, the bytes of a unit, whether another unit follows a first one, and its decoder."""

    code: int
    unit: int
    is_long: Callable[[int], int] | None
    decoder: Decoder
    joined: Callable[[int, int], int]
    """The word that a first and a second unit make."""


class _Page(msgspec.Struct, eq=False):
    """Instructions decoded from a physical page, by (offset, instruction set's code, byte order); and the offsets."""

    decoded: dict[tuple[int, int, ByteOrder], Decoded] = msgspec.field(default_factory=dict)
    offsets: set[int] = msgspec.field(default_factory=set)


class FetchPath(AccessPath):
    """Finds the instruction at an address."""

    interrupts: InterruptLog

    def __init__(
        self,
        description: Description,
        state: State,
        memory: PhysicalMemory,
        bus: Bus,
        vcpu: int,
        coverage: set[int] | None,
    ) -> None:
        super().__init__(description, state, memory, bus, vcpu, coverage)
        self._sets = {
            instruction_set.code: self._make_set(name) for name, instruction_set in description.instruction_sets.items()
        }
        if not self._sets:
            raise EngineError(
                f"{description.name} has no instruction set", hint="declare one: instruction_set NAME { unit 32 }"
            )
        self._only_set = next(iter(self._sets.values())) if len(self._sets) == 1 else None
        self._set_state = (
            self.generated.bind(description.set_state, self, self.reg) if description.set_state else None
        )
        self._set_registers = (
            frozenset(description.functions[description.set_state].reads) if description.set_state else frozenset()
        )
        self._illegal = self.hook("illegal")
        self._misaligned_fetch = self.hook("misaligned_fetch")
        self._fetch_order_hook = self.hook("big_endian_fetch")
        self._pages: dict[int, _Page] = {}
        self._crossing: dict[tuple[int, int, int], Decoded] = {}
        """By word, length and set: instructions that were found over the end of a page. They are read there each time,
        since either page may be another one, but what is read is decoded once."""
        self._finishes: dict[str, Callable[[], object] | None] = {}

    def _make_set(self, name: str) -> CodeSet:
        instruction_set = self.description.instruction_sets[name]
        # A call into native code takes longer than what these few look at.
        is_long = self.generated.bind(instruction_set.long, self, self.reg) if instruction_set.long else None
        decoder = kept_product(
            self.description.fingerprint, f"decoder {name}", lambda: Decoder(self.description, name)
        )
        return CodeSet(instruction_set.code, instruction_set.unit // 8, is_long, decoder, instruction_set.joined)

    def present_set(self) -> CodeSet:
        """The instruction set that the state selects. Raises EngineError where its code is no set's."""
        if self._only_set is not None or self._set_state is None:
            return self._only_set or next(iter(self._sets.values()))
        code = self._set_state()
        if code not in self._sets:
            raise EngineError(f"instruction_set_state is {code}, which is no instruction set's code", self.cia)
        return self._sets[code]

    def select_set(self) -> None:
        """Has the loop look at the present instruction set's code."""
        if not self._stale:
            self.hot = self._hot(self.present_set().code)

    def _hot(self, code: int) -> HotTable:
        hot = self._here.hot.get(code)
        if hot is None:
            hot = self._here.hot[code] = {}
        return hot

    def fetch(self, pc: int) -> Decoded:
        """The instruction at `pc`. Raises Interrupt where it cannot be fetched."""
        chosen = self.present_set()
        self.cia = pc
        self.nia = (pc + chosen.unit) & self.address_mask
        self.instruction = NOTHING
        here = self.here()
        self.hot = hot = self._hot(chosen.code)
        found = hot.get(pc)
        if found is not None:
            return found
        if pc & (chosen.unit - 1) and self._misaligned_fetch is not None:
            self._misaligned_fetch(pc)
        base = here.fetches.get(pc >> PAGE_BITS)
        pa = self.physical(pc, FETCH, FETCH)[0] if base is None else base | (pc & (PAGE_SIZE - 1))
        self.access = (pc, FETCH)
        cacheable = pc >> PAGE_BITS in here.fetches and bool(self.is_ram(pa, 1)) and self.overlay is None
        decoded = self._decoded(pc, pa, chosen, cacheable)
        if cacheable and (pc & (PAGE_SIZE - 1)) + decoded.length <= PAGE_SIZE and here is self._here:
            if len(hot) >= MAXIMUM_ENTRIES:
                hot.clear()
            hot[pc] = decoded
        return decoded

    def _decoded(self, pc: int, pa: int, chosen: CodeSet, cacheable: bool) -> Decoded:
        order: ByteOrder = "big" if self._fetch_order_hook is not None and self._fetch_order_hook() else "little"
        key = (pa & (PAGE_SIZE - 1), chosen.code, order)
        page = self._pages.get(pa >> PAGE_BITS)
        known = page.decoded.get(key) if page is not None else None
        if known is not None:
            following = (pc + known.length) & self.address_mask
            return Decoded(known.execute, known.finish, following, known.word, known.length, known.form)
        word, length = self._read_instruction(pc, pa, chosen, order)
        following = (pc + length) & self.address_mask
        crossing = self._crossing.get((word, length, chosen.code))
        if crossing is not None:
            return Decoded(crossing.execute, crossing.finish, following, word, length, crossing.form)
        form = chosen.decoder.decode(word, length * 8)
        if form is None:
            decoded = Decoded(self._no_encoding, None, following, word, length, None)
        else:
            function, names = self.generated.forms[form.name]
            fields = {field.name: field for field in form.fields}
            execute = partial(function, self, self.reg, *(field_value(fields[name], word) for name in names))
            decoded = Decoded(execute, self._finish(form), following, word, length, form)
        if cacheable and key[0] + length <= PAGE_SIZE:
            self._keep(pa, key, decoded)
        elif form is not None and key[0] + length > PAGE_SIZE:
            if len(self._crossing) >= MAXIMUM_PAGES:
                self._crossing.clear()
            self._crossing[word, length, chosen.code] = decoded
        return decoded

    def _read_instruction(self, pc: int, pa: int, chosen: CodeSet, order: ByteOrder) -> tuple[int, int]:
        unit = chosen.unit
        first = int.from_bytes(self.get_bytes(pa, unit, True), order)
        if chosen.is_long is None or not chosen.is_long(first):
            return first, unit
        second_pa = pa + unit
        if (pc & (PAGE_SIZE - 1)) + 2 * unit > PAGE_SIZE:
            second = (pc + unit) & self.address_mask
            base = None if self._stale else self._here.fetches.get(second >> PAGE_BITS)
            second_pa = self.physical(second, FETCH, FETCH)[0] if base is None else base | (second & (PAGE_SIZE - 1))
        second = int.from_bytes(self.get_bytes(second_pa, unit, True), order)
        return chosen.joined(first, second), 2 * unit

    def _keep(self, pa: int, key: tuple[int, int, ByteOrder], decoded: Decoded) -> None:
        number = pa >> PAGE_BITS
        page = self._pages.get(number)
        if page is None:
            if len(self._pages) >= MAXIMUM_PAGES:
                self._pages.clear()
                self.tlb.drop_hot()
            page = self._pages[number] = _Page()
            self.claim(number)
        page.decoded[key] = decoded
        page.offsets.add(key[0])

    def claim(self, number: int) -> None:
        """Lets no vcpu store to a physical page number as if it held no code."""
        if number not in self.peers.code_pages:
            self.peers.code_pages.add(number)
            for engine in self.peers.engines:
                engine.protect_code(number)

    def _finish(self, form: Form) -> Callable[[], object] | None:
        """What follows the form's body: the set's `after` function, and a look at the instruction set's state."""
        if form.name in self._finishes:
            return self._finishes[form.name]
        after = self.bound(form.after) if form.after else None
        written = {*form.writes, *(self.description.functions[form.after].writes if form.after else ())}
        finish: Callable[[], object] | None = after
        if written & self._set_registers:
            finish = self.select_set if after is None else partial(_both, after, self.select_set)
        self._finishes[form.name] = finish
        return finish

    def _no_encoding(self) -> None:
        if self._illegal is None:
            word = f"{self.instruction.word:#0{2 + 2 * self.instruction.length}x}"
            raise EngineError(f"no encoding matches {word}", self.cia, "give the description a hook `illegal`")
        if self.overlay is None:
            self.interrupts.note_unknown(self.cia, self.instruction.word, self.instruction.length)
        self._illegal()
        raise EngineError("the hook illegal returned; it must raise an interrupt", self.cia)

    def drop_translations(self, tag: int | None, mask: int, page_address: int | None) -> None:
        """See `Peer`. What was decoded stays; the way to it is looked for again."""
        super().drop_translations(tag, mask, page_address)

    def drop_code(self, pa: int, size: int) -> bool:
        """See `Peer`."""
        kept = False
        for number in (
            range(pa >> PAGE_BITS, ((pa + size - 1) >> PAGE_BITS) + 1) if size < 1 << 32 else list(self._pages)
        ):
            page = self._pages.get(number)
            if page is None:
                continue
            if self.decoded_there(number, pa - (number << PAGE_BITS), size):
                del self._pages[number]
                self.tlb.drop_hot()
            else:
                kept = True
        return kept

    def decoded_there(self, number: int, start: int, size: int) -> bool:
        """Whether an instruction of a physical page number is kept that lies in `size` bytes from offset `start`."""
        page = self._pages.get(number)
        return page is not None and any(start - _LONGEST < offset < start + size for offset in page.offsets)


def _both(first: Callable[[], object], second: Callable[[], object]) -> None:
    first()
    second()


__all__ = ["NO_CODE", "FetchPath"]
