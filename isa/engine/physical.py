"""Accesses by physical address: RAM, then the processor's own registers, then the bus, then the hook `bus_error`."""

from __future__ import annotations

from ..model.items import Description
from .errors import EngineError
from .execution import Execution
from .interface import LOAD, STORE, Bus, ByteOrder, PhysicalMemory
from .softtlb import PAGE_BITS
from .state import State

_BUS_LANE = 8
"""The bus takes accesses of up to this many bytes."""


class ProbeStopped(Exception):
    """A probe (see `probe.py`) came to a device: it must not be touched."""

    def __init__(self, pa: int) -> None:
        super().__init__(f"physical address {pa:#x} belongs to a device")
        self.pa = pa


class PhysicalPath(Execution):
    """Reads and writes of physical memory."""

    def __init__(
        self,
        description: Description,
        state: State,
        memory: PhysicalMemory,
        bus: Bus,
        vcpu: int,
        coverage: set[int] | None,
    ) -> None:
        super().__init__(description, state, coverage)
        self.memory = memory
        self.bus = bus
        self.vcpu = vcpu
        self.peers = state.peers
        self.overlay: dict[int, int] | None = None
        """While probing: bytes that were written, by physical address; memory itself stays as it is."""
        self.journal: list[tuple[int, bytes]] | None = None
        """While an instruction may have to be undone: (physical address, bytes before), in order."""
        self._bus_error = self.hook("bus_error")
        self._private_load = self.hook("private_load")
        self._private_store = self.hook("private_store")
        self.access = (0, LOAD)
        """(effective address, kind) of the access that is being made: what a bus error reports."""
        self.walking = False
        """While the translate hook runs: its physical accesses serve `access`."""

    def is_ram(self, pa: int, size: int) -> int:
        """1 if `size` bytes from a physical address are RAM of one slot."""
        slot = self.memory.slot_at(pa)
        return 1 if slot is not None and pa + size <= slot.base + slot.size else 0

    def read_physical(self, pa: int, size: int, order: ByteOrder) -> int:
        """`phys[pa, size]`: the access that it serves, a translation maybe, is what a bus error reports."""
        if not self.walking:
            self.access = (pa & self.address_mask, LOAD)
        return int.from_bytes(self.get_bytes(pa, size, True), order)

    def write_physical(self, pa: int, size: int, value: int, order: ByteOrder) -> None:
        """`phys[pa, size] = value`."""
        if not self.walking:
            self.access = (pa & self.address_mask, STORE)
        self.put_bytes(pa, value.to_bytes(size, order), True)

    def get_bytes(self, pa: int, size: int, whole: bool) -> bytes:
        """Bytes in the order of their addresses. `whole`: a device gets one access, else one for each byte."""
        slot = self.memory.slot_at(pa)
        if slot is not None and pa + size <= slot.base + slot.size:
            data = slot.ram.read(pa - slot.base + slot.offset, size)
            return self._overlaid(pa, data) if self.overlay else data
        if self.overlay is not None:
            raise ProbeStopped(pa)
        step = min(size, _BUS_LANE) if whole else 1
        parts = []
        for start in range(pa, pa + size, step):
            answer = self._read_elsewhere(start, step)
            if not isinstance(answer, int):
                self._nothing_answers(start, LOAD)
            else:
                parts.append(answer.to_bytes(step, "little"))
        return b"".join(parts)

    def put_bytes(self, pa: int, data: bytes, whole: bool) -> None:
        """Stores bytes in the order of their addresses; see `get_bytes`."""
        size = len(data)
        slot = self.memory.slot_at(pa)
        if slot is not None and pa + size <= slot.base + slot.size and not slot.read_only:
            if self.overlay is not None:
                self.overlay.update(zip(range(pa, pa + size), data, strict=True))
                return
            offset = pa - slot.base + slot.offset
            if self.journal is not None:
                self.journal.append((pa, slot.ram.read(offset, size)))
            slot.ram.write(offset, data)
            pages = self.peers.code_pages
            if pages and (pa >> PAGE_BITS in pages or (pa + size - 1) >> PAGE_BITS in pages):
                self.code_changed(pa, size)
            return
        if self.overlay is not None:
            raise ProbeStopped(pa)
        step = min(size, _BUS_LANE) if whole else 1
        for start in range(0, size, step):
            value = int.from_bytes(data[start : start + step], "little")
            if not self._write_elsewhere(pa + start, step, value):
                self._nothing_answers(pa + start, STORE)

    def _read_elsewhere(self, pa: int, size: int) -> object:
        """Where no RAM is: the processor's own registers, or a device on the bus; no number if nobody answers."""
        if self._private_load is not None:
            taken, value = self._private_load(pa, size)
            if taken:
                return value
        return self.bus.read(pa, size, self.vcpu)

    def _write_elsewhere(self, pa: int, size: int, value: int) -> bool:
        """As `_read_elsewhere`: whether somebody took it."""
        if self._private_store is not None and self._private_store(pa, size, value):
            return True
        return self.bus.write(pa, size, value, self.vcpu) is None

    def code_changed(self, pa: int, size: int) -> None:
        """Drops decoded code of a physical range in all engines of the machine."""
        kept = [engine.drop_code(pa, size) for engine in self.peers.engines]
        if not any(kept):
            pages = self.peers.code_pages
            pages -= {page for page in pages if pa >> PAGE_BITS <= page <= (pa + size - 1) >> PAGE_BITS}

    def _overlaid(self, pa: int, data: bytes) -> bytes:
        assert self.overlay is not None
        return bytes(self.overlay.get(pa + position, byte) for position, byte in enumerate(data))

    def _nothing_answers(self, pa: int, kind: int) -> None:
        address, access_kind = self.access
        if self._bus_error is None:
            word = "store to" if kind == STORE else "load from"
            raise EngineError(
                f"nothing answers a {word} physical address {pa:#x}", self.cia, "give the description a bus_error hook"
            )
        self._bus_error(pa, address, access_kind)
        raise EngineError("the hook bus_error returned; it must raise an interrupt", self.cia)
