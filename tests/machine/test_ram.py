"""Guest RAM is lazy, bounded, and knows which pages were written."""

import ctypes
import resource

import pytest

from trapline.server.machine.ram import MAXIMUM_RAM, PAGE_SIZE, GuestRam, RamBoundsError, RamError


def test_many_gigabytes_cost_nothing_until_they_are_touched() -> None:
    """A 64 GB block is made at once; writing at both ends adds only pages, not gigabytes."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ram = GuestRam(64 << 30)
    ram.write_int(0, 8, 1, "big")
    ram.write_int((64 << 30) - 8, 8, 2, "big")
    assert ram.read((64 << 30) - 8, 8) == bytes(7) + b"\x02"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10  # KB
    ram.close()


@pytest.mark.parametrize("size", [0, -PAGE_SIZE, 100, MAXIMUM_RAM + PAGE_SIZE])
def test_a_size_that_makes_no_sense_is_refused(size: int) -> None:
    """Sizes that are no whole pages, or beyond the limit, raise an error that gives the limits."""
    with pytest.raises(RamError, match="multiple of 0x1000"):
        GuestRam(size)


def test_integers_are_read_and_written_in_both_byte_orders() -> None:
    """Each size has the bytes of its order in memory, and a value is cut to its size."""
    ram = GuestRam(PAGE_SIZE)
    for size in (1, 2, 4, 8):
        value = 0x1122334455667788 & ((1 << 8 * size) - 1)
        ram.write_int(16, size, 0x1122334455667788, "big")
        assert ram.read(16, size) == value.to_bytes(size, "big")
        assert ram.read_int(16, size, "big") == value
        assert ram.read_int(16, size, "little") == int.from_bytes(value.to_bytes(size, "big"), "little")
        ram.write_int(16, size, -1, "little")
        assert ram.read_int(16, size, "big") == (1 << 8 * size) - 1


@pytest.mark.parametrize(("offset", "length"), [(-1, 1), (PAGE_SIZE, 1), (PAGE_SIZE - 3, 4), (0, -1), (1 << 70, 8)])
def test_no_access_leaves_the_block(offset: int, length: int) -> None:
    """Reads and writes that are not wholly inside fail, negative offsets included, and change nothing."""
    ram = GuestRam(PAGE_SIZE)
    with pytest.raises(RamBoundsError):
        ram.read(offset, length)
    with pytest.raises(RamBoundsError):
        ram.read_int(offset, length, "big")
    with pytest.raises(RamBoundsError):
        ram.write_int(offset, length, 0, "big")
    if length > 0:
        with pytest.raises(RamBoundsError):
            ram.write(offset, bytes(length))
    assert ram.dirty_pages(0, PAGE_SIZE) == ()


def test_writes_mark_exactly_their_pages_dirty() -> None:
    """A write over a page border marks both; clearing a range leaves the others."""
    ram = GuestRam(8 * PAGE_SIZE)
    ram.write(PAGE_SIZE - 1, b"ab")
    ram.write_int(5 * PAGE_SIZE - 4, 8, 7, "little")
    ram.read(7 * PAGE_SIZE, 8)
    assert ram.dirty_pages(0, ram.size) == (0, 1, 4, 5)
    assert ram.dirty_pages(PAGE_SIZE, PAGE_SIZE) == (1,)
    ram.clear_dirty(0, PAGE_SIZE)
    assert ram.dirty_pages(0, ram.size) == (1, 4, 5)


def test_native_code_sees_the_same_bytes_and_the_same_dirty_map() -> None:
    """What is stored through the host addresses is what reads see, in memory and in the dirty map."""
    ram = GuestRam(2 * PAGE_SIZE)
    ctypes.memmove(ram.host_address + PAGE_SIZE, b"native", 6)
    ctypes.memset(ram.dirty_address + 1, 1, 1)
    assert ram.read(PAGE_SIZE, 6) == b"native"
    assert ram.dirty_pages(0, ram.size) == (1,)


def test_clearing_makes_everything_zero_and_clean() -> None:
    """After `clear` the block is as new."""
    ram = GuestRam(2 * PAGE_SIZE)
    ram.write(100, b"something")
    ram.clear()
    assert ram.read(0, ram.size) == bytes(ram.size)
    assert ram.dirty_pages(0, ram.size) == ()
