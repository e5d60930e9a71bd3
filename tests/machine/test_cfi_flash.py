"""Flash memory by its command set: JESD68.01 and Intel's StrataFlash data sheet, two 16-bit chips side by side."""

from __future__ import annotations

import pytest

from trapline.server.machine.cfi_flash import BANK_SIZE, SECTOR_SIZE, CfiFlash


class Bank(CfiFlash):
    """A bank that writes down what it tells the machine."""

    def __init__(self) -> None:
        self.shown: list[bool] = []
        self.written: list[tuple[int, int]] = []
        super().__init__(self.shown.append, lambda offset, size: self.written.append((offset, size)))

    def command(self, offset: int, *values: int) -> None:
        """Cycles to one address, each in both chips."""
        for value in values:
            self.write(offset, 4, value << 16 | value)


def test_query_tells_size_sectors_and_command_set() -> None:
    """0x98 shows the query table in both halves of the bus; 0xFF shows the array again."""
    bank = Bank()
    bank.command(0x55 * 4, 0x98)
    answers = [bank.read(4 * word, 4) for word in range(0x40)]
    assert all(answer >> 16 == answer & 0xFFFF for answer in answers)
    table = [answer & 0xFF for answer in answers]
    assert bytes(table[0x10:0x13]) == b"QRY"
    assert 2 << table[0x27] - 1 << 1 == BANK_SIZE
    assert table[0x2D] + 1 == BANK_SIZE // SECTOR_SIZE
    assert (table[0x2F] | table[0x30] << 8) * 256 * 2 == SECTOR_SIZE
    bank.command(0, 0xFF)
    assert bank.read(0x40, 4) == 0
    assert bank.shown == [False, True]


def test_identification() -> None:
    """0x90: maker and part, as QEMU's board has them."""
    bank = Bank()
    bank.command(0, 0x90)
    assert [bank.read(0, 4), bank.read(4, 4)] == [0x0089_0089, 0x0018_0018]
    assert [bank.read(0, 2), bank.read(2, 2), bank.read(4, 1)] == [0x89, 0x89, 0x18]


def test_erase_sets_a_sector_and_programming_clears_bits() -> None:
    """An erased sector is all ones; programming can only clear bits; status is ready after both."""
    bank = Bank()
    bank.command(SECTOR_SIZE + 0x100, 0x20, 0xD0)
    assert bank.read(0, 4) == 0x0080_0080
    bank.command(0, 0xFF)
    assert bank.ram.read(SECTOR_SIZE, SECTOR_SIZE) == b"\xff" * SECTOR_SIZE
    assert bank.ram.read(SECTOR_SIZE - 4, 4) == bytes(4)
    bank.command(SECTOR_SIZE, 0x40, 0x1234)
    bank.command(SECTOR_SIZE, 0x40, 0x0FF0)
    bank.command(0, 0xFF)
    assert bank.read(SECTOR_SIZE, 4) == 0x0230_0230
    assert bank.written == [(SECTOR_SIZE, SECTOR_SIZE), (SECTOR_SIZE, 4), (SECTOR_SIZE, 4)]


def test_buffer_is_programmed_when_it_is_confirmed() -> None:
    """0xE8, words - 1, words, 0xD0; without the confirmation nothing is written, and status says so."""
    bank = Bank()
    bank.command(0, 0x20, 0xD0)
    bank.command(0, 0xE8, 1)
    bank.write(0x10, 4, 0x11111111)
    bank.write(0x14, 4, 0x22222222)
    bank.command(0, 0xD0)
    bank.command(0, 0xE8, 0)
    bank.write(0x18, 4, 0x33333333)
    bank.command(0, 0xFF)
    assert bank.read(0, 4) == 0x00B0_00B0
    bank.command(0, 0x50)
    assert [bank.read(at, 4) for at in (0x10, 0x14, 0x18)] == [0x11111111, 0x22222222, 0xFFFFFFFF]
    bank.command(0, 0x70)
    assert bank.read(0, 4) == 0x0080_0080


@pytest.mark.parametrize("cycles", [(0x20, 0xFF), (0xE8, 0xFFFF), (0x60, 0x77)])
def test_wrong_second_cycles_change_nothing(cycles: tuple[int, ...]) -> None:
    """A command sequence error is in the status, and the array is as it was."""
    bank = Bank()
    bank.ram.write(0, b"kept")
    bank.command(0, *cycles)
    assert bank.read(0, 2) == 0xB0
    assert bank.ram.read(0, 4) == b"kept"
