"""Puts a guest into a machine as its architecture's boot protocol says: what goes where, and where it begins.

Arm: Linux, Documentation/arm/booting.rst; addresses as QEMU's boards have them (hw/arm/boot.c). Power: a kernel is
loaded at its physical addresses and entered there (Documentation/powerpc/booting.rst).
"""

from __future__ import annotations

from types import MappingProxyType

import msgspec
from msgspec.structs import replace

from ...isa.errors import TraplineError
from ..loading.guest import Blob, Guest
from ..loading.images import Image, ImageKind
from ..loading.places import Piece, Places, room_for
from ..loading.request import parse_number
from ..machine.elf import ElfError, LoadedElf
from ..machine.ram import ByteOrder


class BootError(TraplineError):
    """A guest that cannot be entered on this machine."""


class BootProtocol(msgspec.Struct, frozen=True):
    """What a board does with images that have no addresses. Offsets are from the start of RAM, in bytes."""

    machine: str
    """ELF files' name of the architecture."""
    orders: tuple[ByteOrder, ...]
    """Byte orders that a program may have, that of a raw image first; a core may lack one (`Machine.orders`)."""
    instruction_alignment: int
    ram: int
    """Physical address of RAM."""
    linux_offset: int
    """Of a raw Linux Image."""
    raw_offset: int
    """Of any other raw image."""
    zimage_offset: int | None
    """None: the board has no such thing."""
    elf_class: int = 32
    """Of its programs' ELF files."""
    kernel_under_firmware: int | None = None
    """Where firmware finds a kernel; None: it has no way of being told of one."""


class Placed(msgspec.Struct, frozen=True):
    """Where the guest begins: physical address (bit 0: Thumb), and what its first instruction finds in registers."""

    entry: int | None
    """None: nothing but firmware, which begins where the core is reset to."""
    table_of_contents: int | None = None
    """r2, where the entry point was a function descriptor of Power's ELFv1."""
    kernel: tuple[int, int] | None = None
    """First address and size of a program that firmware is to start."""


def place_guest(guest: Guest, places: Places, protocol: BootProtocol) -> Placed:
    """Puts everything that has an address, or whose address the protocol gives, to its place.

    Raises OutsideRamError, OverlapError, BootError or an ElfError.
    """
    placed = Placed(None)
    if guest.program is not None:
        offset = None if guest.firmware is None else protocol.kernel_under_firmware
        if guest.firmware is not None and offset is None:
            raise BootError(
                f"{guest.program.path}: the firmware has no way to be told of it on this machine",
                f"put it into memory with --load {guest.program.path}@ADDR, and start it from the firmware's prompt",
            )
        placed = _program(guest.program, places, protocol, offset)
    for elf in guest.elf_loads:
        check_elf(elf, protocol)
        _segments(elf, places)
    for blob in guest.loads:
        put_blob(blob, "--load", places)
    if guest.entry is not None:
        placed = _named_entry(guest, protocol)
    elif placed.entry is None and guest.firmware is None and not guest.flash:
        placed = _only_loads(guest, protocol)
    return placed if guest.firmware is None or guest.entry is not None else replace(placed, entry=None)


def put_blob(blob: Blob, option: str, places: Places) -> None:
    """Puts a file to the address that it has."""
    assert blob.address is not None
    piece = Piece(blob.path, blob.address, len(blob.data), f"give {blob.path} another address: {option} FILE@ADDR")
    places.put(piece, blob.data)


def place_initrd(guest: Guest, places: Places, low: int, high: int) -> tuple[int, int] | None:
    """Puts the initial RAM disk to its address, or the lowest free place in a range; returns address and size."""
    if guest.initrd is None:
        return None
    size = len(guest.initrd.data)
    at = guest.initrd.address
    if at is None:
        at = room_for(guest.initrd.path, size, places.lowest(size, 0x1_0000, low, high), low, high)
    put_blob(Blob(guest.initrd.path, guest.initrd.data, at), "--initrd", places)
    return at, size


def check_elf(elf: LoadedElf, protocol: BootProtocol) -> None:
    """Raises an ElfError for a file that this machine cannot run."""
    if elf.machine != protocol.machine:
        raise WrongArchitectureError(f"{elf.path}: it is for {elf.machine}, and the machine runs {protocol.machine}")
    if elf.order not in protocol.orders:
        raise WrongByteOrderError(
            f"{elf.path}: it is {elf.order}-endian, and the machine's core is {' or '.join(protocol.orders)}-endian",
            f"compile and link it {protocol.orders[0]}-endian",
        )
    if elf.relocates_itself:
        kernel = "give it as --kernel if it relocates itself, or " if protocol.machine == "PPC64" else ""
        raise NotLinkedError(
            f"{elf.path}: it is position-independent (ET_DYN) and linked at 0: nobody here would relocate it",
            f"{kernel}link it with -no-pie at an address in RAM, such as -Wl,-Ttext={protocol.ram + 0x10000:#x}; "
            "or make it a raw image with objcopy -O binary if it relocates itself: --load FILE@ADDR --entry ADDR",
        )


