"""A file's own header says what it is; what cannot be run is refused with a way out."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import struct
from pathlib import Path

import pytest

from trapline.isa.errors import TraplineError
from trapline.server.loading.guest import read_guest
from trapline.server.loading.images import ImageKind, recognise
from trapline.server.loading.packed import MOST_UNPACKED
from trapline.server.loading.request import FileAt, LoadRequest, RequestError, parse_file_at, parse_number

from .files import ARM_LOOP, arm_elf, power_elf, uimage, write, zimage

LINUX = b"\0" * 64 + b"Linux version 6.1.0 (somebody)"


@pytest.mark.parametrize(
    ("raw", "kind", "architecture"),
    [
        (arm_elf(), ImageKind.ELF, "ARM"),
        (power_elf(), ImageKind.ELF, "PPC64"),
        (zimage(), ImageKind.ZIMAGE, "ARM"),
        (uimage(ARM_LOOP, load=0x40008000, entry=0x40008000), ImageKind.UIMAGE, "ARM"),
        (uimage(ARM_LOOP, architecture=7, load=0, entry=0), ImageKind.UIMAGE, "PPC64"),
        (LINUX, ImageKind.LINUX, None),
        (b"something else", ImageKind.RAW, None),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_header_decides(raw: bytes, kind: ImageKind, architecture: str | None, pack: type[bytes]) -> None:
    """Each kind is told by its first bytes, packed or not."""
    image = recognise(pack(raw), "file")
    assert (image.kind, image.machine) == (kind, architecture)


@pytest.mark.parametrize(
    ("packing", "pack"),
    [(1, gzip.compress), (2, bz2.compress), (3, lambda data: lzma.compress(data, lzma.FORMAT_ALONE))],
)
def test_uimage_unpacks_its_data(packing: int, pack: type[bytes]) -> None:
    """What the header says it is packed with is undone, and load address and entry point are the header's."""
    image = recognise(uimage(pack(ARM_LOOP * 9), packing=packing, load=0x40100000, entry=0x40100010), "file")
    assert (image.data, image.load, image.entry) == (ARM_LOOP * 9, 0x40100000, 0x40100010)


def test_a_pipe_is_read_once_and_a_device_not_at_all() -> None:
    """`<(unpack kernel)` is a file like others, also for --load; /dev/zero, which has no end, is refused at once."""
    for option in ("guest", "kernel", "load"):
        reading, writing = os.pipe()
        with os.fdopen(writing, "wb") as file:
            file.write(power_elf())
        pipe = Path(f"/dev/fd/{reading}")
        requests = {
            "guest": LoadRequest(guest=pipe),
            "kernel": LoadRequest(kernel=FileAt(pipe)),
            "load": LoadRequest(load=(FileAt(pipe),), entry="0"),
        }
        found = read_guest(requests[option])
        os.close(reading)
        assert [elf.raw for elf in found.elfs] == [power_elf()]
    for device in (LoadRequest(guest=Path("/dev/zero")), LoadRequest(bios=Path("/dev/null"))):
        with pytest.raises(TraplineError, match="it is a device, not a file"):
            read_guest(device)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        pytest.param(arm_elf(), "ELF program", id="elf"),
        pytest.param(uimage(ARM_LOOP, load=0, entry=0), "U-Boot image", id="uimage"),
        pytest.param(gzip.compress(arm_elf()), "ELF program", id="packed"),
    ],
)
def test_a_program_given_as_firmware_is_refused(raw: bytes, kind: str, tmp_path: Path) -> None:
    """It would be entered at its header."""
    with pytest.raises(TraplineError, match=f"this file has the header of another kind: {kind}"):
        read_guest(LoadRequest(bios=write(tmp_path, "program", raw)))


def test_files_without_contents_say_why(tmp_path: Path) -> None:
    """Nothing that is packed; a header that ends before it begins; a size beyond all; a file that breaks when read."""
    with pytest.raises(TraplineError, match="it is packed, and nothing is in it"):
        recognise(gzip.compress(b""), "file")
    backwards = bytearray(zimage())
    backwards[0x28:0x30] = struct.pack("<II", 0x1000, 0x10)
    with pytest.raises(TraplineError, match="ends at 0x10, before it begins at 0x1000"):
        recognise(bytes(backwards), "file")
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(TraplineError, match="more than the 0x40000000 bytes"):
        read_guest(LoadRequest(guest=large))
    with pytest.raises(TraplineError, match="/proc/self/mem: it cannot be read"):
        read_guest(LoadRequest(guest=Path("/proc/self/mem")))


def test_multi_file_uimage_gives_its_kernel() -> None:
    """The first file of a list is the kernel."""
    parts = (8).to_bytes(4, "big") + (4).to_bytes(4, "big") + bytes(4) + b"kernel!!" + b"disk"
    assert recognise(uimage(parts, kind=4, load=0, entry=0), "file").data == b"kernel!!"


GOOD = uimage(ARM_LOOP, load=0, entry=0)


