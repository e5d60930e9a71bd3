"""ELF files of every class and order load; each kind of bad file has its own error."""

import random
import struct
import subprocess
from pathlib import Path

import pytest

from trapline.server.machine import elf

from ..oracle import require
from .elf_images import MACHINES, Image


@pytest.mark.parametrize("order", ["big", "little"])
@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("machine", list(MACHINES))
def test_every_class_and_order_loads(machine: str, bits: int, order: str) -> None:
    """Class, byte order, machine, entry and segments come out as they were put in."""
    segments = [(0x8000_1000, 0x2000, b"data", 0x20), (0x8000_0000, 0x1000, b"code", 0x10)]
    raw = Image(bits, order, MACHINES[machine], entry=0x8000_0004, segments=segments).build()
    loaded = elf.parse_elf(raw, "x.elf", machine)
    assert (loaded.elf_class, loaded.order, loaded.machine) == (bits, order, machine)
    assert [(one.physical, one.data, one.size) for one in loaded.segments] == [
        (0x1000, b"code", 0x10),
        (0x2000, b"data", 0x20),
    ]
    assert (loaded.entry, loaded.physical_entry) == (0x8000_0004, 0x1004)
    assert loaded.segments[0].executable
    assert not loaded.segments[0].writable
    assert loaded.raw == raw


def patched(offset: int, data: bytes) -> bytes:
    """A good 64-bit big-endian file with other bytes at an offset of its header."""
    raw = Image().build()
    return raw[:offset] + data + raw[offset + len(data) :]


# e_shoff to e_shnum: 9 section headers of 64 bytes from offset 8 of a file that has no room for them.
SECTIONS_OUTSIDE = struct.pack(">QIHHHHH", 8, 0, 64, 56, 1, 64, 9)
TWO_OVERLAPPING = [(0x1000, 0x1000, b"a", 0x100), (0x9000, 0x10FF, b"b", 0x10)]
BAD_FILES = [
    ("text", b"#!/bin/sh\n", elf.NotAnElfFileError, "it begins with 23 21 2f 62"),
    ("empty", b"", elf.NotAnElfFileError, "nothing"),
    ("header only", Image().build()[:20], elf.NotAnElfFileError, "no usable ELF file"),
    ("object", Image(kind=1).build(), elf.NotExecutableError, "link it first"),
    ("machine", Image(machine=MACHINES["ARM"]).build(), elf.WrongMachineError, "for ARM, not for PPC64"),
    ("cut", Image().build()[:-1], elf.TruncatedSegmentError, "segment 0 at 0x1000"),
    ("cut headers", Image().build()[:80], elf.TruncatedSegmentError, "program headers"),
    ("header size", patched(54, b"\0\0"), elf.NotAnElfFileError, "program headers have 0 bytes"),
    ("sections cut", patched(40, SECTIONS_OUTSIDE), elf.NotAnElfFileError, "section headers are not all"),
    (
        "more in the file",
        Image(segments=[(0x1000, 0x1000, b"code", 2)]).build(),
        elf.TruncatedSegmentError,
        "for 0x2 of memory",
    ),
    (
        "beyond the address space",
        Image(segments=[(0x1000, (1 << 64) - 8, b"code", 0x10)]).build(),
        elf.TruncatedSegmentError,
        "leaves the address space",
    ),
    ("overlap", Image(segments=TWO_OVERLAPPING).build(), elf.OverlappingSegmentsError, "0x1000-0x10ff"),
    ("no segment", Image(segments=[]).build(), elf.NoLoadableSegmentsError, "no loadable"),
    ("notes only", Image(segment_type=4).build(), elf.NoLoadableSegmentsError, "no loadable"),
    ("entry", Image(entry=0x1010).build(), elf.EntryOutsideError, "0x1010"),
]


@pytest.mark.parametrize(
    ("raw", "error", "message"), [case[1:] for case in BAD_FILES], ids=[case[0] for case in BAD_FILES]
)
def test_a_bad_file_has_one_clear_error(raw: bytes, error: type[elf.ElfError], message: str) -> None:
    """The error is of its own class, names the file and says why."""
    with pytest.raises(error, match=message) as caught:
        elf.parse_elf(raw, "bad.elf", "PPC64")
    assert type(caught.value) is error
    assert caught.value.message.startswith("bad.elf: ")


def test_a_damaged_file_never_gets_further_than_an_error() -> None:
    """Random damage in the headers gives an ElfError or a loaded file, and nothing else."""
    source = random.Random(5)
    refused = 0
    for _ in range(3000):
        raw = bytearray(Image(source.choice((32, 64)), source.choice(("big", "little"))).build())
        for _ in range(source.randint(1, 4)):
            raw[source.randrange(4, len(raw))] = source.choice((0, 1, 4, 0x7F, 0x80, 0xFF))
        try:
            elf.parse_elf(bytes(raw), "damaged.elf")
        except elf.ElfError:
            refused += 1
    assert refused > 500


def test_a_file_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    """Reading errors keep their own type, which names the path."""
    with pytest.raises(FileNotFoundError, match=r"missing\.elf"):
        elf.load_elf(tmp_path / "missing.elf")


@pytest.mark.oracle
@pytest.mark.parametrize("prefix", ["powerpc64-linux-gnu", "arm-linux-gnueabihf"])
def test_a_program_of_binutils_loads_with_its_symbols(prefix: str, tmp_path: Path) -> None:
    """Symbols are those of nm: a global beats a local of its name, mapping symbols are left out."""
    require.oracle(f"{prefix}-as")
    source = ".text\n.globl _start\n_start: nop\nlocal: nop\n.globl table\n.data\ntable: .long 7, 8\n"
    program, parts = tmp_path / "program", []
    for number, text in enumerate((source, ".text\ntable: nop\n")):
        part = tmp_path / f"{number}.o"
        subprocess.run([f"{prefix}-as", "-o", part], input=text.encode(), check=True)
        parts.append(part)
    subprocess.run([f"{prefix}-ld", "-Ttext=0x10000", "-Tdata=0x20000", "-o", program, *parts], check=True)
    loaded = elf.load_elf(program)
    assert loaded.machine == ("PPC64" if prefix.startswith("powerpc64") else "ARM")
    assert (loaded.symbols["_start"], loaded.symbols["local"], loaded.symbols["table"]) == (0x10000, 0x10004, 0x20000)
    assert loaded.physical_entry == 0x10000
    assert not [name for name in loaded.symbols if name.startswith("$")]
