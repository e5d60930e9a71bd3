"""NOR flash memory with the Common Flash Interface and Intel's command set, as QEMU's `virt` board has two banks of it.

JEDEC JESD68.01 (Common Flash Interface), JEP137 (command set 0001 is Intel/Sharp extended); Intel StrataFlash J3 data
sheet, section "Command definitions". Each bank is two 16-bit chips side by side: 32 bits wide, commands and answers
stand in both halves.

A bank that shows its array is read-only memory, which cores read and execute at full speed; only stores come here. Any
other state takes the memory away, so that loads come here too. Programming and erasing take no time.

Not in a `.isa` file, as other devices are: an array of 64 MB with a command state is no set of registers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from .ram import GuestRam

BANK_SIZE: Final = 64 << 20
SECTOR_SIZE: Final = 256 << 10
"""What is erased at once: 128 KB of each chip."""
_WIDTH: Final = 4
_CHIPS: Final = 2
_MAKER, _PART = 0x89, 0x18
_READY, _ERASE_FAILED, _PROGRAM_FAILED = 0x80, 0x20, 0x10
_SEQUENCE_ERROR: Final = _READY | _ERASE_FAILED | _PROGRAM_FAILED
_BUFFER_SHIFT: Final = 11
"""log2 of the bytes of a chip's write buffer."""

_ARRAY, _IDENTIFICATION, _STATUS, _QUERY = "array", "identification", "status", "query"


def _query_table() -> bytes:
    """What a chip answers to a CFI query, by word (JESD68.01, tables 1-4)."""
    table = bytearray(0x40)
    table[0x10:0x13] = b"QRY"
    table[0x13] = 1  # command set: Intel/Sharp extended
    table[0x15] = 0x31  # where its own table is
    table[0x1B:0x1D] = b"\x45\x55"  # supply: 4.5 to 5.5 V
    table[0x1F:0x22] = b"\x07\x07\x0a"  # typical times, log2: word and buffer in microseconds, block in milliseconds
    table[0x23:0x26] = b"\x04\x04\x04"  # most, as log2 multiples of those
    table[0x27] = (BANK_SIZE // _CHIPS).bit_length() - 1
    table[0x28] = 2  # 8 or 16 bits wide
    table[0x2A] = _BUFFER_SHIFT
    table[0x2C] = 1  # regions of blocks
    blocks = BANK_SIZE // SECTOR_SIZE - 1
    table[0x2D:0x2F] = blocks.to_bytes(2, "little")
    table[0x2F:0x31] = (SECTOR_SIZE // _CHIPS >> 8).to_bytes(2, "little")
    table[0x31:0x36] = b"PRI10"
    table[0x3F] = 1  # protection register fields
    return bytes(table)


_QUERY_TABLE: Final = _query_table()


@dataclass(slots=True)
class FlashState:
    """A bank's command state; its contents are in its RAM block."""

    mode: str = _ARRAY
    """What a load finds."""
    command: int = 0
    """The first cycle of a command of several; 0: none is under way."""
    status: int = _READY
    left: int = 0
    """Words that a write to the buffer still takes."""
    counted: bool = False
    """Whether that command has been told how many words come."""


class CfiFlash:
    """One bank on the bus. `array_shown` is told when loads find the array (True) or something else (False)."""

    name = "cfi-flash"
    size = BANK_SIZE

    def __init__(self, array_shown: Callable[[bool], None], changed: Callable[[int, int], None]) -> None:
        """`changed` is told offset and length of what was programmed or erased, before the array is shown again."""
        self.ram = GuestRam(BANK_SIZE)
        self.state = FlashState()
        self._array_shown = array_shown
        self._changed = changed
        self._buffer: dict[int, bytes] = {}

    # Accesses

    def read(self, offset: int, size: int) -> int:
        """A load of what the bank shows."""
        mode = self.state.mode
        if mode == _ARRAY:
            return self.ram.read_int(offset, size, "little")
        value = 0
        for byte in range(size):
            at = offset + byte
            lane = at % (_WIDTH // _CHIPS)
            answer = self._answer(mode, (at // _WIDTH) & 0xFF)
            value |= (answer >> 8 * lane & 0xFF) << 8 * byte
        return value

    def _answer(self, mode: str, word: int) -> int:
        """What each chip answers at a word's address."""
        if mode == _STATUS:
            return self.state.status
        if mode == _IDENTIFICATION:
            return {0: _MAKER, 1: _PART}.get(word, 0)
        return _QUERY_TABLE[word] if word < len(_QUERY_TABLE) else 0

    def write(self, offset: int, size: int, value: int) -> None:
        """A store: a cycle of a command."""
        state = self.state
        if state.command == 0:
            self._first_cycle(offset, value & 0xFF)
        elif state.command in (0x10, 0x40):
            self._program(offset, value.to_bytes(size, "little"))
            self._done()
        elif state.command == 0x20:
            self._erase(offset, value & 0xFF)
        elif state.command == 0x60:
            self._done(0 if value & 0xFF in (0x01, 0xD0, 0x2F) else _SEQUENCE_ERROR)
        else:
            self._write_to_buffer(offset, size, value)

    def _first_cycle(self, offset: int, command: int) -> None:
        state = self.state
        match command:
            case 0x90:
                self._show(_IDENTIFICATION)
            case 0x98:
                self._show(_QUERY)
            case 0x70:
                self._show(_STATUS)
            case 0x50:
                state.status = _READY
                self._show(_ARRAY)
            case 0x10 | 0x40 | 0x20 | 0x60:
                state.command = command
                self._show(_STATUS)
            case 0xE8:
                state.command, state.counted = command, False
                self._buffer.clear()
                state.status |= _READY
                self._show(_STATUS)
            case _:
                self._show(_ARRAY)

    # Commands of several cycles

    def _program(self, offset: int, data: bytes) -> None:
        """Programming clears bits; only erasing sets them."""
        old = self.ram.read(offset, len(data))
        self.ram.write(offset, bytes(a & b for a, b in zip(old, data, strict=True)))
        self._changed(offset, len(data))

    def _erase(self, offset: int, confirmation: int) -> None:
        if confirmation != 0xD0:
            self._done(_SEQUENCE_ERROR)
            return
        start = offset // SECTOR_SIZE * SECTOR_SIZE
        self.ram.write(start, b"\xff" * SECTOR_SIZE)
        self._changed(start, SECTOR_SIZE)
        self._done()

    def _write_to_buffer(self, offset: int, size: int, value: int) -> None:
        """E8, words - 1, the words, D0. Nothing is programmed before the confirmation, or without it."""
        state = self.state
        if not state.counted:
            state.counted, state.left = True, (value & 0xFFFF) + 1
            if state.left * _WIDTH > _CHIPS << _BUFFER_SHIFT:
                self._done(_SEQUENCE_ERROR)
        elif state.left:
            state.left -= 1
            self._buffer[offset] = value.to_bytes(size, "little")
        elif value & 0xFF == 0xD0:
            for at, data in self._buffer.items():
                self._program(at, data)
            self._done()
        else:
            self._done(_SEQUENCE_ERROR)

    def _done(self, failed: int = 0) -> None:
        self.state.command = 0
        self.state.status |= _READY | failed
        self._buffer.clear()

    def _show(self, mode: str) -> None:
        before, self.state.mode = self.state.mode, mode
        if (before == _ARRAY) != (mode == _ARRAY):
            self._array_shown(mode == _ARRAY)
