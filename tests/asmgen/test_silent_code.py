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
    assert build("armv7ve", ".thumb\nnop\n.arm\nmov r0, r0").sections[0].data.hex() == "c04600000000a0e1"
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


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("vmov.f32 s0, #2", 0xEEB00A00), ("vmov.f32 s0, #1.0", 0xEEB70A00), ("vmov.f32 s0, #1.5e+0", 0xEEB70A08),
        ("vmov.f64 d0, #-0.125", 0xEEBC0B00), ("vmov.f32 s0, #31", 0xEEB30A0F), ("fconsts s0, #112", 0xEEB70A00),
    ],
)  # fmt: skip
def test_a_vfp_constant_is_its_value(text: str, word: int) -> None:
    """As in the manuals; the 8-bit code is what fconsts takes."""
    assert words("armv7ve", text) == [f"{word:08x}"]


def test_a_vfp_constant_without_an_encoding_names_the_nearest() -> None:
    """33 lies beyond the largest one."""
    (error,) = refused("armv7ve", "vmov.f32 s0, #33")
    assert "33 has no encoding" in error.message
    assert "29, 30, 31" in error.hint


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("ldr r1, =4", "0410a0e3"), ("ldr r1, =-1", "0010e0e3"), ("ldreq r2, =0xff000000", "ff24a003"),
        ("ldr r0, =0xabcd", "04001fe5cdab0000"), (".thumb\nldr r0, =0x10001", "4ff00110"),
        (".thumb\nldr r0, =0xabcd", "4af6cd30"), (".thumb\nldr r0, =0xfffffffe", "6ff00100"),
        (".thumb\nite eq\nldreq r0, =1\nmovne r0, #2", "0cbf4ff001000220"),
    ],
)  # fmt: skip
def test_a_load_of_a_number_is_a_move_where_one_encodes_it(text: str, data: str) -> None:
    """mov and mvn in A32, movw too in T32: so GNU as decides; else it is a literal."""
    assert build("armv7ve", f".syntax unified\n{text}").sections[0].data.hex() == data


OLD_ARM = [
    ("strneb r0, [r1]", 0x15C10000), ("ldmneia r0!, {r1, r2}", 0x18B00006), ("subcss r0, r1, r2", 0x20510002),
    ("ldrcssb r0, [r1]", 0x21D100D0), ("swi 5", 0xEF000005), ("mov r0, r1, asl #2", 0xE1A00101),
    ("mrs r0, cpsr_all", 0xE10F0000), ("msr SPSR_csxf, lr", 0xE16FF00E), ("mrc p15, 0, r0, c1, c0", 0xEE110F10),
    ("mcr 15, 0, r0, cr7, cr5", 0xEE070F15), ("mrc p10, 7, r3, cr8, cr0, 0", 0xEEF83A10),
    ("stc 14, cr13, [r2, #16]", 0xED82DE04), ("ldc p11, cr0, [r7], #128", 0xECB70B20),
    ("stc p11, cr0, [r7], {32}", 0xEC870B20), ("cdp p8, 1, c2, c3, c4, 5", 0xEE1328A4),
    ("mcrr2 p8, 1, r0, r1, c2", 0xFC410812), ("vmsr cr8, r2", 0xEEE82A10), ("fmrx r0, fpscr", 0xEEF10A10),
    ("fmdrr d0, r0, r1", 0xEC410B10), ("vcmp.f32 s0, #0", 0xEEB50A40), ("strt r1, [r2]", 0xE4A21000),
    ("cmp r0, $5", 0xE3500005), ("and r2, r2, #~(1<<31)", 0xE3C22102), ("add a1, v1, v2", 0xE0840005),
]  # fmt: skip


@pytest.mark.parametrize(("text", "word"), OLD_ARM)
def test_older_arm_spellings_mean_what_gnu_as_means(text: str, word: int) -> None:
    """Conditions in the middle, coprocessors by number, VFP under its first names."""
    assert words("armv7ve", text) == [f"{word:08x}"]


def test_registers_can_be_renamed() -> None:
    """.req, in every place of an operand, until .unreq; it in A32 makes nothing."""
    text = "base .req r4\ncount .req r5\nit eq\nldreq base, [count, base, lsl #2]\n"
    text += ".unreq base\nbase .req r9\nmov BASE, #1"
    assert words("armv7ve", text) == ["07954104", "e3a09001"]


def test_a_plain_number_as_a_branch_target_means_what_gnu_as_means() -> None:
    """On Power the distance, on Arm an address (an absolute branch stays one)."""
    assert words("power7", ".space 0x100\nb 0x10\nba 0x10\nbdnz -4\nb .+8")[64:] == [
        "48000010", "48000012", "4200fffc", "48000008"]
    assert words("armv7ve", "b 0x2000", base=0x1000) == ["ea0003fe"]


