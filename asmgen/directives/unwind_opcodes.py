"""Unwinding instructions of Arm's exception handling: bytes that restore what a prologue has saved.

Source: Exception Handling ABI for the Arm Architecture (EHABI), 10.3 "Frame unwinding instructions".
"""

from __future__ import annotations

from msgspec import Struct, field

FINISH = 0xB0


class UnwindOpcodes(Struct):
    """What a prologue does, in its order; `reversed_bytes` undoes it from the end."""

    groups: list[bytes] = field(default_factory=list)
    frame_size: int = 0
    frame_register: int | None = None
    frame_offset: int = 0
    _pending: int = 0
    """Bytes by which the stack pointer has moved since the last group."""

    def _add(self, *opcode: int) -> None:
        self.flush()
        self.groups.append(bytes(opcode))

    def flush(self) -> None:
        """Put what moves the stack pointer by the bytes that are pending."""
        offset, self._pending = self._pending, 0
        if offset > 0x200:
            rest, coded = (offset - 0x204) >> 2, bytearray()
            while True:
                coded.append(rest & 0x7F | (0x80 if rest >> 7 else 0))
                rest >>= 7
                if not rest:
                    break
            self.groups.append(bytes((0xB2, *coded)))
        elif offset > 0x100:
            self.groups += [bytes([0x3F]), bytes([(offset - 0x104) >> 2])]
        elif offset > 0:
            self.groups.append(bytes([(offset - 4) >> 2]))
        while offset < 0:
            step = min(-offset, 0x100)
            self.groups.append(bytes([((step - 4) >> 2) | 0x40]))
            offset += step

    def save_core(self, mask: int) -> None:
        """`.save {r4-r7, lr}`: bit *i* of `mask` is register *i*."""
        if mask & 0xFFF0:
            count = next((n for n in range(8) if not mask >> (n + 4) & 1), 8)
            if count == 0 or mask & (0xFFF0 << count) & 0xBFF0:
                self._add(0x80 | (mask >> 12 & 0xF), mask >> 4 & 0xFF)
            else:
                self._add((0xA8 if mask >> 14 & 1 else 0xA0) | (count - 1))
        if mask & 0xF:
            self._add(0xB1, mask & 0xF)
        self.frame_size += 4 * mask.bit_count()

    def save_doubles(self, first: int, count: int, by_words: bool) -> None:
        """`.vsave {d8-d15}`; `by_words` is `.save`'s older form with a word more (FSTMX)."""
        if by_words:
            if first == 8:
                self._add(0xB8 | (count - 1))
            else:
                self._add(0xB3, first << 4 | (count - 1))
            self.frame_size += 8 * count + 4
            return
        high = max(0, first + count - 16) if first < 16 else count
        if high:
            self._add(0xC8, max(0, first - 16) << 4 | (high - 1))
        if count - high:
            self._add(0xC9, first << 4 | (count - high - 1))
        self.frame_size += 8 * count

    def pad(self, size: int) -> None:
        """`.pad #SIZE`: the stack pointer moves down."""
        self.frame_size += size
        self._pending += size

    def set_frame(self, register: int, base: int, offset: int) -> None:
        """`.setfp REGISTER, BASE, #OFFSET`; a base of 13 is the stack pointer."""
        self.frame_offset = self.frame_size - offset if base == 13 else self.frame_offset - offset
        self.frame_register = register

    def move_stack(self, register: int, offset: int) -> None:
        """`.movsp REGISTER, #OFFSET`: the register keeps the stack pointer."""
        self._add(0x90 | register)
        self.frame_register, self.frame_offset = register, self.frame_size - offset

    def raw(self, offset: int, opcodes: list[int]) -> None:
        """`.unwind_raw OFFSET, BYTE …`."""
        self.frame_size += offset
        self._add(*opcodes)

    def reversed_bytes(self) -> bytes:
        """The instructions, in the order in which unwinding runs them."""
        if self.frame_register is not None:
            self._pending += self.frame_offset - self.frame_size
            self.flush()
            self.groups.append(bytes([0x90 | self.frame_register]))
        self.flush()
        return b"".join(reversed(self.groups))
