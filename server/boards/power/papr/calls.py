"""PAPR hypervisor calls that user space answers: terminals, interrupt presentation, logical I/O, RTAS.

PAPR 2.x, chapter 14. Calls are found by the names that the description gives them; one that has no handler here gets
H_FUNCTION.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from .....isa.errors import TraplineError
from ....core import Core
from ....machine.bus import Bus
from ....machine.console import Console
from ....machine.physical import NoMemoryError, PhysicalMemory
from ....tree.vcpu import MachineVcpu
from .random_numbers import RandomNumbers
from .rtas import RtasServices
from .xics import Xics

_CHARACTERS: Final = 16

Results = tuple[int, ...]
"""What goes to the result registers, return code first (unsigned)."""


class PaprCalls(msgspec.Struct, dict=True, eq=False):
    """User space's half of the hypervisor call interface."""

    core: Core
    """Any core of the partition: for names and return codes."""
    console: Console
    terminal: int
    """Unit address of the one virtual terminal; 0 means it, too."""
    xics: Xics
    rtas: RtasServices
    memory: PhysicalMemory
    store: Callable[[int, bytes], None]
    """Writes partition memory in which there may be code. Raises TraplineError where there is none."""
    bus: Bus
    vcpus: Sequence[MachineVcpu]
    """All of the partition."""
    random: RandomNumbers

    def __post_init__(self) -> None:
        abi = self.core.description.abis["papr"]
        self._codes = {name: self.core.return_code("papr", name) for name in abi.return_codes}
        self._handlers = {
            call.number: _HANDLERS[call.name]
            for call in self.core.description.hypercalls.values()
            if call.abi == "papr" and call.name in _HANDLERS
        }

    def call(self, vcpu: MachineVcpu, number: int, arguments: tuple[int, ...]) -> Results:
        """Answers one call."""
        handler = self._handlers.get(number)
        return (self.code("H_FUNCTION"),) if handler is None else handler(self, vcpu, arguments)

    def code(self, name: str) -> int:
        """A return code by its name."""
        return self._codes[name]

    def is_valid(self, kind: str, value: int) -> bool:
        """Whether the description calls a value of a class of arguments valid."""
        return any(low <= value <= high for low, high in self.core.description.argument_classes[kind].valid)


def _put_term_char(papr: PaprCalls, vcpu: MachineVcpu, arguments: tuple[int, ...]) -> Results:
    unit, count, first, second = arguments[:4]
    if unit not in (0, papr.terminal) or count > _CHARACTERS:
        return (papr.code("H_PARAMETER"),)
    papr.console.write((first << 64 | second).to_bytes(_CHARACTERS, "big")[:count])
    return (papr.code("H_SUCCESS"),)


def _get_term_char(papr: PaprCalls, vcpu: MachineVcpu, arguments: tuple[int, ...]) -> Results:
    if arguments[0] not in (0, papr.terminal):
        return (papr.code("H_PARAMETER"),)
    typed = papr.console.take(_CHARACTERS)
    if not typed:
        return papr.code("H_SUCCESS"), 0, 0, 0
    both = int.from_bytes(typed.ljust(_CHARACTERS, b"\0"), "big")
    return papr.code("H_SUCCESS"), len(typed), both >> 64, both & ((1 << 64) - 1)


def _xirr(papr: PaprCalls, vcpu: MachineVcpu, arguments: tuple[int, ...]) -> Results:
    return papr.code("H_SUCCESS"), papr.xics.accept(vcpu.number)


def _eoi(papr: PaprCalls, vcpu: MachineVcpu, arguments: tuple[int, ...]) -> Results:
    papr.xics.end_of_interrupt(vcpu.number, arguments[0])
    return (papr.code("H_SUCCESS"),)


def _cppr(papr: PaprCalls, vcpu: MachineVcpu, arguments: tuple[int, ...]) -> Results:
    papr.xics.set_priority(vcpu.number, arguments[0])
    return (papr.code("H_SUCCESS"),)


def _ipi(papr: PaprCalls, vcpu: MachineVcpu, arguments: tuple[int, ...]) -> Results:
    server, favour = arguments[:2]
    known = papr.xics.request_ipi(server, favour)
    return (papr.code("H_SUCCESS" if known else "H_PARAMETER"),)


def _put_tce(papr: PaprCalls, vcpu: MachineVcpu, arguments: tuple[int, ...]) -> Results:
    """Of a bus that has no table: the hypervisor writes those that there are by itself."""
    return (papr.code("H_PARAMETER"),)


def _set_sprg0(papr: PaprCalls, vcpu: MachineVcpu, arguments: tuple[int, ...]) -> Results:
    vcpu.core.put("SPRG0", arguments[0])
    return (papr.code("H_SUCCESS"),)


