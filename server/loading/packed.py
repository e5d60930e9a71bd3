"""Unpacks what kernels are packed with: gzip, bzip2, LZMA, XZ. What comes out is bounded, whatever a header claims."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from ...isa.errors import TraplineError

MOST_UNPACKED: Final = 256 << 20
"""Bytes that a packed image may have when unpacked."""


class PackedError(TraplineError):
    """A packed image that cannot be unpacked."""


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


_MAGICS: Final = ((b"\x1f\x8b\x08", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ\0", "xz"))


def packing_of(raw: bytes) -> str | None:
    """How bytes are packed, by their magic number; None: not at all, or it cannot be told."""
    return next((name for magic, name in _MAGICS if raw.startswith(magic)), None)


def unpack(raw: bytes, packing: str, path: str) -> bytes:
    """The bytes that were packed; what follows them is ignored. Raises PackedError."""
    # Few guests are packed, and none has to wait for these libraries.
    import bz2
    import lzma
    import zlib

    unpackers: dict[str, Callable[[], _Unpacker]] = {
        "gzip": lambda: zlib.decompressobj(16 + zlib.MAX_WBITS),
        "bzip2": bz2.BZ2Decompressor,
        "lzma": lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE),
        "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ),
    }
    make = unpackers.get(packing)
    if make is None:
        raise PackedError(f"{path}: it is packed with {packing}", f"pack it with one of {', '.join(unpackers)}")
    unpacker = make()
    try:
        data = unpacker.decompress(raw, MOST_UNPACKED + 1)
    except (zlib.error, OSError, lzma.LZMAError) as error:
        raise PackedError(f"{path}: it is packed with {packing}, and damaged: {error}", "copy it again") from error
    if len(data) > MOST_UNPACKED:
        raise PackedError(f"{path}: unpacked it has more than the {MOST_UNPACKED:#x} bytes that are taken")
    if not unpacker.eof:
        raise PackedError(f"{path}: it is packed with {packing}, and its end is missing", "copy it again")
    return data