POWER = [
    ("rlwinm r3, r4, 5, 0xff0", 0x54832D36), ("rlwinm. r3, r4, 0, 0xf000000f", 0x54830707),
    ("rlwnm r3, r4, r5, 0xffff", 0x5C832C3E), ("rlwimi r3, r4, 8, 0xff00", 0x5083442E),
    ("cror eq, 4*1+eq, eq", 0x4C461382), ("crand 4*cr1+lt, 4*cr2+gt, 4*cr3+so", 0x4C897A02), ("attn", 0x00000200),
    ("bcl 20, 31, $+4", 0x429F0005), ("mfcr r3, 0x80", 0x7C780026), ("li r3, 5UL", 0x38600005),
]  # fmt: skip


@pytest.mark.parametrize(("text", "word"), POWER)
def test_power_spellings_mean_what_gnu_as_means(text: str, word: int) -> None:
    """Masks, bits of the condition register, the present place, suffixes of numbers."""
    assert words("power7", text)[0] == f"{word:08x}"


def test_a_missing_form_is_not_told_as_a_missing_symbol() -> None:
    """A register where the description has no form for one: the instruction, its set and the core are named."""
    (error,) = refused("power7", "addi r3, r4, r5")
    assert error.message.startswith("there is no instruction 'addi' in PPC of power7 with such operands")
    assert "found the register 'r5'" in error.message


def test_a_branch_goes_to_the_local_entry_of_an_elfv2_function() -> None:
    """The global entry makes the TOC pointer of r12, which a branch does not set (ELF V2 ABI, 3.4.1)."""
    source = (".abiversion 2\nbl f\nnop\nbeq f\nf: addis r2, r12, 0\naddi r2, r2, 0\n.localentry f, . - f\nblr\n"
              ".data\n.quad f")
    image = build("power7", source)
    code = section(image, ".text")
    assert [code[at : at + 4].hex() for at in (0, 8)] == ["48000015", "4182000c"]
    assert int.from_bytes(section(image, ".data"), "big") == image.symbols["f"] == 0x100C
    assert image.program.flags == 2
UNPREDICTABLE = [
    ("power7", "lmw r20, 4(r3)", "lmw r20, 4(r21)", "RA is among the registers that are loaded"),
    ("power7", "lswx r5, r3, r4", "lswx r5, r5, r4", "RA or RB is among the registers that are loaded"),
    ("power7", "mfocrf r3, 0x80", "mfocrf r3, 0x81", "FXM does not name one field"),
    ("power7", "bclr 20, 0, 0", "bclr 22, 0, 0", "BO has no meaning"),
    ("armv7ve", "ubfx r0, r1, #4, #8", "ubfx r0, r1, #28, #8", "the field ends beyond bit 31"),
    ("armv7ve", "bfi r0, r1, #4, #8", "bfi r0, r1, #28, #8", "'bfi' does not take these operands"),
    ("armv7ve", "stc p6, c1, [r3, #-4]!", "stc p6, c1, [pc, #-4]!", "the pc is written back"),
    ("armv7ve", "ldcl p6, c1, [r3], #8", "ldcl p6, c1, [pc], #8", "the pc is written back"),
    ("armv7ve", "ldc2 p6, c1, [r3], #8", "ldc2 p6, c1, [r15], #8", "the pc is written back"),
    ("armv7ve", ".thumb; str r1, [r2, #-41]!", "str r2, [r2, #-41]!", "is the one written back"),
    ("armv7ve", ".thumb; ldrb r1, [r2], #1", "ldrb r2, [r2], #1", "is the one written back"),
]


@pytest.mark.parametrize(("core", "good", "bad", "because"), UNPREDICTABLE)
def test_what_is_unpredictable_is_refused_behind_a_statement_of_its_shape(
    core: str, good: str, bad: str, because: str
) -> None:
    """GNU as refuses each `bad` as well; that its like has been read does not make it an instruction."""
    unified = ".syntax unified\n" if core == "armv7ve" else ""
    words(core, unified + good)
    (error,) = refused(core, f"{unified}{good}\n{bad}")
    assert because in error.message
    assert error.place is not None
    assert error.place.text == bad


def test_the_program_counter_is_a_base_of_coprocessor_loads_that_do_not_write_it_back() -> None:
    """DDI 0406C, A8.8.56 and A8.8.198; the words are GNU as's."""
    source = "ldc p6, c1, [pc, #8]\nstc p6, c1, [pc, #-8]\nldc2 p6, c1, [pc]\nldc p6, c1, [pc], {3}"
    assert words("armv7ve", source) == ["ed9f1602", "ed0f1602", "fd9f1600", "ec9f1603"]


def test_a_parameter_of_a_macro_has_all_characters_of_a_name() -> None:
    r"""`\a.x` names a parameter `a.x`, and is none where there is no such one: GNU as reads names to their end."""
    source = '.macro m a\n.ascii "\\a\\().x\\a|"\n.ifc "\\a.x", "5.x"\n.byte 9\n.endif\n.endm\n.data\nm 5'
    assert section(build("power7", source), ".data") == b"5.x5|"