class WrongArchitectureError(ElfError):
    """The ELF file is for another architecture than the machine."""


class WrongByteOrderError(ElfError):
    """The ELF file has a byte order that the machine does not begin in."""


class NotLinkedError(ElfError):
    """The ELF file would have to be relocated before it can run."""


class UnalignedEntryError(ElfError):
    """No instruction can be at the entry point."""


def _check_entry(path: str, entry: int, protocol: BootProtocol) -> None:
    thumb = protocol.machine == "ARM" and entry & 1
    if entry % protocol.instruction_alignment and not thumb:
        raise UnalignedEntryError(
            f"{path}: entry point {entry:#x} is not a multiple of {protocol.instruction_alignment}: "
            "no instruction can be there",
            "correct the linker script's ENTRY, or give the right one with --entry ADDR|SYMBOL",
        )


def _program(image: Image, places: Places, protocol: BootProtocol, moved: int | None) -> Placed:
    """`moved`: a kernel that firmware starts lies so many bytes from the start of RAM instead."""
    if image.elf is not None:
        check_elf(image.elf, protocol)
        lowest = min(segment.physical for segment in image.elf.segments)
        shift = 0 if moved is None else protocol.ram + moved - lowest
        _segments(image.elf, places, shift)
        entry, contents = _code_at(image.elf, image.elf.entry, image.path, protocol)
        size = max(segment.physical + segment.size for segment in image.elf.segments) - lowest
        return Placed(entry + shift, contents, (lowest + shift, size))
    offsets = {ImageKind.LINUX: protocol.linux_offset, ImageKind.ZIMAGE: protocol.zimage_offset}
    offset = offsets.get(image.kind, protocol.raw_offset) if moved is None else moved
    if offset is None:
        raise BootError(f"{image.path}: it is an {image.kind.value}, and no machine for {protocol.machine} runs that")
    at = protocol.ram + offset if image.load is None or moved is not None else image.load
    way_out = f"give {image.path} another address: --kernel FILE@ADDR"
    places.put(Piece(image.path, at, len(image.data), way_out), image.data)
    entry = at if image.entry is None or moved is not None else image.entry
    _check_entry(image.path, entry, protocol)
    return Placed(entry, None, (at, len(image.data)))


def _segments(elf: LoadedElf, places: Places, shift: int = 0) -> None:
    way_out = f"link {elf.path} elsewhere"
    for segment in elf.segments:
        name = f"{elf.path}'s segment"
        places.claim(Piece(name, segment.physical + shift, segment.size, way_out))
    for segment in elf.segments:
        places.fill(segment.physical + shift, segment.data, segment.size)


def _code_at(elf: LoadedElf, address: int, name: str, protocol: BootProtocol) -> tuple[int, int | None]:
    """Physical address of the instruction that a virtual one stands for, and r2 if a function descriptor gives it.

    Programs of Power's ELFv1 have such a descriptor at their entry point; kernels have the code itself there.
    """
    contents = None
    if elf.machine == "PPC64" and any(start <= address < end for start, end in elf.descriptors):
        address, contents = elf.word_at(address, 8), elf.word_at(address + 8, 8)
    _check_entry(name, address, protocol)
    return elf.physical(address), contents


def _named_entry(guest: Guest, protocol: BootProtocol) -> Placed:
    """What --entry names."""
    assert guest.entry is not None
    address = parse_number(guest.entry)
    if address is not None:
        _check_entry("--entry", address, protocol)
        return Placed(address)
    for elf in guest.elfs:
        if guest.entry in elf.symbols:
            return Placed(*_code_at(elf, elf.symbols[guest.entry], f"--entry {guest.entry}", protocol))
    files = ", ".join(elf.path for elf in guest.elfs)
    where = f"no symbol of {files}" if files else "no address, and there is no ELF file that could have such a symbol"
    raise BootError(f"--entry: '{guest.entry}' is {where}", "give an address such as 0x40010000, or another symbol")


def _only_loads(guest: Guest, protocol: BootProtocol) -> Placed:
    """Of loaded files alone an ELF program is the one to be entered, if there is just one."""
    if len(guest.elf_loads) == 1:
        (elf,) = guest.elf_loads
        return Placed(*_code_at(elf, elf.entry, elf.path, protocol))
    raise BootError(
        f"{guest.title}: nothing says where to begin", "give --entry ADDR, or --entry SYMBOL of an ELF file"
    )


def no_elf(title: str, boot: BootProtocol) -> LoadedElf:
    """What a debugger knows a guest by that has no ELF file."""
    return LoadedElf(
        path=title,
        machine=boot.machine,
        elf_class=boot.elf_class,
        order=boot.orders[0],
        entry=0,
        segments=(),
        symbols=MappingProxyType({}),
        raw=b"",
    )
