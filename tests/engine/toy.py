"""A machine around the toy description: real RAM and bus, words encoded by the description's own fields."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

from trapline.isa.engine.layout import PC
from trapline.isa.engine.reference import ReferenceEngine
from trapline.isa.engine.state import State
from trapline.isa.lang.load import load_files
from trapline.isa.model.items import Description
from trapline.server.machine.bus import Bus
from trapline.server.machine.clock import GuestClock
from trapline.server.machine.events import EventStream
from trapline.server.machine.physical import MemorySlot, PhysicalMemory
from trapline.server.machine.ram import GuestRam

RAM_SIZE = 0x40000
DEVICE = 0x100000


@functools.cache
def toy() -> Description:
    """The toy description, loaded once for all tests."""
    return load_files([Path(__file__).with_name("toy.isa")])


def encode(form_name: str, **fields: int) -> int:
    """The word of a form with these field values (negative ones are cut to their width)."""
    form = toy().forms[form_name]
    word = form.match
    for field in form.fields:
        value = fields.pop(field.name, 0) & ((1 << field.width) - 1) if field.fixed < 0 else field.fixed
        for piece in field.pieces:
            word |= (value >> piece.field_low & ((1 << piece.width) - 1)) << piece.word_low
    assert not fields, f"{form_name} has no field {list(fields)}"
    return word


class RecordingDevice:
    """A device that notes accesses; the first byte of its window reads as 0x5A."""

    name = "recorder"
    size = 0x100

    def __init__(self) -> None:
        self.accesses: list[tuple[str, int, int, int]] = []

    def read(self, offset: int, size: int) -> int:
        self.accesses.append(("read", offset, size, 0))
        return 0x5A

    def write(self, offset: int, size: int, value: int) -> None:
        self.accesses.append(("write", offset, size, value))


class ToyMachine:
    """RAM from 0 on, a read-only page at 0x80000, a device at DEVICE, one vcpu (more by `another`)."""

    def __init__(self, coverage: set[int] | None = None) -> None:
        self.ram = GuestRam(RAM_SIZE)
        self.memory = PhysicalMemory()
        self.memory.add(MemorySlot(0, 0, RAM_SIZE, self.ram))
        self.memory.add(MemorySlot(1, 0x80000, 0x1000, GuestRam(0x1000), read_only=True))
        self.device = RecordingDevice()
        clock = GuestClock(Fraction(1))
        self.bus = Bus(EventStream(), clock)
        self.bus.attach(DEVICE, self.device)
        self.state = State(toy())
        self.engine = ReferenceEngine(toy(), self.state, self.memory, self.bus, coverage=coverage)

    def another(self, shared: str) -> ReferenceEngine:
        """A second vcpu that shares blocks from `shared` up."""
        return ReferenceEngine(toy(), self.state.sibling(shared), self.memory, self.bus, vcpu=1)

    def place(self, address: int, words: Iterable[int], size: int = 4) -> None:
        """Puts instruction words into RAM, and pc at the first."""
        for number, word in enumerate(words):
            self.ram.write_int(address + number * size, size, word, "big")
        self.state.pc = address

    def word(self, address: int) -> int:
        """The big-endian word at a RAM address."""
        return self.ram.read_int(address, 4, "big")

    def register(self, number: int) -> int:
        """A general register."""
        return self.state.read("R", number)

    def map_page(self, page: int, frame: int, writable: bool = True, table: int = 0x8000) -> None:
        """Enters a page into the table at `table` (and does not turn translation on)."""
        self.ram.write_int(table + 4 * page, 4, frame << 12 | (3 if writable else 1), "big")


__all__ = ["DEVICE", "PC", "ToyMachine", "encode", "toy"]