def _ci_load(papr: PaprCalls, vcpu: MachineVcpu, arguments: tuple[int, ...]) -> Results:
    size, address = arguments[:2]
    if not papr.is_valid("access_size", size) or address % size:
        return (papr.code("H_PARAMETER"),)
    if papr.memory.slot_at(address) is not None:
        return papr.code("H_SUCCESS"), papr.memory.read_int(address, size, "big")
    found = papr.bus.read(address, size, vcpu.number)
    if not isinstance(found, int):
        return (papr.code("H_PARAMETER"),)
    return papr.code("H_SUCCESS"), int.from_bytes(found.to_bytes(size, "little"), "big")


def _ci_store(papr: PaprCalls, vcpu: MachineVcpu, arguments: tuple[int, ...]) -> Results:
    size, address, value = arguments[:3]
    if not papr.is_valid("access_size", size) or address % size:
        return (papr.code("H_PARAMETER"),)
    data = (value & ((1 << 8 * size) - 1)).to_bytes(size, "big")
    try:
        if papr.memory.slot_at(address) is not None:
            papr.store(address, data)
        elif papr.bus.write(address, size, int.from_bytes(data, "little"), vcpu.number) is not None:
            return (papr.code("H_PARAMETER"),)
    except TraplineError:
        # A read-only slot, or one that the access leaves: the partition's mistake.
        return (papr.code("H_PARAMETER"),)
    return (papr.code("H_SUCCESS"),)


def _memop(papr: PaprCalls, vcpu: MachineVcpu, arguments: tuple[int, ...]) -> Results:
    """Copies elements of 1 to 8 bytes, or their complements, as if all were read first."""
    to, origin, shift, count, operation = arguments[:5]
    asked = {"memop_size": shift, "memop_count": count, "memop_operation": operation}
    if not all(papr.is_valid(kind, value) for kind, value in asked.items()) or (to | origin) % (1 << shift):
        return (papr.code("H_PARAMETER"),)
    size = 1 << shift
    try:
        data = _copied_from(papr, vcpu, origin, size, count)
        if operation == 1:
            data = bytes(byte ^ 0xFF for byte in data)
        _copied_to(papr, vcpu, to, size, data)
    except TraplineError:
        return (papr.code("H_PARAMETER"),)
    return (papr.code("H_SUCCESS"),)


def _copied_from(papr: PaprCalls, vcpu: MachineVcpu, address: int, size: int, count: int) -> bytes:
    """Bytes in the order of their addresses. Raises TraplineError where nothing answers."""
    if papr.memory.slot_at(address) is not None:
        return papr.memory.read(address, size * count)
    found = bytearray()
    for at in range(address, address + size * count, size):
        value = papr.bus.read(at, size, vcpu.number)
        if not isinstance(value, int):
            raise NoMemoryError(at)
        found += value.to_bytes(size, "little")
    return bytes(found)


def _copied_to(papr: PaprCalls, vcpu: MachineVcpu, address: int, size: int, data: bytes) -> None:
    if papr.memory.slot_at(address) is not None:
        papr.store(address, data)
        return
    for at in range(0, len(data), size):
        value = int.from_bytes(data[at : at + size], "little")
        if papr.bus.write(address + at, size, value, vcpu.number) is not None:
            raise NoMemoryError(address + at)


def _random(papr: PaprCalls, vcpu: MachineVcpu, arguments: tuple[int, ...]) -> Results:
    return papr.code("H_SUCCESS"), papr.random.draw()


def _set_mode(papr: PaprCalls, vcpu: MachineVcpu, arguments: tuple[int, ...]) -> Results:
    """The byte order of interrupts is the one resource before Power ISA 2.07; the 970 has not even that."""
    little, resource, *values = arguments[:4]
    core = vcpu.core
    if resource != core.constant("BYTE_ORDER_OF_INTERRUPTS") or not core.has_feature("ISA206"):
        return (papr.code("H_P2"),)
    for value, refusal in zip(values, ("H_P3", "H_P4"), strict=True):
        if value:
            return (papr.code(refusal),)
    if not papr.is_valid("mode_flags", little):
        return (papr.code("H_UNSUPPORTED_FLAG"),)
    for one in papr.vcpus:
        one.core.put_fields("LPCR", ILE=little)
    return (papr.code("H_SUCCESS"),)


def _rtas(papr: PaprCalls, vcpu: MachineVcpu, arguments: tuple[int, ...]) -> Results:
    done = papr.rtas.call(vcpu, arguments[0])
    return (papr.code("H_SUCCESS" if done else "H_PARAMETER"),)


_HANDLERS: Final[dict[str, Callable[[PaprCalls, MachineVcpu, tuple[int, ...]], Results]]] = {
    "H_PUT_TERM_CHAR": _put_term_char,
    "H_GET_TERM_CHAR": _get_term_char,
    "H_XIRR": _xirr,
    "H_EOI": _eoi,
    "H_CPPR": _cppr,
    "H_IPI": _ipi,
    "H_PUT_TCE": _put_tce,
    "H_SET_SPRG0": _set_sprg0,
    "H_LOGICAL_CI_LOAD": _ci_load,
    "H_LOGICAL_CI_STORE": _ci_store,
    "H_LOGICAL_MEMOP": _memop,
    "H_RANDOM": _random,
    "H_SET_MODE": _set_mode,
    "H_RTAS": _rtas,
}
