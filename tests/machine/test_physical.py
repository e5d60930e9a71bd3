"""Physical memory finds the right slot, and says what is wrong when there is none."""

import random

import pytest

from trapline.server.machine.physical import (
    MemorySlot,
    NoMemoryError,
    PhysicalMemory,
    ReadOnlyMemoryError,
    SlotError,
)
from trapline.server.machine.ram import PAGE_SIZE, GuestRam

P = PAGE_SIZE


@pytest.fixture
def memory() -> PhysicalMemory:
    """Slots 0 at 0-3P, 1 right behind it (3P-4P, another block), 2 read only at 16P-17P."""
    physical = PhysicalMemory()
    block = GuestRam(8 * P)
    physical.add(MemorySlot(2, 16 * P, P, block, offset=5 * P, read_only=True))
    physical.add(MemorySlot(0, 0, 3 * P, block))
    physical.add(MemorySlot(1, 3 * P, P, GuestRam(P)))
    return physical


def test_an_access_may_cross_slots_that_touch(memory: PhysicalMemory) -> None:
    """Bytes and integers over the border of slots 0 and 1 land in both blocks."""
    memory.write(3 * P - 3, b"abcdef")
    assert memory.read(3 * P - 3, 6) == b"abcdef"
    assert memory.slots[1].ram.read(0, 3) == b"def"
    memory.write_int(3 * P - 4, 8, 0x1122334455667788, "little")
    assert memory.read_int(3 * P - 4, 8, "little") == 0x1122334455667788


def test_an_address_without_memory_is_named(memory: PhysicalMemory) -> None:
    """The error carries the first address that is not there; nothing of the write is done."""
    with pytest.raises(NoMemoryError, match="physical address 0x4000") as caught:
        memory.write(4 * P - 2, b"abcd")
    assert caught.value.address == 4 * P
    assert memory.read(4 * P - 2, 2) == b"\0\0"
    for access in (
        lambda: memory.read(1 << 60, 1),
        lambda: memory.read_int(17 * P - 4, 8, "big"),
        lambda: memory.read(-8, 4),
        lambda: memory.write_int(5 * P, 4, 0, "big"),
    ):
        with pytest.raises(NoMemoryError):
            access()


def test_a_read_only_slot_is_read_but_not_written(memory: PhysicalMemory) -> None:
    """Stores of either kind raise an error that names the slot."""
    assert memory.read(16 * P, 4) == bytes(4)
    with pytest.raises(ReadOnlyMemoryError, match="slot 2"):
        memory.write(16 * P, b"x")
    with pytest.raises(ReadOnlyMemoryError):
        memory.write_int(16 * P + 8, 8, 1, "big")


def test_slots_that_cannot_be_are_refused(memory: PhysicalMemory) -> None:
    """Overlap names both slots; misalignment, a block too small and a taken number have their own message."""
    block = GuestRam(P)
    with pytest.raises(SlotError, match=r"slot 7 \(0x2000-0x2fff\) overlaps slot 0 \(0x0-0x2fff\)"):
        memory.add(MemorySlot(7, 2 * P, P, block))
    with pytest.raises(SlotError, match="whole pages"):
        memory.add(MemorySlot(7, 100 * P + 1, P, block))
    with pytest.raises(SlotError, match="its RAM block has 0x1000"):
        memory.add(MemorySlot(7, 100 * P, 2 * P, block))
    with pytest.raises(SlotError, match="slot number 1 is taken"):
        memory.add(MemorySlot(1, 100 * P, P, block))


def test_a_removed_slot_is_gone(memory: PhysicalMemory) -> None:
    """Its addresses are no memory any more, and removing it again names the slots there are."""
    memory.remove(0)
    assert memory.slot_at(0) is None
    assert memory.slot_at(3 * P) is not None
    with pytest.raises(SlotError, match="slots in use: 1, 2"):
        memory.remove(0)


def test_the_dirty_log_gives_physical_addresses_once(memory: PhysicalMemory) -> None:
    """`take_dirty` reports written pages of one slot at their physical addresses, and forgets them."""
    memory.write(2 * P, b"x")
    memory.write(3 * P, b"y")
    assert memory.take_dirty(0) == (2 * P,)
    assert memory.take_dirty(0) == ()
    assert memory.take_dirty(1) == (3 * P,)
    with pytest.raises(SlotError, match="no memory slot 9"):
        memory.take_dirty(9)


def test_lookup_agrees_with_a_plain_search() -> None:
    """For many slots and addresses, `slot_at` finds what a search through all of them finds."""
    source = random.Random(3)
    memory = PhysicalMemory()
    block = GuestRam(P)
    for number, page in enumerate(source.sample(range(1000), 200)):
        memory.add(MemorySlot(number, page * P, P, block))
    for _ in range(2000):
        address = source.randrange(1001 * P)
        expected = [slot for slot in memory.slots if slot.base <= address < slot.end]
        assert memory.slot_at(address) == (expected[0] if expected else None)
