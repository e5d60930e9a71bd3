"""Makes the kinds of files that people bring, and machines with them in."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from msgspec.structs import replace

from trapline.server.boards.machine import Machine, MachineOptions
from trapline.server.boards.registry import build_machine
from trapline.server.loading.request import FileAt, LoadRequest
from trapline.tests.server.guests import guest

ARM_RAM = 0x4000_0000
ARM_LOOP = struct.pack("<I", 0xEAFF_FFFE)
"""b . in A32."""
POWER_LOOP = struct.pack(">I", 0x4800_0000)
"""b . on Power."""


def arm_elf(base: int = ARM_RAM + 0x1_0000, text: str = "_start: nop\nagain: b again\n") -> bytes:
    """An ELF program for Arm."""
    return guest(text, "armv7ve", base).raw


def power_elf(base: int = 0x4000, text: str = "_start: nop\nagain: b again\n") -> bytes:
    """An ELF program for Power."""
    return guest(text, "power7", base).raw


def zimage(code: bytes = ARM_LOOP, order: int = 0x04030201, missing: int = 0) -> bytes:
    """An Arm zImage: eight no-operations, a branch over the header, the header; `missing` bytes are cut off its end."""
    body = struct.pack("<9I", *[0xE1A0_0000] * 8, 0xEA00_0003)
    size = len(body) + 16 + len(code)
    whole = body + struct.pack("<4I", 0x016F_2818, 0, size, order) + code
    return whole[: size - missing]


def uimage(data: bytes, *, architecture: int = 2, kind: int = 2, packing: int = 0, load: int, entry: int) -> bytes:
    """A U-Boot image, as mkimage makes it."""
    sums = zlib.crc32(data)
    kinds = (5, architecture, kind, packing)
    header = struct.pack(">7I4B32s", 0x27051956, 0, 0, len(data), load, entry, sums, *kinds, b"name")
    return header[:4] + struct.pack(">I", zlib.crc32(header)) + header[8:] + data


def write(folder: Path, name: str, data: bytes) -> Path:
    """A file with that content."""
    path = folder / name
    path.write_bytes(data)
    return path


def machine(request: LoadRequest, name: str, options: MachineOptions | None = None) -> Machine:
    """A machine on the reference engine, ready to run."""
    return build_machine(request, name, replace(options or MachineOptions(), engine="reference"))


def kernel(path: Path, address: int | None = None) -> LoadRequest:
    """A request for --kernel."""
    return LoadRequest(kernel=FileAt(path, address))
