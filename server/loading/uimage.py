"""U-Boot's legacy image: 64 bytes of header, then data that may be packed (U-Boot, include/image.h)."""

from __future__ import annotations

import struct
import zlib
from typing import Final

import msgspec

from ...isa.errors import TraplineError
from .packed import unpack

MAGIC: Final = 0x27051956
_HEADER: Final = struct.Struct(">7I4B32s")
_ARCHITECTURES: Final = {2: "ARM", 3: "x86", 5: "MIPS", 7: "PPC64", 22: "AARCH64", 24: "x86-64", 26: "RISC-V"}
"""ih_arch; PowerPC has one number for 32 and 64 bits."""
_TYPES: Final = {1: "standalone program", 2: "kernel", 3: "RAM disk", 4: "multi-file image", 5: "firmware"}
_PACKINGS: Final = {0: None, 1: "gzip", 2: "bzip2", 3: "lzma", 4: "lzo", 5: "lz4", 6: "zstd"}
_RUNS: Final = (1, 2, 4, 5)
RAM_DISK: Final = 3


class UImageError(TraplineError):
    """A U-Boot image that is damaged, or of a kind that is not taken."""


class UImage(msgspec.Struct, frozen=True):
    """What the header says, and the data unpacked. `load` and `entry` are physical addresses."""

    name: str
    machine: str
    kind: int
    load: int
    entry: int
    data: bytes

    @property
    def runs(self) -> bool:
        """Whether it is something that can be entered."""
        return self.kind in _RUNS

    @property
    def kind_name(self) -> str:
        """The kind in words."""
        return _TYPES.get(self.kind, f"image of type {self.kind}")


def is_uimage(raw: bytes) -> bool:
    """Whether bytes begin as a U-Boot image does."""
    return raw[:4] == MAGIC.to_bytes(4, "big")


def parse_uimage(raw: bytes, path: str) -> UImage:
    """The image in `raw`. Raises UImageError for a damaged one, PackedError for what cannot be unpacked."""
    if len(raw) < _HEADER.size:
        raise UImageError(f"{path}: its U-Boot header is cut off: {len(raw)} of {_HEADER.size} bytes", "copy it again")
    _, header_sum, _, size, load, entry, data_sum, _, machine, kind, packing, name = _HEADER.unpack_from(raw)
    if zlib.crc32(raw[:4] + bytes(4) + raw[8 : _HEADER.size]) != header_sum:
        raise UImageError(f"{path}: its U-Boot header's checksum is wrong", "make it again with mkimage")
    data = raw[_HEADER.size : _HEADER.size + size]
    if len(data) < size:
        raise UImageError(f"{path}: its header says {size:#x} bytes, {len(data):#x} are there", "copy it again")
    if zlib.crc32(data) != data_sum:
        raise UImageError(f"{path}: the checksum of its data is wrong", "copy it again")
    if kind == 4:
        data = _first_of_several(data, path)
    # The kernel unpacks a RAM disk itself.
    how = None if kind == RAM_DISK else _PACKINGS.get(packing, f"method {packing}")
    return UImage(
        name=name.split(b"\0")[0].decode("latin-1"),
        machine=_ARCHITECTURES.get(machine, f"architecture {machine} of U-Boot's"),
        kind=kind,
        load=load,
        entry=entry,
        data=data if how is None else unpack(data, how, path),
    )


def _first_of_several(data: bytes, path: str) -> bytes:
    """The kernel of a multi-file image: a list of sizes that a zero ends stands before the files."""
    sizes: list[int] = []
    for at in range(0, len(data) - 3, 4):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 0:
            start = at + 4
            if sizes and start + sizes[0] <= len(data):
                return data[start : start + sizes[0]]
            break
        sizes.append(size)
    raise UImageError(f"{path}: the list of files in this image makes no sense", "make it again with mkimage")
