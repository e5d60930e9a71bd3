"""The native tables: contexts and cached translations, kept in step with those that Python keeps."""

from __future__ import annotations

from ...access import NO_CODE, AccessPath
from ...interface import ByteOrder
from ...softtlb import PAGE_BITS, Context, SoftTlb
from ...state import Peers
from ..building import NativeCode
from ..shared import Area, CodePage, PageKey, words_of
from ..shared import cpu_layout as cpu
from ..tier import Tiers
from .devices import NativeDevices
from .slots import NativeSlots

_ENTRIES = 1 << cpu.TLB_BITS
_MASK = (1 << 64) - 1
_CONTEXT, _DROPPED, _NOWHERE = cpu.CONTEXT >> 3, cpu.DROPPED >> 3, cpu.NOWHERE


class TaggedTlb(SoftTlb):
    """Remembers for which tag a context was asked last, and whether contexts were given up since `restarted` was
    looked at. Forgets everything when native code has dropped translations."""

    latest = 0
    restarted = False

    def __init__(self, vcpu: memoryview) -> None:
        """`vcpu` are the words of the vcpu's area."""
        super().__init__()
        self._vcpu = vcpu

    def look(self) -> None:
        """Finds out whether native code has dropped translations."""
        if self._vcpu[cpu.DROPPED >> 3]:
            self._vcpu[cpu.DROPPED >> 3] = 0
            self.clear()

    def context(self, tag: int) -> Context:
        """See `SoftTlb`."""
        self.look()
        self.latest = tag
        known = len(self._contexts)
        found = super().context(tag)
        self.restarted |= len(self._contexts) < known
        return found


