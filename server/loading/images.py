"""Recognises a program by its first bytes: ELF, U-Boot image, Arm zImage, a packed one of them, or none: a raw image.

Linux, Documentation/arm/booting.rst and arch/arm/boot/compressed/head.S (the zImage's header),
Documentation/powerpc/bootwrapper.rst (a Power zImage is an ELF file with the kernel in one of its sections).
"""

from __future__ import annotations

import os
import stat
import struct
from enum import Enum
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from ...isa.errors import TraplineError, reason_of
from ..machine.elf import MAXIMUM_FILE, LoadedElf, parse_elf
from ..machine.elf_headers import ElfHeaders
from .packed import packing_of, unpack
from .uimage import is_uimage, parse_uimage

POWER_KERNEL: Final = 0x40_0000
"""Where QEMU's pseries puts a kernel."""
_ZIMAGE_AT, _ZIMAGE_MAGIC = 0x24, 0x016F2818
_ZIMAGE_HEADER: Final = struct.Struct("<4I")
_LITTLE, _BIG = 0x0403_0201, 0x0102_0304
_DTB_MAGIC: Final = b"\xd0\x0d\xfe\xed"
_WRAPPED_KERNEL: Final = ".kernel:vmlinux.strip"
_BANNER: Final = b"Linux version "
_FOREIGN: Final = ((0x38, b"ARM\x64", "a Linux Image for AArch64"), (0x202, b"HdrS", "a Linux bzImage for x86"))


class ImageError(TraplineError):
    """A file that no machine can run, or not in the way that was asked for."""


class ImageKind(Enum):
    """Kinds of programs; the value is how messages call them."""

    ELF = "ELF program"
    UIMAGE = "U-Boot image"
    ZIMAGE = "Arm zImage"
    LINUX = "raw Linux Image"
    RAW = "raw image"


class Image(msgspec.Struct, frozen=True):
    """A program as its file has it. Addresses are physical; None where the header leaves them to the boot protocol."""

    path: str
    kind: ImageKind
    machine: str | None
    """What it is for, as `LoadedElf.machine` names it; None: the file does not say."""
    data: bytes = b""
    """Of everything but ELF files."""
    elf: LoadedElf | None = None
    load: int | None = None
    entry: int | None = None


def read_file(path: Path) -> bytes:
    """All of a file or a pipe, read once.

    Raises ImageError for one that is too large or empty and for a device, which may have no end, and OSError.
    """
    try:
        raw = _all_of(path)
    except OSError as error:
        if error.filename is not None:
            raise
        raise ImageError(f"{path}: it cannot be read: {reason_of(error)}", "copy it again") from error
    if not raw:
        raise ImageError(f"{path}: the file is empty", "copy it again")
    return raw


def _all_of(path: Path) -> bytes:
    """See `read_file`. What is too large is not read to its end."""
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        if stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode):
            raise ImageError(f"{path}: it is a device, not a file", "copy what is wanted of it into a file")
        found = bytearray()
        while max(len(found), status.st_size) <= MAXIMUM_FILE and (part := file.read(1 << 20)):
            found += part
    if max(len(found), status.st_size) > MAXIMUM_FILE:
        raise ImageError(f"{path}: more than the {MAXIMUM_FILE:#x} bytes that are read", "strip its debug information")
    return bytes(found)


