"""Claims about sections, addresses, alignment and the size of what is not known at once."""

from __future__ import annotations

import pytest

from trapline.asmgen import Layout

from .fake_architecture import contents, errors, program


def test_sections_follow_each_other_from_the_base() -> None:
    """Code, constants, data, then what has no contents; each aligned for words."""
    text = ".data\n.quad 1\n.balign 8\n.bss\n.skip 3\n.text\nnop\n.rodata\n.byte 1"
    image = program(text, layout=Layout(base=0x1000))
    assert [(s.name, s.address, s.size) for s in image.sections] == [
        (".text", 0x1000, 4), (".rodata", 0x1010, 1), (".data", 0x1020, 8), (".bss", 0x1030, 3),
    ]  # fmt: skip


def test_place_and_option_put_a_section_at_an_address() -> None:
    """.place says where in the source, a layout from outside; the layout wins."""
    text = ".section vectors, \"ax\"\n.place vectors, 0x100\nnop\n.text\nnop"
    assert {s.name: s.address for s in program(text, layout=Layout(base=0x4000)).sections} == {
        "vectors": 0x100, ".text": 0x4000,
    }  # fmt: skip
    moved = program(text, layout=Layout(base=0x4000, placements={"vectors": 0x200}))
    assert moved.sections[0].address == 0x200


def test_overlapping_sections_are_refused_by_name() -> None:
    """Both sections and both addresses are named."""
    (error,) = errors(".place .text, 0x100\n.place .data, 0x102\nnop\n.data\n.byte 1")
    assert error.message == ".data at 0x102 overlaps .text, which reaches to 0x104"


def test_memory_bounds_the_program() -> None:
    """Once .memory is said, everything must lie inside it."""
    assert program(".memory 0, 0x100\nnop").sections[0].size == 4
    (error,) = errors(".memory 0, 0x100\n.skip 0x101")
    assert error.message == ".text at 0x0..0x100 lies outside the memory 0x0..0xff"


def test_org_goes_forward_only() -> None:
    """A number counts from the start of the section; going back says by how much."""
    assert contents(".byte 1\n.org 4, 0xff\n.byte 2\na: .org a + 2\n.byte 3") == bytes([1, 255, 255, 255, 2, 0, 0, 3])
    (error,) = errors("nop\nnop\n.org 4")
    assert error.message == ".org to 0x4, but the section is already at 0x8"
    assert "by 4 bytes" in error.hint


def test_org_back_behind_code_that_grew() -> None:
    """The check is made again when sizes are final."""
    (error,) = errors("jump far\n.org 2\n.skip 400\nfar: ret")
    assert ".org to 0x2, but the section is already at 0x4" in error.message


@pytest.mark.parametrize(("distance", "size"), [(120, 2), (126, 4)])
def test_an_instruction_is_as_long_as_its_target_is_far(distance: int, size: int) -> None:
    """A short encoding is taken where it reaches, else the long one, and labels follow."""
    image = program(f"jump far\nafter: .skip {distance}\nfar: ret")
    assert image.symbols["after"] == size
    assert image.symbols["far"] == size + distance


def test_skip_may_depend_on_labels() -> None:
    """`.skip 16 - (. - start)` fills up to a place, also over an instruction of unknown length."""
    image = program("start: jump end\n.skip 16 - (. - start)\nend: ret")
    assert image.symbols["end"] == 16


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (".skip -1", "cannot skip -1 bytes"),
        (".skip 1 << 60", "more than a section may hold"),
        (".balign 3", "3 is not a power of two"),
        (".p2align 40", "cannot align to 2 to the power 40"),
        (".fill 1, -1, 0", "cannot fill with units of -1 bytes"),
        (".rept -1\n.endr", "cannot repeat -1 times"),
        (".org 1 << 40", "beyond what a section may hold"),
        (".bss\n.byte 1", "data cannot stand in .bss"),
        (".bss\nnop", "instructions cannot stand in .bss"),
        (".popsection", ".popsection without .pushsection"),
        (".place .text, 1 << 65", "is not an address of 64 bits"),
        (".cfi_endproc", ".cfi_endproc outside a function"),
        (".foo", "there is no directive '.foo'"),
        ("bogus", "there is no instruction 'bogus'"),
        (".ascii a", "expected a string in double quotes"),
    ],
)
def test_limits_and_mistakes_are_one_error_each(text: str, message: str) -> None:
    """Nothing is allocated for a request that makes no sense, and the message says what is wrong."""
    (error,) = errors(text)
    assert message in error.message
    assert error.place is not None


def test_an_unknown_escape_is_its_character_and_a_warning() -> None:
    """As with GNU as."""
    made = program('.ascii "a\\qb\\e\\v"')
    assert made.sections[0].data == b"aqbe\x0b"
    assert [(one.kind, one.message) for one in made.notices] == [
        ("warning", "there is no escape '\\q': it is the character alone"),
        ("warning", "there is no escape '\\e': it is the character alone")]


def test_several_errors_are_reported_in_one_run_and_their_number_is_bounded() -> None:
    """Independent errors are all shown, up to a limit."""
    assert [e.place.line for e in errors("bogus\nnop\n.byte 300\n.foo\n") if e.place] == [1, 3, 4]
    assert len(errors("bogus\n" * 1000)) == 20


def test_data_directives_follow_the_byte_order() -> None:
    """The layout may turn the byte order of data around."""
    image = program(".data\n.short 1\n.long 2\n.quad 3", layout=Layout(big_endian=False))
    assert image.segments[0][1] == b"\1\0" + b"\2\0\0\0" + b"\3" + bytes(7)


def test_floating_point_numbers() -> None:
    """.float and .double in the byte order of the data; what is no number, or too large, is an error."""
    assert contents(".float 1.5, -inf\n.double 0.1") == bytes.fromhex("3fc00000" "ff800000" "3fb999999999999a")
    assert errors(".data\n.float x")[0].message == "'x' is not a number"
    assert errors(".data\n.float 1e60")[0].message == "1e60 is too large for this format"


def test_literals_are_shared_and_stand_at_ltorg() -> None:
    """Equal values have one entry; .ltorg says where, the end of the file otherwise."""
    image = program("load r1, =0x11223344\nload r2, =0x11223344\nload r3, =far\n.ltorg\nfar: ret")
    text = image.sections[0].data
    assert text[8:12] == bytes.fromhex("11223344")
    assert int.from_bytes(text[12:16], "big") == image.symbols["far"] == 16
    assert program("load r1, =5").sections[0].data == bytes.fromhex("e004000000000005")
