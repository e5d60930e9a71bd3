"""Registers, memory and threads of a machine as the GDB server asks for them.

They are what a vcpu sees at this moment: banked registers by its mode, memory through its translation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final, TypeVar

from ...isa.engine.errors import GuestFault
from ...isa.engine.interface import FETCH, LOAD, STORE, Fault, Translation
from ...isa.engine.probe import MemoryUnavailable
from ...isa.errors import TraplineError
from ..boards.machine import Machine
from ..core import Core, FaultIn
from ..rsp.errors import MemoryFault, RegisterError, RegisterReadOnly, RegisterUnavailable, TargetError
from ..rsp.execution import ThreadId, ThreadInfo
from ..rsp.registers import ByteOrder, TargetDescription
from ..rsp.target import AddressRange
from ..timeline.changes import Change, PutMemory, PutRegister
from ..tree.vcpu import MachineVcpu
from .registers import RegisterMap, Shown, register_map
from .threads import PID, NamedThreads
from .views import View

T = TypeVar("T")

_PAGE: Final = 0x1000
_HOST_VIEW: Final = View("host", "the host's real memory", place=lambda vcpu, at: (at, _PAGE - at % _PAGE))
_MOST_FAULTS: Final = 16
"""Of one access: each level of a guest's table may lie in a page that is not mapped yet."""