def recognise(raw: bytes, path: str) -> Image:
    """The program in a file's bytes. Raises a TraplineError of the kind that fits."""
    packing = packing_of(raw)
    if packing is not None:
        unpacked = unpack(raw, packing, path)
        if not unpacked:
            raise ImageError(f"{path}: it is packed, and nothing is in it", "make it again")
        return recognise(unpacked, path)
    if raw.startswith(b"\x7fELF"):
        kernel = _wrapped_kernel(raw, path)
        if kernel is not None:
            return recognise(kernel, path)
        elf = parse_elf(raw, path)
        return Image(path, ImageKind.ELF, elf.machine, elf=elf)
    if is_uimage(raw):
        return _from_uimage(raw, path)
    if raw.startswith(_DTB_MAGIC):
        raise ImageError(f"{path}: it is a device tree blob, no program", "give it with --dtb")
    if raw[_ZIMAGE_AT : _ZIMAGE_AT + 4] == struct.pack("<I", _ZIMAGE_MAGIC):
        return _zimage(raw, path)
    for at, magic, what in _FOREIGN:
        if raw[at : at + len(magic)] == magic:
            raise ImageError(f"{path}: it is {what}, and no machine runs that", "machines: trapline machines")
    return Image(path, ImageKind.LINUX if _BANNER in raw else ImageKind.RAW, None, raw)


def _wrapped_kernel(raw: bytes, path: str) -> bytes | None:
    """The packed kernel in a Power zImage; None if it is another ELF file."""
    if b".kernel:" not in raw:
        return None
    try:
        elf = ElfHeaders(raw)
        section = elf.section_named(_WRAPPED_KERNEL)
        return None if section is None else elf.data(section)
    except ValueError:
        return None  # parse_elf says what is wrong with it


def _from_uimage(raw: bytes, path: str) -> Image:
    found = parse_uimage(raw, path)
    if not found.runs:
        option = "give it with --initrd" if found.kind_name == "RAM disk" else None
        raise ImageError(f"{path}: this U-Boot image is a {found.kind_name}, no program", option)
    # A zImage in it is position-independent all the same: the header's address is where U-Boot would copy it.
    return Image(path, ImageKind.UIMAGE, found.machine, found.data, load=found.load, entry=found.entry)


def _zimage(raw: bytes, path: str) -> Image:
    _, start, end, order = _ZIMAGE_HEADER.unpack_from(raw.ljust(_ZIMAGE_AT + _ZIMAGE_HEADER.size, b"\0"), _ZIMAGE_AT)
    if order == _BIG:
        raise ImageError(f"{path}: it is a big-endian zImage; the machines' Arm cores run little-endian kernels")
    if end <= start:
        raise ImageError(f"{path}: its zImage header ends at {end:#x}, before it begins at {start:#x}", "copy it again")
    size = end - start
    if size > len(raw):
        # Linux's own header tells the byte order, too, and counts what is in the file. Xen's has no such word, and
        # counts what is zeros at first, behind the file's end.
        if order == _LITTLE or size > MAXIMUM_FILE:
            message = f"{path}: its zImage header says {size:#x} bytes, {len(raw):#x} are there"
            raise ImageError(message, "copy it again")
        raw = raw.ljust(size, b"\0")
    return Image(path, ImageKind.ZIMAGE, "ARM", raw)


def read_image(path: Path) -> Image:
    """The program in a file. Raises what `read_file` and `recognise` raise."""
    return recognise(read_file(path), str(path))


def kernel(image: Image, address: int | None) -> Image:
    """An image that `--kernel` names, put where the user says, if anywhere. A Power kernel that is linked at 0 and
    relocates itself goes where QEMU's pseries puts kernels (hw/ppc/spapr.c, KERNEL_LOAD_ADDR): low memory is for its
    vectors.  Raises ImageError for another ELF file: it has places of its own."""
    if image.elf is not None and image.machine == "PPC64" and image.elf.relocates_itself:
        return replace(image, elf=image.elf.at(POWER_KERNEL if address is None else address))
    return image if address is None else moved(image, address)


def moved(image: Image, address: int) -> Image:
    """An image that is loaded where the user says. Raises ImageError for an ELF file: it has places of its own."""
    if image.elf is not None:
        raise ImageError(
            f"{image.path}: an ELF program is loaded where its headers say, not at {address:#x}",
            "leave the address out, or make a raw image of it with objcopy -O binary",
        )
    entry = None if image.entry is None or image.load is None else image.entry - image.load + address
    return replace(image, load=address, entry=entry)
