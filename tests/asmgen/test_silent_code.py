"""Claims about what once made other code than the source says, without a word: each has GNU as 2.40's value.

Values are those of `-mpower7 -mregnames` and `-march=armv7ve`, linked at the same addresses.
"""

from __future__ import annotations

import pytest

from trapline.asmgen import Image

from .described import build, refused, words


def section(image: Image, name: str) -> bytes:
    """The contents of a section."""
    return next(s.data for s in image.sections if s.name == name)


MODIFIED = [
    ("lis r3, buf+8@ha", 0x3C600001), ("lis r3, buf@ha+8", 0x3C600001), ("lis r3, (buf+8)@ha", 0x3C600001),
    ("addi r3, r3, buf+8@l", 0x38638000), ("addi r3, r3, buf@l+8", 0x38638000), ("lis r3, buf-8@ha", 0x3C600000),
    ("lis r3, buf@ha", 0x3C600000), ("addi r3, r3, buf@l", 0x38637FF8), ("lis r4, -x@ha", 0x3C80FFFF),
    ("lis r5, 128/8@highest", 0x3CA00000), ("lis r3, buf+0x8007@h", 0x3C600000), ("lis r3, buf+0x8008@h", 0x3C600001),
]  # fmt: skip


@pytest.mark.parametrize(("text", "word"), MODIFIED)
def test_a_modifier_takes_the_whole_expression(text: str, word: int) -> None:
    """Also an addend behind it; buf is at 0x7ff8, beside the border at which @ha changes."""
    source = f"x = 0x18000\n{text}\n.place .data, 0x7ff0\n.data\n.quad 0\nbuf: .quad 0"
    assert words("power7", source)[0] == f"{word:08x}"


@pytest.mark.parametrize(
    ("text", "value"),
    [("movw r0, #:lower16:x+4", 0xE3000004), ("movt r0, #:upper16:x+4", 0xE3440001),
     ("movw r0, #:lower16:x-4", 0xE30F0FFC), ("movt r0, #:upper16:x-4", 0xE3440000)],
)  # fmt: skip
def test_lower16_takes_the_whole_expression(text: str, value: int) -> None:
    """x is 0x40010000, so that the carry shows."""
    assert words("armv7ve", f"x = 0x40010000\n{text}") == [f"{value:08x}"]


def test_bit_0_of_a_thumb_function_belongs_to_its_value_everywhere() -> None:
    """In movw and movt, in words and literals, by another name, with an addend; not in a distance that is known."""
    image = build("armv7ve", """
        .syntax unified
        .arm
        movw r0, #:lower16:f
        movt r0, #:upper16:f
        ldr  r1, =f
        .thumb
        .type f, %function
f:      nop
        nop
        .data
        g = f
        .word f, g, f+4, g+4, h, f - here
here:   .word here - f
        .text
        h = f
""", base=0x101C - 12)
    numbers = [int.from_bytes(section(image, ".data")[i : i + 4], "little") for i in range(0, 20, 4)]
    assert numbers == [0x101D, 0x101D, 0x1021, 0x1021, 0x101D]
    code = section(image, ".text")
    assert code[:4].hex() == "1d0001e3"
    assert code[-4:] == (0x101D).to_bytes(4, "little")
    assert image.symbols["g"] == 0x101D


def test_calls_change_the_instruction_set_where_their_target_does() -> None:
    """bl becomes blx and blx becomes bl; other branches are refused, with the way out."""
    text = """
        .syntax unified
        .arm
        bl   f
        blx  a
        .thumb
        .type f, %function
f:      bl   a
        .arm
        .type a, %function
a:      bx   lr
"""
    data = build("armv7ve", text).sections[0].data
    assert data[:8].hex() == "000000fa" + "000000eb"
    assert data[8:12].hex() == "00f000e8"
    for branch in ("b f", "beq f", "bleq f"):
        (error,) = refused("armv7ve", f".syntax unified\n.arm\n{branch}\n.thumb\n.thumb_func\nf: nop")
        assert "cannot go to a label of T32 code" in error.message
        assert "bx" in error.hint


def test_an_instruction_stands_where_its_unit_may_stand() -> None:
    """.arm behind .thumb aligns; elsewhere a bad address is an error."""
    assert build("armv7ve", ".thumb\nnop\n.arm\nmov r0, r0").sections[0].data.hex() == "00bf00000000a0e1"
    (error,) = refused("power7", ".byte 1\nnop")
    assert error.message == "instruction address is not a multiple of 4"


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ('.asciz "a" "b"', "616200"), ('.ascii "a" "b", "c"', "616263"), ('.string "x" "y", "z"', "7879007a00"),
        (".fill 1, 8, -1", "ffffffff00000000"), (".fill 1, 5, 0x99", "0000009900"),
        (".fill 1, 12, 7", "0000000700000000"),
        ('.ifc "a", a\n.byte 1\n.endif', ""), (".ifc a  b, a b\n.byte 1\n.endif", "01"),
        ('.ifeqs "a", "a"\n.byte 1\n.endif\n.ifnes "a", "b"\n.byte 2\n.endif', "0102"),
    ],
)  # fmt: skip
def test_data_and_texts_are_those_of_gnu_as(text: str, data: str) -> None:
    """Neighbouring strings join, a unit of .fill has a value of 4 bytes, .ifc compares texts and .ifeqs strings."""
    image = build("power7", f".data\n.byte 0\n{text}")
    assert section(image, ".data").hex() == "00" + data


CALLS = [
    ("m 2 -1", "2-1|"), ("m 2 1", "2|1"), ("m 1 + 1, 2 * 3", "1+1|2*3"), ("m (1 + 2) (3 + 4)", "(1+2)(3+4)|"),
    ("m b = 3, a = 4", "4|3"), ('m "x y", z', "x y|z"), ("m (1,2)", "(1|2)"), ("v 1, 2, 3", "1,2,3"),
    ("v a b -c", "a b-c"), ("m , 2", "|2"), ("m 5 6", "5|6"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "text"), CALLS)
def test_macro_arguments_are_cut_as_gnu_as_cuts_them(call: str, text: str) -> None:
    """Blanks that separate no names go; a comma ends an argument even in brackets, a blank outside of them."""
    source = f'.macro m a, b\n.ascii "\\a|\\b"\n.endm\n.macro v x:vararg\n.ascii "\\x"\n.endm\n.data\n{call}'
    assert section(build("power7", source), ".data").decode() == text
