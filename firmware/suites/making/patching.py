"""Puts expectations into an ELF file that has been assembled without them: the checks' masks and values."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from ....asmgen import Image
from .case import Expected
from .guests import GuestLibrary

_PT_LOAD = 1


def with_expectations(image: Image, expected: Sequence[Sequence[Expected]], library: GuestLibrary) -> bytes:
    """The ELF file with the values in its tables: the same bytes as assembled from the source that has them."""
    data = bytearray(image.elf)
    size, order = library.word_bytes, library.order
    for number, checks in enumerate(expected, 1):
        at = _offset(image.elf, image.symbols[f"checks_{number}"], library) + library.checks_at
        for check in checks:
            data[at + size : at + 2 * size] = check.mask.to_bytes(size, order)
            data[at + 2 * size : at + 3 * size] = check.value.to_bytes(size, order)
            at += 3 * size
    return bytes(data)


def _offset(elf: bytes, address: int, library: GuestLibrary) -> int:
    """Where in the file stands what is loaded at an address."""
    sign = ">" if library.order == "big" else "<"
    if library.word_bytes == 8:
        table, size, count = struct.unpack_from(sign + "32xQ14xHH", elf)
        layout = sign + "IIQQQQ"
    else:
        table, size, count = struct.unpack_from(sign + "28xI10xHH", elf)
        layout = sign + "IIIIII"
    for at in range(table, table + size * count, size):
        words = struct.unpack_from(layout, elf, at)
        if library.word_bytes == 8:
            kind, offset, start, filled = words[0], words[2], words[3], words[5]
        else:
            kind, offset, start, filled = words[0], words[1], words[2], words[4]
        if kind == _PT_LOAD and start <= address < start + filled:
            return int(offset + address - start)
    raise AssertionError(f"nothing is loaded at {address:#x}")