def test_a_zimage_without_a_byte_order_may_end_with_zeros_that_are_not_in_the_file() -> None:
    """Xen's: what follows the header's end is code, and the size counts its .bss. Linux's must be there, all of it."""
    short = zimage(ARM_LOOP + bytes(0x40), order=0xF10C_01C0, missing=0x40)
    found = recognise(short, "file")
    assert (found.kind, found.data) == (ImageKind.ZIMAGE, short + bytes(0x40))
    too_much = bytearray(short)
    too_much[0x2C:0x30] = (0x7FFF_FFFF).to_bytes(4, "little")
    with pytest.raises(TraplineError, match="zImage header says"):
        recognise(bytes(too_much), "file")


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (GOOD[:30], "cut off"),
        (GOOD[:-1], "4 bytes|0x4 bytes"),
        (GOOD[:-1] + b"?", "checksum of its data"),
        (GOOD[:20] + b"?" + GOOD[21:], "header's checksum"),
        (uimage(b"disk", kind=3, load=0, entry=0), "RAM disk(.|\n)*--initrd"),
        (uimage(b"x", packing=5, load=0, entry=0), "lz4"),
        (uimage(b"\x1f\x8b\x08no", packing=1, load=0, entry=0), "damaged|end is missing"),
        (gzip.compress(power_elf())[:-12], "end is missing"),
        (zimage(order=0x01020304), "big-endian"),
        (zimage(missing=4), "zImage header says"),
        (b"\xd0\x0d\xfe\xed" + bytes(40), "device tree(.|\n)*--dtb"),
        (bytes(0x38) + b"ARM\x64", "AArch64"),
        (bytes(0x202) + b"HdrS", "x86"),
    ],
)
def test_what_cannot_be_run_says_why(raw: bytes, message: str) -> None:
    """Damage, foreign kernels and other kinds of files: one error each, which names the file."""
    with pytest.raises(TraplineError, match=rf"file: (.|\n)*({message})"):
        recognise(raw, "file")


def test_unpacked_size_is_bounded() -> None:
    """A small file that unpacks to more than is taken is refused, whatever it would become."""
    with pytest.raises(TraplineError, match="more than the"):
        recognise(gzip.compress(bytes(MOST_UNPACKED + 1), 1), "bomb")


def test_raw_guest_is_refused_with_the_options_that_help(tmp_path: Path) -> None:
    """A file without a header may be a kernel, firmware or data: the user says which."""
    with pytest.raises(TraplineError) as caught:
        read_guest(LoadRequest(write(tmp_path, "image.bin", b"something")))
    assert all(option in str(caught.value) for option in ("--kernel", "--bios", "--load", "--entry"))


def test_load_without_address_needs_an_elf_file(tmp_path: Path) -> None:
    """The hint has the command line that was meant."""
    path = write(tmp_path, "image.bin", b"something")
    with pytest.raises(TraplineError, match=rf"--load {path}@ADDR"):
        read_guest(LoadRequest(load=(FileAt(path),)))


def test_ram_disk_in_a_uimage_is_taken_out(tmp_path: Path) -> None:
    """--initrd takes U-Boot's RAM disks, too; a kernel in one is no RAM disk."""
    program = write(tmp_path, "g.elf", power_elf())
    disk = write(tmp_path, "disk", uimage(b"070701", architecture=7, kind=3, load=0, entry=0))
    guest = read_guest(LoadRequest(program, initrd=FileAt(disk)))
    assert guest.initrd is not None
    assert guest.initrd.data == b"070701"
    other = write(tmp_path, "kernel", GOOD)
    with pytest.raises(TraplineError, match="--kernel"):
        read_guest(LoadRequest(program, initrd=FileAt(other)))


def test_device_tree_source_is_told_from_a_blob(tmp_path: Path) -> None:
    """The hint has dtc's command line; a damaged blob is named."""
    program = write(tmp_path, "g.elf", power_elf())
    with pytest.raises(TraplineError, match="dtc -O dtb"):
        read_guest(LoadRequest(program, dtb=write(tmp_path, "tree.dts", b"/dts-v1/;\n/ { };\n")))
    with pytest.raises(TraplineError, match=r"bad\.dtb"):
        read_guest(LoadRequest(program, dtb=write(tmp_path, "bad.dtb", b"\xd0\x0d\xfe\xed" + bytes(60))))


def test_nothing_or_two_programs_are_mistakes(tmp_path: Path) -> None:
    """What is to be entered must be clear."""
    with pytest.raises(RequestError, match="nothing to run"):
        LoadRequest()
    with pytest.raises(RequestError, match="two programs"):
        LoadRequest(tmp_path / "a", FileAt(tmp_path / "b"))


@pytest.mark.parametrize(
    ("text", "value"),
    [("0x4001_0000", 0x40010000), ("010", 8), ("1M", 1 << 20), ("16k", 16384), ("0b11", 3), ("0", 0), ("08", None),
     ("-1", None), ("", None), ("x", None), ("0x", None), ("1e3", None), ("٣", None)],
)  # fmt: skip
def test_numbers_are_as_c_writes_them(text: str, value: int | None) -> None:
    """Hexadecimal, octal, binary, decimal, with K, M, G; nothing else."""
    assert parse_number(text) == value


def test_an_at_sign_in_a_name_is_part_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`FILE@ADDR` has an address where a number follows; an existing file keeps its name."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "a@b", b"x")
    assert parse_file_at("a@b", "--load") == FileAt(Path("a@b"))
    assert parse_file_at("a@b@0x10", "--load") == FileAt(Path("a@b"), 0x10)
    with pytest.raises(RequestError, match="no address"):
        parse_file_at("missing@here", "--load")
