"""Claims about the ELF file, read back with pyelftools."""

from __future__ import annotations

import io

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import Section, SymbolTableSection
from msgspec.structs import replace

from trapline.asmgen import Image, Layout
from trapline.asmgen.objects.executable import write_elf

from .fake_architecture import FakeTarget, program

TEXT = """
    .globl  _start
    .type   _start, %function
    .type   table, %object
_start: nop
local:  ret
    .size _start, . - _start
    .word 1
    .data
    .globl  table
table:  .quad _start
    .size table, 8
    .bss
    .skip 64
    .section notes, ""
    .ascii "not in memory"
    .set number, 42
    .weak late
late = 7
"""


def read(image: Image) -> ELFFile:
    """The file as pyelftools sees it."""
    return ELFFile(io.BytesIO(image.elf))


def section(elf: ELFFile, name: str) -> Section:
    """A section that must be there."""
    found = elf.get_section_by_name(name)
    assert found is not None
    return found


def symbol_table(elf: ELFFile) -> SymbolTableSection:
    """The symbol table, which must be there."""
    found = section(elf, ".symtab")
    assert isinstance(found, SymbolTableSection)
    return found


def test_header_says_what_the_description_says() -> None:
    """Machine, class, byte order, type and entry."""
    elf = read(program(TEXT, layout=Layout(base=0x1000)))
    assert (elf["e_machine"], elf.elfclass, elf.little_endian) == ("EM_PPC64", 64, False)
    assert (elf["e_type"], elf["e_entry"], elf["e_flags"]) == ("ET_EXEC", 0x1000, 0)


def test_segments_load_what_the_sections_hold() -> None:
    """Offsets fit addresses; sections with the same permissions in one page are one segment, since a loader that maps
    pages would put the second one's over the first one's; .bss takes no room in the file."""
    image = program(TEXT, layout=Layout(base=0x1234))
    loaded = [s for s in read(image).iter_segments() if s["p_type"] == "PT_LOAD"]
    text, data, bss = (s for s in image.sections if s.size)
    assert [(s["p_vaddr"], s["p_filesz"], s["p_memsz"]) for s in loaded] == [
        (text.address, text.size, text.size),
        (data.address, data.size, bss.address + bss.size - data.address),
    ]
    for section_of_file in (text, data):
        inside = next(s for s in loaded if s["p_vaddr"] <= section_of_file.address < s["p_vaddr"] + s["p_memsz"])
        at = section_of_file.address - inside["p_vaddr"]
        assert inside.data()[at : at + section_of_file.size] == section_of_file.data
    for segment in loaded:
        if segment["p_filesz"]:
            assert (segment["p_offset"] - segment["p_vaddr"]) % segment["p_align"] == 0
    assert [s["p_flags"] for s in loaded] == [5, 6]


def test_symbols_have_kind_binding_size_and_section() -> None:
    """Functions and objects are told apart; local symbols stand first, as the ABI asks."""
    table = symbol_table(read(program(TEXT)))
    found = {s.name: s for s in table.iter_symbols()}
    start = found["_start"]
    assert (start["st_info"]["type"], start["st_info"]["bind"], start["st_size"]) == ("STT_FUNC", "STB_GLOBAL", 8)
    assert found["table"]["st_info"]["type"] == "STT_OBJECT"
    assert found["local"]["st_info"]["bind"] == "STB_LOCAL"
    assert found["late"]["st_info"]["bind"] == "STB_WEAK"
    assert (found["number"]["st_value"], found["number"]["st_shndx"]) == (42, "SHN_ABS")
    bindings = [s["st_info"]["bind"] for s in table.iter_symbols()]
    assert bindings == sorted(bindings, key=lambda b: b != "STB_LOCAL")
    assert table["sh_info"] == bindings.count("STB_LOCAL")


def test_mapping_symbols_tell_code_from_data() -> None:
    """$a where code begins and $d where data begins inside code; nothing in data sections."""
    table = symbol_table(read(program(TEXT, layout=Layout(base=0x1000))))
    marks = [(s.name, s["st_value"]) for s in table.iter_symbols() if s.name.startswith("$")]
    assert marks == [("$a", 0x1000), ("$d", 0x1008)]


def test_a_section_outside_memory_is_kept_in_the_file() -> None:
    """A section without the flag `a` has contents but no address."""
    notes = section(read(program(TEXT)), "notes")
    assert (notes.data(), notes["sh_flags"], notes["sh_addr"]) == (b"not in memory", 0, 0)


@pytest.mark.parametrize("bits", [32, 64])
@pytest.mark.parametrize("big_endian", [False, True])
def test_all_four_kinds_of_file_read_back(bits: int, big_endian: bool) -> None:
    """32 and 64 bits, either byte order: the same sections and symbols."""
    image = program(TEXT, layout=Layout(base=0x1000))
    traits = replace(FakeTarget.elf, bits=bits, machine=40, flags=0x05000000)
    elf = ELFFile(io.BytesIO(write_elf(replace(image.program, big_endian=big_endian), {}, traits)))
    assert (elf.elfclass, elf.little_endian, elf["e_flags"]) == (bits, not big_endian, 0x05000000)
    assert section(elf, ".text").data() == image.sections[0].data
    symbols = {s.name: s["st_value"] for s in symbol_table(elf).iter_symbols()}
    assert symbols["table"] == image.symbols["table"]
