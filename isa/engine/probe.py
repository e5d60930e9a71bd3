"""What a debugger asks of an engine: registers and memory as software would see them, without side effects.

A probe runs described functions (the translate hook, say) with stores going to an overlay and devices out of reach,
and puts every register back afterwards. So R and C bits, reservations and TLB registers stay as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cached_property

from ..errors import TraplineError
from .errors import EngineError, GuestFault, Interrupt
from .fetch import FetchPath
from .interface import LOAD, Fault, Slot, Translation
from .layout import PC, SCOPES
from .physical import ProbeStopped
from .purity import only_reads
from .softtlb import PAGE_BITS
from .state import StateError

SavedState = tuple[list[object], int, int, int, int]


class MemoryUnavailable(TraplineError):
    """There is no RAM at `address`: nothing, or a device, which is not touched for a debugger."""

    def __init__(self, address: int, reason: str) -> None:
        super().__init__(f"memory at {address:#x} cannot be accessed: {reason}")
        self.address = address


class Probe(FetchPath):
    """Accesses from outside."""

    @property
    def pc(self) -> int:
        """See `Engine`."""
        return self.state.pc

    def save_state(self) -> SavedState:
        """A quick copy of all registers and of what the engine keeps itself."""
        blocks = [self.state.blocks[scope].save() for scope in SCOPES]
        return blocks, self.retired, self.poll_at, self.cia, self.nia

    def load_state(self, saved: SavedState) -> None:
        """Undoes what happened to registers since `save_state`."""
        blocks, self.retired, self.poll_at, self.cia, self.nia = saved
        for scope, block in zip(SCOPES, blocks, strict=True):
            self.state.blocks[scope].load(block)
        self.leaving = None
        self.context_changed()

    @contextmanager
    def probing(self) -> Iterator[None]:
        """Whatever described code does inside, afterwards nothing has happened."""
        saved = self.save_state()
        self.overlay = {}
        self.context_changed()
        self.cia = self.nia = self.state.read(PC)
        try:
            yield
        finally:
            self.overlay = None
            self.load_state(saved)

    def stored(self) -> list[tuple[int, bytes]]:
        """See `Engine`."""
        found: list[tuple[int, bytearray]] = []
        for address, byte in sorted((self.overlay or {}).items()):
            if found and found[-1][0] + len(found[-1][1]) == address:
                found[-1][1].append(byte)
            else:
                found.append((address, bytearray((byte,))))
        return [(address, bytes(data)) for address, data in found]

    def translate(self, address: int, kind: int = LOAD) -> Translation | Fault:
        """See `Engine`. Raises MemoryUnavailable where the tables themselves lie in no RAM."""
        address &= self.address_mask
        hook = self.hook("probe")
        with self.probing():
            if hook is not None:
                hook()
            try:
                return Translation(*self.translated(address, kind))
            except Interrupt as raised:
                return Fault(raised.name, raised.arguments)
            except ProbeStopped as stopped:
                raise MemoryUnavailable(address, f"its translation reads {stopped}") from stopped

    def remember_translation(self, address: int) -> None:
        """See `Engine`."""
        address &= self.address_mask
        with self.probing():
            before = [self.state.blocks[scope].save() for scope in SCOPES]
            try:
                pa, region, permitted = self.translated(address, LOAD)
            except (Interrupt, ProbeStopped):
                return
            if self.overlay or region < PAGE_BITS or before != [self.state.blocks[scope].save() for scope in SCOPES]:
                return
        self._fill(self.here(), address, pa, permitted)

    # Memory

    def read_memory(self, address: int, size: int) -> bytes:
        """See `Engine`."""
        return b"".join(self.read_physical_memory(pa, count) for pa, count in self._regions(address, size))

    def write_memory(self, address: int, data: bytes) -> None:
        """See `Engine`."""
        regions = self._regions(address, len(data))
        for pa, count in regions:
            self._slots(pa, count)
        for pa, count in regions:
            self.write_physical_memory(pa, data[:count])
            data = data[count:]

    def read_physical_memory(self, pa: int, size: int) -> bytes:
        """See `Engine`."""
        return b"".join(
            slot.ram.read(start - slot.base + slot.offset, count) for slot, start, count in self._slots(pa, size)
        )

    def write_physical_memory(self, pa: int, data: bytes) -> None:
        """See `Engine`."""
        for slot, start, count in self._slots(pa, len(data)):
            slot.ram.write(start - slot.base + slot.offset, data[start - pa : start - pa + count])
        if data:
            self.code_changed(pa, len(data))

    def _regions(self, address: int, size: int) -> list[tuple[int, int]]:
        """(physical address, bytes) of each page that a range touches. Raises GuestFault."""
        regions = []
        while size > 0:
            found = self.translate(address)
            if isinstance(found, Fault):
                raise GuestFault(found.interrupt, found.arguments, f"access to memory at {address:#x}")
            span = 1 << min(found.region, PAGE_BITS)
            count = min(size, span - (address & (span - 1)))
            regions.append((found.physical, count))
            address = (address + count) & self.address_mask
            size -= count
        return regions

    def _slots(self, pa: int, size: int) -> list[tuple[Slot, int, int]]:
        """(slot, first physical address, bytes) of each slot that a range touches. Raises MemoryUnavailable."""
        found = []
        end = pa + size
        while pa < end:
            slot = self.memory.slot_at(pa)
            if slot is None:
                raise MemoryUnavailable(pa, "no RAM is at that physical address")
            count = min(end, slot.base + slot.size) - pa
            found.append((slot, pa, count))
            pa += count
        return found

    # Registers

    @cached_property
    def _harmless(self) -> dict[str, bool]:
        """Whether functions by name do nothing but read registers, as far as that was asked."""
        return {}

    def read_external(self, name: str, index: int | None = None) -> int:
        """See `Engine`."""
        register = self.description.registers.get(name)
        if register is None or not register.read_function:
            if register is not None and register.kind == "view":
                raise StateError(f"{name} cannot be read")
            return self.state.read(name, index)
        arguments = self._element(name, register.count, index)
        function = register.read_function
        harmless = self._harmless.get(function)
        if harmless is None:
            harmless = self._harmless[function] = only_reads(self.description.functions, function)
        with nullcontext() if harmless else self.probing():
            value: int = self._outside(function, arguments, f"reading {name}")[0]
        return value

    def write_external(self, name: str, value: int, index: int | None = None) -> None:
        """See `Engine`."""
        register = self.description.registers.get(name)
        if register is None or not register.write_function:
            if register is not None and register.kind == "view":
                raise StateError(f"{name} cannot be written")
            self.state.write(name, value, index)
        else:
            if not 0 <= value < 1 << register.width:
                raise StateError(f"{value:#x} does not fit {name}, which has {register.width} bits")
            arguments = (*self._element(name, register.count, index), value)
            self.call(register.write_function, *arguments)
        self.context_changed()

    def call(self, function: str, *arguments: int) -> tuple[int, ...]:
        """See `Engine`. An assignment to NIA sets pc."""
        saved = self.save_state()
        self.cia = self.nia = self.state.read(PC)
        try:
            results = self._outside(function, arguments, f"calling {function}")
        except TraplineError:
            self.load_state(saved)
            raise
        if self.nia != self.cia:
            self.state.write(PC, self.nia)
        self.context_changed()
        return results

    def writer_of(self, name: str) -> Callable[[int], object]:
        """See `Engine`. Raises StateError for a register without `on write`."""
        register = self.description.registers[name]
        if not register.write_function or register.count:
            raise StateError(f"{name} has nothing that happens on write")
        return self.bound(register.write_function)

    def asker(self, function: str) -> Callable[..., int]:
        """See `Engine`."""
        return self.bound(function)

    def ask(self, function: str, *arguments: int) -> int | tuple[int, ...]:
        """See `Engine`."""
        results: int | tuple[int, ...] = self.bound(function)(*arguments)
        return results

    def _element(self, name: str, count: int, index: int | None) -> tuple[int, ...]:
        if not count:
            if index is not None:
                raise StateError(f"{name} is one register and takes no index")
            return ()
        if index is None or not 0 <= index < count:
            raise StateError(f"{name} is {count} registers, 0 to {count - 1}, and none is number {index}")
        return (index,)

    def _outside(self, function: str, arguments: tuple[int, ...], doing: str) -> tuple[int, ...]:
        try:
            results = self.bound(function)(*arguments)
        except Interrupt as raised:
            raise GuestFault(raised.name, raised.arguments, doing) from raised
        except ProbeStopped as stopped:
            raise EngineError(f"{doing}: {stopped}") from stopped
        if results is None:
            return ()
        return results if isinstance(results, tuple) else (results,)
