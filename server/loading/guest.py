"""All files of a request, read and recognised. Where they go depends on the machine: see `places`."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ...isa.errors import TraplineError
from ..machine.dtb import unflatten
from ..machine.elf import LoadedElf, parse_elf
from ..machine.fdt import DeviceTree, FdtError
from .images import Image, ImageError, ImageKind, kernel, read_file, read_image, recognise
from .packed import packing_of
from .request import FileAt, LoadRequest
from .uimage import RAM_DISK, is_uimage, parse_uimage


class Blob(msgspec.Struct, frozen=True):
    """A file's bytes, for physical `address`; None: for where the machine puts such things."""

    path: str
    data: bytes
    address: int | None = None


class GivenTree(msgspec.Struct, frozen=True):
    """A device tree that the user brings instead of the machine's."""

    path: str
    tree: DeviceTree


class Guest(msgspec.Struct, frozen=True):
    """What goes into a machine. `program` is entered unless there is firmware, which begins at the reset vector."""

    title: str
    program: Image | None = None
    is_kernel: bool = False
    """Whether --kernel named the program: a kernel's boot protocol in all points."""
    initrd: Blob | None = None
    tree: GivenTree | None = None
    firmware: Blob | None = None
    flash: tuple[Blob, ...] = ()
    loads: tuple[Blob, ...] = ()
    elf_loads: tuple[LoadedElf, ...] = ()
    entry: str | None = None
    registers: tuple[tuple[str, int], ...] = ()
    neighbours: tuple[Guest, ...] = ()
    """Guests of other partitions on the same host."""

    @property
    def elfs(self) -> tuple[LoadedElf, ...]:
        """The ELF files among its parts, the program first."""
        program = self.program.elf if self.program is not None else None
        return (*(() if program is None else (program,)), *self.elf_loads)

    @property
    def machine(self) -> str | None:
        """What it is for ("PPC64", "ARM"), by the first file that says so. Raises ImageError where two disagree."""
        named = [] if self.program is None else [(self.program.path, self.program.machine)]
        named += [(elf.path, elf.machine) for elf in self.elf_loads]
        known = [(path, machine) for path, machine in named if machine is not None]
        for path, machine in known[1:]:
            if machine != known[0][1]:
                first, its = known[0]
                raise ImageError(f"{first} is for {its}, and {path} for {machine}", "leave one of them out")
        return known[0][1] if known else None


def guest_of(given: Path | LoadedElf | LoadRequest | Guest) -> Guest:
    """The guest that somebody names in one of the ways that are possible. Raises TraplineErrors, and OSError."""
    if isinstance(given, Guest):
        return given
    if isinstance(given, LoadedElf):
        return Guest(given.path, Image(given.path, ImageKind.ELF, given.machine, elf=given))
    return read_guest(given if isinstance(given, LoadRequest) else LoadRequest(given))


def read_guest(request: LoadRequest) -> Guest:
    """Reads the files of a request. Raises a TraplineError of the kind that fits, or OSError."""
    elfs, blobs = [], []
    for one in request.load:
        found = _loaded(one)
        if isinstance(found, LoadedElf):
            elfs.append(found)
        else:
            blobs.append(found)
    return Guest(
        title=request.title,
        program=_program(request),
        is_kernel=request.kernel is not None,
        initrd=None if request.initrd is None else _initrd(request.initrd),
        tree=None if request.dtb is None else _tree(request.dtb),
        firmware=None if request.bios is None else _firmware(request.bios),
        flash=tuple(Blob(str(one.path), read_file(one.path), one.address) for one in request.flash),
        loads=tuple(blobs),
        elf_loads=tuple(elfs),
        entry=request.entry,
        registers=request.registers,
        neighbours=tuple(read_guest(LoadRequest(path)) for path in request.partitions),
    )


def _program(request: LoadRequest) -> Image | None:
    if request.kernel is not None:
        return kernel(read_image(request.kernel.path), request.kernel.address)
    if request.guest is None:
        return None
    image = read_image(request.guest)
    if image.kind is ImageKind.RAW:
        raise ImageError(
            f"{image.path}: it is no program that its header tells: it begins with {image.data[:4].hex(' ')}",
            "a raw image is entered as a kernel with --kernel FILE[@ADDR], as firmware with --bios FILE, "
            "or anywhere with --load FILE@ADDR and --entry ADDR",
        )
    return image


def _loaded(one: FileAt) -> LoadedElf | Blob:
    if one.address is not None:
        return Blob(str(one.path), read_file(one.path), one.address)
    raw = read_file(one.path)
    if raw.startswith(b"\x7fELF"):
        return parse_elf(raw, str(one.path))
    raise ImageError(
        f"--load {one.path}: where to? It is no ELF file, which would say so itself", f"write --load {one.path}@ADDR"
    )


def _initrd(one: FileAt) -> Blob:
    raw = read_file(one.path)
    if is_uimage(raw):
        found = parse_uimage(raw, str(one.path))
        if found.kind != RAM_DISK:
            raise ImageError(f"--initrd {one.path}: this U-Boot image is a {found.kind_name}", "give it with --kernel")
        raw = found.data
    return Blob(str(one.path), raw, one.address)


def _tree(path: Path) -> GivenTree:
    raw = read_file(path)
    if raw.lstrip().startswith(b"/dts-v1/"):
        raise FdtError(f"--dtb {path}: it is a device tree's source", f"compile it: dtc -O dtb -o tree.dtb {path}")
    try:
        return GivenTree(str(path), unflatten(raw))
    except FdtError as error:
        raise FdtError(f"--dtb {path}: {error.message}", error.hint) from error


def _firmware(path: Path) -> Blob:
    """Firmware is taken as it is, so a program of a kind that has a header cannot be meant."""
    raw = read_file(path)
    if packing_of(raw) is not None or is_uimage(raw) or raw.startswith(b"\x7fELF"):
        try:
            kind = recognise(raw, str(path)).kind
        except TraplineError:
            kind = ImageKind.RAW
        if kind is not ImageKind.RAW:
            raise ImageError(
                f"--bios {path}: firmware is a raw image, and this file has the header of another kind: {kind.value}",
                f"run it as a program: {path}, or --kernel {path}",
            )
    return Blob(str(path), raw)