class TargetState:
    """`rsp.target`'s Registers, Memory and Threads. `make` builds the machine, again at each restart."""

    def __init__(self, make: Callable[[], Machine]) -> None:
        self._make = make
        self.machine = make()
        order = self.machine.elf.order
        self._order: Final[ByteOrder] = order
        self._named = NamedThreads()
        self._places: dict[tuple[MachineVcpu, int], int] = {}
        """Of pages that were looked up: what their addresses lack to be physical ones."""
        self._placed_at: object = None
        """The machine's state for which they hold."""
        self.view: View | None = None
        """What addresses of packets mean; None: what they mean to the vcpu."""
        self._changes = 0
        """How often it was changed from outside."""
        self._map: RegisterMap = register_map(self.machine.description, order)

    def _remade(self) -> Machine:
        """The machine anew. Raises TargetError where that cannot be done, or gdb would have to know other registers."""
        try:
            machine = self._make()
        except (TraplineError, OSError) as error:
            raise TargetError(f"the guest cannot be started again: {error}") from error
        if register_map(machine.description, machine.elf.order).description != self._map.description:
            raise TargetError("the program is for another core now; end this server and start another one")
        return machine

    def describe(self) -> TargetDescription:
        """See `rsp.target.Registers`."""
        return self._map.description

    def read_register(self, thread: ThreadId, number: int) -> bytes:
        """See `rsp.target.Registers`."""
        shown, size = self._shown(number), self._map.description.by_number[number].size
        return self._read(self.vcpu(thread), shown).to_bytes(size, self._order)

    def read_registers(self, thread: ThreadId) -> bytes:
        """See `rsp.target.Registers`."""
        vcpu, order = self.vcpu(thread), self._order
        general = self._map.description.general
        return b"".join(self._read(vcpu, self._map.shown[r.number]).to_bytes(r.size, order) for r in general)

    def write_register(self, thread: ThreadId, number: int, value: bytes) -> None:
        """See `rsp.target.Registers`. Goes through what the description does `on write`."""
        shown = self._shown(number)
        bits = int.from_bytes(value, self._order)
        if not shown.writable:
            raise RegisterReadOnly(f"{shown.register} can only be read")
        if bits >> shown.width:
            raise RegisterError(f"{bits:#x} does not fit {shown.register}, which has {shown.width} bits")
        try:
            found = self.vcpu(thread)
            old, before = self._read(found, shown), found.core.state.snapshot()
            vcpu = self.machine.vcpus.index(found)
            self.change(PutRegister(vcpu, shown.register, shown.index, bits.to_bytes(16, "little")))
        except TraplineError as error:
            raise RegisterError(str(error)) from error
        if bits != old and found.core.state.snapshot() == before:
            raise RegisterError(f"nothing of {bits:#x} is taken by {shown.register} now: it stays {old:#x}")

    def change(self, what: Change, size: int = 0) -> object:
        """Changes the machine from outside, as is noted in its history; what `what` gives. Raises what it raises.

        `size`: bytes that `what` keeps.
        """
        self._changes += 1
        return what.apply(self.machine)

    def _read(self, vcpu: MachineVcpu, shown: Shown) -> int:
        if not shown.register:
            return vcpu.core.pc
        try:
            return vcpu.core.get(shown.register, shown.index)
        except TraplineError as error:
            raise RegisterUnavailable(str(error)) from error

    def _shown(self, number: int) -> Shown:
        shown = self._map.shown.get(number)
        if shown is None:
            raise RegisterError(f"there is no register number {number}")
        return shown

    # Memory

    def show_memory(self, view: View | None) -> None:
        """What addresses mean from now on to `read_memory` and `write_memory`; None: what they mean to the vcpu."""
        self.view = view
        self._places.clear()

    def read_memory(self, thread: ThreadId, address: int, length: int) -> bytes:
        """See `rsp.target.Memory`. Through the view that was chosen, without touching devices; the host side's is real
        memory as the host addresses it."""
        return self.read_in(_HOST_VIEW if thread.pid == self._named.host else self.view, thread, address, length)

    def read_in(self, view: View | None, thread: ThreadId, address: int, length: int) -> bytes:
        """The same in any view."""
        vcpu = self._seen_by(view, thread)
        parts = bytearray()
        with vcpu.debugging() as fault_in:
            while len(parts) < length:
                at = address + len(parts)
                try:
                    parts += _with_faults(fault_in, partial(self._read_alike, view, vcpu, at, length - len(parts)))
                except TraplineError as error:
                    if parts:
                        break
                    raise MemoryFault(at, _why(error)) from error
        return bytes(parts)

    def text_at(self, vcpu: MachineVcpu, address: int, most: int) -> str:
        """A string of C's, as far as it can be read."""
        thread, data = self.thread_of(vcpu), b""
        while len(data) < most and b"\0" not in data:
            try:
                data += self.read_in(None, thread, address + len(data), min(64, most - len(data)))
            except MemoryFault:
                break
        return data.partition(b"\0")[0].decode("utf-8", "replace")

    def write_memory(self, thread: ThreadId, address: int, data: bytes) -> None:
        """See `rsp.target.Memory`. Also what can only be executed is written."""
        view = _HOST_VIEW if thread.pid == self._named.host else self.view
        vcpu = self._seen_by(view, thread)
        engine = vcpu.core.engine
        places: list[tuple[int, int, int]] = []
        with vcpu.debugging() as fault_in:
            for at, count in _pages(address, len(data)):
                try:
                    # Read first, so that nothing is written if something is missing.
                    physical, _ = _with_faults(fault_in, partial(self._physical, view, vcpu, at))
                    engine.read_physical_memory(physical, count)
                except TraplineError as error:
                    raise MemoryFault(at, _why(error)) from error
                places.append((physical, at - address, count))

            written = tuple((physical, bytes(data[start : start + count])) for physical, start, count in places)
            self.change(PutMemory(self.machine.vcpus.index(vcpu), written), len(data))

    def memory_region(self, thread: ThreadId, address: int) -> AddressRange:
        """See `rsp.target.MemoryRegions`: what one translation serves, within RAM."""
        vcpu = self.vcpu(thread)
        core = vcpu.core
        address &= (1 << core.description.address_width) - 1
        page = address & -_PAGE
        with vcpu.debugging() as fault_in:
            try:
                found = _with_faults(fault_in, partial(_place, core, address))
            except TraplineError:
                return AddressRange(page, _PAGE, "")
            slot = core.engine.memory.slot_at(found.physical)
            if slot is None:
                return AddressRange(page, _PAGE, "")
            kinds = zip("rwx", (LOAD, STORE, FETCH), strict=True)
            allowed = [letter for letter, kind in kinds if not isinstance(core.engine.translate(address, kind), Fault)]
        start, shift = address & -(1 << found.region), address - found.physical
        first = max(start, slot.base + shift)
        end = min(start + (1 << found.region), slot.base + slot.size + shift)
        return AddressRange(first, end - first, "".join(allowed))

    def state_mark(self) -> object:
        """Is another one after everything that the machine does or that is done to it."""
        return self.machine.steps, self._changes

    def _seen_by(self, view: View | None, thread: ThreadId) -> MachineVcpu:
        """Whose translation a view is."""
        if view is None or view.vcpu is None:
            return self.vcpu(thread)
        return next(vcpu for vcpu in self.machine.vcpus if vcpu.number == view.vcpu)

    def _physical(self, view: View | None, vcpu: MachineVcpu, address: int) -> tuple[int, int]:
        """(physical address, bytes from there on that the same translation serves). Raises as `_place` does."""
        if view is not None and view.place is not None:
            return view.place(vcpu, address)
        mark = self.state_mark()
        if mark != self._placed_at:
            self._places.clear()
            self._placed_at = mark
        key = vcpu, address // _PAGE
        shift = self._places.get(key)
        if shift is not None:
            return address + shift, _PAGE - address % _PAGE
        found = _place(vcpu.core, address)
        region = 1 << found.region
        if region >= _PAGE:
            self._places[key] = found.physical - address
        return found.physical, region - address % region

    def _read_alike(self, view: View | None, vcpu: MachineVcpu, address: int, length: int) -> bytes:
        """Up to `length` bytes that one translation serves: all of them, or those of the first page."""
        physical, served = self._physical(view, vcpu, address)
        for count in (min(length, served), min(length, _PAGE - address % _PAGE)):
            try:
                return vcpu.core.engine.read_physical_memory(physical, count)
            except MemoryUnavailable:
                if count <= _PAGE - address % _PAGE:
                    raise
        raise AssertionError("a page is the smallest region")

    # Threads

    def threads(self) -> Sequence[ThreadInfo]:
        """See `rsp.target.Threads`."""
        return [] if self.machine.verdict is not None else self._named.threads(self.machine)

    def model_threads(self) -> Sequence[ThreadInfo]:
        """See `rsp.target.ModelThreads`: those of the host side."""
        return [] if self.machine.verdict is not None else self._named.hosts(self.machine)

    def has_partition(self, pid: int) -> bool:
        """Whether a process is a partition."""
        return PID <= pid < PID + len(self.machine.partitions)

    def is_host(self, pid: int) -> bool:
        """Whether a process is the host side: the hypervisor's model, which has no instructions of its own."""
        return pid == self._named.host

    def vcpu(self, thread: ThreadId) -> MachineVcpu:
        """The vcpu behind a thread, or the one whose core a thread of the host side is. Raises TargetError."""
        return self._named.vcpu(self.machine, thread)

    def thread_of(self, vcpu: MachineVcpu) -> ThreadId:
        """The thread that a vcpu is."""
        return self._named.thread_of(self.machine, vcpu)


def _place(core: Core, address: int) -> Translation:
    """Where an address leads for a load, or for a fetch where the two differ (MSR.IR and DR of Power do)."""
    found = core.engine.translate(address, LOAD)
    if isinstance(found, Fault):
        fetched = core.engine.translate(address, FETCH)
        if isinstance(fetched, Fault):
            raise GuestFault(found.interrupt, found.arguments, f"access to memory at {address:#x}")
        return fetched
    return found


def _pages(address: int, length: int) -> Iterator[tuple[int, int]]:
    """(first address, bytes) of each page that a range touches."""
    end = address + length
    while address < end:
        count = min(end - address, _PAGE - address % _PAGE)
        yield address, count
        address += count


def _with_faults(fault_in: FaultIn, access: Callable[[], T]) -> T:
    """An access, with the translations that it needs filled in as they are found missing."""
    for _ in range(_MOST_FAULTS):
        try:
            return access()
        except GuestFault as fault:
            if not fault_in(fault):
                raise
    return access()


def _why(error: TraplineError) -> str:
    if isinstance(error, GuestFault):
        shown = ", ".join(f"{argument:#x}" for argument in error.arguments)
        return f"the core would raise {error.interrupt}({shown})"
    return error.message
