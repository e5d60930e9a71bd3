"""Claims about the debug information, read back with pyelftools and by a real gdb."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest
from elftools.dwarf.callframe import FDE
from elftools.dwarf.dwarfinfo import DWARFInfo
from elftools.elf.elffile import ELFFile
from hypothesis import given
from hypothesis import strategies as st

from trapline.asmgen import Image, Layout
from trapline.asmgen.objects.dwarf_bytes import signed_leb128, unsigned_leb128

from ..oracle import require
from .described import build
from .fake_architecture import program

TEXT = """.macro twice
    nop
    nop
.endm
    .globl _start
    .type _start, %function
_start: nop
    twice
    .rept 2
    nop
    .endr
    .globl  helper
    .type   helper, %function
helper:
    .cfi_startproc
    nop
    .cfi_def_cfa_offset 32
    .cfi_offset lr, 16 - 32
    nop
    .cfi_remember_state
    .cfi_adjust_cfa_offset -32
    .cfi_restore lr
    ret
    .cfi_restore_state
    nop
    .cfi_endproc
    .skip 4
    .section other, "ax"
    .place other, 0x4000
    ret
"""


def debug_info(image: Image) -> DWARFInfo:
    """The debug information as pyelftools sees it."""
    return ELFFile(io.BytesIO(image.elf)).get_dwarf_info()


def rows(image: Image) -> list[tuple[int, int]]:
    """(address, line) of every row that ends no sequence."""
    info = debug_info(image)
    found = []
    for unit in info.iter_CUs():
        program_of_unit = info.line_program_for_CU(unit)
        assert program_of_unit is not None
        for entry in program_of_unit.get_entries():
            if entry.state is not None and not entry.state.end_sequence:
                found.append((entry.state.address, entry.state.line))
    return found


def test_each_line_has_one_row() -> None:
    """A macro's instructions have the line of the call, a repetition's their own; debuggers step over a row at once."""
    image = program(TEXT, layout=Layout(base=0x1000))
    lines = {0: 7, 1: 8, 3: 10, 5: 16, 6: 19, 7: 23, 8: 25}
    assert rows(image) == [*((0x1000 + 4 * i, line) for i, line in lines.items()), (0x4000, 30)]


def test_lines_far_apart_and_backwards() -> None:
    """Advances that fit no special opcode, in lines and in addresses."""
    image = program("nop\n" + "\n" * 5000 + "nop\n.skip 4\n ret\n" * 2)
    assert rows(image) == [(0, 1), (4, 5002), (12, 5004), (16, 5005), (24, 5007)]


def test_a_unit_names_its_file_and_functions() -> None:
    """One unit a file; functions reach to the next one, or as far as .size says."""
    info = debug_info(program(TEXT, "ret", layout=Layout(base=0x1000)))
    units = [u.get_top_DIE() for u in info.iter_CUs()]
    assert [u.attributes["DW_AT_name"].value for u in units] == [b"test.s", b"file1.s"]
    functions = [(f.attributes["DW_AT_name"].value, f.attributes["DW_AT_low_pc"].value,
                  f.attributes["DW_AT_high_pc"].value) for f in units[0].iter_children()]  # fmt: skip
    assert functions == [(b"_start", 0x1000, 0x1014), (b"helper", 0x1014, 0x1024)]


def test_address_ranges_leave_data_out() -> None:
    """.debug_aranges covers code only."""
    info = debug_info(program(TEXT, layout=Layout(base=0x1000)))
    ranges = info.get_aranges()
    assert ranges is not None
    assert sorted((e.begin_addr, e.length) for e in ranges.entries if e.length) == [(0x1000, 36), (0x4000, 4)]


def frames(image: Image) -> dict[int, FDE]:
    """Call-frame entries by their start."""
    return {e["initial_location"]: e for e in debug_info(image).CFI_entries() if isinstance(e, FDE)}


def test_call_frames_say_what_the_directives_said() -> None:
    """Each directive holds from its place on, and a remembered state comes back."""
    table = frames(program(TEXT, layout=Layout(base=0x1000)))[0x1014].get_decoded().table
    seen = [(row["pc"], row["cfa"].offset, row[65].arg if 65 in row else None) for row in table]
    assert seen == [(0x1014, 0, None), (0x1018, 32, -16), (0x101C, 0, None), (0x1020, 32, -16)]


def test_code_without_directives_unwinds_to_the_link_register() -> None:
    """A default entry: the frame is the stack pointer, nothing has moved; the entry point has no caller."""
    found = frames(program(TEXT, layout=Layout(base=0x1000)))
    assert found[0x1000].instructions[0].opcode == 0x07
    assert [e for e in found[0x4000].instructions if e.opcode] == []
    common = found[0x4000].cie
    assert common is not None
    assert common["return_address_register"] == 65
    covered = sorted((s, e["address_range"]) for s, e in found.items())
    assert covered == [(0x1000, 0x14), (0x1014, 0x10), (0x1024, 4), (0x4000, 4)]


@given(st.integers(0, 1 << 70))
def test_unsigned_leb128_reads_back(value: int) -> None:
    """Seven bits a byte, least significant first."""
    encoded = unsigned_leb128(value)
    assert sum((b & 0x7F) << 7 * i for i, b in enumerate(encoded)) == value
    assert all(b & 0x80 for b in encoded[:-1])
    assert encoded[-1] < 0x80


@given(st.integers(-(1 << 70), 1 << 70))
def test_signed_leb128_reads_back(value: int) -> None:
    """As unsigned, and the last byte's bit 6 is the sign."""
    encoded = signed_leb128(value)
    total = sum((b & 0x7F) << 7 * i for i, b in enumerate(encoded))
    assert total - (bool(encoded[-1] & 0x40) << 7 * len(encoded)) == value


