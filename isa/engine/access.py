"""Translated accesses: alignment, byte order, translation through the soft TLB, watchpoints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from ..model.items import Description
from .decoded import Decoded
from .errors import EngineError, Interrupt
from .interface import (
    FETCH,
    LOAD,
    STORE,
    Bus,
    ByteOrder,
    FaultAnswer,
    PhysicalMemory,
    Ram,
    Slot,
    WatchHit,
    WatchKind,
    Watchpoint,
)
from .physical import PhysicalPath
from .softtlb import MAXIMUM_ENTRIES, PAGE_BITS, PAGE_SIZE, Context, HotTable, RamTable, SoftTlb
from .state import State

_T = TypeVar("_T")
_PERMITS = {LOAD: 1, STORE: 2, FETCH: 4}
_ORDERS: tuple[ByteOrder, ByteOrder] = ("little", "big")


class WatchStop(Exception):
    """A watched access in `before` mode: the instruction is undone. Never leaves the engine."""

    def __init__(self, hit: WatchHit) -> None:
        super().__init__(str(hit))
        self.hit = hit


class AccessPath(PhysicalPath):
    """`load` and `store` are what generated code calls; everything unusual goes through their slow paths."""

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
        self.tlb = SoftTlb()
        self._nowhere = Context()
        self._here = self._nowhere
        self._stale = True
        self.loads: RamTable = {}
        self.stores: RamTable = {}
        self.hot: HotTable = {}
        self._translate = self.hook("translate")
        self._context_tag = self.hook("context")
        self._misaligned = self.hook("misaligned")
        self._big_endian = self.hook("big_endian")
        constant = self.constant_hook("big_endian")
        self._order: ByteOrder | None = None if constant is None else _ORDERS[constant]
        self.invalidations = 0
        self.watchpoints: tuple[Watchpoint, ...] = ()
        self.watch_before = False
        self.watch_hit: WatchHit | None = None
        self.watching = False
        """While an instruction runs; not for the one that is executed on from a `before` stop."""
        self.faults_asked: dict[str, tuple[FaultAnswer, int]] = {}
        """Who is asked before translations raise an interrupt, by its name, and for which bits of an argument."""

    # Context

    def context_changed(self) -> None:
        """The context hook is asked again before the next translation or fetch."""
        self._stale = True
        self._here = self._nowhere
        self.loads = self._here.loads
        self.stores = self._here.stores
        self.hot = NO_CODE

    def here(self) -> Context:
        """The present context's translations."""
        if self._stale:
            tag = self._context_tag() if self._context_tag is not None else 0
            self._here = self.tlb.context(tag)
            self._stale = False
            if self.overlay is None:
                self.loads = self._here.loads
                self.stores = self._here.stores
        return self._here

    # Loads and stores

    def load(self, address: int, size: int) -> int:
        """`mem[address, size]`."""
        entry = self.loads.get(address >> PAGE_BITS)
        if entry is None or address & (size - 1):
            return self.load_as(address, size, LOAD)
        order = self._order
        if order is None:
            order = _ORDERS[self._big_endian()]  # type: ignore[misc]
        return entry[0].read_int(address + entry[1], size, order)

    def store(self, address: int, size: int, value: int) -> None:
        """`mem[address, size] = value`."""
        entry = self.stores.get(address >> PAGE_BITS)
        if entry is None or address & (size - 1):
            self.store_as(address, size, value, STORE)
            return
        order = self._order
        if order is None:
            order = _ORDERS[self._big_endian()]  # type: ignore[misc]
        entry[0].write_int(address + entry[1], size, value, order)

    def load_as(self, address: int, size: int, kind: int) -> int:
        """A load of any kind, at any address."""
        aligned = self._check_alignment(address, size, kind)
        pieces = self._pieces(address, size, kind, LOAD)
        if self.watchpoints:
            self._watch(address, size, WatchKind.READ, pieces)
        self.access = (address, kind)
        if len(pieces) == 1:
            data = self.get_bytes(pieces[0][0], size, aligned)
        else:
            data = b"".join(self.get_bytes(pa, count, False) for pa, count in pieces)
        return int.from_bytes(data, self.byte_order())

    def store_as(self, address: int, size: int, value: int, kind: int) -> None:
        """A store of any kind, at any address."""
        aligned = self._check_alignment(address, size, kind)
        pieces = self._pieces(address, size, kind, STORE)
        if self.watchpoints:
            self._watch(address, size, WatchKind.WRITE, pieces)
        self.access = (address, kind)
        data = value.to_bytes(size, self.byte_order())
        if len(pieces) == 1:
            self.put_bytes(pieces[0][0], data, aligned)
            return
        for pa, count in pieces:
            self.put_bytes(pa, data[:count], False)
            data = data[count:]

    def byte_order(self) -> ByteOrder:
        """The present order of data."""
        if self._order is None:
            assert self._big_endian is not None
            return _ORDERS[self._big_endian()]
        return self._order

    def _check_alignment(self, address: int, size: int, kind: int) -> bool:
        if address & (size - 1) == 0:
            return True
        if self._misaligned is not None:
            self._misaligned(address, size, kind)
        return False

    def _pieces(self, address: int, size: int, kind: int, wanted: int) -> list[tuple[int, int]]:
        """(physical address, bytes) of each region that an access touches, all translated."""
        pieces = []
        while size:
            pa, span = self.physical(address, kind, wanted)
            count = min(size, span)
            pieces.append((pa, count))
            size -= count
            address = (address + count) & self.address_mask
        return pieces

    # Translation

    def translated(self, address: int, kind: int) -> tuple[int, int, int]:
        """What the translate hook answers; it raises where there is a fault. Without a hook, addresses are physical."""
        if self._translate is None:
            return address, PAGE_BITS, 7
        self.access = (address, kind)
        self.walking = True
        try:
            answer: tuple[int, int, int] = self._translate(address, kind)
        except Interrupt as raised:
            self.walking = False
            elsewhere = self._instead(raised, kind)
            if elsewhere is None:
                raise
            return elsewhere
        finally:
            self.walking = False
        return answer

    def _instead(self, raised: Interrupt, kind: int) -> tuple[int, int, int] | None:
        """Where an access goes instead of the interrupt that its translation raised; a debugger's never does."""
        answer, bits = self.faults_asked.get(raised.name, (None, 0))
        if answer is None or kind > STORE or self.overlay is not None or not raised.arguments[0] & bits:
            return None
        return answer(raised.arguments, kind)

    def answer_faults(self, interrupt: str, answer: FaultAnswer, bits: int) -> None:
        """See `Engine`."""
        self.faults_asked[interrupt] = answer, bits

    def physical(self, address: int, kind: int, wanted: int) -> tuple[int, int]:
        """(physical address, bytes for which it holds from there, at most a page) for one access.

        `wanted` is LOAD, STORE or FETCH: what the kind amounts to. Fills the soft TLB where that is allowed.
        """
        here = self.here()
        device = here.devices.get(address >> PAGE_BITS)
        if device is not None and kind <= STORE and device[1] & _PERMITS[kind]:
            offset = address & (PAGE_SIZE - 1)
            return device[0] + offset, PAGE_SIZE - offset
        pa, region, permitted = self.translated(address, kind)
        if region < PAGE_BITS:
            size = 1 << region
        else:
            size = PAGE_SIZE
            if kind <= FETCH and permitted & _PERMITS[wanted] and self.overlay is None and here is self._here:
                self._fill(here, address, pa, permitted)
        return pa, size - (address & (size - 1))

    def _fill(self, here: Context, address: int, pa: int, permitted: int) -> None:
        page, base = address >> PAGE_BITS, pa & -PAGE_SIZE
        if permitted & 4:
            _put(here.fetches, page, base)
        slot = self.memory.slot_at(base)
        if slot is None:
            known, kinds = here.devices.get(page, (base, 0))
            _put(here.devices, page, (base, permitted | (kinds if known == base else 0)))
            return
        if self.watchpoints and self._is_watched(page, base >> PAGE_BITS):
            return
        entry = _entry(slot, base, page)
        if permitted & 1:
            _put(here.loads, page, entry)
        undoable = bool(self.watchpoints) and self.watch_before
        if permitted & 2 and not undoable and not slot.read_only and base >> PAGE_BITS not in self.peers.code_pages:
            _put(here.stores, page, entry)

    # Watchpoints

    def set_watchpoints(self, watchpoints: Sequence[Watchpoint], before: bool) -> None:
        """See `Engine`. Translations are dropped, so that watched pages leave the fast path."""
        for watchpoint in watchpoints:
            if watchpoint.size <= 0 or watchpoint.address < 0:
                raise EngineError(f"a watchpoint of {watchpoint.size} bytes cannot be", hint="watch 1 byte or more")
        self.watchpoints = tuple(watchpoints)
        self.watch_before = before
        self.tlb.clear()

    def _is_watched(self, page: int, physical: int) -> bool:
        for watch in self.watchpoints:
            first = (physical if watch.physical else page) << PAGE_BITS
            if watch.address < first + PAGE_SIZE and first < watch.address + watch.size:
                return True
        return False

    def _watch(self, address: int, size: int, kind: WatchKind, pieces: list[tuple[int, int]]) -> None:
        if not self.watching or self.overlay is not None:
            return
        for watch in self.watchpoints:
            if not watch.kind & kind:
                continue
            for start, count in pieces if watch.physical else [(address, size)]:
                if start < watch.address + watch.size and watch.address < start + count:
                    hit = WatchHit(watch, kind, max(start, watch.address), size)
                    if self.watch_before:
                        raise WatchStop(hit)
                    self.watch_hit = self.watch_hit or hit
                    return

    # Cached translations

    def tlb_flush(self) -> None:
        """Drops all translations of all engines of the machine."""
        self.invalidations += 1
        for engine in self.peers.engines:
            engine.drop_translations(None, 0, None)

    def tlb_flush_page(self, address: int) -> None:
        """Drops the translations of one page in all contexts."""
        self.invalidations += 1
        for engine in self.peers.engines:
            engine.drop_translations(None, 0, address)

    def tlb_flush_context(self, tag: int, mask: int) -> None:
        """Drops the translations of all contexts with `context & mask == tag & mask`."""
        self.invalidations += 1
        for engine in self.peers.engines:
            engine.drop_translations(tag, mask, None)

    def drop_translations(self, tag: int | None, mask: int, page_address: int | None) -> None:
        """See `Peer`."""
        if page_address is not None:
            self.tlb.drop_page(page_address >> PAGE_BITS)
        elif tag is not None:
            self.tlb.drop(tag, mask)
        else:
            self.tlb.clear()

    def protect_code(self, page: int) -> None:
        """See `Peer`; stores anywhere take the slow path once, which sorts out who may have the fast one again."""
        self.tlb.drop_stores()


NO_CODE: dict[int, Decoded] = {}
"""Stands for the decoded instructions of a context that has to be looked up first; nothing is put in it."""


def _entry(slot: Slot, base: int, page: int) -> tuple[Ram, int]:
    return slot.ram, base - slot.base + slot.offset - (page << PAGE_BITS)


def _put(table: dict[int, _T], key: int, value: _T) -> None:
    if len(table) >= MAXIMUM_ENTRIES:
        table.clear()
    table[key] = value