class NativeFetch(NativeDevices):
    """Overrides what fills and drops translations and code, so that native code sees it."""

    code: NativeCode
    area: Area
    words: memoryview
    breakpoints: set[int]
    tlb: TaggedTlb
    tiers: Tiers

    def prepare_tables(self, blocks: dict[str, int], peers: Peers) -> None:
        """Makes the tables that native code reads; before anything else of the engine is made."""
        self.decoded_words = words_of(peers)
        self._native_loads = Area(2 * _ENTRIES * cpu.LOAD_ENTRY)
        self._native_stores = Area(2 * _ENTRIES * cpu.STORE_ENTRY)
        self._native_fetches = Area(2 * _ENTRIES * cpu.FETCH_ENTRY)
        self._native_contexts = Area(cpu.CONTEXT_ENTRY << cpu.CONTEXT_BITS)
        self._filled_places = Area(8 * (cpu.FILLED_KEPT + 1))
        self._shown = NativeSlots(self.words, self.decoded_words)
        self._page_map = Area(cpu.PAGE_MAP_ENTRY << cpu.PAGE_MAP_BITS)
        self._numbers: dict[Context, int] = {}
        self._contexts: dict[int, Context] = {}
        self._native_pages: dict[PageKey, CodePage] = {}
        self._by_number: dict[int, list[CodePage]] = {}
        self._keys: dict[int, PageKey] = {}
        """Of decoded pages, by the address of their entries."""
        self._other_stops: dict[tuple[int, frozenset[int]], int] = {}
        """The same pages with other breakpoints: entries by those of one and its breakpoints."""
        fields = {
            cpu.CORE: blocks["core"],
            cpu.PARTITION: blocks["partition"],
            cpu.MACHINE: blocks["machine"],
            cpu.LOADS: self._native_loads.address,
            cpu.STORES: self._native_stores.address,
            cpu.FETCHES: self._native_fetches.address,
            cpu.CONTEXTS: self._native_contexts.address,
            cpu.PAGES: self._page_map.address,
            cpu.ENTRY: self.area.address + cpu.NO_ENTRY,
            cpu.CONTEXT: cpu.NOWHERE,
            cpu.ASKED: cpu.NOBODY,
            cpu.FILLED_PLACES: self._filled_places.address,
            cpu.NEXT_VCPU: self.area.address,
        }
        for offset, value in fields.items():
            self.words[offset >> 3] = value

    def link_vcpus(self) -> None:
        """Puts the areas of the machine's vcpus into a ring, in which native code finds the others."""
        areas = [engine.area for engine in self.peers.engines if isinstance(engine, NativeFetch)]
        for area, following in zip(areas, [*areas[1:], *areas[:1]], strict=True):
            area.words[cpu.NEXT_VCPU >> 3] = following.address

    # Contexts

    def context_changed(self) -> None:
        """See `AccessPath`."""
        super().context_changed()
        self.words[cpu.CONTEXT >> 3] = cpu.NOWHERE

    def here(self) -> Context:
        """See `AccessPath`; native code is told the context's number, and by which tag to find it again."""
        stale = self._stale
        context = super().here()
        if self.tlb.restarted:
            self.tlb.restarted = False
            self._forget_contexts()
        if stale and self.overlay is None:
            key = self._key(context)
            self.words[cpu.CONTEXT >> 3] = key
            tag = self.tlb.latest
            at = ((tag * cpu.HASH & _MASK) >> 64 - cpu.CONTEXT_BITS) * cpu.CONTEXT_ENTRY >> 3
            self._native_contexts.words[at] = tag
            self._native_contexts.words[at + 1] = key
        return context

    def follow_context(self) -> None:
        """Makes Python's idea of the present context that of native code."""
        words = self.words
        key = words[_CONTEXT]
        if words[_DROPPED]:
            self.tlb.look()
        self.hot = NO_CODE
        if key == _NOWHERE:
            if not self._stale:
                AccessPath.context_changed(self)
            return
        self._here = context = self._contexts[key]
        self._stale = False
        self.loads = context.loads
        self.stores = context.stores

    def _key(self, context: Context) -> int:
        number = self._numbers.get(context)
        if number is None:
            if len(self._numbers) >= cpu.MAXIMUM_CONTEXTS - 1:
                self._forget_contexts()
            number = self._numbers[context] = len(self._numbers) + 1
            self._contexts[number << cpu.CONTEXT_SHIFT] = context
        return number << cpu.CONTEXT_SHIFT

    def _forget_contexts(self) -> None:
        """Numbers are given out anew: nothing that native code holds by number may stay."""
        self._numbers.clear()
        self._contexts.clear()
        self._native_contexts.clear()
        self.clear_tables()

    # Translations

    def _fill(self, here: Context, address: int, pa: int, permitted: int) -> None:
        super()._fill(here, address, pa, permitted)
        self._shown.show(self.memory.slot_at(pa), self.peers.code_pages)
        page = address >> PAGE_BITS
        context = self._key(here)
        key = page << PAGE_BITS | context
        number = index_of(page, context)
        self._note_filled(number)
        device = here.devices.get(page)
        if device is not None:
            self.fill_device(number, page, device[0] | context, device[1])
            return
        entry = here.loads.get(page)
        if entry is not None:
            at = number * cpu.LOAD_ENTRY >> 3
            self._native_loads.words[at] = key
            self._native_loads.words[at + 1] = (entry[0].host_address + entry[1]) & 0xFFFF_FFFF_FFFF_FFFF
        entry = here.stores.get(page)
        if entry is not None:
            at = number * cpu.STORE_ENTRY >> 3
            ram, delta = entry
            self._native_stores.words[at] = key
            self._native_stores.words[at + 1] = (ram.host_address + delta) & 0xFFFF_FFFF_FFFF_FFFF
            self._shown.mark(pa >> PAGE_BITS, 0)
            self._native_stores.words[at + 2] = ram.dirty_address + ((address + delta) >> PAGE_BITS)

    def _note_filled(self, number: int) -> None:
        count = self.words[cpu.FILLED >> 3]
        self._filled_places.words[min(count, cpu.FILLED_KEPT)] = number
        self.words[cpu.FILLED >> 3] = count + 1

    def is_ram(self, pa: int, size: int) -> int:
        """See `PhysicalPath`; native code knows the slot then."""
        self._shown.show(self.memory.slot_at(pa), self.peers.code_pages)
        return super().is_ram(pa, size)

    def read_physical(self, pa: int, size: int, order: ByteOrder) -> int:
        """Native code came to a slot that it has not seen, or to no slot."""
        self._shown.show(self.memory.slot_at(pa), self.peers.code_pages)
        return super().read_physical(pa, size, order)

    def write_physical(self, pa: int, size: int, value: int, order: ByteOrder) -> None:
        """As `read_physical`."""
        self._shown.show(self.memory.slot_at(pa), self.peers.code_pages)
        super().write_physical(pa, size, value, order)

    def forget_slots(self) -> None:
        """Has native code ask for slots again: one was added or removed."""
        self._shown.forget()
        self.clear_tables()
        for page in self._native_pages.values():
            page.forget_marks()

    def clear_tables(self) -> None:
        """Empties the native tables of translations."""
        if not self.words[cpu.FILLED >> 3]:
            # They are empty; who sets up a machine's registers one by one comes here some hundred times.
            return
        self._native_loads.clear()
        self._native_stores.clear()
        self._native_fetches.clear()
        self.words[cpu.FILLED >> 3] = 0

    def drop_translations(self, tag: int | None, mask: int, page_address: int | None) -> None:
        """See `Peer`."""
        super().drop_translations(tag, mask, page_address)
        if page_address is None:
            self.clear_tables()
            return
        for context in self._numbers.values():
            number = index_of(page_address >> PAGE_BITS, context << cpu.CONTEXT_SHIFT)
            for at in (number, number + cpu.APART):
                self._native_fetches.words[at * cpu.FETCH_ENTRY >> 3] = 0
                self._native_loads.words[at * cpu.LOAD_ENTRY >> 3] = 0
                self._native_stores.words[at * cpu.STORE_ENTRY >> 3] = 0

    def protect_code(self, page: int) -> None:
        """See `Peer`."""
        super().protect_code(page)
        self._native_stores.clear()
        self._shown.mark(page, 1)
        self.decoded_words.clear(page)

    def flush_tlb(self) -> None:
        """See `Engine`."""
        for engine in self.peers.engines:
            if isinstance(engine, NativeFetch):
                engine.forget_slots()
        self.tlb_flush()


def index_of(page: int, context: int) -> int:
    """The entry that serves a page in a context (shifted, as in the key): `tlb_index` in native code."""
    return (page ^ context) & (_ENTRIES - 1)