@pytest.mark.oracle
def test_gdb_finds_lines_and_functions(tmp_path: Path) -> None:
    """gdb-multiarch shows the line of an address, and where a function begins."""
    image = program(TEXT, layout=Layout(base=0x1000))
    path = tmp_path / "test.elf"
    path.write_bytes(image.elf)
    (tmp_path / "test.s").write_text(TEXT)
    done = subprocess.run(
        [require.oracle("gdb-multiarch"), "-nx", "-batch",
         "-ex", "info line *0x1018", "-ex", "break helper", "-ex", "list helper",
         str(path)],
        cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert 'Line 19 of "test.s" starts at address 0x1018 <helper+4>' in done.stdout
    assert "Breakpoint 1 at 0x1014: file test.s, line 16." in done.stdout
    assert ".cfi_startproc" in done.stdout


UNIT = """
        .section .debug_abbrev, "", %progbits
        .uleb128 1, 0x11
        .byte   0
        .uleb128 0x10, 0x17
        .byte   0, 0, 0
        .section .debug_info, "", %progbits
        .4byte  9f - 8f
8:      .2byte  4
        .4byte  0
        .byte   SIZE
        .uleb128 1
        .4byte  0
9:
"""
"""What a compiler writes of a unit, as little as there can be: where its lines stand."""


@pytest.mark.parametrize("core", ["power7", "armv7ve"])
def test_a_program_made_in_one_step_has_the_lines_that_loc_tells(core: str) -> None:
    """A compiler's `.loc` says which lines of which file code comes from; no warning, and no rows of the assembly."""
    text = '.globl _start\n.file 1 "a.c"\n_start:\n.loc 1 3\nnop\nnop\n.loc 1 7\nnop\n'
    image = build(core, text + UNIT.replace("SIZE", "8" if core == "power7" else "4"), base=0x1000)
    assert not image.notices
    assert image.symbols["_start"] == 0x1000
    found = debug_info(image)
    (unit,) = found.iter_CUs()
    lines = found.line_program_for_CU(unit)
    assert lines is not None
    states = [entry.state for entry in lines.get_entries() if entry.state is not None]
    step = (states[-1].address - 0x1000) // 3
    assert [(one.address, one.line) for one in states if not one.end_sequence] == [(0x1000, 3), (0x1000 + 2 * step, 7)]


def test_compiled_code_with_a_table_of_contents_is_a_program_in_one_step() -> None:
    """ELFv1's descriptors and TOC are a linker's matter, which the assembler does itself."""
    image = build("power7", """
        .globl _start
        .section ".opd", "aw"
_start: .quad .Lcode, .TOC.@tocbase, 0
        .text
.Lcode: ld 3, number@toc(2)
        blr
        .data
number: .quad 7
""", base=0x1000)
    code = next(one for one in image.sections if one.name == ".text")
    distance = int.from_bytes(code.data[2:4], "big", signed=True)
    descriptor = next(one for one in image.sections if one.name == ".opd").data
    assert int.from_bytes(descriptor[:8], "big") == code.address
    assert int.from_bytes(descriptor[8:16], "big") + distance == image.symbols["number"]
