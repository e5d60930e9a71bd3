"""The guest's physical memory: slots of RAM at physical addresses.

A slot is what KVM calls a memory region (KVM_SET_USER_MEMORY_REGION): a number, a base, a size and
the memory behind it. Addresses without a slot belong to the bus, which is not asked here.
"""

from bisect import bisect_right

import msgspec

from ...isa.errors import TraplineError
from .ram import PAGE_SIZE, ByteOrder, GuestRam


class MemorySlot(msgspec.Struct, frozen=True):
    """`size` bytes at physical address `base`, found in `ram` from `offset` on; whole pages all."""

    number: int
    base: int
    size: int
    ram: GuestRam
    offset: int = 0
    read_only: bool = False

    @property
    def end(self) -> int:
        """The first physical address behind the slot."""
        return self.base + self.size

    def __str__(self) -> str:
        return f"slot {self.number} ({self.base:#x}-{self.end - 1:#x})"


class SlotError(TraplineError):
    """A memory slot that cannot be added or removed."""


class NoMemoryError(TraplineError):
    """No slot holds physical address `address`, the first one of an access that is not RAM."""

    def __init__(self, address: int) -> None:
        super().__init__(
            f"there is no memory at physical address {address:#x}",
            "compare it with the machine's memory map",
        )
        self.address = address


class ReadOnlyMemoryError(TraplineError):
    """A store to physical address `address`, in a slot that is read only."""

    def __init__(self, address: int, slot: MemorySlot) -> None:
        super().__init__(f"physical address {address:#x} lies in {slot}, which is read only")
        self.address = address


class PhysicalMemory:
    """All slots of a machine, looked up by physical address."""

    def __init__(self) -> None:
        self._slots: list[MemorySlot] = []
        self._bases: list[int] = []

    @property
    def slots(self) -> tuple[MemorySlot, ...]:
        """The slots by ascending base."""
        return tuple(self._slots)

    def add(self, slot: MemorySlot) -> None:
        """Makes `slot` visible. Raises SlotError when it is misaligned, overlaps or its number is taken."""
        if slot.size <= 0 or slot.base < 0 or (slot.base | slot.size | slot.offset) % PAGE_SIZE:
            raise SlotError(
                f"{slot} does not consist of whole pages",
                f"base, size and offset must be multiples of {PAGE_SIZE:#x}, and size more than 0",
            )
        if slot.offset < 0 or slot.offset + slot.size > slot.ram.size:
            raise SlotError(
                f"{slot} needs {slot.size:#x} bytes from offset {slot.offset:#x}, "
                f"but its RAM block has {slot.ram.size:#x}",
                "make the block larger or the slot smaller",
            )
        for other in self._slots:
            if other.number == slot.number:
                raise SlotError(f"slot number {slot.number} is taken by {other}", "remove that slot first")
            if slot.base < other.end and other.base < slot.end:
                raise SlotError(f"{slot} overlaps {other}", "move one of them or remove it first")
        at = bisect_right(self._bases, slot.base)
        self._slots.insert(at, slot)
        self._bases.insert(at, slot.base)

    def remove(self, number: int) -> MemorySlot:
        """Takes a slot away and returns it; its RAM stays as it is. Raises SlotError if there is none."""
        for at, slot in enumerate(self._slots):
            if slot.number == number:
                del self._slots[at], self._bases[at]
                return slot
        known = ", ".join(str(slot.number) for slot in self._slots) or "none"
        raise SlotError(f"there is no memory slot {number}", f"slots in use: {known}")

    def slot_at(self, address: int) -> MemorySlot | None:
        """The slot that holds physical address `address`, or None."""
        at = bisect_right(self._bases, address) - 1
        if at < 0:
            return None
        slot = self._slots[at]
        return slot if address < slot.base + slot.size else None

    def read(self, address: int, length: int) -> bytes:
        """`length` bytes from `address`, over slot borders where slots touch. Raises NoMemoryError."""
        pieces = []
        for slot, start, count in self._pieces(address, length):
            pieces.append(slot.ram.read(start - slot.base + slot.offset, count))
        return b"".join(pieces)

    def write(self, address: int, data: bytes) -> None:
        """Stores `data` at `address`: all of it, or nothing and NoMemoryError or ReadOnlyMemoryError."""
        pieces = self._pieces(address, len(data))
        for slot, start, _ in pieces:
            if slot.read_only:
                raise ReadOnlyMemoryError(start, slot)
        for slot, start, count in pieces:
            chunk = data[start - address : start - address + count]
            slot.ram.write(start - slot.base + slot.offset, chunk)

    def read_int(self, address: int, size: int, order: ByteOrder) -> int:
        """The unsigned integer of `size` bytes at `address`. Raises NoMemoryError."""
        slot = self.slot_at(address)
        if slot is not None and address + size <= slot.base + slot.size:
            return slot.ram.read_int(address - slot.base + slot.offset, size, order)
        return int.from_bytes(self.read(address, size), order)

    def write_int(self, address: int, size: int, value: int, order: ByteOrder) -> None:
        """Stores the low `size` bytes of `value`. Raises NoMemoryError or ReadOnlyMemoryError."""
        slot = self.slot_at(address)
        if slot is not None and not slot.read_only and address + size <= slot.base + slot.size:
            slot.ram.write_int(address - slot.base + slot.offset, size, value, order)
        else:
            self.write(address, (value & ((1 << 8 * size) - 1)).to_bytes(size, order))

    def require(self, address: int, length: int) -> None:
        """Raises NoMemoryError naming the first of `length` bytes from `address` that is not there."""
        self._pieces(address, length)

    def take_dirty(self, number: int) -> tuple[int, ...]:
        """Physical addresses of the pages of slot `number` written since the last call, which makes
        them clean: KVM_GET_DIRTY_LOG. Raises SlotError."""
        for slot in self._slots:
            if slot.number == number:
                pages = slot.ram.dirty_pages(slot.offset, slot.size)
                slot.ram.clear_dirty(slot.offset, slot.size)
                return tuple(page * PAGE_SIZE - slot.offset + slot.base for page in pages)
        raise SlotError(f"there is no memory slot {number}")

    def _pieces(self, address: int, length: int) -> list[tuple[MemorySlot, int, int]]:
        """(slot, first physical address, byte count) for each slot that a range touches."""
        pieces = []
        end = address + length
        while address < end:
            slot = self.slot_at(address)
            if slot is None:
                raise NoMemoryError(address)
            count = min(end, slot.end) - address
            pieces.append((slot, address, count))
            address += count
        return pieces
