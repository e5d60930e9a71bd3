"""Claims about our reader of ELF headers: it says what pyelftools says."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from trapline.server.machine.elf_headers import ElfHeaders

from .elf_images import MACHINES, Image

FILES = {
    **{
        f"{bits}-{order}": Image(bits, order, MACHINES["PPC64"]).build()
        for bits in (32, 64) for order in ("big", "little")
    },
    "python": Path(sys.executable).resolve().read_bytes(),
}  # fmt: skip


@pytest.mark.parametrize("name", list(FILES))
def test_headers_are_those_that_pyelftools_reads(name: str) -> None:
    """Of small files of all classes and orders, and of this Python, which has many sections."""
    raw = FILES[name]
    ours, theirs = ElfHeaders(raw), ELFFile(io.BytesIO(raw))
    assert (ours.elf_class, ours.is_little, ours.entry) == (theirs.elfclass, theirs.little_endian, theirs["e_entry"])
    assert f"EM_{ours.machine}" == theirs["e_machine"]
    assert ours.type_name == theirs["e_type"]
    assert [
        (one.flags, one.offset, one.virtual, one.physical, one.file_size, one.memory_size) for one in ours.programs
    ] == [
        tuple(one[field] for field in ("p_flags", "p_offset", "p_vaddr", "p_paddr", "p_filesz", "p_memsz"))
        for one in theirs.iter_segments()
    ]
    sections = list(theirs.iter_sections())
    assert len(ours.sections) == len(sections)
    for own, section in zip(ours.sections, sections, strict=True):
        assert (own.name, own.address, own.offset, own.size) == tuple(
            section[field] for field in ("sh_name", "sh_addr", "sh_offset", "sh_size")
        )
        named, same = ours.section_named(section.name), theirs.get_section_by_name(section.name)
        assert named is not None
        assert same is not None
        assert named.offset == same["sh_offset"]
